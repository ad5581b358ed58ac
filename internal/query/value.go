package query

import (
	"regexp"
	"strconv"
	"strings"
	"time"
)

// maxWordsOfValue is how many unquoted words are tried as one value.
const maxWordsOfValue = 12

// value reads one value of a key and returns it as a term of its own.
func (p *parser) value(k *Key) (Term, *Error) {
	if k.Type == Choice {
		v, err := p.choice(k)
		return Term{Op: In, Values: []string{v}}, err
	}
	t := p.tokens[p.at]
	p.at++
	if t.open {
		return Term{}, missingQuote(t)
	}
	if k.Type != Free && t.kind == wordToken && (t.text == ">" || t.text == "<") && p.at < len(p.tokens) && p.tokens[p.at].kind == wordToken {
		t.text, t.end = t.text+p.tokens[p.at].text, p.tokens[p.at].end
		p.at++
	}
	if t.text == "" {
		return Term{}, emptyQuotes(t)
	}
	switch k.Type {
	case Number:
		return compare(k, t, numberPoint, "Write 5, >5, <5, 1..9, none or any.")
	case Date:
		return compare(k, t, datePoint, "Write 2026-06-12, >2026-06-12, 7d, >90d or 3mo..7d.")
	}
	return Term{Op: In, Values: []string{t.text}}, nil
}

// choice reads one of the key's values. Unquoted, the longest known value wins,
// as far as the next key reaches.
func (p *parser) choice(k *Key) (string, *Error) {
	t := p.tokens[p.at]
	if t.kind == quotedToken {
		p.at++
		if t.open {
			return "", missingQuote(t)
		}
		if v := p.words.value(k, t.text); v != nil {
			return v.Name, nil
		}
		return "", unknownValue(k, [][]token{{t}})
	}
	end := p.valueEnd(p.at)
	for i := end; i > p.at; i-- {
		if v := p.words.value(k, spaced(p.tokens[p.at:i])); v != nil {
			p.at = i
			return v.Name, nil
		}
	}
	var readings [][]token
	for i := p.at + 1; i <= end; i++ {
		readings = append(readings, p.tokens[p.at:i])
	}
	return "", unknownValue(k, readings)
}

// valueEnd returns the token after the words that may belong to a value which
// starts at from. Its first word never belongs to the next key.
func (p *parser) valueEnd(from int) int {
	end := from + 1
	for end < len(p.tokens) && end < from+maxWordsOfValue && p.tokens[end].kind == wordToken && !strings.HasPrefix(p.tokens[end].text, "-") {
		end++
	}
	colon := p.colonAfter(from)
	if colon < 0 {
		return end
	}
	next := p.words.keyStart(p.tokens, from+1, colon)
	if next < 0 {
		next = colon - 1
	}
	return max(from+1, min(end, next))
}

func spaced(words []token) string {
	parts := make([]string, len(words))
	for i, w := range words {
		parts[i] = w.text
	}
	return strings.Join(parts, " ")
}

// point reads one number, date or age and returns it in its canonical form.
type point func(string) (text string, ok bool)

// compare reads a value of a Number or Date key.
func compare(k *Key, t token, read point, forms string) (Term, *Error) {
	text := strings.ToLower(t.text)
	if k.Type == Number && (text == NoneWord || text == AnyWord) {
		return Term{Op: In, Values: []string{text}}, nil
	}
	if low, high, ok := strings.Cut(text, ".."); ok {
		return between(k, t, low, high, read, forms)
	}
	op := In
	if strings.HasPrefix(text, ">") {
		op, text = Gt, text[1:]
	} else if strings.HasPrefix(text, "<") {
		op, text = Lt, text[1:]
	}
	v, ok := read(text)
	switch {
	case !ok:
		return Term{}, errorAt(t.start, t.end, "%q doesn't fit %s. %s Nothing is selected.", shown(t.text), k.Name, forms)
	case op == Gt:
		return Term{Op: Gt, Low: v}, nil
	case op == Lt || isAge(v):
		// An age by itself means "within": 7d is the last seven days.
		return Term{Op: Lt, High: v}, nil
	}
	return Term{Op: In, Values: []string{v}}, nil
}

func between(k *Key, t token, low, high string, read point, forms string) (Term, *Error) {
	l, okLow := read(low)
	h, okHigh := read(high)
	if !okLow || !okHigh {
		return Term{}, errorAt(t.start, t.end, "%q doesn't fit %s. %s Nothing is selected.", shown(t.text), k.Name, forms)
	}
	if backwards(k.Type, l, h) {
		return Term{}, errorAt(t.start, t.end, "The range %q runs backwards. Write the smaller end first. Nothing is selected.", shown(t.text))
	}
	return Term{Op: Between, Low: l, High: h}, nil
}

// backwards reports whether two ends of the same sort stand in the wrong order.
// Ages have no wrong order: Spans puts the older end first.
func backwards(t Type, low, high string) bool {
	if t == Number {
		return number(low) > number(high)
	}
	return !isAge(low) && !isAge(high) && low > high
}

var (
	numberForm = regexp.MustCompile(`^[0-9]{1,15}$`)
	ageForm    = regexp.MustCompile(`^([0-9]{1,4})(d|w|mo|y)$`)
)

func numberPoint(s string) (string, bool) {
	if !numberForm.MatchString(s) {
		return "", false
	}
	return strconv.FormatInt(number(s), 10), true
}

// number reads what numberForm admits, which always fits.
func number(s string) int64 {
	n, _ := strconv.ParseInt(s, 10, 64)
	return n
}

func datePoint(s string) (string, bool) {
	if m := ageForm.FindStringSubmatch(s); m != nil {
		n := number(m[1])
		return strconv.FormatInt(n, 10) + m[2], n > 0
	}
	t, err := time.Parse(time.DateOnly, s)
	return s, err == nil && t.Year() > 0
}

func isAge(s string) bool { return ageForm.MatchString(s) }
