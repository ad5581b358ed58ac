package query

import (
	"math"
	"time"
)

// Span is a stretch of time from From, included, to To, excluded. A zero end is open.
type Span struct {
	From, To time.Time
}

// Spans returns the stretches of time that a term of a Date key admits, any of
// which may hold; Not is left to the caller. Days begin at midnight in the zone
// of now, and ages count back from now. A term of another sort admits nothing.
func (t Term) Spans(now time.Time) []Span {
	switch t.Op {
	case In:
		var out []Span
		for _, v := range t.Values {
			if from, to, ok := moment(v, now); ok {
				out = append(out, Span{from, to})
			}
		}
		return out
	case Gt:
		if from, to, ok := moment(t.Low, now); ok && isAge(t.Low) {
			return []Span{{To: from}}
		} else if ok {
			return []Span{{From: to}}
		}
	case Lt:
		if from, _, ok := moment(t.High, now); ok && isAge(t.High) {
			return []Span{{From: from}}
		} else if ok {
			return []Span{{To: from}}
		}
	case Between:
		return betweenSpan(t.Low, t.High, now)
	}
	return nil
}

func betweenSpan(low, high string, now time.Time) []Span {
	from, _, okLow := moment(low, now)
	start, to, okHigh := moment(high, now)
	if !okLow || !okHigh {
		return nil
	}
	if isAge(low) && isAge(high) && from.After(start) {
		from, to = start, from
	}
	return []Span{{from, to}}
}

// moment returns the day of a date, or the moment of an age twice.
func moment(s string, now time.Time) (from, to time.Time, ok bool) {
	if m := ageForm.FindStringSubmatch(s); m != nil {
		n := -int(number(m[1]))
		switch m[2] {
		case "d":
			from = now.AddDate(0, 0, n)
		case "w":
			from = now.AddDate(0, 0, 7*n)
		case "mo":
			from = now.AddDate(0, n, 0)
		case "y":
			from = now.AddDate(n, 0, 0)
		}
		return from, from, true
	}
	day, err := time.ParseInLocation(time.DateOnly, s, now.Location())
	if err != nil {
		return time.Time{}, time.Time{}, false
	}
	return day, day.AddDate(0, 0, 1), true
}

// Range is a run of whole numbers, both ends included.
type Range struct {
	Low, High int64
}

// Ranges returns the runs of numbers that a term of a Number key admits, any of
// which may hold; Not is left to the caller. A term of another sort admits nothing.
func (t Term) Ranges() []Range {
	switch t.Op {
	case In:
		var out []Range
		for _, v := range t.Values {
			switch {
			case v == NoneWord:
				out = append(out, Range{0, 0})
			case v == AnyWord:
				out = append(out, Range{1, math.MaxInt64})
			case numberForm.MatchString(v):
				out = append(out, Range{number(v), number(v)})
			}
		}
		return out
	case Gt:
		if numberForm.MatchString(t.Low) {
			return []Range{{number(t.Low) + 1, math.MaxInt64}}
		}
	case Lt:
		if numberForm.MatchString(t.High) {
			return []Range{{math.MinInt64, number(t.High) - 1}}
		}
	case Between:
		if numberForm.MatchString(t.Low) && numberForm.MatchString(t.High) {
			return []Range{{number(t.Low), number(t.High)}}
		}
	}
	return nil
}
