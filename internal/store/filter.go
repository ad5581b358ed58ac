package store

import (
	"context"
	"errors"
	"strconv"
	"strings"
	"time"

	"mainstay"
	"mainstay/internal/query"
)

// Filter is a checked query over the items of one kind.
type Filter struct {
	Kind         mainstay.KindName
	Query        query.Query
	Organization mainstay.ItemID // narrows to the items of one; 0 does not
	labels       []mainstay.Label
	integrations []mainstay.Integration // in use
	removed      []mainstay.Integration // what came from them is found by their name too
}

// The keys of the filter language (ui.md section 5) by their canonical names.
const (
	keySync         = "sync status"
	keyReason       = "reason"
	keyType         = "type"
	keyStatus       = "status"
	keyIntegration  = "integration"
	keyPSAID        = "psa id"
	keyOnlyHere     = "only here"
	keyItems        = "items"
	keyUpdated      = "updated"
	keySince        = "since"
	keyCreated      = "created"
	keyParent       = "parent"
	keyOrganization = "organization"
	keyHas          = "has"
	keyArchived     = "archived"
	keyProtected    = "protected"
	keyLegalHold    = "legal hold"
)

// Vocabulary returns the filters that a kind's list offers, with the types,
// statuses and integrations that exist now.
func (t *Tx) Vocabulary(ctx context.Context, kind *mainstay.Kind) (query.Vocabulary, error) {
	f, err := t.newFilter(ctx, kind)
	return f.vocabulary(kind), err
}

func (t *Tx) newFilter(ctx context.Context, kind *mainstay.Kind) (Filter, error) {
	f := Filter{Kind: kind.Name}
	var err error
	if f.labels, err = t.Labels(ctx); err != nil {
		return f, err
	}
	all, err := t.AllIntegrations(ctx)
	f.integrations, f.removed = InUse(all)
	return f, err
}

// Filter parses a query for the items of a kind. A query that does not parse is
// an Invalid error with the sentence for the person, and the filter beside it
// selects nothing.
func (t *Tx) Filter(ctx context.Context, kind *mainstay.Kind, text string, organization mainstay.ItemID) (Filter, error) {
	f, err := t.newFilter(ctx, kind)
	if err != nil {
		return f, err
	}
	return f.parse(kind, text, organization)
}

// FilterOf is Filter for a caller that has read all labels and AllIntegrations
// already; it asks the database nothing.
func FilterOf(kind *mainstay.Kind, text string, organization mainstay.ItemID, labels []mainstay.Label, all []mainstay.Integration) (Filter, error) {
	f := Filter{Kind: kind.Name, labels: labels}
	f.integrations, f.removed = InUse(all)
	return f.parse(kind, text, organization)
}

func (f Filter) parse(kind *mainstay.Kind, text string, organization mainstay.ItemID) (Filter, error) {
	f.Organization = organization
	var err error
	f.Query, err = query.Parse(text, f.vocabulary(kind))
	var bad *query.Error
	if errors.As(err, &bad) {
		return f, mainstay.Wrap(mainstay.Invalid, err, "%s", bad.Message)
	}
	return f, err
}

func (f *Filter) vocabulary(kind *mainstay.Kind) query.Vocabulary {
	reasons := make([]query.Value, 0, 6)
	for _, r := range mainstay.Reasons() {
		reasons = append(reasons, query.Value{Name: string(r), Aliases: []string{r.Label()}})
	}
	keys := []query.Key{
		{Name: keySync, Aliases: []string{"sync", "psa integration"}, Type: query.Choice, Help: "where it stands towards the PSA", Values: syncValues()},
		{Name: keyReason, Aliases: []string{"why"}, Type: query.Choice, Values: reasons, Help: "why it is orphaned"},
		{Name: keyPSAID, Aliases: []string{"external id"}, Type: query.Free, Help: "its id in the PSA"},
		{Name: keyIntegration, Aliases: []string{"psa"}, Type: query.Choice, Help: "where it came from"},
		{Name: keyOnlyHere, Type: query.Number, Help: "items that exist in no PSA"},
		{Name: keyUpdated, Type: query.Date, Help: "last change"},
		{Name: keySince, Type: query.Date, Help: "in this sync status since"},
		{Name: keyCreated, Type: query.Date, Help: "made or first synced"},
		{Name: keyArchived, Type: query.Choice, Values: query.YesNo()},
		{Name: keyProtected, Type: query.Choice, Values: query.YesNo(), Help: "kept from plans, by itself or with its organization"},
		{Name: keyLegalHold, Type: query.Choice, Values: query.YesNo(), Help: "under a legal hold, by itself or with its organization"},
	}
	keys[3].Values = f.integrationValues()
	if kind.Types {
		keys = append(keys, query.Key{Name: keyType, Type: query.Choice, Values: f.labelValues(kind.Name, mainstay.TypeAxis)})
	}
	if kind.Statuses {
		keys = append(keys, query.Key{Name: keyStatus, Type: query.Choice, Values: f.labelValues(kind.Name, mainstay.StatusAxis)})
	}
	if kind.Name == mainstay.Organization.Name {
		var has []query.Value
		for _, k := range mainstay.Kinds()[1:] {
			has = append(has, query.Value{Name: k.Plural, Aliases: []string{k.Label}})
		}
		keys = append(keys,
			query.Key{Name: keyItems, Type: query.Number, Help: "how many items it holds"},
			query.Key{Name: keyHas, Type: query.Choice, Values: has, Help: "holds items of a kind"},
			query.Key{Name: keyParent, Type: query.Free, Help: "its parent organization"})
	} else {
		keys = append(keys, query.Key{Name: keyOrganization, Aliases: []string{"org"}, Type: query.Free, Help: "in an organization"})
	}
	return query.Vocabulary{Keys: keys}
}

func (f *Filter) labelValues(kind mainstay.KindName, axis mainstay.Axis) []query.Value {
	out := []query.Value{}
	seen := map[string]bool{}
	for _, l := range f.labels {
		if l.Kind == kind && l.Axis == axis && !seen[mainstay.SearchKey(l.Name)] {
			seen[mainstay.SearchKey(l.Name)] = true
			out = append(out, query.Value{Name: l.Name})
		}
	}
	return append(out, query.Value{Name: "none"})
}

// labelIDs returns the ids of the labels with a name; "none" is the id 0.
func (f *Filter) labelIDs(axis mainstay.Axis, names []string) []mainstay.LabelID {
	var ids []mainstay.LabelID
	for _, n := range names {
		found := false
		for _, l := range f.labels {
			if l.Kind == f.Kind && l.Axis == axis && mainstay.SearchKey(l.Name) == mainstay.SearchKey(n) {
				ids = append(ids, l.ID)
				found = true
			}
		}
		if !found && mainstay.SearchKey(n) == "none" {
			ids = append(ids, 0)
		}
	}
	return ids
}

// conditions adds the filter to w, over the item table under the alias i. A
// term that it does not know matches nothing.
func (f *Filter) conditions(w *where, now mainstay.Time) {
	w.add("i.kind = ?", string(f.Kind))
	if f.Organization != 0 {
		w.add("i.organization_id = ?", int64(f.Organization))
	}
	for _, term := range f.Query.Terms() {
		before := len(w.conds)
		f.term(w, term, now)
		if len(w.conds) == before {
			w.conds = append(w.conds, "1 = 0")
			continue
		}
		if term.Not {
			for n := before; n < len(w.conds); n++ {
				w.conds[n] = "NOT (" + w.conds[n] + ")"
			}
		}
	}
}

func text(s string) any { return s }

func labelArg(id mainstay.LabelID) any { return int64(id) }

// term adds exactly one condition for a term that it knows.
func (f *Filter) term(w *where, term query.Term, now mainstay.Time) {
	switch {
	case term.Op == query.Words:
		w.add(`i.name_key LIKE ? ESCAPE '\'`, "%"+escapeLike(mainstay.SearchKey(term.Values[0]))+"%")
	case term.Key == keyUpdated:
		dates(w, w.moment("i.updated_at"), term, now)
	case term.Key == keySince:
		dates(w, "i.since", term, now)
	case term.Key == keyCreated:
		dates(w, "i.created_at", term, now)
	case term.Key == keyOnlyHere && f.Kind == mainstay.Organization.Name:
		numbers(w, "(SELECT count(*) FROM item o WHERE o.organization_id = i.id AND o.only_here)", term,
			"EXISTS (SELECT 1 FROM item o WHERE o.organization_id = i.id AND o.only_here)")
	case term.Key == keyOnlyHere:
		numbers(w, "(CASE WHEN i.only_here THEN 1 ELSE 0 END)", term, "i.only_here")
	case term.Key == keyItems:
		numbers(w, "(SELECT count(*) - 1 FROM item o WHERE o.organization_id = i.id)", term,
			"EXISTS (SELECT 1 FROM item o WHERE o.organization_id = i.id AND o.id <> i.id)")
	case term.Key == keyProtected || term.Key == keyLegalHold:
		kept(w, term.Key == keyLegalHold, term.Values, now)
	case term.Op == query.In:
		f.choice(w, term)
	}
}

func (f *Filter) choice(w *where, term query.Term) {
	vs := term.Values
	switch term.Key {
	case keySync:
		bySync(w, vs)
	case keyReason:
		w.conds = append(w.conds, "i.reason IN "+list(w, vs, text))
	case keyType:
		w.conds = append(w.conds, "i.type_id IN "+list(w, f.labelIDs(mainstay.TypeAxis, vs), labelArg))
	case keyStatus:
		w.conds = append(w.conds, "i.status_id IN "+list(w, f.labelIDs(mainstay.StatusAxis, vs), labelArg))
	case keyPSAID:
		w.conds = append(w.conds, "i.id IN (SELECT r.item_id FROM psa_record r WHERE r.kind = i.kind AND r.external_id IN "+list(w, vs, text)+" AND r.item_id IS NOT NULL)")
	case keyIntegration:
		f.byIntegration(w, vs)
	case keyArchived:
		w.add("i.archived = ?", vs[0] == "yes")
	case keyHas:
		w.conds = append(w.conds, "EXISTS (SELECT 1 FROM item o WHERE o.organization_id = i.id AND o.kind IN "+list(w, vs, kindOf)+")")
	case keyParent:
		w.conds = append(w.conds, "i.parent_id IN (SELECT o.id FROM item o WHERE o.kind = 'organization' AND o.name_key IN "+list(w, vs, searchKey)+")")
	case keyOrganization:
		w.conds = append(w.conds, "i.organization_id IN (SELECT o.id FROM item o WHERE o.kind = 'organization' AND o.name_key IN "+list(w, vs, searchKey)+")")
	}
}

func searchKey(s string) any { return mainstay.SearchKey(s) }

func kindOf(plural string) any {
	k, err := mainstay.KindNamed(plural)
	if err != nil {
		return ""
	}
	return string(k.Name)
}

// escapeLike makes a text match itself in LIKE … ESCAPE '\'.
func escapeLike(s string) string {
	return strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`).Replace(s)
}

// numbers adds a comparison of a counted expression; exists is a quicker way to
// say that the count is above zero.
func numbers(w *where, expr string, term query.Term, exists string) {
	num := func(s string) int64 {
		n, err := strconv.ParseInt(s, 10, 64)
		if err != nil {
			return -1
		}
		return n
	}
	switch term.Op {
	case query.Gt:
		if term.Low == "0" {
			w.conds = append(w.conds, exists)
			return
		}
		w.add(expr+" > ?", num(term.Low))
	case query.Lt:
		w.add(expr+" < ?", num(term.High))
	case query.Between:
		w.add(expr+" BETWEEN ? AND ?", num(term.Low), num(term.High))
	case query.In:
		var ors []string
		for _, v := range term.Values {
			switch v {
			case query.AnyWord:
				ors = append(ors, exists)
			case query.NoneWord:
				ors = append(ors, "NOT ("+exists+")")
			default:
				ors = append(ors, expr+" = "+w.arg(num(v)))
			}
		}
		w.conds = append(w.conds, "("+strings.Join(ors, " OR ")+")")
	}
}

// dates adds a comparison of a moment with a day or an age.
func dates(w *where, column string, term query.Term, now mainstay.Time) {
	switch term.Op {
	case query.Gt: // after a day, or longer ago than an age
		if at, isAge, ok := moment(term.Low, now); ok && isAge {
			w.add(column+" < ?", int64(at))
		} else if ok {
			w.add(column+" >= ?", int64(at.Add(24*time.Hour)))
		}
	case query.Lt: // before a day, or less long ago than an age
		if at, isAge, ok := moment(term.High, now); ok && isAge {
			w.add(column+" > ?", int64(at))
		} else if ok {
			w.add(column+" < ?", int64(at))
		}
	case query.Between:
		low, _, ok1 := moment(term.Low, now)
		high, highAge, ok2 := moment(term.High, now)
		if ok1 && ok2 {
			if !highAge {
				high = high.Add(24*time.Hour - time.Microsecond)
			}
			w.add(column+" BETWEEN ? AND ?", int64(min(low, high)), int64(max(low, high)))
		}
	case query.In:
		var ors []string
		for _, v := range term.Values {
			at, isAge, ok := moment(v, now)
			switch {
			case !ok:
				ors = append(ors, "1 = 0")
			case isAge:
				ors = append(ors, column+" >= "+w.arg(int64(at)))
			default:
				ors = append(ors, "("+column+" >= "+w.arg(int64(at))+" AND "+column+" < "+w.arg(int64(at.Add(24*time.Hour)))+")")
			}
		}
		w.conds = append(w.conds, "("+strings.Join(ors, " OR ")+")")
	}
}

// moment reads a day (its start in UTC) or an age such as 90d, 2w, 3mo, 1y (counted back from now).
func moment(s string, now mainstay.Time) (at mainstay.Time, isAge, ok bool) {
	if day, err := time.Parse("2006-01-02", s); err == nil {
		return mainstay.TimeOf(day), false, true
	}
	for _, u := range []struct {
		suffix string
		back   func(t time.Time, n int) time.Time
	}{
		{"mo", func(t time.Time, n int) time.Time { return t.AddDate(0, -n, 0) }},
		{"y", func(t time.Time, n int) time.Time { return t.AddDate(-n, 0, 0) }},
		{"w", func(t time.Time, n int) time.Time { return t.AddDate(0, 0, -7*n) }},
		{"d", func(t time.Time, n int) time.Time { return t.AddDate(0, 0, -n) }},
		{"h", func(t time.Time, n int) time.Time { return t.Add(-time.Duration(n) * time.Hour) }},
	} {
		if digits, found := strings.CutSuffix(s, u.suffix); found {
			n, err := strconv.Atoi(digits)
			if err != nil || n < 0 || n > 100_000 {
				return 0, true, false
			}
			return mainstay.TimeOf(u.back(now.Std(), n)), true, true
		}
	}
	return 0, false, false
}
