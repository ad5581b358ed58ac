package query

import "strings"

// index finds keys and values of a Vocabulary by their folded names.
type index struct {
	vocabulary Vocabulary
	keys       map[string]*Key
	longest    int // words of the longest key
	values     map[*Key]map[string]*Value
}

func newIndex(v Vocabulary) *index {
	x := &index{vocabulary: v, keys: map[string]*Key{}, values: map[*Key]map[string]*Value{}}
	for i := range v.Keys {
		x.addKey(v.Keys[i].Name, &v.Keys[i])
	}
	for i := range v.Keys {
		for _, a := range v.Keys[i].Aliases {
			x.addKey(a, &v.Keys[i])
		}
	}
	return x
}

func (x *index) addKey(name string, k *Key) {
	name = foldKey(name)
	if x.keys[name] == nil && name != "" {
		x.keys[name] = k
		x.longest = max(x.longest, strings.Count(name, " ")+1)
	}
}

// key returns the key with a name or alias, or nil.
func (x *index) key(name string) *Key { return x.keys[foldKey(name)] }

// value returns the value of a Choice key with a name or alias, or nil.
func (x *index) value(k *Key, name string) *Value {
	known := x.values[k]
	if known == nil {
		known = map[string]*Value{}
		for i := range k.Values {
			addValue(known, k.Values[i].Name, &k.Values[i])
		}
		for i := range k.Values {
			for _, a := range k.Values[i].Aliases {
				addValue(known, a, &k.Values[i])
			}
		}
		x.values[k] = known
	}
	return known[fold(name)]
}

func addValue(known map[string]*Value, name string, v *Value) {
	if name = fold(name); known[name] == nil {
		known[name] = v
	}
}

// keyStart returns where the longest known key that ends before the colon
// starts, at from or later, or -1 where no key is known. A word with a leading
// minus can only be the first of a key.
func (x *index) keyStart(tokens []token, from, colon int) int {
	found := -1
	for s := colon - 1; s >= from && s >= colon-x.longest; s-- {
		if x.key(joined(tokens[s:colon])) != nil {
			found = s
		}
		if strings.HasPrefix(tokens[s].text, "-") {
			break
		}
	}
	return found
}
