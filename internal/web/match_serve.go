package web

import (
	"context"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"mainstay"
	"mainstay/internal/auth"
	"mainstay/internal/change"
	"mainstay/internal/store"
)

// match lists the records of an integration that wait to be matched again.
func (s *Web) match(w http.ResponseWriter, r *http.Request) error {
	var p MatchPage
	err := s.Store.Read(r.Context(), func(t *store.Tx) error {
		var err error
		if p.Integration, err = integrationOf(r, t); err != nil {
			return err
		}
		if p.Page, err = s.page(r, t, integrationSurrounding(p.Integration, "Match again")); err != nil {
			return err
		}
		p.MayPlan = p.May(mainstay.PlanChanges)
		return s.fillMatch(r, t, &p)
	})
	if err != nil {
		return err
	}
	return s.show(w, r, matchView(p), nil)
}

func (s *Web) fillMatch(r *http.Request, t *store.Tx, p *MatchPage) error {
	ctx, in := r.Context(), r.URL.Query()
	seen, err := t.CountWaitingFor(ctx, p.Actor, p.Integration.ID)
	if err != nil {
		return err
	}
	all := seen
	if !p.Actor.All {
		if all, err = t.CountWaiting(ctx, p.Integration.ID); err != nil {
			return err
		}
	}
	if p.Kind, err = waitingKind(in.Get("kind"), seen); err != nil {
		return err
	}
	p.Only, p.Total, p.Hidden = in.Get("record"), seen[p.Kind.Name], all[p.Kind.Name]-seen[p.Kind.Name]
	p.Holding = seen[mainstay.Organization.Name]
	for _, k := range syncedKinds() {
		p.Tabs = append(p.Tabs, Tab{Label: capital(k.Plural), Icon: k.Icon, URL: matchURL(p.Integration.ID, k), Count: seen[k.Name], HasCount: true, Current: k == p.Kind && p.Only == ""})
	}
	var found []store.Waiting
	if p.Only != "" {
		found, err = t.WaitingRecords(ctx, p.Actor, p.Integration.ID, p.Kind.Name, []string{p.Only})
	} else {
		found, err = t.WaitingPage(ctx, p.Actor, p.Integration.ID, p.Kind.Name, in.Get("after"), pageRows+1)
	}
	if err != nil {
		return err
	}
	if len(found) > pageRows {
		found = found[:pageRows]
		p.Next = matchURL(p.Integration.ID, p.Kind) + "&after=" + url.QueryEscape(found[pageRows-1].ExternalID)
	}
	if in.Get("after") != "" {
		p.First = matchURL(p.Integration.ID, p.Kind)
	}
	if len(found) == 0 {
		return p.fillEmpty(ctx, t)
	}
	p.Rows, err = s.matchRows(ctx, t, p, found)
	return err
}

// waitingKind is the kind of the address, or the first of which something waits.
func waitingKind(name string, waiting map[mainstay.KindName]int) (*mainstay.Kind, error) {
	if name != "" {
		k, err := mainstay.KindNamed(name)
		if err != nil || !k.Syncs {
			return nil, mainstay.Errorf(mainstay.Invalid, "Nothing of the kind %q comes from a PSA.", name)
		}
		return k, nil
	}
	for _, k := range syncedKinds() {
		if waiting[k.Name] > 0 {
			return k, nil
		}
	}
	return &mainstay.Organization, nil
}

// matchRows draws records beside their items, with names looked up in sets.
func (s *Web) matchRows(ctx context.Context, t *store.Tx, p *MatchPage, found []store.Waiting) ([]MatchRow, error) {
	labels, err := t.Labels(ctx)
	if err != nil {
		return nil, err
	}
	entries := make([]mainstay.Activity, len(found))
	var orgs []mainstay.ItemID
	for n, f := range found {
		entries[n].Kind = f.Kind
		if f.Item == nil || f.Seen == nil {
			continue
		}
		now := f.Seen.Apply(*f.Item)
		entries[n].Changes = change.Diff(f.Item, &now)
		orgs = append(orgs, f.Item.OrganizationID)
	}
	words, err := changeWordsOf(ctx, t, p.Actor, entries, labels)
	if err != nil {
		return nil, err
	}
	places := map[mainstay.ItemID]string{}
	if p.Kind.Name != mainstay.Organization.Name {
		if places, err = t.NamesByID(ctx, orgs); err != nil {
			return nil, err
		}
	}
	out := make([]MatchRow, len(found))
	for n, f := range found {
		row := s.matchRowOf(p, f)
		if f.Item != nil {
			row.Changes, row.Place = words.rows(entries[n]), places[f.Item.OrganizationID]
			if p.Kind.Name == mainstay.Organization.Name {
				row.Place = labelName(labels, f.Item.TypeID)
			}
		}
		out[n] = row
	}
	return out, nil
}

func (s *Web) matchRowOf(p *MatchPage, f store.Waiting) MatchRow {
	row := MatchRow{ID: f.ExternalID, Record: capital(p.Kind.Label) + " " + f.ExternalID, Name: f.RecordName, Ended: f.Why.Label() + ", by " + f.Who, At: f.At, Note: f.Note}
	if f.PlanID == 0 {
		row.Ended = "A new record"
	}
	if f.Seen != nil {
		row.Name = f.Seen.Name
	}
	if s.Engine != nil {
		row.RecordURL = safeURL(s.Engine.RecordURL(p.Integration, f.Kind, f.ExternalID))
	}
	if f.PlanID != 0 && p.Actor.All {
		row.Plan = Link{"Plan " + strconv.FormatInt(int64(f.PlanID), 10), planURL(f.PlanID)}
	}
	switch {
	case f.Item == nil:
		row.Missing = "Its item, " + f.Trashed + ", lies in Trash. Restore it to reconnect it."
		if p.May(mainstay.UseTrash) {
			row.TrashURL = "/trash?" + url.Values{"q": {f.Trashed}}.Encode()
		}
	case f.Item.Sync != mainstay.NotLinked:
		row.Missing = "Its item, " + itemName(*f.Item) + ", is linked with another record by now."
	default:
		row.Item = Link{itemName(*f.Item), itemURL(f.Item.Ref())}
	}
	return row
}

// rematch reads what the form of the page is about.
func (s *Web) rematch(r *http.Request) (i mainstay.Integration, m change.Rematch, do string, err error) {
	if err := form(r); err != nil {
		return i, m, do, err
	}
	if m.Kind, err = mainstay.KindNamed(r.PostForm.Get("kind")); err != nil {
		return i, m, do, err
	}
	err = s.Store.Read(r.Context(), func(t *store.Tx) error {
		i, err = integrationOf(r, t)
		return err
	})
	if err != nil {
		return i, m, do, err
	}
	m.Integration, m.Records, do = i.ID, r.PostForm["record"], r.PostForm.Get("do")
	for _, one := range []string{"reconnect", "anew"} {
		if v := r.PostForm.Get(one); v != "" {
			m.Records, do = []string{v}, one
		}
	}
	if len(m.Records) > maxIDs {
		return i, m, do, mainstay.Errorf(mainstay.TooLarge, "More than %s records were chosen one by one. Reconnect all that wait instead.", num(maxIDs))
	}
	if do == "all" {
		m.Records = nil
	} else if len(m.Records) == 0 {
		return i, m, do, mainstay.Errorf(mainstay.Invalid, "Nothing was chosen. Nothing was changed.")
	}
	return i, m, do, nil
}

// matchAgain makes the plan that reconnects records, or asks before new items are
// made of them.
func (s *Web) matchAgain(w http.ResponseWriter, r *http.Request) error {
	i, m, do, err := s.rematch(r)
	if err != nil {
		return err
	}
	switch do {
	case "anew":
		return s.askAnew(w, r, i, m)
	case "reconnect":
		m.Seen = len(m.Records)
	case "all":
		seen, err := formNumber(r, "seen")
		if err != nil {
			return err
		}
		m.Seen = int(seen)
	default:
		return mainstay.Errorf(mainstay.Invalid, "Choose whether to reconnect the records or to make new items of them. Nothing was changed.")
	}
	p, err := s.Changes.ProposeReconnect(r.Context(), auth.Actor(r.Context()), m)
	if err != nil {
		return err
	}
	return redirect(w, r, planURL(p.ID))
}

// askAnew asks before the old links of records are given up.
func (s *Web) askAnew(w http.ResponseWriter, r *http.Request, i mainstay.Integration, m change.Rematch) error {
	back := matchURL(i.ID, m.Kind)
	p := ConfirmPage{Heading: "Make new items of " + some(len(m.Records), "record"), Action: integrationURL(i.ID) + "/match/anew", Back: back, Stay: "Leave it out",
		Button: "Make " + some(len(m.Records), "new item")}
	p.Text = []string{"The next full sync makes new items of them, beside the old ones. The old items stay here, exist only here from then on, and are no longer proposed for these records.",
		"This isn't undone by a plan. To bring the two together later, merge or match them."}
	if m.Kind.Name == mainstay.Organization.Name {
		p.Text = append(p.Text, "The same goes for what was disconnected together with an organization.")
	}
	p.Fields = []Hidden{{"kind", m.Kind.Plural}}
	slices.Sort(m.Records)
	for _, id := range slices.Compact(m.Records) {
		p.Fields = append(p.Fields, Hidden{"record", id})
	}
	err := s.Store.Read(r.Context(), func(t *store.Tx) error {
		waits, err := t.WaitingRecords(r.Context(), auth.Actor(r.Context()), i.ID, m.Kind.Name, m.Records)
		if err != nil {
			return err
		}
		for _, f := range waits[:min(len(waits), shownCandidate)] {
			p.List = append(p.List, f.RecordName)
		}
		if len(waits) == 0 {
			return mainstay.Errorf(mainstay.NotFound, "These records don't wait any more. Nothing was changed.")
		}
		p.Page, err = s.page(r, t, integrationSurrounding(i, "Match again"))
		return err
	})
	if err != nil {
		return err
	}
	return s.write(w, r, http.StatusOK, confirmView(p))
}

// makeAnew gives up the old links of records.
func (s *Web) makeAnew(w http.ResponseWriter, r *http.Request) error {
	i, m, _, err := s.rematch(r)
	if err != nil {
		return err
	}
	n, err := s.Changes.LetGo(r.Context(), auth.Actor(r.Context()), m)
	if err != nil {
		return err
	}
	withFlash(w, flash{Code: flashAnew, N: n, ID: int64(i.ID)})
	return redirect(w, r, matchURL(i.ID, m.Kind))
}

// waitingNote says that records which would sync were disconnected; ok is false
// where there are none.
func waitingNote(id mainstay.IntegrationID, waiting map[mainstay.KindName]int) (n Note, ok bool) {
	rest := maps.Clone(waiting)
	for _, k := range syncedKinds() {
		if waiting[k.Name] == 0 {
			continue
		}
		delete(rest, k.Name)
		n = Note{Tone: "info", Icon: "clock", Lead: k.Count(waiting[k.Name]) + waitVerb(waiting[k.Name]) + " to be matched again.",
			Text: "They were disconnected, so they make no new items.", Link: Link{"Match again…", matchURL(id, k)}}
		if sumKinds(rest) > 0 {
			n.Text = "They were disconnected, so they make no new items, and no more do " + inWords(rest) + "."
		}
		return n, true
	}
	return n, false
}
