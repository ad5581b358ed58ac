package query

import (
	"math"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestTerm_Spans(t *testing.T) {
	zone := time.FixedZone("east", 2*3600)
	now := time.Date(2026, 6, 20, 15, 30, 0, 0, zone)
	day := func(m time.Month, d int) time.Time { return time.Date(2026, m, d, 0, 0, 0, 0, zone) }
	ago := func(months, days int) time.Time { return now.AddDate(0, -months, -days) }
	for text, want := range map[string][]Span{
		"updated: 2026-06-12":             {{day(6, 12), day(6, 13)}},
		"updated: 2026-06-12, 2026-06-14": {{day(6, 12), day(6, 13)}, {day(6, 14), day(6, 15)}},
		"updated: >2026-06-12":            {{From: day(6, 13)}},
		"updated: <2026-06-12":            {{To: day(6, 12)}},
		"updated: 2026-06-12..2026-06-13": {{day(6, 12), day(6, 14)}},
		"updated: 7d":                     {{From: ago(0, 7)}},
		"updated: >2w":                    {{To: ago(0, 14)}},
		"updated: 3mo..7d":                {{ago(3, 0), ago(0, 7)}},
		"updated: 7d..3mo":                {{ago(3, 0), ago(0, 7)}},
		"updated: <1y":                    {{From: now.AddDate(-1, 0, 0)}},
		"updated: 2026-06-01..7d":         {{day(6, 1), ago(0, 7)}},
		"owner: x":                        nil,
	} {
		q, err := Parse(text, lists())
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(q.Terms()[0].Spans(now), want); d != "" {
			t.Errorf("%s (got -, want +):\n%s", text, d)
		}
	}
}

func TestTerm_Ranges(t *testing.T) {
	for text, want := range map[string][]Range{
		"items: 5, 7": {{5, 5}, {7, 7}},
		"items: >5":   {{6, math.MaxInt64}},
		"items: <5":   {{math.MinInt64, 4}},
		"items: 3..9": {{3, 9}},
		"items: none": {{0, 0}},
		"items: any":  {{1, math.MaxInt64}},
		"owner: 5x":   nil,
	} {
		q, err := Parse(text, lists())
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(q.Terms()[0].Ranges(), want); d != "" {
			t.Errorf("%s (got -, want +):\n%s", text, d)
		}
	}
}
