package web

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"mainstay"
	"mainstay/internal/change"
	"mainstay/internal/store"
)

// events are the latest entries of the log as lines of a timeline; none for a
// person who may not see the log.
func events(ctx context.Context, t *store.Tx, p Page, f store.ActivityFilter) ([]Event, error) {
	if !p.May(mainstay.SeeActivity) {
		return nil, nil
	}
	entries, err := t.ActivityPage(ctx, p.Actor, f)
	if err != nil {
		return nil, err
	}
	urls, err := entryURLs(ctx, t, p, entries)
	var out []Event
	for n, e := range entries {
		v := eventOf(e)
		v.URL = urls[n]
		out = append(out, v)
	}
	return out, err
}

// entryURLs are where entries lead now: an item that went to Trash since is found
// there, and what is gone for good has no page.
func entryURLs(ctx context.Context, t *store.Tx, p Page, entries []mainstay.Activity) ([]string, error) {
	var ids []mainstay.ItemID
	for _, e := range entries {
		if e.ItemID != 0 {
			ids = append(ids, e.ItemID)
		}
	}
	present, err := t.Present(ctx, ids)
	if err != nil {
		return nil, err
	}
	out := make([]string, len(entries))
	for n, e := range entries {
		live, there := present[e.ItemID]
		switch {
		case e.ItemID == 0 || live:
			out[n] = entryURL(e)
		case there && p.May(mainstay.UseTrash):
			out[n] = trashSearchURL(e.Name)
		}
	}
	return out, nil
}

// eventOf is one entry of the log as a line of a timeline.
func eventOf(e mainstay.Activity) Event {
	v := Event{Who: e.Who, Verb: e.Verb, Name: e.Name, Detail: e.Detail, At: e.At, URL: entryURL(e)}
	if v.Name == v.Who {
		v.Name = "" // somebody signed in, or out
	}
	switch e.Verb {
	case "created", "restored":
		v.Icon, v.Tone = "plus", "green"
	case "updated":
		v.Icon, v.Tone = "pencil", "acc"
	case "deleted", "purged":
		v.Icon, v.Tone = "trash", "red"
	case "merged", change.VerbSeparated:
		v.Icon = "arrows-exchange"
	case change.VerbApart, change.VerbAgain:
		v.Icon = "git-compare"
	case "orphaned":
		v.Icon, v.Tone, v.Who, v.Verb = "plug", "orange", "", "became orphaned"
	default:
		v.Icon = "activity"
	}
	return v
}

// entryURL leads to what an entry speaks of: the item, else the plan. What was
// deleted or purged has no page.
func entryURL(e mainstay.Activity) string {
	switch {
	case e.ItemID != 0 && e.Verb != "deleted" && e.Verb != "purged":
		return itemURL(mainstay.Ref{Kind: e.Kind, ID: e.ItemID})
	case e.PlanID != 0 && e.ItemID == 0:
		return planURL(e.PlanID)
	}
	return ""
}

// activityVerbs are the words to filter the log by.
func activityVerbs() []string {
	return []string{"created", "updated", "deleted", "restored", "purged", "orphaned", "planned", "confirmed", "started", "finished", "merged", change.VerbSeparated, "moved", "synced", "signed in", "changed sync settings", "changed settings", "switched on", "switched off", "was refused",
		change.VerbKeep, change.VerbLift, change.VerbHold, change.VerbFree, change.VerbApart, change.VerbAgain}
}

// activity is the log of the account.
func (s *Web) activity(w http.ResponseWriter, r *http.Request) error {
	p := ActivityPage{Base: "/activity"}
	err := s.Store.Read(r.Context(), func(t *store.Tx) error {
		var err error
		if p.Page, err = s.page(r, t, Page{Title: "Activity", Active: "activity", Crumbs: []Crumb{{Label: "Activity"}}}); err != nil {
			return err
		}
		labels, err := t.Labels(r.Context())
		if err != nil {
			return err
		}
		return fillActivity(r, t, &p, labels, 0)
	})
	if err != nil {
		return err
	}
	return s.show(w, r, activityView(p), nil)
}

// organizationActivity is the log of one organization.
func (s *Web) organizationActivity(w http.ResponseWriter, r *http.Request) error {
	p := ActivityPage{}
	ctx := r.Context()
	err := s.Store.Read(ctx, func(t *store.Tx) error {
		o, err := organizationAt(r, t)
		if err != nil {
			return err
		}
		p.Base = organizationURL(o.ID) + "/activity"
		p.Page, err = s.page(r, t, Page{Title: "Activity of " + itemName(o), Active: mainstay.Organization.Plural, Crumbs: append(organizationCrumbs(o), Crumb{Label: "Activity"})})
		if err != nil {
			return err
		}
		labels, err := t.Labels(ctx)
		if err != nil {
			return err
		}
		in, err := t.CountIn(ctx, o.ID)
		if err != nil {
			return err
		}
		head := s.organizationHead(p.Page, o, labels, in, "activity")
		p.Head = &head
		return fillActivity(r, t, &p, labels, o.ID)
	})
	if err != nil {
		return err
	}
	return s.show(w, r, activityView(p), nil)
}

func fillActivity(r *http.Request, t *store.Tx, p *ActivityPage, labels []mainstay.Label, organization mainstay.ItemID) error {
	in := r.URL.Query()
	f, problems := activityFilter(in, p.Page)
	f.OrganizationID, f.Limit = organization, pageRows+1
	p.Filters, p.Active = activityFields(in, problems)
	p.Whole, p.Each = wholeActs(in, p, f)
	f.Whole = p.Whole
	if len(problems) > 0 {
		return nil
	}
	entries, err := t.ActivityPage(r.Context(), p.Actor, f)
	if err != nil {
		return err
	}
	p.Pager = Pager{Total: -1}
	if len(entries) > pageRows {
		entries = entries[:pageRows]
		in.Set("before", strconv.FormatInt(entries[pageRows-1].ID, 10))
		p.Pager.Next = p.Base + "?" + in.Encode()
	}
	p.Entries, err = activityRowsOf(r.Context(), t, p.Page, entries, labels)
	return err
}

// wholeActs reports whether the log has one line for each plan and sync in place
// of one for each of their items, and leads to the other way. Who looks for a
// kind, a name or something done, or at one organization, looks for items.
func wholeActs(in url.Values, p *ActivityPage, f store.ActivityFilter) (bool, Link) {
	if !p.Actor.All || f.OrganizationID != 0 || f.Kind != "" || f.Words != "" || f.Verb != "" {
		return false, Link{}
	}
	to := url.Values{}
	for _, name := range []string{"who", "from", "to"} {
		if v := in.Get(name); v != "" {
			to.Set(name, v)
		}
	}
	if in.Get("items") != "" {
		return false, Link{"One line for each plan and sync", p.Base + "?" + to.Encode()}
	}
	to.Set("items", "each")
	return true, Link{"Each item of plans and syncs", p.Base + "?" + to.Encode()}
}

// activityFilter reads the filters of the address; problems are sentences by field.
func activityFilter(in url.Values, p Page) (f store.ActivityFilter, problems map[string]string) {
	problems = map[string]string{}
	f = store.ActivityFilter{Who: in.Get("who"), Verb: in.Get("verb"), Words: in.Get("q")}
	if k, err := mainstay.KindNamed(in.Get("kind")); err == nil {
		f.Kind = k.Name
	} else if in.Get("kind") != "" {
		problems["kind"] = mainstay.SafeMessage(err)
	}
	day := func(name string, days int) mainstay.Time {
		text := in.Get(name)
		if text == "" {
			return 0
		}
		at, err := time.ParseInLocation(time.DateOnly, text, p.zone())
		if err != nil {
			problems[name] = "Write a date like 2026-06-12."
			return 0
		}
		return mainstay.TimeOf(at.AddDate(0, 0, days))
	}
	f.From, f.To = day("from", 0), day("to", 1)
	if before := in.Get("before"); before != "" {
		id, err := mainstay.ParseItemID(before)
		if err != nil {
			problems["q"] = "This page link is damaged. Open the log again."
		}
		f.Before = int64(id)
	}
	return f, problems
}

// activityFields are the filters as a form; active says that some filter is set.
func activityFields(in url.Values, problems map[string]string) (fields []FormField, active bool) {
	verbs := []Option{{Label: "Any"}}
	for _, v := range activityVerbs() {
		verbs = append(verbs, Option{Value: v, Label: capital(v)})
	}
	kinds := []Option{{Label: "Any"}}
	for _, k := range mainstay.Kinds() {
		kinds = append(kinds, Option{Value: string(k.Name), Label: capital(k.Label)})
	}
	fields = []FormField{
		{Name: "q", Label: "Name", Type: "text"},
		{Name: "who", Label: "Who", Type: "text"},
		{Name: "verb", Label: "What", Type: "select", Options: verbs},
		{Name: "kind", Label: "Kind", Type: "select", Options: kinds},
		{Name: "from", Label: "From", Type: "date"},
		{Name: "to", Label: "To", Type: "date"},
	}
	for i := range fields {
		f := &fields[i]
		f.Value, f.Error = in.Get(f.Name), problems[f.Name]
		active = active || f.Value != ""
		for n := range f.Options {
			f.Options[n].Selected = f.Options[n].Value == f.Value
		}
	}
	return fields, active
}

// activityRowsOf adds to entries where they lead and what changed in words.
func activityRowsOf(ctx context.Context, t *store.Tx, p Page, entries []mainstay.Activity, labels []mainstay.Label) ([]ActivityRow, error) {
	words, err := changeWordsOf(ctx, t, p.Actor, entries, labels)
	if err != nil {
		return nil, err
	}
	urls, err := entryURLs(ctx, t, p, entries)
	if err != nil {
		return nil, err
	}
	var out []ActivityRow
	for n, e := range entries {
		row := ActivityRow{Entry: e, URL: urls[n], Changes: words.rows(e)}
		if e.PlanID != 0 && e.ItemID != 0 && p.Actor.All && p.Actor.Can(mainstay.PlanChanges, 0) == nil {
			row.Plan = Link{"Plan " + strconv.FormatInt(int64(e.PlanID), 10), planURL(e.PlanID)}
		}
		out = append(out, row)
	}
	return out, nil
}
