package query

import (
	"fmt"
	"strings"
)

// Error says why a text is no query. Message is a sentence for the person who
// typed it.
type Error struct {
	Pos, End int // the bytes of the text that the message speaks of
	Message  string
	// Suggestion is what may be meant instead of text[Pos:End]; empty for none.
	Suggestion string
}

// Error returns the message.
func (e *Error) Error() string { return e.Message }

// Fix returns text with the suggestion in place of what is wrong, and false
// where there is no suggestion.
func (e *Error) Fix(text string) (string, bool) {
	if e.Suggestion == "" || e.Pos < 0 || e.End > len(text) || e.Pos > e.End {
		return "", false
	}
	return text[:e.Pos] + e.Suggestion + text[e.End:], true
}

func errorAt(pos, end int, format string, args ...any) *Error {
	return &Error{Pos: pos, End: end, Message: fmt.Sprintf(format, args...)}
}

// shown shortens a typed text for a message.
func shown(s string) string {
	const max = 60
	rs := []rune(s)
	if len(rs) > max {
		return string(rs[:max]) + "…"
	}
	return s
}

// unknownKey reports tokens before a colon that name no filter. The last words
// may be meant together: those that come closest to a filter are reported.
func unknownKey(words []token, v Vocabulary) *Error {
	start, end := words[len(words)-1].start, words[len(words)-1].end
	var best, text string
	lowest := -1
	for i := len(words) - 1; i >= 0 && i >= len(words)-4; i-- {
		candidate := joined(words[i:])
		name, distance := closest(candidate, v.keyNames())
		if name != "" && (lowest < 0 || distance <= lowest) {
			best, lowest, start, text = name, distance, words[i].start, candidate
		}
	}
	if best == "" {
		return errorAt(start, end, "%q isn't a filter. Put text with a colon in quotes to search for it. Nothing is selected.",
			shown(words[len(words)-1].text))
	}
	e := errorAt(start, end, "%q isn't a filter. Did you mean %s? Nothing is selected.", shown(text), best)
	e.Suggestion = best
	return e
}

// manyValues is how many values a message lists at most.
const manyValues = 8

// unknownValue reports a value that the key does not have. candidates are the
// readings of what was typed, the shortest first.
func unknownValue(k *Key, candidates [][]token) *Error {
	first := candidates[0]
	pos, end, text := first[0].start, first[len(first)-1].end, joined(first)
	best, lowest := "", -1
	for _, c := range candidates {
		name, distance := closest(joined(c), k.valueNames())
		if name != "" && (lowest < 0 || distance < lowest) {
			best, lowest, end, text = name, distance, c[len(c)-1].end, joined(c)
		}
	}
	e := errorAt(pos, end, "No %s called %q.", k.Name, shown(text))
	if best != "" {
		e.Suggestion = bareOrQuoted(best)
	}
	switch {
	case len(k.Values) == 0:
		e.Message += " There is none to choose from yet. Nothing is selected."
	case len(k.Values) <= manyValues:
		e.Message += " Try " + orList(k.valueNames()) + "."
	case best != "":
		e.Message += " Did you mean " + best + "? Nothing is selected."
	default:
		e.Message += " Nothing is selected."
	}
	return e
}

func joined(words []token) string {
	parts := make([]string, len(words))
	for i, w := range words {
		parts[i] = w.text
	}
	parts[0] = strings.TrimPrefix(parts[0], "-")
	return strings.Join(parts, " ")
}

func orList(names []string) string {
	if len(names) == 1 {
		return names[0]
	}
	return strings.Join(names[:len(names)-1], ", ") + " or " + names[len(names)-1]
}

// closest returns the name that is nearest to text and its distance, or "" where
// none is near enough to be meant: a third of the letters may differ.
func closest(text string, names []string) (string, int) {
	typed := []rune(foldKey(text))
	best, lowest := "", -1
	for _, n := range names {
		name := []rune(foldKey(n))
		limit := max(1, min(len(name), len(typed))/3)
		if len(typed) < 2 || abs(len(name)-len(typed)) > limit {
			continue
		}
		if d := distance(typed, name); d <= limit && (lowest < 0 || d < lowest) {
			best, lowest = n, d
		}
	}
	return best, lowest
}

func abs(n int) int { return max(n, -n) }

// distance counts the letters to insert, delete, replace or swap with their
// neighbor to turn a into b.
func distance(a, b []rune) int {
	before, last, row := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range last {
		last[j] = j
	}
	for i := 1; i <= len(a); i++ {
		row[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			row[j] = min(last[j]+1, row[j-1]+1, last[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
		before, last, row = last, row, before
	}
	return last[len(b)]
}
