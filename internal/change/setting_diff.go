package change

import (
	"slices"
	"strings"

	"mainstay"
)

// settingsDiff says in sentences which boxes of sync settings changed: the types
// whose boxes were ticked or unticked, and where only some statuses of a type
// were, so. It is empty where none changed.
func settingsDiff(before, after mainstay.Settings, labels *Labels) string {
	var out []string
	for _, k := range []*mainstay.Kind{&mainstay.Organization, &mainstay.Configuration} {
		was, is := before.Pairs(k.Name), after.Pairs(k.Name)
		for _, d := range []struct {
			verb     string
			from, to map[mainstay.Pair]bool
		}{{"Ticked", is, was}, {"Unticked", was, is}} {
			if names := typesOnlyIn(k, d.from, d.to, labels); len(names) > 0 {
				out = append(out, d.verb+" "+k.Plural+" of type "+strings.Join(names, ", "))
			}
		}
	}
	for _, d := range []struct {
		name    string
		was, is bool
	}{{mainstay.Contact.Plural, before.Contacts, after.Contacts}, {mainstay.Location.Plural, before.Locations, after.Locations}} {
		switch {
		case d.is && !d.was:
			out = append(out, "Switched on "+d.name)
		case d.was && !d.is:
			out = append(out, "Switched off "+d.name)
		}
	}
	if before.Interval != after.Interval {
		out = append(out, "Changed the schedule")
	}
	return sentences(out...)
}

// Unticks reports whether the detail of a change of sync settings says that one of
// the types, or the switch of the kind, was taken out: by a person, or by a plan.
func Unticks(detail string, k *mainstay.Kind, types []string) bool {
	for s := range strings.SplitSeq(detail, ". ") {
		if s == "Switched off "+k.Plural {
			return true
		}
		var named []string
		if names, ok := strings.CutPrefix(s, "Unticked "+k.Plural+" of type "); ok {
			named = strings.Split(names, ", ")
		} else if name, _, ok := strings.Cut(s, " was unticked by plan "); ok {
			named = []string{name}
		}
		for _, n := range named {
			if n = strings.TrimSuffix(n, partlyWord); n == mainstay.Capitalized(k.Plural) || slices.Contains(types, n) {
				return true
			}
		}
	}
	return false
}

// partlyWord follows the name of a type of which only some statuses changed.
const partlyWord = " (some statuses)"

// sentences joins those that are not empty.
func sentences(all ...string) string {
	return strings.Join(slices.DeleteFunc(slices.Clone(all), func(s string) bool { return s == "" }), ". ")
}

// typesOnlyIn names the types of the pairs that one set has and another lacks.
func typesOnlyIn(k *mainstay.Kind, has, lacks map[mainstay.Pair]bool, labels *Labels) []string {
	partly := map[string]bool{}
	for p, ticked := range has {
		if ticked && !lacks[p] {
			partly[p.Type] = false
		}
	}
	for p := range has {
		// A type of which both have a box changed in some statuses only.
		if _, changed := partly[p.Type]; changed && has[p] && lacks[p] {
			partly[p.Type] = true
		}
	}
	var names []string
	for id, some := range partly {
		name := labels.Name(k.Name, mainstay.TypeAxis, id)
		if some {
			name += partlyWord
		}
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}
