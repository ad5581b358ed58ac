package query

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Parse reads a query in the words of v. Text that holds only spaces is the
// query without terms. Every error is an *Error, and the Query beside it
// matches nothing.
func Parse(text string, v Vocabulary) (Query, error) {
	if err := checkText(text); err != nil {
		return Query{}, err
	}
	p := parser{tokens: scan(text), words: newIndex(v)}
	for p.at < len(p.tokens) {
		if err := p.term(); err != nil {
			return Query{}, err
		}
	}
	q := Query{terms: p.terms, parsed: true}
	if len(q.String()) > MaxText {
		return Query{}, tooLong(text)
	}
	return q, nil
}

func checkText(text string) *Error {
	if len(text) > MaxText {
		return tooLong(text)
	}
	for i, r := range text {
		_, n := utf8.DecodeRuneInString(text[i:])
		if (r == utf8.RuneError && n == 1) || (unicode.IsControl(r) && !unicode.IsSpace(r)) {
			return errorAt(i, i+n, "The filter contains a character that can't be searched for. Nothing is selected.")
		}
	}
	return nil
}

func tooLong(text string) *Error {
	return errorAt(0, len(text), "The filter is longer than %d characters. Nothing is selected.", MaxText)
}

type parser struct {
	tokens []token
	at     int // the token to read next
	words  *index
	terms  []Term
}

// term reads one term. Before a colon the longest known key wins; what stands
// in front of the key are words.
func (p *parser) term() *Error {
	t := p.tokens[p.at]
	switch t.kind {
	case colonToken:
		return errorAt(t.start, t.end, "A colon needs a filter in front of it. Put text with a colon in quotes. Nothing is selected.")
	case commaToken:
		return errorAt(t.start, t.end, "A comma only joins the values of a filter. Put text with a comma in quotes. Nothing is selected.")
	case quotedToken:
		return p.word()
	}
	colon := p.colonAfter(p.at)
	if colon < 0 {
		return p.word()
	}
	start := p.words.keyStart(p.tokens, p.at, colon)
	if start < 0 {
		return unknownKey(p.tokens[p.at:colon], p.words.vocabulary)
	}
	if start > p.at {
		return p.word()
	}
	k := p.words.key(joined(p.tokens[start:colon]))
	not := strings.HasPrefix(t.text, "-")
	p.at = colon + 1
	return p.keyed(not, k, t)
}

// colonAfter returns the colon that ends the run of words which starts at from,
// or -1 where the run ends otherwise.
func (p *parser) colonAfter(from int) int {
	for i := from; i < len(p.tokens); i++ {
		switch p.tokens[i].kind {
		case colonToken:
			return i
		case wordToken:
			continue
		}
		return -1
	}
	return -1
}

func (p *parser) word() *Error {
	t := p.tokens[p.at]
	p.at++
	text, not := t.text, false
	if t.kind == wordToken {
		text, not = strings.CutPrefix(text, "-")
	}
	if not && text == "" && p.at < len(p.tokens) {
		if next := p.tokens[p.at]; next.kind == quotedToken && next.start == t.end {
			t, text = next, next.text
			p.at++
		}
	}
	switch {
	case t.open:
		return missingQuote(t)
	case text == "" && t.kind == quotedToken:
		return emptyQuotes(t)
	case text == "":
		return errorAt(t.start, t.end, "Put the minus sign directly in front of what to leave out. Nothing is selected.")
	}
	return p.add(Term{Not: not, Op: Words, Values: []string{text}}, t)
}

func (p *parser) add(t Term, at token) *Error {
	if len(p.terms) == MaxTerms {
		return errorAt(at.start, at.end, "A filter has at most %d parts. Put words that belong together in quotes. Nothing is selected.", MaxTerms)
	}
	p.terms = append(p.terms, t)
	return nil
}

func missingQuote(t token) *Error {
	return errorAt(t.start, t.end, "The quotation mark at the end is missing. Nothing is selected.")
}

func emptyQuotes(t token) *Error {
	return errorAt(t.start, t.end, "There's nothing between the quotation marks. Nothing is selected.")
}

// keyed reads the values of a key and adds its term. The key starts at token first.
func (p *parser) keyed(not bool, k *Key, first token) *Error {
	t := Term{Not: not, Key: k.Name, Op: In}
	for n := 0; ; n++ {
		if p.at == len(p.tokens) || p.tokens[p.at].kind == colonToken || p.tokens[p.at].kind == commaToken {
			return p.noValue(n, k, first)
		}
		begin := p.tokens[p.at]
		one, err := p.value(k)
		if err != nil {
			return err
		}
		if n > 0 && (t.Op != In || one.Op != In) {
			return errorAt(begin.start, p.tokens[p.at-1].end, "Use one range after %q, without a comma. Nothing is selected.", k.Name+":")
		}
		t.Op, t.Low, t.High = one.Op, one.Low, one.High
		for _, v := range one.Values {
			t.Values = appendNew(t.Values, v)
		}
		if p.at == len(p.tokens) || p.tokens[p.at].kind != commaToken {
			return p.add(t, first)
		}
		p.at++
	}
}

func (p *parser) noValue(n int, k *Key, first token) *Error {
	end := p.tokens[p.at-1].end
	if n > 0 {
		return errorAt(end-1, end, "Add a value after the comma, or remove the comma. Nothing is selected.")
	}
	return errorAt(first.start, end, "Add a value after %q. Nothing is selected.", k.Name+":")
}

func appendNew(list []string, s string) []string {
	for _, have := range list {
		if have == s {
			return list
		}
	}
	return append(list, s)
}
