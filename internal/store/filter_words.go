package store

import (
	"slices"

	"mainstay"
	"mainstay/internal/query"
)

// Labels returns the types and statuses of all kinds as they were when the
// filter was made, so that a page needs to read them only once.
func (f *Filter) Labels() []mainstay.Label { return f.labels }

// Integrations returns the connections as they were when the filter was made.
func (f *Filter) Integrations() []mainstay.Integration { return f.integrations }

// Words returns the filters that the kind's list offers. A Filter that came
// with an error has none.
func (f *Filter) Words() query.Vocabulary {
	k, err := mainstay.KindNamed(string(f.Kind))
	if err != nil {
		return query.Vocabulary{}
	}
	return f.vocabulary(k)
}

// With returns the filter with another query, which must come from the same
// vocabulary.
func (f Filter) With(q query.Query) Filter {
	f.Query = q
	return f
}

// Orphans reports whether the filter is narrowed to what is orphaned.
func (f *Filter) Orphans() bool {
	return slices.ContainsFunc(f.Query.Terms(), func(t query.Term) bool {
		return t.Key == keySync && t.Op == query.In && !t.Not && len(t.Values) == 1 && t.Values[0] == string(mainstay.Orphaned)
	})
}

// LabelIDs returns the ids of the kind's labels with a name, compared without
// regard to case; "none" is the id 0.
func (f *Filter) LabelIDs(axis mainstay.Axis, name string) []mainstay.LabelID {
	return f.labelIDs(axis, []string{name})
}
