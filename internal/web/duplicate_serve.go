package web

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"mainstay"
	"mainstay/internal/auth"
	"mainstay/internal/query"
	"mainstay/internal/store"
)

// How many pairs a page shows, and how many things that too many share.
const (
	pairRows   = 20
	commonRows = 5
)

// duplicates shows which organizations may be the same client.
func (s *Web) duplicates(w http.ResponseWriter, r *http.Request) error {
	ask, err := duplicateRequest(r)
	if err != nil {
		return err
	}
	p := DuplicatesPage{}
	err = s.Store.Read(r.Context(), func(t *store.Tx) error {
		p.Page, err = s.page(r, t, Page{Title: "Duplicates", Active: mainstay.Organization.Plural,
			Crumbs: []Crumb{{Label: "Organizations", URL: "/organizations"}, {Label: "Duplicates"}}})
		if err != nil {
			return err
		}
		if ask.Organization != 0 {
			o, err := t.Known(r.Context(), p.Actor, []mainstay.Ref{{Kind: mainstay.Organization.Name, ID: ask.Organization}})
			if err != nil {
				return err
			}
			if len(o) == 0 {
				return errMissing()
			}
			of := ask
			of.Organization = 0
			p.Of = &Link{o[0].Name, duplicatesAt(of, "")}
		}
		return p.fill(r.Context(), t, ask)
	})
	if err != nil {
		return err
	}
	return s.show(w, r, duplicatesView(p), nil)
}

// duplicateRequest reads the filters of the address.
func duplicateRequest(r *http.Request) (store.DuplicateRequest, error) {
	in := r.URL.Query()
	ask := store.DuplicateRequest{Dismissed: in.Get("view") == viewApart, Cursor: in.Get("at"), Limit: pairRows}
	ask.Words, ask.Sync = strings.TrimSpace(in.Get("q")), mainstay.SyncState(in.Get("sync"))
	if ask.Sync != "" && !slices.Contains(mainstay.SyncStates(), ask.Sync) {
		return ask, mainstay.FieldError("sync", "There is no sync state called %q.", ask.Sync)
	}
	var err error
	if !ask.Dismissed {
		if ask.Reason, err = mainstay.ParseDuplicateReason(in.Get("reason")); err != nil {
			return ask, err
		}
	}
	if text := in.Get("organization"); text != "" {
		if ask.Organization, err = mainstay.ParseItemID(text); err != nil {
			return ask, err
		}
	}
	return ask, nil
}

// fill makes the page of what was asked for.
func (p *DuplicatesPage) fill(ctx context.Context, t *store.Tx, ask store.DuplicateRequest) error {
	found, err := t.Duplicates(ctx, p.Actor, ask)
	if err != nil {
		return err
	}
	to := func(reason mainstay.DuplicateReason, apart bool, at string) string {
		r := ask
		r.Reason, r.Dismissed = reason, apart
		return duplicatesAt(r, at)
	}
	p.Query, p.States, p.Keep = ask.Words, duplicateStates(ask.Sync), duplicateFields(ask)
	if ask.Words != "" || ask.Sync != "" {
		r := ask
		r.Words, r.Sync = "", ""
		p.All = duplicatesAt(r, "")
	}
	p.Views = []Tab{
		{Label: "To review", URL: to("", false, ""), Count: found.Open, HasCount: true, Current: !ask.Dismissed},
		{Label: "Not the same", URL: to("", true, ""), Count: found.Told, HasCount: true, Current: ask.Dismissed},
	}
	if !ask.Dismissed && found.Open > 0 {
		p.Reasons = []Tab{{Label: "All", URL: to("", false, ""), Count: found.Open, HasCount: true, Current: ask.Reason == ""}}
		for _, r := range mainstay.DuplicateReasons() {
			if found.Counts[r] == 0 && ask.Reason != r {
				continue
			}
			p.Reasons = append(p.Reasons, Tab{Label: r.Label(), URL: to(r, false, ""), Count: found.Counts[r], HasCount: true, Current: ask.Reason == r})
		}
	}
	for _, row := range found.Rows {
		p.Pairs = append(p.Pairs, duplicateCardOf(row))
	}
	for n := range len(p.Pairs) - 1 {
		p.Pairs[n].Next = p.Pairs[n+1].id()
	}
	p.Common, p.More = commonOf(found.Common)
	p.Pager = Pager{First: found.First, Last: found.First + len(found.Rows) - 1, Total: found.Total}
	if found.First > 1 {
		p.Pager.Prev = to(ask.Reason, ask.Dismissed, found.Prev)
	}
	if found.Next != "" {
		p.Pager.Next = to(ask.Reason, ask.Dismissed, found.Next)
	}
	switch {
	case len(p.Pairs) > 0:
	case p.All != "":
		p.Empty = &Empty{Icon: "git-compare", Title: "No pair matches.", Text: "None has that name and sync state on either side.", Links: []Link{{"Clear the search", p.All}}}
	default:
		p.Empty = noDuplicates(ask, found)
	}
	return nil
}

// noDuplicates says why there is nothing to show.
func noDuplicates(ask store.DuplicateRequest, found store.DuplicatePage) *Empty {
	all := Link{"Show all duplicates", duplicatesURL("", ask.Organization, false, "")}
	switch {
	case ask.Dismissed:
		return &Empty{Icon: "git-compare", Title: "Nothing is marked as not the same.", Text: "Pairs that somebody marks as not the same are kept here, with who did it. You can look at them again.", Links: []Link{all}}
	case found.Open > 0:
		return &Empty{Icon: "git-compare", Title: "No pair for this reason.", Text: "Other reasons have some.", Links: []Link{all}}
	case ask.Organization != 0:
		return &Empty{Icon: "check", Title: "No duplicates of this organization.", Text: "It shares no name, PSA id, web domain, phone or address with another one. You can still merge it with one that you choose.",
			Links: []Link{{"Merge with one that you choose…", mergeURL(ask.Organization, 0)}, {"Show the duplicates of all organizations", duplicatesBase}}}
	}
	return &Empty{Icon: "check", Title: "No duplicates.", Text: "No two organizations share a name, PSA id, web domain, phone or address. To merge two that you choose, tick both in the list of organizations, or open one and choose More > Merge….", Links: []Link{{"List of organizations", "/organizations"}}}
}

// duplicateCardOf is one pair with what a person compares.
func duplicateCardOf(row store.DuplicateRow) DuplicateCard {
	c := DuplicateCard{A: row.A, B: row.B, Told: row.Told}
	for n, o := range []store.ListRow{row.First, row.Second} {
		c.Sides[n] = DuplicateSide{Name: itemName(o.Item), URL: organizationURL(o.ID), Type: join(o.Type, o.Status), Sync: o.Sync, Note: syncNote(o.Item),
			Items: o.Items, OnlyHere: o.OnlyHereItems, Changed: o.Updated, Own: o.Primary, Archived: o.Archived}
	}
	shown := map[mainstay.DuplicateReason]bool{}
	for _, s := range row.Shared {
		c.Reasons = append(c.Reasons, s.Reason.Label())
		if s.Reason != mainstay.DuplicateName {
			shown[s.Reason] = true
			c.Facts = append(c.Facts, DuplicateFact{Label: duplicateNoun(s.Reason), Texts: [2]string{s.A, s.B}, Same: true})
		}
	}
	for _, f := range []struct {
		reason mainstay.DuplicateReason
		field  string
	}{{mainstay.DuplicatePSA, "short_name"}, {mainstay.DuplicateDomain, "website"}, {mainstay.DuplicatePhone, "phone"}} {
		a, b := row.First.Values.Text(f.field), row.Second.Values.Text(f.field)
		if !shown[f.reason] && a+b != "" {
			c.Facts = append(c.Facts, DuplicateFact{Label: duplicateNoun(f.reason), Texts: [2]string{a, b}})
		}
	}
	return c
}

// duplicateNoun names what a reason compares.
func duplicateNoun(r mainstay.DuplicateReason) string {
	switch r {
	case mainstay.DuplicateName:
		return "Name"
	case mainstay.DuplicateDomain:
		return "Web"
	case mainstay.DuplicatePhone:
		return "Phone"
	case mainstay.DuplicateAddress:
		return "Address"
	}
	return mainstay.Organization.Field("short_name").Label
}

// commonOf writes what too many share, the most shared first, and how many more
// there are.
func commonOf(all []mainstay.DuplicateCommon) (out []DuplicateCommon, more int) {
	for n, c := range all {
		if n == commonRows {
			return out, len(all) - n
		}
		row := DuplicateCommon{Text: duplicateNoun(c.Reason) + ": " + c.Text, N: c.N}
		if c.Reason == mainstay.DuplicateName {
			row.URL = "/organizations?" + url.Values{"q": {query.All().With(query.Term{Op: query.Words, Values: []string{c.Text}}).String()}}.Encode()
		}
		out = append(out, row)
	}
	return out, 0
}

// markNotSame keeps that the two of the address are not the same.
func (s *Web) markNotSame(w http.ResponseWriter, r *http.Request) error {
	return s.tellPair(w, r, flashApart, s.Changes.MarkNotSame)
}

// lookAgain is the way back from markNotSame.
func (s *Web) lookAgain(w http.ResponseWriter, r *http.Request) error {
	return s.tellPair(w, r, flashAgain, s.Changes.LookAgain)
}

// tellPair does something with the pair of the address and goes back to where
// the person was, with the next pair in sight.
func (s *Web) tellPair(w http.ResponseWriter, r *http.Request, code flashCode, do func(context.Context, mainstay.Actor, mainstay.ItemID, mainstay.ItemID) error) error {
	if err := form(r); err != nil {
		return err
	}
	a, err := pathID(r, "a")
	if err != nil {
		return err
	}
	b, err := pathID(r, "b")
	if err != nil {
		return err
	}
	if err := do(r.Context(), auth.Actor(r.Context()), mainstay.ItemID(a), mainstay.ItemID(b)); err != nil {
		return err
	}
	withFlash(w, flash{Code: code, N: int(a), ID: b})
	return redirect(w, r, duplicatesBack(r.PostForm.Get("back"), r.PostForm.Get("next")))
}

// duplicatesBack is the address of the page that a form came from, at a card of
// it; anything else that a form may say leads to the page without filters.
func duplicatesBack(back, next string) string {
	to := auth.SafeNext(back)
	if path, _, _ := strings.Cut(to, "?"); path != duplicatesBase {
		to = duplicatesBase
	}
	parts := strings.Split(next, "-")
	numbers := len(parts) == 3 && parts[0] == "pair" && !slices.ContainsFunc(parts[1:], func(s string) bool {
		_, err := strconv.ParseUint(s, 10, 63)
		return err != nil
	})
	if numbers {
		to += "#" + next
	}
	return to
}
