package store_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"mainstay"
	"mainstay/internal/db"
	"mainstay/internal/jobs"
	"mainstay/internal/store"
	"mainstay/internal/storetest"
)

var readsTemplate = storetest.NewTemplate(func(ctx context.Context, d *db.DB) error {
	if err := jobs.Migrate(ctx, d); err != nil {
		return err
	}
	return store.New(d).Migrate(ctx)
})

// shelf is a small store with a few items by name.
type shelf struct {
	*testing.T
	*store.Store
	ids map[string]mainstay.ItemID
}

func shelves(t *testing.T, fn func(s *shelf)) {
	t.Helper()
	storetest.Setup{Template: readsTemplate}.Each(t, func(t *testing.T, d *db.DB) {
		s := &shelf{t, store.New(d), map[string]mainstay.ItemID{}}
		s.put(mainstay.Organization.Name, "", "Ärzte am Ring", nil)
		s.put(mainstay.Organization.Name, "", "Ring Dental", nil)
		s.put(mainstay.Organization.Name, "", "100% Foods_Ltd", nil)
		s.put(mainstay.Location.Name, "Ring Dental", "Ring Office", nil)
		office := fmt.Sprint(s.ids["Ring Office"])
		s.put(mainstay.Contact.Name, "Ring Dental", "Ann Ringer", mainstay.Values{"location_id": {Text: office}})
		s.put(mainstay.Contact.Name, "Ring Dental", "Ben Other", mainstay.Values{"location_id": {Text: office + "0"}, "notes": {Text: "at " + office}})
		s.put(mainstay.Document.Name, "Ärzte am Ring", "Spring cleaning", mainstay.Values{"body": {Text: "x"}})
		fn(s)
	})
}

func (s *shelf) must(err error) {
	s.Helper()
	if err != nil {
		s.Fatal(err)
	}
}

func (s *shelf) put(kind mainstay.KindName, organization, name string, v mainstay.Values) {
	s.Helper()
	i := &mainstay.Item{Kind: kind, OrganizationID: s.ids[organization], Name: name, Values: v, Version: 1, Sync: mainstay.NotLinked, Created: 1, Updated: mainstay.Time(len(s.ids) + 1)}
	i.SettleOnlyHere()
	s.must(s.Write(s.Context(), func(t *store.Tx) error { return t.InsertItems(s.Context(), []*mainstay.Item{i}) }))
	s.ids[name] = i.ID
}

func (s *shelf) read(fn func(context.Context, *store.Tx) error) {
	s.Helper()
	s.must(s.Read(s.Context(), func(t *store.Tx) error { return fn(s.Context(), t) }))
}

func (s *shelf) names(items []mainstay.Item) []string {
	out := []string{}
	for _, i := range items {
		out = append(out, i.Name)
	}
	return out
}

func everybody() mainstay.Actor { return mainstay.Actor{Role: mainstay.Administrator, All: true} }

// lite sees one organization.
func (s *shelf) lite(organization string) mainstay.Actor {
	s.Helper()
	u := mainstay.User{Email: "lite@example.com", Role: mainstay.Lite}
	s.must(s.Write(s.Context(), func(t *store.Tx) error {
		if err := t.InsertUser(s.Context(), &u, ""); err != nil {
			return err
		}
		return t.SetOrganizationsOf(s.Context(), u.ID, []mainstay.ItemID{s.ids[organization]})
	}))
	var a mainstay.Actor
	s.read(func(ctx context.Context, t *store.Tx) (err error) { a, err = t.Actor(ctx, u.ID, ""); return err })
	return a
}

func TestSearch(t *testing.T) {
	shelves(t, func(s *shelf) {
		lite := s.lite("Ärzte am Ring")
		for _, c := range []struct {
			text  string
			limit int
			actor mainstay.Actor
			want  []string
		}{
			{"ring", 5, everybody(), []string{"Ring Dental", "Ärzte am Ring", "Ann Ringer", "Ring Office", "Spring cleaning"}},
			{"RING", 1, everybody(), []string{"Ring Dental", "Ann Ringer", "Ring Office", "Spring cleaning"}},
			{"ring", 5, lite, []string{"Ärzte am Ring", "Spring cleaning"}},
			{" 100%  foods_", 5, everybody(), []string{"100% Foods_Ltd"}},
			{"%", 5, everybody(), []string{}},
			{"o_d", 5, everybody(), []string{}},
			{"ä", 5, everybody(), []string{"Ärzte am Ring"}},
			{"", 5, everybody(), []string{}},
			{`\`, 5, everybody(), []string{}},
		} {
			s.read(func(ctx context.Context, t *store.Tx) error {
				got, err := t.Search(ctx, c.actor, c.text, c.limit)
				if diff := cmp.Diff(c.want, s.names(got)); diff != "" {
					s.Errorf("search %q (-want +got):\n%s", c.text, diff)
				}
				return err
			})
		}
		s.read(func(ctx context.Context, t *store.Tx) error {
			got, err := t.SearchKind(ctx, everybody(), &mainstay.Organization, "", 2)
			if len(got) != 2 {
				s.Errorf("the empty text gives %v", s.names(got))
			}
			return err
		})
	})
}

func TestReferring(t *testing.T) {
	shelves(t, func(s *shelf) {
		s.read(func(ctx context.Context, t *store.Tx) error {
			office, err := t.Item(ctx, mainstay.Ref{Kind: mainstay.Location.Name, ID: s.ids["Ring Office"]})
			if err != nil {
				return err
			}
			got, err := t.Referring(ctx, office, []string{"location_id"}, 10)
			if diff := cmp.Diff([]string{"Ann Ringer"}, s.names(got)); diff != "" {
				s.Errorf("referring (-want +got):\n%s", diff)
			}
			return err
		})
	})
}

func TestKnown(t *testing.T) {
	shelves(t, func(s *shelf) {
		lite := s.lite("Ring Dental")
		refs := []mainstay.Ref{{Kind: mainstay.Document.Name, ID: s.ids["Spring cleaning"]}, {Kind: mainstay.Contact.Name, ID: s.ids["Ann Ringer"]},
			{Kind: mainstay.Location.Name, ID: s.ids["Ben Other"]}, {Kind: mainstay.Organization.Name, ID: 99_999}}
		for _, c := range []struct {
			actor mainstay.Actor
			want  []string
		}{{everybody(), []string{"Spring cleaning", "Ann Ringer"}}, {lite, []string{"Ann Ringer"}}} {
			s.read(func(ctx context.Context, t *store.Tx) error {
				known, err := t.Known(ctx, c.actor, refs)
				got := []string{}
				for _, n := range known {
					got = append(got, n.Name)
				}
				if diff := cmp.Diff(c.want, got); diff != "" {
					s.Errorf("known (-want +got):\n%s", diff)
				}
				return err
			})
		}
	})
}

func TestInsideAnOrganization(t *testing.T) {
	shelves(t, func(s *shelf) {
		ring := s.ids["Ring Dental"]
		s.read(func(ctx context.Context, t *store.Tx) error {
			recent, err := t.RecentIn(ctx, ring, 2)
			if diff := cmp.Diff([]string{"Ben Other", "Ann Ringer"}, s.names(recent)); diff != "" {
				s.Errorf("recent (-want +got):\n%s", diff)
			}
			if err != nil {
				return err
			}
			only, err := t.OnlyHereKinds(ctx, ring)
			if diff := cmp.Diff(map[mainstay.KindName]int{"organization": 1, "location": 1, "contact": 2}, only); diff != "" {
				s.Errorf("only here (-want +got):\n%s", diff)
			}
			if err != nil {
				return err
			}
			choices, err := t.Choices(ctx, []mainstay.KindName{"location", "contact"}, ring, 10)
			if len(choices) != 3 || choices[0].Name != "Ann Ringer" || choices[2].Name != "Ring Office" {
				s.Errorf("choices %+v", choices)
			}
			return err
		})
	})
}

func TestActivityFilter(t *testing.T) {
	shelves(t, func(s *shelf) {
		ring := s.ids["Ring Dental"]
		s.must(s.Write(s.Context(), func(t *store.Tx) error {
			return t.InsertActivity(s.Context(), []mainstay.Activity{
				{At: 100, Who: "Ann Boss", Verb: "created", Kind: "contact", ItemID: 1, OrganizationID: ring, Name: "First"},
				{At: 200, Who: "sync", Verb: "updated", Kind: "contact", ItemID: 1, OrganizationID: ring, Name: "First"},
				{At: 300, Who: "Ben 50%", Verb: "created", Kind: "location", ItemID: 2, OrganizationID: 7, Name: "École"},
			})
		}))
		s.must(s.Write(s.Context(), func(t *store.Tx) error {
			return t.InsertActivity(s.Context(), []mainstay.Activity{
				{At: 10, Who: "Max", Verb: "deleted", Kind: "contact", ItemID: 3, OrganizationID: 7, PlanID: 5, Name: "Of a plan"},
				{At: 20, Who: "Max", Verb: "orphaned", Kind: "contact", ItemID: 3, OrganizationID: 7, RunID: 5, Name: "Of a sync"},
				{At: 30, Who: "Max", Verb: "synced", RunID: 5, Name: "PSA"},
				{At: 40, Who: "Max", Verb: "finished", PlanID: 5, Name: "Delete 1 contact"},
				{At: 50, Who: "Max", Verb: "updated", Kind: "contact", ItemID: 3, OrganizationID: 7, Name: "By hand"},
			})
		}))
		lite := s.lite("Ring Dental")
		for _, c := range []struct {
			name   string
			filter store.ActivityFilter
			actor  mainstay.Actor
			want   []mainstay.Time
		}{
			{"everything", store.ActivityFilter{From: 60}, everybody(), []mainstay.Time{300, 200, 100}},
			{"as a whole", store.ActivityFilter{To: 60, Whole: true}, everybody(), []mainstay.Time{50, 40, 30}},
			{"each item", store.ActivityFilter{To: 60}, everybody(), []mainstay.Time{50, 40, 30, 20, 10}},
			{"by kind", store.ActivityFilter{Kind: "contact", From: 60}, everybody(), []mainstay.Time{200, 100}},
			{"by who", store.ActivityFilter{Who: "BOSS"}, everybody(), []mainstay.Time{100}},
			{"by a sign", store.ActivityFilter{Who: "0%"}, everybody(), []mainstay.Time{300}},
			{"by name", store.ActivityFilter{Words: "fir"}, everybody(), []mainstay.Time{200, 100}},
			{"by a letter beyond ASCII", store.ActivityFilter{Words: "Éc"}, everybody(), []mainstay.Time{300}},
			{"from", store.ActivityFilter{From: 200}, everybody(), []mainstay.Time{300, 200}},
			{"to", store.ActivityFilter{From: 60, To: 200}, everybody(), []mainstay.Time{100}},
			{"what a person sees", store.ActivityFilter{}, lite, []mainstay.Time{200, 100}},
		} {
			s.read(func(ctx context.Context, t *store.Tx) error {
				c.filter.Limit = 10
				page, err := t.ActivityPage(ctx, c.actor, c.filter)
				got := []mainstay.Time{}
				for _, e := range page {
					got = append(got, e.At)
				}
				if diff := cmp.Diff(c.want, got); diff != "" {
					s.Errorf("%s (-want +got):\n%s", c.name, diff)
				}
				return err
			})
		}
		s.read(func(ctx context.Context, t *store.Tx) error {
			last, err := t.LastDone(ctx, []mainstay.ItemID{1, 2, 3, 4})
			want := map[mainstay.ItemID]store.LastDone{1: {Who: "sync", At: 200}, 2: {Who: "Ben 50%", At: 300}, 3: {Who: "Max", At: 50}}
			if diff := cmp.Diff(want, last); diff != "" {
				s.Errorf("last done (-want +got):\n%s", diff)
			}
			return err
		})
	})
}

func TestFilter_error(t *testing.T) {
	shelves(t, func(s *shelf) {
		s.read(func(ctx context.Context, t *store.Tx) error {
			f, err := t.Filter(ctx, &mainstay.Contact, "sync stauts: orphaned", 0)
			if mainstay.KindOf(err) != mainstay.Invalid {
				s.Errorf("the error is %v", err)
			}
			for _, a := range []mainstay.Actor{everybody(), {All: false}} {
				n, err := t.Count(ctx, a, f)
				if n != 0 || err != nil {
					s.Errorf("a filter with an error matches %d, %v", n, err)
				}
			}
			return nil
		})
	})
}
