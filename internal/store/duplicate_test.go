package store_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"mainstay"
	"mainstay/internal/store"
)

// twins are organizations with something in common: Oak twice by name and more,
// Elm twice by its phone, and Fir, whose contacts write from Elm's domain.
func twins(t *testing.T, fn func(s *shelf)) {
	t.Helper()
	shelves(t, func(s *shelf) {
		fields := func(pairs ...string) mainstay.Values {
			v := mainstay.Values{}
			for n := 0; n < len(pairs); n += 2 {
				v.SetText(pairs[n], pairs[n+1])
			}
			return v
		}
		s.put(mainstay.Organization.Name, "", "Oak", fields("short_name", "OAK", "website", "https://oak.example"))
		s.put(mainstay.Organization.Name, "", "Oak, Inc.", fields("short_name", "oak", "website", "www.oak.example"))
		s.put(mainstay.Organization.Name, "", "Elm North", fields("phone", "+1 212 555 0142"))
		s.put(mainstay.Organization.Name, "", "Elm South", fields("website", "elm.example"))
		s.put(mainstay.Organization.Name, "", "Fir", nil)
		s.put(mainstay.Location.Name, "Elm South", "Elm Office", fields("phone", "(212) 555-0142", "address_1", "12 Main Street", "postal_code", "94105"))
		s.put(mainstay.Location.Name, "Fir", "Fir Office", fields("address_1", "12 Main St.", "postal_code", "94105-1234"))
		for _, name := range []string{"Fred Fir", "Fay Fir"} {
			v := mainstay.Values{}
			v.SetRows("emails", []mainstay.Row{{"value": "private@oak.example"}, {"value": "x@elm.example", "primary": "true"}})
			s.put(mainstay.Contact.Name, "Fir", name, v)
		}
		fn(s)
	})
}

// duplicates reads a page and writes its rows as "A ~ B: reasons".
func (s *shelf) duplicates(a mainstay.Actor, r store.DuplicateRequest) (store.DuplicatePage, []string) {
	s.Helper()
	var p store.DuplicatePage
	if r.Limit == 0 {
		r.Limit = 50
	}
	s.read(func(ctx context.Context, t *store.Tx) (err error) { p, err = t.Duplicates(ctx, a, r); return err })
	lines := []string{}
	for _, row := range p.Rows {
		var why []string
		for _, shared := range row.Shared {
			why = append(why, string(shared.Reason))
		}
		lines = append(lines, fmt.Sprintf("%s ~ %s: %s", row.First.Name, row.Second.Name, strings.Join(why, " ")))
	}
	return p, lines
}

// told keeps that two organizations are not the same, at a moment.
func (s *shelf) told(a, b string, at mainstay.Time) {
	s.Helper()
	s.must(s.Write(s.Context(), func(t *store.Tx) error {
		_, err := t.InsertNotDuplicate(s.Context(), mainstay.NotDuplicate{A: s.ids[a], B: s.ids[b], UserID: 7, Who: "Ann Boss", At: at})
		return err
	}))
}

func TestDuplicates(t *testing.T) {
	twins(t, func(s *shelf) {
		all := []string{"Oak ~ Oak, Inc.: name psa domain", "Elm South ~ Fir: domain address", "Elm North ~ Elm South: phone"}
		p, got := s.duplicates(everybody(), store.DuplicateRequest{})
		if diff := cmp.Diff(all, got); diff != "" {
			s.Errorf("-want +got:\n%s", diff)
		}
		counts := map[mainstay.DuplicateReason]int{"name": 1, "psa": 1, "domain": 2, "phone": 1, "address": 1}
		if diff := cmp.Diff(counts, p.Counts); diff != "" || p.Open != 3 || p.Total != 3 || p.First != 1 || p.Told != 0 || len(p.Common) != 0 {
			s.Errorf("%+v; counts -want +got:\n%s", p, diff)
		}
		if fir := p.Rows[1].Second; fir.Items != 3 || fir.OnlyHereItems != 4 {
			s.Errorf("Fir holds %+v", fir)
		}
		for name, c := range map[string]struct {
			ask  store.DuplicateRequest
			want []string
		}{
			"by a reason":        {store.DuplicateRequest{Reason: mainstay.DuplicateDomain}, all[:2]},
			"of an organization": {store.DuplicateRequest{Organization: s.ids["Elm South"]}, all[1:]},
			"of both":            {store.DuplicateRequest{Organization: s.ids["Elm South"], Reason: mainstay.DuplicatePhone}, all[2:]},
			"of one without":     {store.DuplicateRequest{Organization: s.ids["Ring Dental"]}, []string{}},
			"told apart":         {store.DuplicateRequest{Dismissed: true}, []string{}},
		} {
			if _, got := s.duplicates(everybody(), c.ask); cmp.Diff(c.want, got) != "" {
				s.Errorf("%s (-want +got):\n%s", name, cmp.Diff(c.want, got))
			}
		}
	})
}

func TestDuplicates_toldApart(t *testing.T) {
	twins(t, func(s *shelf) {
		s.told("Oak", "Oak, Inc.", 100)
		s.told("Elm North", "Fir", 200)
		p, got := s.duplicates(everybody(), store.DuplicateRequest{})
		if diff := cmp.Diff([]string{"Elm South ~ Fir: domain address", "Elm North ~ Elm South: phone"}, got); diff != "" || p.Open != 2 || p.Told != 2 || p.Counts[mainstay.DuplicateName] != 0 {
			s.Errorf("open: %+v -want +got:\n%s", p, diff)
		}
		p, got = s.duplicates(everybody(), store.DuplicateRequest{Dismissed: true})
		if diff := cmp.Diff([]string{"Elm North ~ Fir: ", "Oak ~ Oak, Inc.: name psa domain"}, got); diff != "" || p.Total != 2 || p.Rows[0].Told.Who != "Ann Boss" || p.Rows[0].Told.UserID != 7 {
			s.Errorf("told apart: %+v -want +got:\n%s", p, diff)
		}
		if _, got := s.duplicates(everybody(), store.DuplicateRequest{Dismissed: true, Organization: s.ids["Oak"]}); len(got) != 1 {
			s.Errorf("told apart from Oak: %v", got)
		}
		s.must(s.Write(s.Context(), func(t *store.Tx) error {
			for _, want := range []bool{true, false} {
				if done, err := t.DeleteNotDuplicate(s.Context(), s.ids["Oak"], s.ids["Oak, Inc."]); done != want || err != nil {
					s.Errorf("forgetting gives %v, %v", done, err)
				}
			}
			done, err := t.InsertNotDuplicate(s.Context(), mainstay.NotDuplicate{A: s.ids["Elm North"], B: s.ids["Fir"], At: 300})
			if done {
				s.Error("two were told apart twice")
			}
			return err
		}))
		if p, _ := s.duplicates(everybody(), store.DuplicateRequest{}); p.Open != 3 || p.Told != 1 {
			s.Errorf("after forgetting: %+v", p)
		}
	})
}

// A person sees a pair only where they see both, whether it is open or not.
func TestDuplicates_limitedAccess(t *testing.T) {
	twins(t, func(s *shelf) {
		s.told("Elm North", "Fir", 200)
		u := mainstay.User{Email: "max@example.com", Role: mainstay.Manager}
		grant := func(names ...string) mainstay.Actor {
			s.Helper()
			var ids []mainstay.ItemID
			for _, n := range names {
				ids = append(ids, s.ids[n])
			}
			var a mainstay.Actor
			s.must(s.Write(s.Context(), func(t *store.Tx) (err error) {
				if u.ID == 0 {
					if err := t.InsertUser(s.Context(), &u, ""); err != nil {
						return err
					}
				}
				if err := t.SetOrganizationsOf(s.Context(), u.ID, ids); err != nil {
					return err
				}
				a, err = t.Actor(s.Context(), u.ID, "")
				return err
			}))
			return a
		}
		p, got := s.duplicates(grant("Oak", "Elm South", "Elm North"), store.DuplicateRequest{})
		if diff := cmp.Diff([]string{"Elm North ~ Elm South: phone"}, got); diff != "" || p.Told != 0 {
			s.Errorf("%+v -want +got:\n%s", p, diff)
		}
		if p, got := s.duplicates(grant("Fir", "Elm North"), store.DuplicateRequest{Dismissed: true}); len(got) != 1 || p.Open != 0 || p.Told != 1 {
			s.Errorf("%+v %v", p, got)
		}
	})
}

func TestDuplicates_pages(t *testing.T) {
	shelves(t, func(s *shelf) {
		const each, names = 2, 7
		for n := range names {
			for range each {
				name := fmt.Sprintf("Twin %c", 'a'+n)
				s.put(mainstay.Organization.Name, "", name, nil)
			}
		}
		for _, dismissed := range []bool{false, true} {
			ask := store.DuplicateRequest{Limit: 3, Dismissed: dismissed}
			var seen []string
			var pages []store.DuplicatePage
			for {
				p, got := s.duplicates(everybody(), ask)
				if p.First != len(seen)+1 || p.Total != names {
					s.Errorf("page %d: %+v", len(pages), p)
				}
				seen, pages = append(seen, got...), append(pages, p)
				if ask.Cursor = p.Next; p.Next == "" {
					break
				}
			}
			if len(pages) != 3 || len(seen) != names || len(seen) != len(unique(seen)) {
				s.Errorf("%d pages show %v", len(pages), seen)
			}
			if pages[0].Prev != "" || pages[1].Prev != "" {
				s.Error("the way back to the first page needs no place")
			}
			if back, _ := s.duplicates(everybody(), store.DuplicateRequest{Limit: 3, Dismissed: dismissed, Cursor: pages[2].Prev}); back.First != 4 {
				s.Errorf("the way back leads to %d", back.First)
			}
			if !dismissed {
				last := pages[2].Rows[0]
				for n, row := range append(pages[0].Rows, append(pages[1].Rows, last)...) {
					s.must(s.Write(s.Context(), func(t *store.Tx) error {
						_, err := t.InsertNotDuplicate(s.Context(), mainstay.NotDuplicate{A: row.A, B: row.B, At: mainstay.Time(n / 2)})
						return err
					}))
				}
				// The page whose only row went shows what is left.
				if p, got := s.duplicates(everybody(), store.DuplicateRequest{Limit: 3, Cursor: pages[1].Next}); p.Total != 0 || len(got) != 0 {
					s.Errorf("%+v", p)
				}
			}
		}
		s.read(func(ctx context.Context, t *store.Tx) error {
			for _, bad := range []string{"%", "e30x", "bm90IGpzb24"} {
				if _, err := t.Duplicates(ctx, everybody(), store.DuplicateRequest{Cursor: bad, Limit: 3}); mainstay.KindOf(err) != mainstay.Invalid {
					s.Errorf("the place %q gives %v", bad, err)
				}
			}
			return nil
		})
	})
}

func unique(list []string) map[string]bool {
	out := map[string]bool{}
	for _, v := range list {
		out[v] = true
	}
	return out
}
