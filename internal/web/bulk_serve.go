package web

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"mainstay"
	"mainstay/internal/auth"
	"mainstay/internal/change"
	"mainstay/internal/store"
)

// choice is what a person chose in a list: ticked rows, or everything that
// matches a query.
type choice struct {
	kind         *mainstay.Kind
	ids          []mainstay.ItemID
	all          bool
	query        string
	seen         int
	organization mainstay.ItemID
	syncing      bool   // a deletion takes what still syncs as well
	from         string // the list, to come back to
	named        bool   // the form named it
}

// readChoice reads the form of a list. Without script the form has a scope
// already where the button says another one, so the last one counts.
func readChoice(r *http.Request, k *mainstay.Kind) (choice, error) {
	in, a := r.PostForm, auth.Actor(r.Context())
	c := choice{kind: k, syncing: in.Get("syncing") != "", from: "/" + k.Plural}
	if in.Get("from") != "" {
		c.from, c.named = safeFrom(in.Get("from")), true
	}
	switch scope := in["scope"]; {
	case len(scope) > 0 && scope[len(scope)-1] == "ids":
		var err error
		c.ids, err = formIDs(r, "id")
		return c, err
	case len(scope) > 0 && scope[len(scope)-1] == "all":
		seen, err := formNumber(r, "seen")
		if err != nil {
			return c, err
		}
		if c.organization, err = organizationChoice(a, in.Get("organization")); err != nil {
			return c, err
		}
		if seen == 0 {
			return c, mainstay.Errorf(mainstay.Invalid, "The list was empty when everything in it was chosen. Nothing was planned.")
		}
		c.all, c.query, c.seen = in.Has("query"), in.Get("query"), int(seen)
	}
	return c, nil
}

// request is what a plan is asked for. The empty query stands for all items of
// the kind, and the list sends it only with the scope that a person chose.
func (c choice) request() change.Request {
	if c.all {
		return change.Request{Kind: c.kind, Query: c.query, All: c.query == "", Organization: c.organization, Seen: c.seen, Syncing: c.syncing}
	}
	return change.Request{Kind: c.kind, IDs: c.ids, Seen: len(c.ids), Syncing: c.syncing}
}

// fields carry the choice into the next form.
func (c choice) fields() []Hidden {
	out := []Hidden{{"kind", string(c.kind.Name)}, {"from", c.from}}
	if c.all {
		out = append(out, Hidden{"scope", "all"}, Hidden{"query", c.query}, Hidden{"seen", strconv.Itoa(c.seen)})
		if c.organization != 0 {
			out = append(out, Hidden{"organization", idText(c.organization)})
		}
		return out
	}
	out = append(out, Hidden{"scope", "ids"})
	for _, id := range c.ids {
		out = append(out, Hidden{"id", idText(id)})
	}
	return out
}

// what is the choice in words.
func (c choice) what() string {
	switch {
	case !c.all:
		return "Ticked one by one"
	case c.query == "":
		return "Everything in the list"
	}
	return "All that match " + c.query
}

// count asks how many were chosen and what plans would leave out.
func (c choice) count(ctx context.Context, t *store.Tx) (store.Chosen, error) {
	if !c.all && len(c.ids) == 0 {
		return store.Chosen{}, mainstay.Errorf(mainstay.Invalid, "Nothing was chosen. Tick some rows first.")
	}
	f, err := t.Filter(ctx, c.kind, c.query, c.organization)
	if err != nil {
		return store.Chosen{}, err
	}
	return t.CountChosen(ctx, auth.Actor(ctx), store.Selection{Filter: f, IDs: c.ids})
}

// mergeURL leads to merging the two organizations that were chosen; empty for any
// other choice.
func (c choice) mergeURL(a mainstay.Actor) string {
	if c.kind.Name != mainstay.Organization.Name || len(c.ids) != 2 || a.Can(mainstay.MergeOrgs, 0) != nil {
		return ""
	}
	return mergeURL(c.ids[0], c.ids[1])
}

// selection answers what can be done with what was chosen in a list: one line for
// the bar, one thing as a dialog, or a page with all of it.
func (s *Web) selection(w http.ResponseWriter, r *http.Request, k *mainstay.Kind) error {
	if err := form(r); err != nil {
		return err
	}
	c, err := readChoice(r, k)
	if err != nil {
		return err
	}
	do := r.URL.Query().Get("do")
	n, p, labels, err := s.chosen(r, c)
	switch {
	case err != nil:
		return err
	case do == doLeft:
		return s.write(w, r, http.StatusOK, selectionLeft(leftOut(k, n), c.mergeURL(auth.Actor(r.Context()))))
	case n.Total == 0:
		return mainstay.Errorf(mainstay.NotFound, "Nothing of what you chose is there any more. Look at the list again.")
	case do == "":
		return s.write(w, r, http.StatusOK, selectionView(c.overview(p, n)))
	case !c.ask(&p, do, n, labels):
		return errMissing()
	}
	return s.show(w, r, confirmView(p), confirmDialog(p))
}

// chosen counts a choice, and begins the page that asks what to do with it.
func (s *Web) chosen(r *http.Request, c choice) (n store.Chosen, p ConfirmPage, labels []mainstay.Label, err error) {
	p = ConfirmPage{Action: "/changes", Back: c.from, Fields: c.fields()}
	err = s.Store.Read(r.Context(), func(t *store.Tx) error {
		if n, err = c.count(r.Context(), t); err != nil || r.URL.Query().Get("do") == doLeft {
			return err
		}
		if labels, err = t.Labels(r.Context()); err != nil {
			return err
		}
		p.Page, err = s.page(r, t, Page{Title: capital(c.kind.Count(n.Total)), Active: c.kind.Plural, Crumbs: []Crumb{{Label: capital(c.kind.Plural), URL: c.from}, {Label: "Selection"}}})
		return err
	})
	return n, p, labels, err
}

// ask fills in the questions of one thing to do; false means that there is no
// such thing.
func (c choice) ask(p *ConfirmPage, do string, n store.Chosen, labels []mainstay.Label) bool {
	switch do {
	case doEdit:
		c.askEdit(p, n, labels)
	case doProtect:
		c.askProtect(p, n)
	case doDisconnect:
		c.askDisconnect(p, n)
	default:
		return false
	}
	return true
}

// askAgain shows the questions with what is wrong with the answers, and what was
// typed.
func (s *Web) askAgain(w http.ResponseWriter, r *http.Request, c choice, do string, problem error) error {
	if kind := mainstay.KindOf(problem); kind != mainstay.Invalid && kind != mainstay.Conflict {
		return problem
	}
	n, p, labels, err := s.chosen(r, c)
	if err != nil || n.Total == 0 || !c.ask(&p, do, n, labels) || p.Button == "" {
		return problem
	}
	p.askAgain(r.PostForm, problem)
	return s.write(w, r, auth.Status(problem), confirmView(p))
}

// overview lists everything that can be done.
func (c choice) overview(q ConfirmPage, n store.Chosen) SelectionPage {
	k := c.kind
	p := SelectionPage{Page: q.Page, Kind: k, Chosen: n, What: c.what(), Fields: c.fields(), Back: c.from}
	for _, b := range bulkButtons(k) {
		way := SelectionWay{Icon: b.Icon, Title: strings.TrimSuffix(b.Label, "…"), Button: b.Label, Action: selectionURL(k, b.Do)}
		switch b.Do {
		case doEdit:
			way.Text = editText(k, n)
		case doProtect:
			way.Text = protectText(k, n)
		case doDisconnect:
			way.Text = disconnectText(k, n)
		}
		p.Ways = append(p.Ways, way)
	}
	if to := c.mergeURL(p.Actor); to != "" {
		p.Ways = append(p.Ways, SelectionWay{Icon: "arrows-exchange", Title: "Merge", Text: []string{"Side by side, field by field; everything of one moves into the other. It can be undone."}, Button: "Merge…", URL: to})
	}
	p.Ways = append(p.Ways,
		SelectionWay{Icon: "download", Title: "Export", Text: []string{"A CSV file with every field."}, Button: "Export CSV", Action: "/" + k.Plural + "/export.csv"},
		SelectionWay{Icon: "trash", Title: "Delete", Text: deleteText(k, n, !c.all), Button: "Plan deletion",
			Syncing: q.BulkDeletion != nil && n.Syncing > 0, Ticked: c.syncing})
	return p
}

// keepLabel is the choice that leaves a type or a status as it is.
const keepLabel = "keep"

func (c choice) askEdit(p *ConfirmPage, n store.Chosen, labels []mainstay.Label) {
	p.Heading, p.Text = "Edit "+labelWords(c.kind)+" of "+c.kind.Count(n.Total), editText(c.kind, n)
	if n.Linked == n.Total || !c.kind.Types {
		return
	}
	p.Fields = append(p.Fields, Hidden{"action", string(mainstay.ActionEdit)})
	p.Inputs = labelFields(c.kind, labels, nil)
	p.Button = "Review the change of " + c.kind.Count(n.Total-n.Linked)
	p.Text = append(p.Text, "You see what changes before it does.")
}

// labelFields are the questions of an edit. of is the one item that it is about.
func labelFields(k *mainstay.Kind, labels []mainstay.Label, of *mainstay.Item) []FormField {
	one := func(name, label string, axis mainstay.Axis, now mainstay.LabelID) FormField {
		options := labelOptions(labels, k.Name, axis, -1)
		options[0].Value = "0"
		if of != nil {
			for n := range options {
				options[n].Selected = options[n].Value == strconv.FormatInt(int64(now), 10)
			}
		} else {
			options = append([]Option{{Value: keepLabel, Label: "Leave as it is", Selected: true}}, options...)
		}
		return FormField{Name: name, Label: label, Type: "select", Options: options}
	}
	var i mainstay.Item
	if of != nil {
		i = *of
	}
	out := []FormField{one("type_id", "Type", mainstay.TypeAxis, i.TypeID)}
	if k.Statuses {
		out = append(out, one("status_id", "Status", mainstay.StatusAxis, i.StatusID))
	}
	return out
}

// The answers to what to do about protection.
const (
	guardKeep     = "keep"
	guardLift     = "lift"
	guardHold     = "hold"
	guardLiftHold = "lift hold"
)

func (c choice) askProtect(p *ConfirmPage, n store.Chosen) {
	p.Heading, p.Text = "Protect "+c.kind.Count(n.Total), protectText(c.kind, n)
	options := []Option{{Value: guardKeep, Label: "Protect " + num(n.Total-n.Kept), Selected: n.Kept < n.Total}}
	add := func(value, label string, count int) {
		if count > 0 {
			options = append(options, Option{Value: value, Label: label + " " + num(count)})
		}
	}
	if n.Kept == n.Total {
		options = nil
	}
	add(guardLift, "Lift the protection of", n.Kept)
	if p.May(mainstay.LegalHold) {
		add(guardHold, "Set a legal hold on", n.Total)
		add(guardLiftHold, "Lift the legal hold on", n.Held)
	}
	p.Fields = append(p.Fields, Hidden{"action", string(mainstay.ActionProtect)})
	p.Inputs = []FormField{{Name: "guard", Label: "What to do", Type: "select", Options: options}}
	if p.May(mainstay.LegalHold) {
		p.Inputs = append(p.Inputs, FormField{Name: "until", Label: "Last day of the legal hold", Type: "date", Help: "Only for a legal hold."})
	}
	p.Inputs = append(p.Inputs, FormField{Name: "note", Label: "Note", Type: "textarea", Max: mainstay.MaxNote, Help: "Why. It is shown with the " + c.kind.Plural + " and stays in the activity log. A legal hold needs one."})
	p.Button = "Continue"
}

func (c choice) askDisconnect(p *ConfirmPage, n store.Chosen) {
	p.Heading, p.Text = "Disconnect "+c.kind.Count(n.Total), disconnectText(c.kind, n)
	if !c.kind.Syncs || (n.Free == 0 && c.kind.Name != mainstay.Organization.Name) {
		return
	}
	p.Fields = append(p.Fields, Hidden{"action", string(mainstay.ActionDisconnect)})
	p.Inputs = []FormField{{Name: "note", Label: "Note", Type: "textarea", Max: mainstay.MaxNote, Help: "Why. It stays with the " + c.kind.Plural + "."}}
	p.Button = "Review the disconnection"
}

// labelChoice reads what an edit sets; nil leaves it as it is.
func labelChoice(in url.Values, name string) (*mainstay.LabelID, error) {
	text := in.Get(name)
	if text == "" || text == keepLabel {
		return nil, nil
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n < 0 {
		return nil, mainstay.FieldError(name, "Choose one from the list.")
	}
	id := mainstay.LabelID(n)
	return &id, nil
}

// guardingOf reads what a form sets or lifts.
func guardingOf(in url.Values, p Page) (mainstay.Guarding, error) {
	on, off, none := true, false, mainstay.Time(0)
	g := mainstay.Guarding{Note: in.Get("note")}
	switch in.Get("guard") {
	case guardKeep:
		g.Keep = &on
	case guardLift:
		g.Keep = &off
	case guardHold:
		until, err := mainstay.HoldEnd(in.Get("until"), p.zone())
		if err != nil {
			return g, err
		}
		g.HoldUntil = &until
	case guardLiftHold:
		g.HoldUntil = &none
	default:
		return g, mainstay.Errorf(mainstay.Invalid, "Choose what to do about the protection. Nothing was changed.")
	}
	return g, nil
}
