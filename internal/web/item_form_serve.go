package web

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"mainstay"
	"mainstay/internal/auth"
	"mainstay/internal/change"
	"mainstay/internal/store"
)

// itemDraft is one item while a person types it.
type itemDraft struct {
	kind *mainstay.Kind
	item mainstay.Item // as typed, as far as it was understood
	old  mainstay.Item // as stored; zero for a new item
	// organization and parent are the names as typed.
	organization, parent string
	errs                 map[string]string // sentences by field name of change
	problem              string            // for the whole form
	conflict             *Conflict
	blank                string // the list field that gets one more row
	fixed                bool   // the organization is part of the address
}

func (d *itemDraft) isNew() bool { return d.old.ID == 0 }

// newItem is the form for a new item of a kind.
func (s *Web) newItem(w http.ResponseWriter, r *http.Request, k *mainstay.Kind) error {
	return s.showForm(w, r, func(t *store.Tx) (*itemDraft, error) { return draftNew(r, t, k) })
}

// editItem is the form for an item.
func (s *Web) editItem(w http.ResponseWriter, r *http.Request, k *mainstay.Kind) error {
	return s.showForm(w, r, func(t *store.Tx) (*itemDraft, error) { return draftOld(r, t, k) })
}

// showForm draws the form as it is stored.
func (s *Web) showForm(w http.ResponseWriter, r *http.Request, start func(*store.Tx) (*itemDraft, error)) error {
	var p ItemFormPage
	err := s.Store.Read(r.Context(), func(t *store.Tx) error {
		d, err := start(t)
		if err == nil {
			p, err = s.formPage(r, t, d)
		}
		return err
	})
	if err != nil {
		return err
	}
	return s.show(w, r, itemFormView(p), nil)
}

// draftNew starts a new item, inside the organization of the address if there is one.
func draftNew(r *http.Request, t *store.Tx, k *mainstay.Kind) (*itemDraft, error) {
	a := auth.Actor(r.Context())
	d := &itemDraft{kind: k, item: mainstay.Item{Kind: k.Name, Values: mainstay.Values{}}}
	if r.PathValue("id") == "" {
		right := mainstay.CreateItems
		if k.Name == mainstay.Organization.Name {
			right = mainstay.CreateOrgs
		}
		return d, a.Can(right, 0)
	}
	o, err := organizationAt(r, t)
	if err != nil {
		return nil, err
	}
	d.item.OrganizationID, d.organization, d.fixed = o.ID, o.Name, true
	return d, a.Can(mainstay.CreateItems, o.ID)
}

// draftOld starts from the stored item.
func draftOld(r *http.Request, t *store.Tx, k *mainstay.Kind) (*itemDraft, error) {
	i, err := itemAt(r, t, k)
	if err != nil {
		return nil, err
	}
	d := &itemDraft{kind: k, item: i, old: i}
	d.item.Values = i.Values.Clone()
	refs := []mainstay.ItemID{i.OrganizationID}
	if i.ParentID != 0 {
		refs = append(refs, i.ParentID)
	}
	known, err := t.KnownIDs(r.Context(), auth.Actor(r.Context()), refs)
	for _, n := range known {
		if n.ID == i.OrganizationID {
			d.organization = n.Name
		}
		if n.ID == i.ParentID {
			d.parent = n.Name
		}
	}
	return d, err
}

// saveNew stores a new item, or shows the form again.
func (s *Web) saveNew(w http.ResponseWriter, r *http.Request, k *mainstay.Kind) error {
	return s.saveForm(w, r, k, func(t *store.Tx) (*itemDraft, error) { return draftNew(r, t, k) }, s.Changes.Create)
}

// saveEdit stores a changed item, or shows the form again.
func (s *Web) saveEdit(w http.ResponseWriter, r *http.Request, k *mainstay.Kind) error {
	return s.saveForm(w, r, k, func(t *store.Tx) (*itemDraft, error) { return draftOld(r, t, k) }, s.Changes.Update)
}

func (s *Web) saveForm(w http.ResponseWriter, r *http.Request, k *mainstay.Kind, start func(*store.Tx) (*itemDraft, error),
	save func(context.Context, mainstay.Actor, mainstay.Item) (mainstay.Item, error)) error {
	if err := form(r); err != nil {
		return err
	}
	ctx, a := r.Context(), auth.Actor(r.Context())
	var d *itemDraft
	err := s.Store.Read(ctx, func(t *store.Tx) error {
		var err error
		if d, err = start(t); err == nil {
			err = d.read(ctx, t, a, r.PostForm)
		}
		return err
	})
	if err != nil {
		return err
	}
	status := http.StatusOK
	if r.PostForm.Get("add") == "" && r.PostForm.Get("remove") == "" {
		var saved mainstay.Item
		if len(d.errs) == 0 {
			saved, err = save(ctx, a, d.item)
		} else {
			status = http.StatusUnprocessableEntity
		}
		if len(d.errs) == 0 && err == nil {
			code := flashSaved
			if d.isNew() {
				code = flashCreated
			}
			withFlash(w, flash{Code: code, Kind: k.Name, N: 1, ID: int64(saved.ID)})
			return redirect(w, r, itemURL(saved.Ref()))
		}
		if err != nil {
			status = auth.Status(err)
			if err := d.failed(err); err != nil {
				return err
			}
		}
	}
	return s.showAgain(w, r, d, status)
}

// failed keeps what is wrong with the form; an error that no form can mend is
// returned.
func (d *itemDraft) failed(err error) error {
	var fields change.FieldErrors
	var one *mainstay.Error
	switch {
	case errors.As(err, &fields):
		for _, e := range fields {
			d.fieldFailed(e)
		}
	case errors.As(err, &one) && one.Kind == mainstay.Invalid && one.Field != "":
		d.fieldFailed(one)
	case mainstay.KindOf(err) == mainstay.Conflict && !d.isNew():
		d.conflict = &Conflict{}
	case mainstay.KindOf(err) == mainstay.Invalid:
		d.problem = mainstay.SafeMessage(err)
	default:
		return err
	}
	return nil
}

// fieldFailed puts a sentence to its field, or above the form where the form
// does not show the field.
func (d *itemDraft) fieldFailed(e *mainstay.Error) {
	if d.errs == nil {
		d.errs = map[string]string{}
	}
	if d.shows(e.Field) {
		d.errs[e.Field] = strings.TrimSpace(d.errs[e.Field] + " " + e.Message)
		return
	}
	d.problem = strings.TrimSpace(d.problem + " " + e.Message)
}

func (d *itemDraft) shows(field string) bool {
	if d.kind.Field(field) != nil {
		return true
	}
	for _, f := range d.basics(nil) {
		if f.Name == formName(field) {
			return true
		}
	}
	return false
}

// formName is how the form calls a field of change.
func formName(field string) string {
	switch field {
	case "organization_id":
		return "organization"
	case "parent_id":
		return "parent"
	}
	return field
}

// showAgain draws the form with what was typed.
func (s *Web) showAgain(w http.ResponseWriter, r *http.Request, d *itemDraft, status int) error {
	var p ItemFormPage
	err := s.Store.Read(r.Context(), func(t *store.Tx) error {
		var err error
		if d.conflict != nil {
			if err = d.compare(r, t); err != nil {
				return err
			}
		}
		p, err = s.formPage(r, t, d)
		return err
	})
	if err != nil {
		return err
	}
	return s.write(w, r, status, itemFormView(p))
}

// compare shows what is stored now beside what was typed.
func (d *itemDraft) compare(r *http.Request, t *store.Tx) error {
	now, err := itemAt(r, t, d.kind)
	if err != nil {
		return err
	}
	last, err := t.LastDone(r.Context(), []mainstay.ItemID{now.ID})
	if err != nil {
		return err
	}
	labels, err := t.Labels(r.Context())
	if err != nil {
		return err
	}
	d.conflict.Who, d.conflict.At, d.conflict.Version = last[now.ID].Who, last[now.ID].At, now.Version
	e := mainstay.Activity{Kind: now.Kind, Changes: change.Diff(&d.item, &now)}
	for _, f := range []string{"sync", "reason", "sync_note"} {
		delete(e.Changes, f)
	}
	words, err := changeWordsOf(r.Context(), t, auth.Actor(r.Context()), []mainstay.Activity{e}, labels)
	if err != nil {
		return err
	}
	for _, row := range words.rows(e) {
		d.conflict.Fields = append(d.conflict.Fields, ConflictField{Label: row.Label, Yours: row.Before, Theirs: row.After})
	}
	return nil
}

// read takes over what the form sent. Fields that it did not send stay as they were.
func (d *itemDraft) read(ctx context.Context, t *store.Tx, a mainstay.Actor, in url.Values) error {
	d.errs = map[string]string{}
	if list, row, ok := removedRow(in.Get("remove")); ok {
		for name := range in {
			if strings.HasPrefix(name, list+"."+strconv.Itoa(row)+".") {
				in.Del(name)
			}
		}
	}
	d.blank = strings.TrimPrefix(in.Get("add"), "f.")
	d.item.Values = kindValues(d.kind, in, d.item.Values)
	if in.Has("name") && d.kind.NameOf == nil {
		d.item.Name = in.Get("name")
	}
	if v := in.Get("version"); v != "" {
		n, err := strconv.ParseInt(v, 10, 64)
		if err != nil {
			return mainstay.Errorf(mainstay.Invalid, "The form is damaged. Open the item again.")
		}
		d.item.Version = n
	}
	d.item.TypeID = d.label(in, "type_id", d.item.TypeID)
	d.item.StatusID = d.label(in, "status_id", d.item.StatusID)
	if in.Has("basics") {
		d.item.Archived = in.Get("archived") == "true"
		if d.hasPrimary() {
			d.item.Primary = in.Get("primary") == "true"
		}
	}
	if d.kind.Name == mainstay.Organization.Name {
		return d.readName(ctx, t, a, in, "parent", "parent_id", &d.parent, &d.item.ParentID)
	}
	if d.fixed {
		return nil
	}
	return d.readName(ctx, t, a, in, "organization", "organization_id", &d.organization, &d.item.OrganizationID)
}

// removedRow reads "f.emails.2".
func removedRow(text string) (list string, row int, ok bool) {
	at := strings.LastIndexByte(text, '.')
	if at < 0 || !strings.HasPrefix(text, "f.") {
		return "", 0, false
	}
	n, err := strconv.Atoi(text[at+1:])
	return text[:at], n, err == nil && n >= 0
}

func (d *itemDraft) label(in url.Values, name string, now mainstay.LabelID) mainstay.LabelID {
	if !in.Has(name) {
		return now
	}
	if in.Get(name) == "" {
		return 0
	}
	n, err := strconv.ParseInt(in.Get(name), 10, 64)
	if err != nil || n < 0 {
		d.errs[name] = "Choose one from the list."
		return now
	}
	return mainstay.LabelID(n)
}

// readName turns the name of an organization, as typed, into its id. The same
// text as before keeps the same organization.
func (d *itemDraft) readName(ctx context.Context, t *store.Tx, a mainstay.Actor, in url.Values, name, field string, text *string, id *mainstay.ItemID) error {
	if !in.Has(name) {
		return nil
	}
	typed := strings.TrimSpace(in.Get(name))
	if typed == strings.TrimSpace(*text) && *id != 0 {
		return nil
	}
	*text, *id = typed, 0
	if typed == "" {
		return nil
	}
	found, err := organizationNamed(ctx, t, a, typed)
	if mainstay.KindOf(err) == mainstay.Invalid {
		d.errs[field] = mainstay.SafeMessage(err)
		return nil
	}
	*id = found
	return err
}

// organizationNamed finds the one organization with a name that the person
// sees. "Acme #12" means the one with that id.
func organizationNamed(ctx context.Context, t *store.Tx, a mainstay.Actor, name string) (mainstay.ItemID, error) {
	bare, number, _ := cutNumber(name)
	items, err := t.ItemsNamed(ctx, mainstay.Organization.Name, []string{name, bare}, 0)
	if err != nil {
		return 0, err
	}
	var hits []mainstay.ItemID
	for _, i := range items {
		if !a.Sees(i.ID) {
			continue
		}
		if number == i.ID && mainstay.SearchKey(i.Name) == mainstay.SearchKey(bare) {
			return i.ID, nil
		}
		if mainstay.SearchKey(i.Name) == mainstay.SearchKey(name) {
			hits = append(hits, i.ID)
		}
	}
	switch len(hits) {
	case 0:
		return 0, mainstay.Errorf(mainstay.Invalid, "No organization has this name. Choose one from the list that opens while you type.")
	case 1:
		return hits[0], nil
	}
	return 0, mainstay.Errorf(mainstay.Invalid, "%s organizations have this name. Choose the one with the right number from the list.", num(len(hits)))
}

// cutNumber splits "Acme #12" into the name and the id.
func cutNumber(text string) (name string, id mainstay.ItemID, ok bool) {
	at := strings.LastIndex(text, " #")
	if at < 0 {
		return text, 0, false
	}
	id, err := mainstay.ParseItemID(text[at+2:])
	if err != nil {
		return text, 0, false
	}
	return text[:at], id, true
}
