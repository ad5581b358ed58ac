package query

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

type tokenKind int

const (
	wordToken   tokenKind = iota
	quotedToken           // text is what stands between the quotation marks, single-spaced
	colonToken
	commaToken
)

type token struct {
	kind       tokenKind
	text       string
	start, end int  // bytes of the source, quotation marks included
	open       bool // a quoted text without its end
}

// scan splits text into tokens. It never fails: what is wrong shows in the
// tokens, so that completion can work on unfinished text.
func scan(text string) []token {
	var out []token
	for i := 0; i < len(text); {
		r, n := utf8.DecodeRuneInString(text[i:])
		switch {
		case unicode.IsSpace(r):
			i += n
		case r == ':':
			out = append(out, token{kind: colonToken, text: ":", start: i, end: i + n})
			i += n
		case r == ',':
			out = append(out, token{kind: commaToken, text: ",", start: i, end: i + n})
			i += n
		case isQuote(r):
			t := scanQuoted(text, i, n)
			out = append(out, t)
			i = t.end
		default:
			end := i + wordLength(text[i:])
			out = append(out, token{kind: wordToken, text: text[i:end], start: i, end: end})
			i = end
		}
	}
	return out
}

// isQuote accepts the curved marks too, for phones write them by themselves.
func isQuote(r rune) bool { return r == '"' || r == '“' || r == '”' || r == '„' }

func wordLength(s string) int {
	n := strings.IndexFunc(s, func(r rune) bool {
		return unicode.IsSpace(r) || r == ':' || r == ',' || isQuote(r)
	})
	if n < 0 {
		return len(s)
	}
	return n
}

// scanQuoted reads a quoted text that opens at start with a mark of n bytes. A
// straight mark closes a straight one, a curved mark a curved one; a backslash
// takes the next character as it is.
func scanQuoted(text string, start, n int) token {
	straight := text[start] == '"'
	var b strings.Builder
	for i := start + n; i < len(text); {
		r, size := utf8.DecodeRuneInString(text[i:])
		if r == '\\' && i+size < len(text) {
			_, next := utf8.DecodeRuneInString(text[i+size:])
			b.WriteString(text[i+size : i+size+next])
			i += size + next
			continue
		}
		if isQuote(r) && straight == (r == '"') {
			return token{kind: quotedToken, text: oneSpace(b.String()), start: start, end: i + size}
		}
		b.WriteString(text[i : i+size])
		i += size
	}
	return token{kind: quotedToken, text: oneSpace(b.String()), start: start, end: len(text), open: true}
}

func oneSpace(s string) string { return strings.Join(strings.Fields(s), " ") }
