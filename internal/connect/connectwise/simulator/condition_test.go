package simulator

import (
	"net/url"
	"slices"
	"testing"
)

func mustURL(tb testing.TB) *url.URL {
	tb.Helper()
	u, err := url.Parse("/v2026_1/apis/3.0/company/contacts?pageSize=1000")
	if err != nil {
		tb.Fatal(err)
	}
	return u
}

func sampleCompanies() *table {
	return tableOf(Companies, "Company", &Company{}, []*Company{
		{ID: 1, Name: "Alder Dental", Status: &Ref{ID: 1, Name: "Active"}, Types: []Ref{{ID: 1}, {ID: 5}}, Info: Info{LastUpdated: "2026-01-01T00:00:00Z"}},
		{ID: 2, Name: "Birch \"Law\"", Status: &Ref{ID: 2, Name: "Inactive"}, Types: []Ref{{ID: 2}}, DeletedFlag: true, Info: Info{LastUpdated: "2026-03-01T00:00:00Z"}},
		{ID: 3, Name: "Cedar Foods", Types: []Ref{}, ParentCompany: &Ref{ID: 1}, Info: Info{LastUpdated: "2026-05-01T00:00:00Z"}},
	})
}

func TestConditions(t *testing.T) {
	cases := []struct {
		text  string
		child bool
		want  []int64
	}{
		{"", false, []int64{1, 2, 3}},
		{"id=2", false, []int64{2}},
		{"id > 1", false, []int64{2, 3}},
		{"id in (3, 1,3)", false, []int64{1, 3}},
		{"id not in (3,1)", false, []int64{2}},
		{"name='alder dental'", false, []int64{1}},
		{`name="Birch \"Law\""`, false, []int64{2}},
		{"name contains 'FOOD'", false, []int64{3}},
		{"name like 'A%l' or name like '*foods'", false, []int64{1, 3}},
		{"status/id=1", false, []int64{1}},
		{"status/name != 'Active'", false, []int64{2, 3}},
		{"status = null", false, []int64{3}},
		{"parentCompany/id = null", false, []int64{1, 2}},
		{"deletedFlag=true", false, []int64{2}},
		{"deletedFlag = False and not (id = 1)", false, []int64{3}},
		{"lastUpdated > [2026-02-01T00:00:00Z]", false, []int64{2, 3}},
		{"lastUpdated >= [2026-03-01] and lastUpdated < [2026-05-01]", false, []int64{2}},
		{"(id=1 or id=2) and (id=2 or id=3)", false, []int64{2}},
		{"types/id in (1,2)", true, []int64{1, 2}},
		{"types/id = 5", true, []int64{1}},
	}
	for _, c := range cases {
		t.Run(c.text, func(t *testing.T) {
			q := query{all: c.text == ""}
			name := "conditions"
			if c.child {
				name = "childConditions"
			}
			var err error
			if q.match, err = q.conditions(sampleCompanies(), url.Values{name: {c.text}}); err != nil {
				t.Fatal(err)
			}
			var got []int64
			for _, r := range sampleCompanies().fitting(q, func(record) bool { return true }, 0) {
				got = append(got, r.key())
			}
			if !slices.Equal(got, c.want) {
				t.Errorf("got %v, want %v", got, c.want)
			}
		})
	}
}

func TestConditions_Refused(t *testing.T) {
	for _, text := range []string{"id", "id=", "id in", "id in ()", "id in (1", "=1", "id=1 and", "id=1 id=2", "(id=1", "name='x",
		"lastUpdated>[soon]", "lastUpdated>[2026", "id == 1", "nothing=1", "status/nothing=1", "types/id=1", "not", "id not = 1", "id=1;", "name='a' or"} {
		if _, err := new(query).conditions(sampleCompanies(), url.Values{"conditions": {text}}); err == nil {
			t.Errorf("%q was accepted", text)
		}
	}
}

func FuzzConditions(f *testing.F) {
	for _, s := range []string{"id in (1,2) and name like 'a%'", "not (status/id=1 or lastUpdated>[2026-01-01T00:00:00Z])", `name="a\"b"`, "((((((", "a not in (null,true,-1.5)"} {
		f.Add(s)
	}
	rows := sampleCompanies()
	f.Fuzz(func(t *testing.T, s string) {
		q := query{}
		match, err := q.conditions(rows, url.Values{"conditions": {s}})
		if err != nil {
			return
		}
		q.match = match
		// What the index finds is what a walk over all rows finds.
		indexed := rows.fitting(q, func(record) bool { return true }, 0)
		q.span = span{}
		walked := rows.fitting(q, func(record) bool { return true }, 0)
		if len(indexed) != len(walked) {
			t.Errorf("%q: the index finds %d rows, a walk %d", s, len(indexed), len(walked))
		}
	})
}
