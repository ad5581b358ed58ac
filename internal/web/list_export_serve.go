package web

import (
	"context"
	"net/http"
	"slices"
	"strings"

	"mainstay"
	"mainstay/internal/auth"
	"mainstay/internal/store"
)

// exportList sends the items that match a query as CSV, in the order of their ids.
func (s *Web) exportList(w http.ResponseWriter, r *http.Request, k *mainstay.Kind) error {
	in := r.URL.Query()
	organization, err := organizationChoice(auth.Actor(r.Context()), in.Get("organization"))
	if err != nil {
		return err
	}
	return s.exportQuery(w, r, k, in.Get("q"), organization)
}

// exportSelection sends what is selected in a list: ticked rows, or everything
// that matches.
func (s *Web) exportSelection(w http.ResponseWriter, r *http.Request, k *mainstay.Kind) error {
	if err := form(r); err != nil {
		return err
	}
	organization, err := organizationChoice(auth.Actor(r.Context()), r.PostForm.Get("organization"))
	if err != nil {
		return err
	}
	if r.PostForm.Get("scope") == "all" {
		return s.exportQuery(w, r, k, r.PostForm.Get("query"), organization)
	}
	ids, err := formIDs(r, "id")
	if err != nil {
		return err
	}
	if len(ids) == 0 {
		return mainstay.Errorf(mainstay.Invalid, "Nothing was chosen. Tick the rows to export.")
	}
	x := exporter{kind: k}
	var items []mainstay.Item
	err = s.Store.Read(r.Context(), func(t *store.Tx) error {
		if items, err = t.ItemsByID(r.Context(), ids); err != nil {
			return err
		}
		x.labels, err = t.Labels(r.Context())
		return err
	})
	if err != nil {
		return err
	}
	a := auth.Actor(r.Context())
	var rows []mainstay.Item
	for _, i := range items {
		if i.Kind == k.Name && a.Sees(i.OrganizationID) {
			rows = append(rows, i)
		}
	}
	return s.sendCSV(w, r, s.exportName(k), x.head(), func(row csvRow, _ func() error) error {
		return x.write(r.Context(), s.Store, rows, row)
	})
}

// exportName is the name of the file: "contacts-2026-06-12.csv".
func (s *Web) exportName(k *mainstay.Kind) string {
	p := Page{Zone: s.Zone}
	return k.Plural + "-" + s.Store.DB.Now().Std().In(p.zone()).Format("2006-01-02") + ".csv"
}

// organizationChoice reads the organization that a list is narrowed to; empty is
// none, and one that this person may not see is not there.
func organizationChoice(a mainstay.Actor, text string) (mainstay.ItemID, error) {
	if text == "" {
		return 0, nil
	}
	id, err := mainstay.ParseItemID(text)
	if err != nil || !a.Sees(id) {
		return 0, errMissing()
	}
	return id, nil
}

func (s *Web) exportQuery(w http.ResponseWriter, r *http.Request, k *mainstay.Kind, q string, organization mainstay.ItemID) error {
	ctx := r.Context()
	var f store.Filter
	err := s.Store.Read(ctx, func(t *store.Tx) error {
		var err error
		f, err = t.Filter(ctx, k, q, organization)
		return err
	})
	if err != nil {
		return err
	}
	x := exporter{kind: k, labels: f.Labels()}
	return s.sendCSV(w, r, s.exportName(k), x.head(), func(row csvRow, flush func() error) error {
		return s.Store.Each(ctx, auth.Actor(ctx), f, func(rows []store.ListRow) error {
			items := make([]mainstay.Item, len(rows))
			for n, l := range rows {
				items[n] = l.Item
			}
			if err := x.write(ctx, s.Store, items, row); err != nil {
				return err
			}
			return flush()
		})
	})
}

// exporter writes items of one kind as lines.
type exporter struct {
	kind   *mainstay.Kind
	labels []mainstay.Label
}

func (x exporter) head() []string {
	out := []string{"ID", "Name"}
	if x.kind.Name != mainstay.Organization.Name {
		out = append(out, "Organization")
	}
	if x.kind.Types {
		out = append(out, "Type")
	}
	if x.kind.Statuses {
		out = append(out, "Status")
	}
	if x.kind.Syncs {
		out = append(out, "Sync status", "Why", "Since")
	}
	out = append(out, "Only here", "Created", "Changed")
	for _, f := range x.kind.Fields {
		out = append(out, f.Label)
	}
	return out
}

// write adds a part of the lines; it looks up the names that they need in one
// query.
func (x exporter) write(ctx context.Context, st *store.Store, items []mainstay.Item, row csvRow) error {
	var ids []mainstay.ItemID
	for _, i := range items {
		ids = append(ids, i.OrganizationID)
		for _, f := range x.kind.Fields {
			if id, err := mainstay.ParseItemID(i.Values.Text(f.Name)); f.Type == mainstay.RefTo && err == nil {
				ids = append(ids, id)
			}
		}
	}
	slices.Sort(ids)
	names := map[mainstay.ItemID]string{}
	err := st.Read(ctx, func(t *store.Tx) error {
		known, err := t.KnownIDs(ctx, auth.Actor(ctx), slices.Compact(ids))
		for _, n := range known {
			names[n.ID] = n.Name
		}
		return err
	})
	if err != nil {
		return err
	}
	for _, i := range items {
		if err := row(x.cells(i, names)...); err != nil {
			return err
		}
	}
	return nil
}

func (x exporter) cells(i mainstay.Item, names map[mainstay.ItemID]string) []string {
	out := []string{idText(i.ID), i.Name}
	if x.kind.Name != mainstay.Organization.Name {
		out = append(out, names[i.OrganizationID])
	}
	if x.kind.Types {
		out = append(out, labelName(x.labels, i.TypeID))
	}
	if x.kind.Statuses {
		out = append(out, labelName(x.labels, i.StatusID))
	}
	if x.kind.Syncs {
		out = append(out, i.Sync.Label(), i.Reason.Label(), machine(i.Since))
	}
	only := "no"
	if i.OnlyHere {
		only = "yes"
	}
	out = append(out, only, machine(i.Created), machine(i.Updated))
	for _, f := range x.kind.Fields {
		out = append(out, exportText(f, i.Values[f.Name], names))
	}
	return out
}

// exportText is one field in one cell.
func exportText(f mainstay.Field, v mainstay.Value, names map[mainstay.ItemID]string) string {
	switch f.Type {
	case mainstay.RefTo:
		id, err := mainstay.ParseItemID(v.Text)
		if err != nil {
			return ""
		}
		return names[id]
	case mainstay.Bool:
		if v.Text == "true" {
			return "yes"
		}
		return "no"
	case mainstay.List:
		var lines []string
		for _, r := range v.Rows {
			var cells []string
			for _, c := range f.Cells {
				if c.Type != mainstay.Bool && r[c.Name] != "" {
					cells = append(cells, r[c.Name])
				}
			}
			lines = append(lines, strings.Join(cells, " "))
		}
		return strings.Join(lines, "\n")
	case mainstay.Text, mainstay.LongText, mainstay.RichText, mainstay.Date, mainstay.URL, mainstay.IP, mainstay.MAC:
	}
	return v.Text
}
