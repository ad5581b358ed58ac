package web

import (
	"net/url"
	"slices"
	"strings"

	"mainstay"
	"mainstay/internal/query"
	"mainstay/internal/store"
)

// queryProblem is the sentence of a query that does not parse, without the end
// that the page adds itself.
func queryProblem(err error) string {
	return strings.TrimSuffix(mainstay.SafeMessage(err), " Nothing is selected.")
}

// stateWord is how the filter language names a sync state.
func stateWord(s mainstay.SyncState) string {
	if s == mainstay.NotLinked {
		return "not linked"
	}
	return string(s)
}

// stateTerm is the condition for one sync state.
func stateTerm(s mainstay.SyncState) query.Term {
	return query.Term{Key: "sync status", Op: query.In, Values: []string{stateWord(s)}}
}

// stateQuery is the query for one sync state.
func stateQuery(s mainstay.SyncState) string { return query.All().With(stateTerm(s)).String() }

// tabs are All and one per sync state, with the numbers.
func (l listSpec) tabs(q query.Query) []Tab {
	if l.States == nil || !l.Kind.Syncs {
		return nil
	}
	total := 0
	var tabs []Tab
	for _, s := range mainstay.SyncStates() {
		n := l.States[s]
		total += n
		one := query.All().With(stateTerm(s))
		tabs = append(tabs, Tab{Label: s.Label(), Icon: syncIcon(s), URL: l.url(one.String(), l.Sort, ""), Count: n, HasCount: true, Current: q.Equal(one)})
	}
	all := Tab{Label: "All", URL: l.url("", l.Sort, ""), Count: total, HasCount: true, Current: q.Equal(query.All())}
	return append([]Tab{all}, tabs...)
}

// chips are the conditions of the query, each with the address of the list
// without it.
func (l listSpec) chips(q query.Query) []Chip {
	var out []Chip
	for i, term := range q.Terms() {
		c := Chip{Key: term.Key, Remove: l.url(q.Without(i).String(), l.Sort, "")}
		if c.Key == "" {
			c.Key = "name"
		}
		bare := term
		bare.Not = false
		c.Value = strings.TrimPrefix(bare.String(), bare.Key+": ")
		if term.Not {
			c.Value = "not " + c.Value
		}
		out = append(out, c)
	}
	return out
}

// chipAdds offers the filters that people use most and that the query lacks.
func chipAdds(f store.Filter) []ChipAdd {
	var out []ChipAdd
	for _, key := range f.Words().Keys {
		offered := slices.Contains([]string{"sync status", "type", "status", "reason", "only here", "updated"}, key.Name)
		used := slices.ContainsFunc(f.Query.Terms(), func(t query.Term) bool { return t.Key == key.Name })
		if offered && !used {
			out = append(out, ChipAdd{Label: capital(key.Name), Insert: key.Name + ":"})
		}
	}
	return out
}

// facets narrow the list of orphans by their reason, and that of items without a
// link to those that people disconnected.
func (l listSpec) facets(q query.Query) (string, []Facet) {
	if l.Tallies != nil && q.Equal(query.All().With(stateTerm(mainstay.NotLinked))) {
		return l.endedFacet()
	}
	if l.Tallies == nil || !q.Equal(query.All().With(stateTerm(mainstay.Orphaned))) {
		return "", nil
	}
	n := map[mainstay.Reason]int{}
	for _, y := range l.Tallies {
		if y.Kind == l.Kind.Name && y.Sync == mainstay.Orphaned {
			n[y.Reason] += y.N
		}
	}
	var out []Facet
	for _, reason := range mainstay.Reasons() {
		if n[reason] > 0 {
			narrow := q.With(query.Term{Key: "reason", Op: query.In, Values: []string{string(reason)}})
			out = append(out, Facet{Label: reason.Label(), Count: n[reason], URL: l.url(narrow.String(), l.Sort, "")})
		}
	}
	return "Why they're orphaned", out
}

// endedFacet narrows to the items that people disconnected.
func (l listSpec) endedFacet() (string, []Facet) {
	n := 0
	for _, y := range l.Tallies {
		if y.Kind == l.Kind.Name && y.Sync == mainstay.NotLinked && y.Reason == mainstay.ReasonDisconnected {
			n += y.N
		}
	}
	if n == 0 {
		return "", nil
	}
	narrow := query.All().With(query.Term{Key: "sync status", Op: query.In, Values: []string{store.WordDisconnected}})
	return "Why they're not linked", []Facet{{Label: mainstay.ReasonDisconnected.Label(), Icon: "unlink", Count: n, URL: l.url(narrow.String(), l.Sort, "")}}
}

// empty says what to do about a list without rows.
func (l listSpec) empty(p Page, f store.Filter) *Empty {
	k := l.Kind
	if len(f.Query.Terms()) > 0 {
		if f.Query.Equal(query.All().With(stateTerm(mainstay.Orphaned))) {
			return &Empty{Icon: "plug-connected", Title: "No orphaned " + k.Plural + ".", Text: "Everything here matches your sync settings." + checkedText(p, f.Integrations()), Links: []Link{{"Show all", l.Base}}}
		}
		e := &Empty{Icon: "zoom-exclamation", Title: "No " + k.Label + " matches.", Text: "Remove a filter, or look for something else.", Links: []Link{{"Clear the filter", l.Base}}}
		if k.Syncs {
			e.Text = "Remove a filter, or find out why it isn't here."
			e.Links = append(e.Links, Link{"Why isn't it here?", "/" + k.Plural + "/why?" + url.Values{"q": {l.Query}}.Encode()})
		}
		return e
	}
	e := &Empty{Icon: k.Icon, Title: "No " + k.Plural + " yet."}
	if to := newURL(p, k, l); to != "" {
		e.Links = []Link{{"New " + k.Label, to}}
	}
	if k.Syncs && len(f.Integrations()) == 0 && p.May(mainstay.EditConnections) {
		e.Title, e.Text = "Connect your PSA first.", "You choose what syncs before anything is added."
		e.Links = append([]Link{{"Add integration", "/account/integrations"}}, e.Links...)
	}
	return e
}

// checkedText says when the last full sync looked.
func checkedText(p Page, all []mainstay.Integration) string {
	var last mainstay.Time
	for _, i := range all {
		last = max(last, i.LastFull)
	}
	if last == 0 {
		return ""
	}
	return " Checked " + p.ago(last) + "."
}
