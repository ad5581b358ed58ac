// Package query is the filter language of lists, plans and the command line:
// text in, a checked tree out.
//
//	sync status: orphaned type: Prospect, Lead -has: passwords updated: >90d acme
//
// Terms are joined by AND, the values of one term by OR. A leading minus
// negates. Words without a key search names. Text that does not parse gives an
// *Error and a Query that matches nothing, so a slip can never widen a selection.
// The package knows no nouns: the caller hands in a Vocabulary.
package query

import (
	"slices"
	"strings"
	"unicode"
)

// MaxText is the longest query, in bytes, as typed and in its canonical form.
const MaxText = 2000

// MaxTerms is the largest number of terms of one query.
const MaxTerms = 30

// Op says how a term compares.
type Op string

// The comparisons. None is the zero value and matches nothing; whoever turns a
// term into a condition treats an Op it does not know the same way.
const (
	None    Op = ""
	Words   Op = "words"   // the name contains Values[0]; Key is empty
	In      Op = "in"      // equal to one of Values
	Gt      Op = "gt"      // greater than Low; older than Low where Low is an age
	Lt      Op = "lt"      // less than High; younger than High where High is an age
	Between Op = "between" // from Low to High, both included
)

// Term is one condition. Key and Values are spelled as the Vocabulary spells them.
type Term struct {
	Not    bool
	Key    string
	Op     Op
	Values []string // for Words exactly one, for In at least one
	Low    string   // for Gt and Between
	High   string   // for Lt and Between
}

// Query is a list of terms that must all hold. Only Parse, All and the methods
// of a Query make one that can match anything; the zero Query matches nothing.
type Query struct {
	terms  []Term
	parsed bool
}

// All returns the query without terms, which matches every item.
func All() Query { return Query{parsed: true} }

// Nothing reports whether the query is the zero Query, which matches no item.
func (q Query) Nothing() bool { return !q.parsed }

// Terms returns the conditions in the order in which they were typed. The zero
// Query has one term whose Op is None, so a caller that only walks the terms
// selects nothing.
func (q Query) Terms() []Term {
	if !q.parsed {
		return []Term{{Op: None}}
	}
	return slices.Clone(q.terms)
}

// Equal reports whether both queries have the same terms in the same order.
func (q Query) Equal(other Query) bool {
	return q.parsed == other.parsed && slices.EqualFunc(q.terms, other.terms, Term.Equal)
}

// Equal reports whether both terms say the same.
func (t Term) Equal(other Term) bool {
	return t.Not == other.Not && t.Key == other.Key && t.Op == other.Op &&
		t.Low == other.Low && t.High == other.High && slices.Equal(t.Values, other.Values)
}

// With returns the query with one more condition; a condition that is there
// already is not repeated. A malformed term gives the Query that matches nothing.
func (q Query) With(t Term) Query {
	if !q.parsed || !t.wellFormed() {
		return Query{}
	}
	if slices.ContainsFunc(q.terms, t.Equal) {
		return q
	}
	return Query{terms: append(slices.Clone(q.terms), t), parsed: true}
}

// Without returns the query without its term i, counted from 0 as in Terms. An
// index outside of the terms gives the Query that matches nothing.
func (q Query) Without(i int) Query {
	if !q.parsed || i < 0 || i >= len(q.terms) {
		return Query{}
	}
	return Query{terms: slices.Delete(slices.Clone(q.terms), i, i+1), parsed: true}
}

func (t Term) wellFormed() bool {
	if (t.Key == "") != (t.Op == Words) {
		return false
	}
	switch t.Op {
	case Words:
		return len(t.Values) == 1 && t.Values[0] != "" && t.Low == "" && t.High == ""
	case In:
		return len(t.Values) > 0 && t.Low == "" && t.High == ""
	case Gt:
		return t.Low != "" && t.High == "" && len(t.Values) == 0
	case Lt:
		return t.High != "" && t.Low == "" && len(t.Values) == 0
	case Between:
		return t.Low != "" && t.High != "" && len(t.Values) == 0
	}
	return false
}

// String returns the canonical text: parsing it again gives an equal query. The
// zero Query gives a text that never parses.
func (q Query) String() string {
	if !q.parsed {
		return ":"
	}
	var b strings.Builder
	for i, t := range q.terms {
		if i > 0 {
			b.WriteByte(' ')
		}
		if t.Op == Words && q.besideKey(i) {
			// A bare word here could be read as part of the key or the value beside it.
			b.WriteString(minus(t.Not) + quote(t.Values[0]))
			continue
		}
		b.WriteString(t.String())
	}
	return b.String()
}

func (q Query) besideKey(i int) bool {
	return (i > 0 && q.terms[i-1].Op != Words) || (i+1 < len(q.terms) && q.terms[i+1].Op != Words)
}

// String returns the term as it is written on a chip and, for a term with a
// key, in the query.
func (t Term) String() string {
	s := minus(t.Not)
	switch t.Op {
	case Words:
		return s + bareOrQuoted(t.Values[0])
	case In:
		vs := make([]string, len(t.Values))
		for i, v := range t.Values {
			vs[i] = bareOrQuoted(v)
		}
		return s + t.Key + ": " + strings.Join(vs, ", ")
	case Gt:
		return s + t.Key + ": >" + t.Low
	case Lt:
		return s + t.Key + ": <" + t.High
	case Between:
		return s + t.Key + ": " + t.Low + ".." + t.High
	}
	return ":"
}

func minus(not bool) string {
	if not {
		return "-"
	}
	return ""
}

// bareOrQuoted quotes every value that is not plainly one word.
func bareOrQuoted(v string) string {
	bare := v != "" && v[0] != '-' && !strings.Contains(v, "..")
	for _, r := range v {
		bare = bare && (unicode.IsLetter(r) || unicode.IsDigit(r) || strings.ContainsRune("._-@/&+'#", r))
	}
	if bare {
		return v
	}
	return quote(v)
}

func quote(v string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(v) + `"`
}
