package web

import (
	"net/url"
	"strconv"
	"strings"

	"github.com/a-h/templ"

	"mainstay"
)

// FormField is one field of a form, as a person sees it.
type FormField struct {
	Name, Label string
	// Type is "text", "password", "email", "number", "date", "url", "textarea",
	// "select", "checkbox", "checks", "suggest", "list" or "hidden".
	Type     string
	Value    string // "true" for a ticked checkbox
	Options  []Option
	Suggest  string // "suggest": address that answers with options while a person types
	Rows     []mainstay.Row
	Cells    []FormField // "list": the columns
	Help     string
	Error    string // shown at the field
	Unit     string // after a number: "days"
	Min, Max int    // bounds of a number; Max is the longest text otherwise; 0 means none
	Required bool
	// Locked is why the field can't be changed here; it is then shown, not sent.
	Locked string
	Auto   string // the autocomplete attribute
}

// Option is one choice of a select or of a group of checkboxes.
type Option struct {
	Value, Label string
	Help         string
	Selected     bool
}

// FormSection is a group of fields with a heading.
type FormSection struct {
	Title, Text string
	Fields      []FormField
}

func (f FormField) id() string { return idFor("f", f.Name) }

// described lists the ids of the texts that explain the field.
func (f FormField) described() string {
	var ids []string
	if f.Error != "" {
		ids = append(ids, f.id()+"-error")
	}
	if f.Help != "" || f.Locked != "" {
		ids = append(ids, f.id()+"-help")
	}
	return strings.Join(ids, " ")
}

// blankRows is how many empty rows a list offers to someone without script.
const blankRows = 1

// formRows are the rows of a list field, with one more to fill in.
func (f FormField) formRows() []mainstay.Row {
	rows := append([]mainstay.Row(nil), f.Rows...)
	for range blankRows {
		rows = append(rows, mainstay.Row{})
	}
	return rows
}

// cellName is the form name of one cell: "f.emails.0.value".
func (f FormField) cellName(row int, cell string) string {
	return f.Name + "." + strconv.Itoa(row) + "." + cell
}

// fieldName is the form name of a kind's field.
func fieldName(name string) string { return "f." + name }

// kindFields makes the form of a kind's fields. refs are the choices of each
// field that names another item; errs are sentences by field name; locked is
// the reason why synced fields can't be edited, empty where they can.
func kindFields(k *mainstay.Kind, v mainstay.Values, refs map[string][]Option, errs map[string]string, locked string) []FormField {
	var out []FormField
	for _, f := range k.Fields {
		ff := formField(f)
		ff.Name, ff.Value, ff.Rows, ff.Error = fieldName(f.Name), v[f.Name].Text, v[f.Name].Rows, errs[f.Name]
		if f.Type == mainstay.RefTo {
			ff.Options = selected(refs[f.Name], ff.Value)
		}
		if f.Synced {
			ff.Locked = locked
		}
		out = append(out, ff)
	}
	return out
}

func formField(f mainstay.Field) FormField {
	ff := FormField{Name: f.Name, Label: f.Label, Type: "text", Required: f.Required, Max: f.Max}
	switch f.Type {
	case mainstay.LongText, mainstay.RichText:
		ff.Type = "textarea"
	case mainstay.Date:
		ff.Type = "date"
	case mainstay.Bool:
		ff.Type = "checkbox"
	case mainstay.URL:
		ff.Type = "url"
	case mainstay.RefTo:
		ff.Type = "select"
	case mainstay.List:
		ff.Type = "list"
		for _, c := range f.Cells {
			ff.Cells = append(ff.Cells, formField(c))
		}
	}
	if f.Type == mainstay.RichText {
		ff.Help = "Markdown: **bold**, lists with -, links as [text](https://…)."
	}
	return ff
}

func selected(options []Option, value string) []Option {
	out := append([]Option{{Label: "None", Selected: value == ""}}, options...)
	for i := range out {
		out[i].Selected = out[i].Value == value
	}
	return out
}

// kindValues reads what the form of kindFields sends. Fields that the form does
// not send keep the value of old; empty rows of a list are dropped.
func kindValues(k *mainstay.Kind, form url.Values, old mainstay.Values) mainstay.Values {
	v := old.Clone()
	for _, f := range k.Fields {
		name := fieldName(f.Name)
		switch {
		case !form.Has(name + ".sent"):
		case f.Type == mainstay.List:
			v.SetRows(f.Name, formRows(f, form))
		default:
			v.SetText(f.Name, form.Get(name))
		}
	}
	return v
}

// maxFormRow is the highest row number that is read from a list.
const maxFormRow = 400

func formRows(f mainstay.Field, form url.Values) []mainstay.Row {
	last, _ := strconv.Atoi(form.Get(fieldName(f.Name) + ".sent"))
	var rows []mainstay.Row
	for i := range min(last, maxFormRow) {
		row := mainstay.Row{}
		for _, c := range f.Cells {
			if s := form.Get(fieldName(f.Name) + "." + strconv.Itoa(i) + "." + c.Name); s != "" {
				row[c.Name] = s
			}
		}
		if len(row) > 0 {
			rows = append(rows, row)
		}
	}
	return rows
}

// selectedOption marks the option whose value is the number n.
func selectedOption(options []Option, n int) []Option {
	for i := range options {
		options[i].Selected = options[i].Value == strconv.Itoa(n)
	}
	return options
}

// ofKind reports whether the field belongs to a kind and so needs its marker.
func (f FormField) ofKind() bool { return strings.HasPrefix(f.Name, "f.") }

func (f FormField) cellID(row int, cell string) string {
	return f.id() + "-" + strconv.Itoa(row) + "-" + cell
}

func (f FormField) rowName(row int) string { return f.Name + "." + strconv.Itoa(row) }

// shown is the value of a field that can't be edited, as text.
func (f FormField) shown() string {
	var lines []string
	switch f.Type {
	case "list":
		for _, r := range f.Rows {
			lines = append(lines, f.rowText(r))
		}
	case "select":
		for _, o := range f.Options {
			if o.Selected && o.Value != "" {
				lines = append(lines, o.Label)
			}
		}
	case "checkbox":
		lines = []string{"No"}
		if f.Value == "true" {
			lines = []string{"Yes"}
		}
	default:
		lines = []string{f.Value}
	}
	if s := strings.Join(lines, "\n"); s != "" {
		return s
	}
	return "–"
}

func (f FormField) rowText(r mainstay.Row) string {
	var cells []string
	for _, c := range f.Cells {
		if c.Type != "checkbox" {
			cells = append(cells, r[c.Name])
		} else if r[c.Name] == "true" {
			cells = append(cells, strings.ToLower(c.Label))
		}
	}
	return join(cells...)
}

// describedAttr ties a group of fields to its help and error.
func (f FormField) describedAttr() templ.Attributes {
	if ids := f.described(); ids != "" {
		return templ.Attributes{"aria-describedby": ids}
	}
	return nil
}

// attrs are the attributes that every control shares.
func (f FormField) attrs() templ.Attributes {
	a := templ.Attributes{"id": f.id(), "required": f.Required && f.Type != "checkbox"}
	if ids := f.described(); ids != "" {
		a["aria-describedby"] = ids
	}
	if f.Error != "" {
		a["aria-invalid"] = "true"
	}
	if f.Auto != "" {
		a["autocomplete"] = f.Auto
	}
	switch {
	case f.Type == "number":
		a["min"] = strconv.Itoa(f.Min)
		if f.Max > 0 {
			a["max"] = strconv.Itoa(f.Max)
		}
	case f.Max > 0 && f.Type != "select" && f.Type != "checkbox" && f.Type != "date":
		a["maxlength"] = strconv.Itoa(f.Max)
	}
	return a
}
