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

// How many results of each kind are shown, and how many names a box proposes.
const (
	paletteRows = 5
	searchRows  = 25
	nameRows    = 10
)

// search is the full result of a search over all kinds.
func (s *Web) search(w http.ResponseWriter, r *http.Request) error {
	p := SearchPage{Query: r.URL.Query().Get("q")}
	err := s.Store.Read(r.Context(), func(t *store.Tx) error {
		var err error
		if p.Page, err = s.page(r, t, Page{Title: "Search", Crumbs: []Crumb{{Label: "Search"}}}); err != nil {
			return err
		}
		p.Groups, err = found(r.Context(), t, p.Query, searchRows)
		if err == nil && len(p.Groups) == 0 {
			p.Trash, err = inTrash(r.Context(), t, p.Page, p.Query)
		}
		return err
	})
	if err != nil {
		return err
	}
	return s.show(w, r, searchView(p), nil)
}

// found looks for names over all kinds, in a fixed number of queries.
func found(ctx context.Context, t *store.Tx, text string, limit int) ([]SearchGroup, error) {
	if len(text) > query.MaxText {
		return nil, mainstay.Errorf(mainstay.TooLarge, "The search is longer than %s characters.", num(query.MaxText))
	}
	items, err := t.Search(ctx, auth.Actor(ctx), text, limit)
	if err != nil || len(items) == 0 {
		return nil, err
	}
	var ids []mainstay.ItemID
	for _, i := range items {
		ids = append(ids, i.OrganizationID)
	}
	names, err := t.NamesByID(ctx, ids)
	return resultGroups(items, names), err
}

// inTrash leads to the deleted items of a name, for a search that finds no other;
// it is empty where there are none, or this person may not look.
func inTrash(ctx context.Context, t *store.Tx, p Page, words string) (Link, error) {
	words = strings.TrimSpace(words)
	if words == "" || !p.May(mainstay.UseTrash) {
		return Link{}, nil
	}
	n, err := t.CountTrash(ctx, p.Actor, store.TrashFilter{Words: words})
	if err != nil || n == 0 {
		return Link{}, err
	}
	return Link{num(n) + " in Trash: look there", trashSearchURL(words)}, nil
}

// suggest answers the palette: recent records and commands while nothing is
// typed, commands after a ">", and else records, then commands.
func (s *Web) suggest(w http.ResponseWriter, r *http.Request) error {
	text := strings.TrimSpace(r.URL.Query().Get("q"))
	p := s.bare(r, Page{})
	var groups []SearchGroup
	command, only := strings.CutPrefix(text, ">")
	var integrations []mainstay.Integration
	if p.May(mainstay.ManageSync) && strings.TrimSpace(command) != "" {
		err := s.Store.Read(r.Context(), func(t *store.Tx) (err error) {
			integrations, err = t.Integrations(r.Context())
			return err
		})
		if err != nil {
			return err
		}
	}
	if !only {
		err := s.Store.Read(r.Context(), func(t *store.Tx) error {
			var err error
			if text != "" {
				if groups, err = found(r.Context(), t, text, paletteRows); err != nil || len(groups) > 0 {
					return err
				}
				there, err := inTrash(r.Context(), t, p, text)
				if there.URL != "" {
					groups = []SearchGroup{{Label: "In Trash", Results: []SearchResult{{Icon: "trash", Label: there.Label, URL: there.URL}}}}
				}
				return err
			}
			last, err := recentResults(r.Context(), t, r)
			if len(last) > 0 {
				groups = []SearchGroup{{Label: "Recent", Results: last}}
			}
			return err
		})
		if err != nil {
			return err
		}
	}
	if cs := p.commandsFor(command, integrations); len(cs) > 0 {
		groups = append(groups, SearchGroup{Label: "Commands", Results: cs})
	}
	return s.write(w, r, http.StatusOK, searchResults(groups))
}

// commandsFor are the commands of this person whose label contains each word of
// a text.
func (p Page) commandsFor(text string, integrations []mainstay.Integration) []SearchResult {
	var out []SearchResult
	for _, c := range append(p.commands(), p.tasks(integrations)...) {
		label := strings.ToLower(c.Label)
		if !slices.ContainsFunc(strings.Fields(strings.ToLower(text)), func(word string) bool { return !strings.Contains(label, word) }) {
			out = append(out, c)
		}
	}
	return out
}

// commands are the places to go and the things to make that this person may use.
func (p Page) commands() []SearchResult {
	keys := map[string][]string{"/": {"g", "d"}, "/organizations": {"g", "o"}, "/account/integrations": {"g", "i"}, "/jobs": {"g", "j"}, "/trash": {"g", "t"}}
	var out []SearchResult
	for _, n := range append(append(p.records(), p.work()...), p.account()...) {
		out = append(out, SearchResult{Icon: n.Icon, Label: "Go to " + n.Label, URL: n.URL, Keys: keys[n.URL]})
		if n.Key == mainstay.Organization.Plural {
			to := "/organizations?" + url.Values{"q": {stateQuery(mainstay.Orphaned)}}.Encode()
			out = append(out, SearchResult{Icon: "plug", Label: "Orphaned organizations", URL: to, Keys: []string{"g", "u"}})
			if p.May(mainstay.MergeOrgs) {
				out = append(out, SearchResult{Icon: "git-compare", Label: "Duplicate organizations", URL: duplicatesBase})
			}
		}
	}
	for _, k := range mainstay.Kinds() {
		if to := newURL(p, k, listSpec{}); to != "" {
			out = append(out, SearchResult{Icon: "plus", Label: "New " + k.Label, URL: to})
		}
	}
	out = append(out, SearchResult{Icon: "help", Label: "Help: step by step through every clean-up", URL: helpURL})
	return append(out, SearchResult{Icon: "keyboard", Label: "Keyboard shortcuts", URL: "/help/shortcuts", Keys: []string{"?"}},
		SearchResult{Icon: "user", Label: "Your account", URL: "/me"})
}

// complete proposes how to go on with a query.
func (s *Web) complete(w http.ResponseWriter, r *http.Request) error {
	in := r.URL.Query()
	k, err := mainstay.KindNamed(in.Get("kind"))
	if err != nil {
		return err
	}
	text := in.Get("q")
	var out []Suggestion
	if len(text) > query.MaxText {
		return s.write(w, r, http.StatusOK, completions(nil))
	}
	err = s.Store.Read(r.Context(), func(t *store.Tx) error {
		f, err := t.Filter(r.Context(), k, "", 0)
		if err != nil {
			return err
		}
		tallies, err := t.Tallies(r.Context(), auth.Actor(r.Context()))
		if err != nil {
			return err
		}
		for _, g := range query.Complete(text, len(text), f.Words()) {
			out = append(out, Suggestion{Text: text[:g.Start] + g.Text + text[g.End:], Label: suggestionLabel(g), Count: valueCount(tallies, f, g)})
		}
		return nil
	})
	if err != nil {
		return err
	}
	return s.write(w, r, http.StatusOK, completions(out))
}

func suggestionLabel(g query.Suggestion) string {
	if g.IsValue || g.Help == "" {
		return ""
	}
	return g.Help
}

// valueCount is how many items have a proposed value, or -1 where the kept
// numbers don't tell.
func valueCount(tallies []store.Tally, f store.Filter, g query.Suggestion) int {
	if !g.IsValue {
		return -1
	}
	var hit func(y store.Tally) bool
	among := func(ids []mainstay.LabelID, of func(store.Tally) mainstay.LabelID) func(store.Tally) bool {
		return func(y store.Tally) bool {
			for _, id := range ids {
				if of(y) == id {
					return true
				}
			}
			return false
		}
	}
	switch g.Key {
	case "sync status":
		hit = func(y store.Tally) bool { return stateWord(y.Sync) == g.Label }
	case "reason":
		hit = func(y store.Tally) bool { return string(y.Reason) == g.Label }
	case "type":
		hit = among(f.LabelIDs(mainstay.TypeAxis, g.Label), func(y store.Tally) mainstay.LabelID { return y.TypeID })
	case "status":
		hit = among(f.LabelIDs(mainstay.StatusAxis, g.Label), func(y store.Tally) mainstay.LabelID { return y.StatusID })
	default:
		return -1
	}
	n := 0
	for _, y := range tallies {
		if y.Kind == f.Kind && hit(y) {
			n += y.N
		}
	}
	return n
}

// names proposes items of one kind for a box in which a person types a name.
// The text is the first value of the address other than the kind.
func (s *Web) names(w http.ResponseWriter, r *http.Request) error {
	in := r.URL.Query()
	k, err := mainstay.KindNamed(in.Get("kind"))
	if err != nil {
		return err
	}
	text := ""
	for name := range in {
		if name != "kind" {
			text = in.Get(name)
		}
	}
	var out []Suggestion
	if len(text) > mainstay.MaxName*4 {
		return s.write(w, r, http.StatusOK, completions(nil))
	}
	err = s.Store.Read(r.Context(), func(t *store.Tx) error {
		items, err := t.SearchKind(r.Context(), auth.Actor(r.Context()), k, text, nameRows)
		out = nameSuggestions(items)
		return err
	})
	if err != nil {
		return err
	}
	return s.write(w, r, http.StatusOK, completions(out))
}

// nameSuggestions writes names; where two are the same the id tells them apart.
func nameSuggestions(items []mainstay.Item) []Suggestion {
	same := map[string]int{}
	for _, i := range items {
		same[mainstay.SearchKey(i.Name)]++
	}
	var out []Suggestion
	for _, i := range items {
		text := i.Name
		if same[mainstay.SearchKey(i.Name)] > 1 {
			text = i.Name + " #" + strconv.FormatInt(int64(i.ID), 10)
		}
		out = append(out, Suggestion{Text: text, Count: -1})
	}
	return out
}
