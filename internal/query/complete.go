package query

import (
	"strings"
	"unicode/utf8"
)

// MaxSuggestions is the largest number of suggestions that Complete returns.
const MaxSuggestions = 12

// Suggestion is one way to go on: put Text in place of text[Start:End].
type Suggestion struct {
	Start, End int
	Text       string // as it is typed, with quotation marks or the colon where needed
	Label      string // the key or the value as it is shown
	Key        string // the key that Label is, or whose value it is
	IsValue    bool
	Help       string // of a key; may be empty
}

// Complete proposes keys and values for the place of the cursor, a byte offset
// into text. It works on text that does not parse yet, returns the best first
// and never fails.
func Complete(text string, cursor int, v Vocabulary) []Suggestion {
	cursor = max(0, min(cursor, len(text)))
	for cursor > 0 && cursor < len(text) && !utf8.RuneStart(text[cursor]) {
		cursor--
	}
	c := completion{text: text, cursor: cursor, tokens: scan(text[:cursor]), words: newIndex(v)}
	k, from := c.openKey()
	if k != nil {
		if out, done := c.values(k, from); done {
			return out
		}
		from++ // the first word is the value
	}
	return c.keys(from)
}

type completion struct {
	text   string
	cursor int
	tokens []token
	words  *index
}

// openKey returns the key whose value list may still go on at the cursor, and
// the token where its last value starts; without one, the token where words
// that could begin a key start.
func (c *completion) openKey() (*Key, int) {
	colon := -1
	for i, t := range c.tokens {
		if t.kind == colonToken {
			colon = i
		}
	}
	var k *Key
	if s := c.words.keyStart(c.tokens, c.runStart(colon), colon); s >= 0 {
		k = c.words.key(joined(c.tokens[s:colon]))
	}
	from := colon + 1
	for i := from; i < len(c.tokens); i++ {
		switch t := c.tokens[i]; {
		case t.kind == commaToken:
			from = i + 1
		case t.kind == quotedToken && !t.open && (i+1 == len(c.tokens) || c.tokens[i+1].kind != commaToken):
			k, from = nil, i+1
		}
	}
	return k, from
}

// runStart returns where the words before a colon start that can be its key:
// the first word after another colon or a comma is a value.
func (c *completion) runStart(colon int) int {
	s := colon
	for s > 0 && c.tokens[s-1].kind == wordToken {
		s--
	}
	if s > 0 && s < colon && c.tokens[s-1].kind != quotedToken {
		s++
	}
	return s
}

// values proposes values of k for what was typed from token from on; done is
// false where the last value is complete and a new term begins.
func (c *completion) values(k *Key, from int) (out []Suggestion, done bool) {
	start, typed := c.typed(from)
	names := k.valueNames()
	switch k.Type {
	case Number:
		names = []string{AnyWord, NoneWord, ">0"}
	case Date:
		names = []string{"<7d", "<30d", ">30d", ">90d", ">1y"}
	case Free:
		return nil, !strings.Contains(typed, " ")
	}
	for _, n := range ranked(typed, names) {
		text := n
		if k.Type == Choice {
			text = bareOrQuoted(n)
		}
		out = append(out, Suggestion{Start: start, End: c.wordEnd(), Text: c.afterColon(start) + text, Label: n, Key: k.Name, IsValue: true})
	}
	return limit(out), len(out) > 0 || !strings.Contains(typed, " ")
}

// keys proposes keys for the words from token from on: as many of the last
// words as begin a key.
func (c *completion) keys(from int) []Suggestion {
	for from = max(from, len(c.tokens)-c.words.longest); from < len(c.tokens); from++ {
		if c.tokens[from].kind != wordToken {
			continue
		}
		if out := c.keysFrom(from); len(out) > 0 {
			return out
		}
	}
	if n := len(c.tokens); n > 0 && c.tokens[n-1].end == c.cursor && c.tokens[n-1].kind == wordToken && c.tokens[n-1].text != "-" {
		return nil
	}
	return c.keysFrom(len(c.tokens))
}

func (c *completion) keysFrom(from int) []Suggestion {
	start, typed := c.typed(from)
	if strings.HasPrefix(typed, "-") {
		start, typed = start+1, typed[1:]
	}
	colon := ": "
	if strings.HasPrefix(strings.TrimLeft(c.text[c.wordEnd():], " "), ":") {
		colon = ""
	}
	var out []Suggestion
	seen := map[string]bool{}
	for _, n := range ranked(strings.NewReplacer("_", " ", "-", " ").Replace(typed), c.words.vocabulary.keyNames()) {
		k := c.words.key(n)
		if seen[k.Name] {
			continue
		}
		seen[k.Name] = true
		out = append(out, Suggestion{Start: start, End: c.wordEnd(), Text: k.Name + colon, Label: k.Name, Key: k.Name, Help: k.Help})
	}
	return limit(out)
}

// typed returns where the text from token from on starts and the text itself,
// folded, with a last space where one stands before the cursor.
func (c *completion) typed(from int) (int, string) {
	if from >= len(c.tokens) {
		return c.cursor, ""
	}
	text := fold(spaced(c.tokens[from:]))
	last := c.tokens[len(c.tokens)-1]
	if last.end < c.cursor && !last.open {
		text += " "
	}
	return c.tokens[from].start, text
}

// wordEnd returns where the word around the cursor ends.
func (c *completion) wordEnd() int {
	n := len(c.tokens)
	if n == 0 || c.tokens[n-1].end < c.cursor || c.tokens[n-1].kind != wordToken {
		return c.cursor
	}
	return c.cursor + wordLength(c.text[c.cursor:])
}

// afterColon returns a space where a value would touch the colon or the comma.
func (c *completion) afterColon(start int) string {
	if start > 0 && (c.text[start-1] == ':' || c.text[start-1] == ',') {
		return " "
	}
	return ""
}

// ranked returns the names that begin with typed, then those with a later word
// that does, each in the order given.
func ranked(typed string, names []string) []string {
	var first, later []string
	for _, n := range names {
		folded := fold(n)
		switch {
		case strings.HasPrefix(folded, typed):
			first = append(first, n)
		case strings.Contains(folded, " "+typed):
			later = append(later, n)
		}
	}
	return append(first, later...)
}

func limit(out []Suggestion) []Suggestion {
	return out[:min(len(out), MaxSuggestions)]
}
