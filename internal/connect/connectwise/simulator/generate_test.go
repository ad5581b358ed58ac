package simulator

import (
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
)

func TestNew_IsTheSameForASeed(t *testing.T) {
	a, b, other := New(Config{Seed: 7, Size: Small()}), New(Config{Seed: 7, Size: Small()}), New(Config{Seed: 8, Size: Small()})
	for _, resource := range []string{Companies, Sites, Contacts, Configurations} {
		x, y := a.table(resource), b.table(resource)
		if diff := cmp.Diff(string(a.encodeRows(x.fitting(query{all: true}, a.seen(resource), 0), nil)),
			string(b.encodeRows(y.fitting(query{all: true}, b.seen(resource), 0), nil))); diff != "" {
			t.Errorf("%s differ for one seed:\n%s", resource, diff)
		}
	}
	x, _ := a.Company(a.IDs(Companies)[7])
	y, _ := other.Company(other.IDs(Companies)[7])
	if x.Name == y.Name {
		t.Error("another seed gave the same company")
	}
}

func TestNew_DefaultSize(t *testing.T) {
	start := time.Now()
	s := New(Config{Seed: 1})
	t.Logf("made in %v", time.Since(start))
	got := Size{s.Count(Companies), s.Count(Contacts), s.Count(Sites), s.Count(Configurations)}
	if diff := cmp.Diff(Default(), got); diff != "" {
		t.Error(diff)
	}
	byType, names := map[int64]int{}, map[string]bool{}
	for _, id := range s.IDs(Companies) {
		c, _ := s.Company(id)
		byType[c.Types[0].ID]++
		if names[c.Name] {
			t.Errorf("two companies are called %q", c.Name)
		}
		names[c.Name] = true
		if n := utf8.RuneCountInString(c.Name); n == 0 || n > 50 || len(c.Identifier) > 30 || c.Identifier == "" {
			t.Errorf("company %d: name %q or identifier %q has a length that ConnectWise refuses", id, c.Name, c.Identifier)
		}
	}
	rest := 0
	for i, share := range companyShares() {
		want := 0
		for _, n := range share.n {
			want += n
		}
		if byType[int64(i+1)] != want {
			t.Errorf("%d companies of type %s, want %d", byType[int64(i+1)], share.name, want)
		}
		if i >= documented {
			rest += want
		}
	}
	if rest != 12_433 {
		t.Errorf("%d companies are not documented, want 12,433", rest)
	}
}

func TestScaled(t *testing.T) {
	for _, n := range []int{1, 2, 7, 60, 500, 20_000} {
		size := Scaled(n)
		s := New(Config{Seed: 3, Size: size})
		got := Size{s.Count(Companies), s.Count(Contacts), s.Count(Sites), s.Count(Configurations)}
		if diff := cmp.Diff(size, got); diff != "" {
			t.Errorf("%d companies: %s", n, diff)
		}
		if home, ok := s.Company(homeID); !ok || home.Name != homeName {
			t.Errorf("%d companies: the MSP itself is missing", n)
		}
	}
	for _, share := range companyShares() {
		if len(New(Config{Size: Small()}).CompaniesOfType(share.name)) == 0 {
			t.Errorf("the small size has no company of type %s", share.name)
		}
	}
}

func BenchmarkNew(b *testing.B) {
	for b.Loop() {
		New(Config{Seed: 1})
	}
}

func BenchmarkPage(b *testing.B) {
	s := New(Config{Seed: 1})
	t := s.table(Contacts)
	for b.Loop() {
		l := t.list(query{all: true, match: func(record) bool { return true }, forward: true, pageID: 40_000, size: 1000, address: mustURL(b)}, s.seen(Contacts))
		s.encodeRows(l.rows, nil)
	}
}
