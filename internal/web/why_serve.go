package web

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"mainstay"
	"mainstay/internal/query"
	"mainstay/internal/store"
)

// whyRows is how many examples an answer names.
const whyRows = 3

// why answers "why isn't it here?" for a query that found nothing.
func (s *Web) why(w http.ResponseWriter, r *http.Request, k *mainstay.Kind) error {
	if !k.Syncs {
		return errMissing()
	}
	q := r.URL.Query().Get("q")
	p := WhyPage{Kind: k, Query: q, Back: listSpec{Base: "/" + k.Plural}.url(q, store.ByName, "")}
	err := s.Store.Read(r.Context(), func(t *store.Tx) error {
		var err error
		p.Page, err = s.page(r, t, Page{Title: "Why isn't it here?", Active: k.Plural, Crumbs: []Crumb{{Label: capital(k.Plural), URL: "/" + k.Plural}, {Label: "Why isn't it here?"}}})
		if err != nil {
			return err
		}
		f, err := t.Filter(r.Context(), k, q, 0)
		if mainstay.KindOf(err) == mainstay.Invalid {
			p.Answers = []Note{{Tone: "amber", Lead: "The filter has a slip.", Text: mainstay.SafeMessage(err)}}
			return nil
		}
		if err != nil {
			return err
		}
		p.Answers, err = whyAnswers(r.Context(), t, p.Page, k, f)
		return err
	})
	if err != nil {
		return err
	}
	return s.show(w, r, whyView(p), nil)
}

// whyLook looks for one reason why a record is out of a list.
type whyLook = func(ctx context.Context, t *store.Tx, p Page, k *mainstay.Kind, f store.Filter, words string) ([]Note, error)

// whyAnswers looks at everything that keeps a record out of a list, the most
// likely first.
func whyAnswers(ctx context.Context, t *store.Tx, p Page, k *mainstay.Kind, f store.Filter) ([]Note, error) {
	words, bare := plainWords(f.Query)
	merges, names, err := whyMerges(ctx, t, p, k, words)
	if err != nil {
		return nil, err
	}
	var out []Note
	for _, look := range []whyLook{whyFilter(bare), whyMerged(merges, names), whyTrash(merges, words), whyScope(merges), whyProblems, whyAccess} {
		notes, err := look(ctx, t, p, k, f, words)
		if err != nil {
			return nil, err
		}
		out = append(out, notes...)
	}
	out = append(out, whySettings(p, k, f.Integrations())...)
	if len(out) == 0 {
		out = []Note{{Lead: "No sync has seen it.", Text: "Check the spelling, and whether the record is in the PSA at all. A record that was added there a moment ago arrives with the next sync."}}
	}
	return out, nil
}

// plainWords splits a query into its plain words and the query that holds only them.
func plainWords(q query.Query) (string, query.Query) {
	bare := query.All()
	var words []string
	for _, term := range q.Terms() {
		if term.Op == query.Words && !term.Not {
			words = append(words, term.Values[0])
			bare = bare.With(term)
		}
	}
	return strings.Join(words, " "), bare
}

// whyFilter tells whether only the conditions beside the words keep it out.
func whyFilter(bare query.Query) whyLook {
	return func(ctx context.Context, t *store.Tx, p Page, k *mainstay.Kind, f store.Filter, words string) ([]Note, error) {
		if words == "" || len(bare.Terms()) == len(f.Query.Terms()) {
			return nil, nil
		}
		n, err := t.Count(ctx, p.Actor, f.With(bare))
		if err != nil || n == 0 {
			return nil, err
		}
		to := listSpec{Base: "/" + k.Plural}.url(bare.String(), store.ByName, "")
		return []Note{{Tone: "green", Lead: "The filter leaves it out.", Text: k.Count(n) + " with this name " + isAre(n) + " here without the other conditions.", Link: Link{"Show", to}}}, nil
	}
}

// whyTrash tells whether it was deleted here. What a merge moved there was told.
func whyTrash(merges []mainstay.Plan, words string) whyLook {
	merged := 0
	for _, plan := range merges {
		if named(plan.Params.Merge.SourceName, words) {
			merged++
		}
	}
	return func(ctx context.Context, t *store.Tx, p Page, k *mainstay.Kind, f store.Filter, words string) ([]Note, error) {
		if words == "" {
			return trashedAlike(ctx, t, p, k, f)
		}
		n, err := t.CountTrash(ctx, p.Actor, store.TrashFilter{Kind: k.Name, Words: words})
		if n -= merged; err != nil || n <= 0 {
			return nil, err
		}
		note := Note{Tone: "amber", Icon: "trash", Lead: "It is in Trash.", Text: k.Count(n) + " with this name " + isAre(n) + " there. A deleted record that still syncs stays away until it is restored, or gone for good."}
		if p.May(mainstay.UseTrash) {
			note.Link = Link{"Look in Trash", "/trash?" + url.Values{"q": {words}}.Encode()}
		}
		return []Note{note}, nil
	}
}

// trashedAlike tells whether what the conditions of a query match was deleted here.
func trashedAlike(ctx context.Context, t *store.Tx, p Page, k *mainstay.Kind, f store.Filter) ([]Note, error) {
	if len(f.Query.Terms()) == 0 {
		return nil, nil
	}
	n, err := t.CountTrashed(ctx, p.Actor, f)
	if err != nil || n == 0 {
		return nil, err
	}
	note := Note{Tone: "amber", Icon: "trash", Lead: k.Count(n) + " in Trash.", Text: "What matches this filter was deleted here. It can be restored as it was."}
	if p.May(mainstay.UseTrash) {
		note.Link = Link{"Look in Trash", "/trash"}
	}
	return []Note{note}, nil
}

// whyScope tells whether the PSA has it, but outside of what syncs. Names of
// records without an item belong to no organization here, so only people with
// access to all of them are told.
func whyScope(merges []mainstay.Plan) whyLook {
	return func(ctx context.Context, t *store.Tx, p Page, k *mainstay.Kind, f store.Filter, words string) ([]Note, error) {
		if words == "" || !p.Actor.All {
			return nil, nil
		}
		records, err := t.RecordsNamed(ctx, k.Name, words, whyRows)
		if err != nil {
			return nil, err
		}
		out, records, err := whyEnded(ctx, t, p, k, records, merges)
		for _, r := range records {
			n := Note{Tone: "orange", Lead: r.Name + " is in " + psaName(f.Integrations(), r.IntegrationID) + ", but isn't here.", Text: scopeText(k, r, f)}
			if p.May(mainstay.ManageSync) {
				n.Link = Link{"Sync settings", integrationURL(r.IntegrationID) + "/sync-settings"}
			}
			out = append(out, n)
		}
		return out, err
	}
}

// whyEnded tells which of the records were disconnected or merged, and returns
// the rest. Merges that were told already are left out.
func whyEnded(ctx context.Context, t *store.Tx, p Page, k *mainstay.Kind, records []store.Record, told []mainstay.Plan) (notes []Note, rest []store.Record, err error) {
	for _, r := range records {
		ended, err := t.Tombstones(ctx, r.IntegrationID, k.Name, []string{r.ExternalID})
		if err != nil {
			return nil, nil, err
		}
		s, ok := ended[r.ExternalID]
		switch {
		case !ok:
			rest = append(rest, r)
		case s.Why != mainstay.EndedMerged:
			n := Note{Icon: "unlink", Lead: r.Name + " was disconnected.", Text: "By " + s.Who + ", " + p.ago(s.At) + ". Its record makes no new item, and waits to be matched again once it syncs."}
			if p.May(mainstay.ManageSync) {
				n.Link = Link{"Match again…", matchURL(r.IntegrationID, k) + "&record=" + url.QueryEscape(r.ExternalID)}
			}
			notes = append(notes, n)
		case !slices.ContainsFunc(told, func(plan mainstay.Plan) bool { return plan.ID == s.PlanID }):
			n, err := whyAlias(ctx, t, p, r, s)
			if err != nil {
				return nil, nil, err
			}
			notes = append(notes, n)
		}
	}
	return notes, rest, nil
}

// scopeText says why a record that the PSA has is not here. What its settings
// tick is never called unticked.
func scopeText(k *mainstay.Kind, r store.Record, f store.Filter) string {
	if r.Inactive {
		return "It is inactive there."
	}
	types := externalNames(f.Labels(), r, mainstay.TypeAxis, r.TypeIDs)
	status := externalNames(f.Labels(), r, mainstay.StatusAxis, []string{r.StatusID})
	organization := k.Name == mainstay.Organization.Name
	switch {
	case ticked(k, r, f) && organization:
		return "The sync settings take it, so the next full sync brings it."
	case ticked(k, r, f):
		return "The sync settings take it, but its organization isn't synced."
	case !organization && types == "":
		return "Its organization isn't synced, or " + k.Plural + " are switched off."
	case types == "" && status == "":
		return "It has no type and no status that is synced."
	}
	return "Its type and status (" + join(types, status) + ") aren't ticked in the sync settings."
}

// ticked reports whether the sync settings take a record by its type and status.
func ticked(k *mainstay.Kind, r store.Record, f store.Filter) bool {
	for _, i := range f.Integrations() {
		if i.ID == r.IntegrationID {
			return i.Settings.Syncs(k.Name, r.TypeIDs, r.StatusID)
		}
	}
	return false
}

func psaName(all []mainstay.Integration, id mainstay.IntegrationID) string {
	for _, i := range all {
		if i.ID == id {
			return i.Name
		}
	}
	return "the PSA"
}

// whyProblems tells whether the last sync could not take it over.
func whyProblems(ctx context.Context, t *store.Tx, p Page, k *mainstay.Kind, f store.Filter, words string) ([]Note, error) {
	if words == "" || !p.Actor.All {
		return nil, nil
	}
	var runs []mainstay.RunID
	for _, i := range f.Integrations() {
		if i.LastRun != 0 {
			runs = append(runs, i.LastRun)
		}
	}
	if len(runs) == 0 {
		return nil, nil
	}
	problems, err := t.ProblemsNamed(ctx, runs, k.Name, words, whyRows)
	var out []Note
	for _, b := range problems {
		out = append(out, Note{Tone: "red", Lead: "The last sync could not take over " + b.Name + ".", Text: b.Message})
	}
	return out, err
}

// whyAccess tells a person with access to some organizations that there are more.
func whyAccess(ctx context.Context, t *store.Tx, p Page, k *mainstay.Kind, f store.Filter, _ string) ([]Note, error) {
	if p.Actor.All {
		return nil, nil
	}
	note := Note{Icon: "lock", Lead: "You can open only some organizations.", Text: "It may be in another one. Ask an Administrator."}
	hidden, err := hiddenMatches(ctx, t, p.Actor, f, 0)
	if err == nil && hidden > 0 {
		note.Text = k.Count(hidden) + " that " + matchWord(hidden) + " " + isAre(hidden) + " in organizations you can't open. Ask an Administrator."
	}
	return []Note{note}, err
}

// whySettings tells what the connections leave out as a whole.
func whySettings(p Page, k *mainstay.Kind, all []mainstay.Integration) []Note {
	if len(all) == 0 {
		n := Note{Tone: "amber", Lead: "No PSA is connected.", Text: "Nothing arrives by itself."}
		if p.May(mainstay.EditConnections) {
			n.Link = Link{"Add integration", "/account/integrations"}
		}
		return []Note{n}
	}
	var out []Note
	for _, i := range all {
		n := Note{Tone: "amber"}
		switch pairs := i.Settings.Pairs(k.Name); {
		case i.Paused:
			n.Lead, n.Text = "Syncing of "+i.Name+" is paused.", "By "+i.PausedBy+". Nothing arrives until it is resumed."
		case i.State == mainstay.IntegrationFailed:
			n.Lead, n.Text = "The last sync of "+i.Name+" failed.", "Nothing new arrives until it works again."
		case pairs != nil && len(pairs) == 0:
			n.Lead, n.Text = "No type of "+k.Plural+" is ticked in "+i.Name+".", "Tick the types that should sync."
		case pairs == nil && !i.Settings.Syncs(k.Name, nil, ""):
			n.Lead, n.Text = capital(k.Plural)+" are switched off in "+i.Name+".", "Switch them on in the sync settings."
		default:
			continue
		}
		if p.May(mainstay.ManageSync) {
			n.Link = Link{"Open", integrationURL(i.ID) + "/sync-settings"}
		}
		out = append(out, n)
	}
	return out
}

func isAre(n int) string {
	if n == 1 {
		return "is"
	}
	return "are"
}

func matchWord(n int) string {
	if n == 1 {
		return "matches"
	}
	return "match"
}
