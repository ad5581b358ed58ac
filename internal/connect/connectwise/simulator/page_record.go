package simulator

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// companyPage shows one company with what lies below it.
type companyPage struct {
	frame
	C               Company
	Types, Statuses []choice
	Children        []listPage
}

func pathID(r *http.Request) int64 {
	id, _ := strconv.ParseInt(r.PathValue("id"), 10, 64)
	return id
}

func (p *screen) company(w http.ResponseWriter, r *http.Request) {
	c, ok := p.s.Company(pathID(r))
	if !ok {
		back(w, r, "/", "There is no company with this number any more.")
		return
	}
	var types []int64
	for _, t := range c.Types {
		types = append(types, t.ID)
	}
	var status int64
	if c.Status != nil {
		status = c.Status.ID
	}
	page := companyPage{frame: p.frame(r, c.Name), C: c, Types: p.choices(CompanyTypes, types...), Statuses: p.choices(CompanyStatuses, status)}
	p.s.mu.RLock()
	for _, child := range []struct{ resource, title string }{{Sites, "Sites"}, {Contacts, "Contacts"}, {Configurations, "Configurations"}} {
		l := listPage{frame: frame{Title: child.title}, Columns: childColumns(child.resource)}
		t := p.s.table(child.resource)
		for _, id := range t.ids {
			if of := companyOf(t.rows[id]); of != nil && of.ID == c.ID {
				if l.Total++; l.Total <= rowsPerPage {
					l.Rows = append(l.Rows, childRow(t.rows[id], false))
				}
			}
		}
		page.Children = append(page.Children, l)
	}
	p.s.mu.RUnlock()
	p.show(w, "company", page)
}

func childColumns(resource string) []string {
	switch resource {
	case Sites:
		return []string{"Number", "Name", "Address", "State"}
	case Contacts:
		return []string{"Number", "Name", "Title", "State"}
	}
	return []string{"Number", "Name", "Type", "State"}
}

// childRow is the line of a site, contact or configuration.
func childRow(rec record, withCompany bool) listRow {
	row := listRow{ID: rec.key()}
	state := map[bool]string{true: "Inactive", false: "Active"}
	turn := map[bool]string{true: "Make active", false: "Make inactive"}
	switch r := rec.(type) {
	case *Site:
		row.Name, row.Cells = r.Name, []string{strings.TrimSpace(r.AddressLine1 + " " + r.City), state[r.InactiveFlag]}
	case *Contact:
		row.Name, row.Cells = strings.TrimSpace(r.FirstName+" "+r.LastName), []string{r.Title, state[r.InactiveFlag]}
		at := fmt.Sprintf("/contacts/%d/", r.ID)
		row.Actions = []action{{turn[r.InactiveFlag], at + "turn", false}, {"Delete", at + "delete", true}}
	case *Configuration:
		kind := ""
		if r.Type != nil {
			kind = r.Type.Name
		}
		row.Name, row.Cells = r.Name, []string{kind, state[!r.ActiveFlag]}
		at := fmt.Sprintf("/configurations/%d/", r.ID)
		row.Actions = []action{{turn[!r.ActiveFlag], at + "turn", false}, {"Delete", at + "delete", true}}
	}
	if of := companyOf(rec); withCompany {
		name := ""
		if of != nil {
			name = of.Name
		}
		row.Cells = append(row.Cells, name)
	}
	return row
}

func (p *screen) children(resource, title string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		l := listPage{frame: p.frame(r, title), Columns: append(childColumns(resource), "Company")}
		p.fill(&l, r, resource, func(rec record) (listRow, bool) { return childRow(rec, true), true })
		p.show(w, "list", l)
	}
}

func (p *screen) companyAction(w http.ResponseWriter, r *http.Request) {
	id := pathID(r)
	here := fmt.Sprintf("/companies/%d", id)
	c, ok := p.s.Company(id)
	if !ok {
		back(w, r, "/", "There is no company with this number any more.")
		return
	}
	switch r.PathValue("action") {
	case "save":
		said := p.saveCompany(r, id)
		back(w, r, here, said)
	case "delete":
		p.s.Delete(Companies, id)
		back(w, r, "/", c.Name+" was deleted, with everything below it.")
	case "mark":
		p.s.MarkDeleted(id, !c.DeletedFlag)
		back(w, r, here, map[bool]string{true: "The deleted mark was cleared.", false: "The company is marked as deleted."}[c.DeletedFlag])
	case "merge":
		into, _ := strconv.ParseInt(r.FormValue("into"), 10, 64)
		if !p.s.Merge(id, into) {
			back(w, r, here, "Enter the number of another company.")
			return
		}
		back(w, r, fmt.Sprintf("/companies/%d", into), c.Name+" was merged into this company.")
	default:
		http.NotFound(w, r)
	}
}

// saveCompany takes name, types and status over from the form.
func (p *screen) saveCompany(r *http.Request, id int64) string {
	name := strings.TrimSpace(r.FormValue("name"))
	status, _ := strconv.ParseInt(r.FormValue("status"), 10, 64)
	label, ok := p.s.Label(CompanyStatuses, status)
	if name == "" || len([]rune(name)) > 50 || !ok {
		return "Enter a name of at most 50 characters, and choose a status."
	}
	types := []Ref{}
	for _, c := range p.choices(CompanyTypes) {
		if slices.Contains(r.Form["type"], strconv.FormatInt(c.ID, 10)) {
			types = append(types, Ref{ID: c.ID, Name: c.Name})
		}
	}
	p.s.EditCompany(id, func(c *Company) {
		c.Name, c.Types, c.Status = name, types, &Ref{ID: label.ID, Name: label.Text()}
	})
	return "Saved."
}

func (p *screen) childAction(resource string) http.HandlerFunc {
	list := "/" + strings.TrimPrefix(resource, "company/")
	return func(w http.ResponseWriter, r *http.Request) {
		id := pathID(r)
		said := "Done."
		switch r.PathValue("action") {
		case "delete":
			if !p.s.Delete(resource, id) {
				said = "There is no record with this number any more."
			}
		case "turn":
			if !p.turn(resource, id) {
				said = "There is no record with this number any more."
			}
		default:
			http.NotFound(w, r)
			return
		}
		back(w, r, list, said)
	}
}

// turn makes an active record inactive, and the other way round.
func (p *screen) turn(resource string, id int64) bool {
	if resource == Contacts {
		return p.s.EditContact(id, func(c *Contact) { c.InactiveFlag = !c.InactiveFlag })
	}
	return p.s.EditConfiguration(id, func(c *Configuration) { c.ActiveFlag = !c.ActiveFlag })
}

func (p *screen) removed(w http.ResponseWriter, r *http.Request) {
	l := listPage{frame: p.frame(r, "Removed companies"), Address: r.URL.Path, Columns: []string{"Number", "Name"}, Page: 1, Pages: 1,
		Query: strings.TrimSpace(r.URL.Query().Get("q"))}
	for _, c := range p.s.Removed() {
		if matches(l.Query, c.Name) {
			at := fmt.Sprintf("/removed/%d/", c.ID)
			l.Rows = append(l.Rows, listRow{ID: c.ID, Name: c.Name,
				Actions: []action{{"Create again", at + "recreate", false}, {"Bring back", at + "undelete", false}}})
		}
	}
	l.Total = len(l.Rows)
	l.Rows = l.Rows[:min(len(l.Rows), rowsPerPage)]
	p.show(w, "list", l)
}

func (p *screen) removedAction(w http.ResponseWriter, r *http.Request) {
	id := pathID(r)
	switch r.PathValue("action") {
	case "recreate":
		if again := p.s.Recreate(id); again != 0 {
			back(w, r, fmt.Sprintf("/companies/%d", again), "The company was created again under a new number.")
			return
		}
	case "undelete":
		if p.s.Undelete(id) {
			back(w, r, fmt.Sprintf("/companies/%d", id), "The company is back under its old number, without what was below it.")
			return
		}
	default:
		http.NotFound(w, r)
		return
	}
	back(w, r, "/removed", "There is no removed company with this number.")
}
