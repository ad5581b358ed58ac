package query

import "strings"

// Type says which values a key takes.
type Type int

// The types of values.
const (
	Choice Type = iota // one of Key.Values
	Free               // any text
	Number             // 5, >5, <5, 1..9, and the words none and any
	Date               // 2026-06-12, >2026-06-12, 7d, >90d, 3mo..7d
)

// The words that every Number key takes: exactly zero, and more than zero.
const (
	NoneWord = "none"
	AnyWord  = "any"
)

// Value is one allowed value of a Choice key.
type Value struct {
	Name    string   // as it is shown and as Term.Values has it
	Aliases []string // also accepted
}

// Key is one filter.
type Key struct {
	Name    string // lower case, words separated by single spaces: "sync status"
	Aliases []string
	Type    Type
	Values  []Value // for Choice
	Help    string  // a few words for the list of filters; may be empty
}

// Vocabulary is every filter that a list offers. Names and aliases are matched
// without regard to case, and a hyphen or an underscore in a typed key counts as
// a space. Where two keys or two values share a name, the first wins.
type Vocabulary struct {
	Keys []Key
}

// YesNo returns the values of a key that is on or off.
func YesNo() []Value {
	return []Value{{Name: "yes", Aliases: []string{"true", "on"}}, {Name: "no", Aliases: []string{"false", "off"}}}
}

// Names returns values without aliases.
func Names(names ...string) []Value {
	out := make([]Value, len(names))
	for i, n := range names {
		out[i] = Value{Name: n}
	}
	return out
}

func (v Vocabulary) keyNames() []string {
	var out []string
	for _, k := range v.Keys {
		out = append(out, k.Name)
		out = append(out, k.Aliases...)
	}
	return out
}

func (k *Key) valueNames() []string {
	out := make([]string, len(k.Values))
	for i, v := range k.Values {
		out[i] = v.Name
	}
	return out
}

// fold makes texts comparable: lower case, single spaces.
func fold(s string) string {
	return strings.Join(strings.Fields(strings.ToLower(s)), " ")
}

func foldKey(s string) string {
	return fold(strings.NewReplacer("_", " ", "-", " ").Replace(s))
}
