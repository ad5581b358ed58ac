package auth_test

import (
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"mainstay"
	"mainstay/internal/auth"
	"mainstay/internal/store"
)

const password = "seven green bottles"

func TestPeople_create(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		ctx, orgs := t.Context(), h.organizations(6)
		boss := h.actor(h.ann.ID)
		good := auth.Person{Email: "bob@example.com", Name: " Bob  Bell ", Role: mainstay.Editor, Organizations: []mainstay.ItemID{orgs[0], orgs[1], orgs[0]}}
		u, err := h.people.Create(ctx, boss, good, password)
		if err != nil {
			t.Fatal(err)
		}
		if a := h.actor(u.ID); a.Name != "Bob Bell" || a.Role != mainstay.Editor || a.All || len(a.Organizations) != 2 {
			t.Errorf("made %+v", a)
		}
		for name, c := range map[string]struct {
			change   func(p *auth.Person)
			password string
			field    string
		}{
			"same email, other case":     {func(p *auth.Person) { p.Email = "BOB@example.com" }, password, "email"},
			"no email":                   {func(p *auth.Person) { p.Email = "" }, password, "email"},
			"email with a name":          {func(p *auth.Person) { p.Email = "Bob <bob2@example.com>" }, password, "email"},
			"email with a line break":    {func(p *auth.Person) { p.Email = "bob2@example.com\nx" }, password, "email"},
			"endless email":              {func(p *auth.Person) { p.Email = strings.Repeat("b", 250) + "@example.com" }, password, "email"},
			"no name":                    {func(p *auth.Person) { p.Name = " " }, password, "name"},
			"endless name":               {func(p *auth.Person) { p.Name = strings.Repeat("é", 256) }, password, "name"},
			"short password":             {func(*auth.Person) {}, "short", "password"},
			"own name as password":       {func(*auth.Person) {}, "bob2 bell bob", "password"},
			"Lite with too many":         {func(p *auth.Person) { p.Role, p.Organizations = mainstay.Lite, orgs }, password, "organization"},
			"Lite with all":              {func(p *auth.Person) { p.Role, p.All = mainstay.Lite, true }, password, "organization"},
			"organization not there":     {func(p *auth.Person) { p.Organizations = []mainstay.ItemID{999999} }, password, "organization"},
			"something else than an org": {func(p *auth.Person) { p.Organizations = []mainstay.ItemID{h.document(orgs[0])} }, password, "organization"},
		} {
			p := auth.Person{Email: "bob2@example.com", Name: "Bob Bell", Role: mainstay.Editor}
			c.change(&p)
			_, err := h.people.Create(ctx, boss, p, c.password)
			wantKind(t, err, mainstay.Invalid)
			if e, ok := err.(*mainstay.Error); !ok || e.Field != c.field { //nolint:errorlint // the field is on the outermost error
				t.Errorf("%s: got %v, want an error of the field %s", name, err, c.field)
			}
		}
		if _, err := h.people.Create(ctx, boss, auth.Person{Email: "x@example.com", Name: "X", Role: "owner"}, password); err == nil {
			t.Error("an unknown role is accepted")
		}
		lite := auth.Person{Email: "lite@example.com", Name: "Lia", Role: mainstay.Lite, Organizations: orgs[:5]}
		if _, err := h.people.Create(ctx, boss, lite, password); err != nil {
			t.Errorf("Lite with five organizations: %v", err)
		}
	})
}

func (h *house) document(org mainstay.ItemID) mainstay.ItemID {
	h.t.Helper()
	d := &mainstay.Item{Kind: mainstay.Document.Name, OrganizationID: org, Name: "Notes", Version: 1, Sync: mainstay.NotLinked}
	h.write(func(t *store.Tx) error { return t.InsertItems(h.t.Context(), []*mainstay.Item{d}) })
	return d.ID
}

// TestPeople_whoManagesWhom goes through every role of the one who acts and of
// the one who is changed.
func TestPeople_whoManagesWhom(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		ctx := t.Context()
		for _, actorRole := range mainstay.Roles() {
			a := mainstay.Actor{UserID: 4242, Name: "Somebody", Role: actorRole, All: true}
			for _, target := range mainstay.Roles() {
				u := h.add(auth.Person{Email: string(actorRole) + "." + string(target) + "@example.com", Name: "Target", Role: target}, password)
				want := mainstay.Forbidden
				if actorRole == mainstay.Administrator || (actorRole == mainstay.Manager && target != mainstay.Administrator) {
					want = ""
				}
				for what, do := range map[string]func() error{
					"password": func() error { return h.people.SetPassword(ctx, a, u.ID, "another long sentence") },
					"disable":  func() error { return h.people.Disable(ctx, a, u.ID) },
					"enable":   func() error { return h.people.Enable(ctx, a, u.ID) },
					"access":   func() error { return h.people.SetAccess(ctx, a, u.ID, false, nil) },
					"role":     func() error { return h.people.SetRole(ctx, a, u.ID, target) },
					"update": func() error {
						return h.people.Update(ctx, a, u.ID, auth.Person{Email: u.Email, Name: "Renamed", Role: target})
					},
					"create": func() error {
						_, err := h.people.Create(ctx, a, auth.Person{Email: "new." + u.Email, Name: "New", Role: target}, password)
						return err
					},
				} {
					if got := mainstay.KindOf(do()); got != want {
						t.Errorf("%s: %s of %s gives %q, want %q", actorRole, what, target, got, want)
					}
				}
			}
			if _, err := h.people.List(ctx, a); mainstay.KindOf(err) == "" != (actorRole == mainstay.Administrator || actorRole == mainstay.Manager) {
				t.Errorf("%s lists users: %v", actorRole, err)
			}
		}
	})
}

func TestPeople_managersGrantNoMoreThanTheyHave(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		ctx, orgs := t.Context(), h.organizations(3)
		mine, foreign := orgs[:2], orgs[2]
		mia := h.add(auth.Person{Email: "mia@example.com", Name: "Mia", Role: mainstay.Manager, Organizations: mine}, password)
		bob := h.add(auth.Person{Email: "bob@example.com", Name: "Bob", Role: mainstay.ReadOnly, Organizations: mine[:1]}, password)
		over := h.add(auth.Person{Email: "eve@example.com", Name: "Eve", Role: mainstay.ReadOnly, Organizations: orgs}, password)
		all := h.add(auth.Person{Email: "al@example.com", Name: "Al", Role: mainstay.ReadOnly, All: true}, password)
		a := h.actor(mia.ID)
		wantKind(t, h.people.SetAccess(ctx, a, bob.ID, true, nil), mainstay.Forbidden)
		missing := h.people.SetAccess(ctx, a, bob.ID, false, []mainstay.ItemID{999999})
		hidden := h.people.SetAccess(ctx, a, bob.ID, false, []mainstay.ItemID{foreign})
		wantKind(t, hidden, mainstay.Invalid)
		if d := cmp.Diff(mainstay.SafeMessage(missing), mainstay.SafeMessage(hidden)); d != "" {
			t.Errorf("a hidden organization answers differently from a missing one:\n%s", d)
		}
		if err := h.people.SetAccess(ctx, a, bob.ID, false, mine); err != nil {
			t.Error(err)
		}
		// Whoever has more access is out of reach: their password would give it away.
		for _, u := range []mainstay.User{over, all} {
			wantKind(t, h.people.SetPassword(ctx, a, u.ID, "another long sentence"), mainstay.Forbidden)
			wantKind(t, h.people.SetRole(ctx, a, u.ID, mainstay.Editor), mainstay.Forbidden)
			wantKind(t, h.people.Disable(ctx, a, u.ID), mainstay.Forbidden)
		}
		// Nor can they raise themselves.
		wantKind(t, h.people.SetRole(ctx, a, mia.ID, mainstay.Administrator), mainstay.Forbidden)
		wantKind(t, h.people.SetAccess(ctx, a, mia.ID, false, orgs), mainstay.Invalid)
		wantKind(t, h.people.SetAccess(ctx, a, mia.ID, true, nil), mainstay.Forbidden)
		list, err := h.people.List(ctx, a)
		if err != nil {
			t.Fatal(err)
		}
		got := map[string]bool{}
		for _, l := range list {
			got[l.Name] = l.Manageable
		}
		if d := cmp.Diff(got, map[string]bool{"Ann Adler": false, "Mia": true, "Bob": true, "Eve": false, "Al": false}); d != "" {
			t.Errorf("who may be changed (-got +want):\n%s", d)
		}
	})
}

func TestPeople_trashedOrganizationKeepsAccess(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		ctx, orgs := t.Context(), h.organizations(1)
		bob := h.add(auth.Person{Email: "bob@example.com", Name: "Bob", Role: mainstay.ReadOnly, Organizations: orgs}, password)
		h.write(func(tx *store.Tx) error {
			_, err := tx.Exec(ctx, "DELETE FROM item WHERE id = $1", int64(orgs[0]))
			return err
		})
		if err := h.people.SetRole(ctx, h.actor(h.ann.ID), bob.ID, mainstay.Editor); err != nil {
			t.Fatal(err)
		}
		if !h.actor(bob.ID).Sees(orgs[0]) {
			t.Error("access to an organization in the trash is lost")
		}
	})
}

func TestPeople_lastAdministrator(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		ctx, system := t.Context(), mainstay.System("test")
		for what, err := range map[string]error{
			"disable": h.people.Disable(ctx, system, h.ann.ID),
			"demote":  h.people.SetRole(ctx, system, h.ann.ID, mainstay.Manager),
			"update":  h.people.Update(ctx, h.actor(h.ann.ID), h.ann.ID, auth.Person{Email: annEmail, Name: "Ann", Role: mainstay.Editor, All: true}),
		} {
			if mainstay.KindOf(err) != mainstay.Conflict {
				t.Errorf("%s of the last Administrator: %v", what, err)
			}
		}
		wantKind(t, h.people.Disable(ctx, h.actor(h.ann.ID), h.ann.ID), mainstay.Conflict)
		// Two Administrators who disable each other at the same moment: one stays.
		for range 5 {
			bea := h.add(auth.Person{Email: "bea@example.com", Name: "Bea", Role: mainstay.Administrator}, password)
			ann, other := h.actor(h.ann.ID), h.actor(bea.ID)
			var wg sync.WaitGroup
			wg.Go(func() { h.people.Disable(ctx, ann, bea.ID) })       // what remains is checked below
			wg.Go(func() { h.people.Disable(ctx, other, ann.UserID) }) // see above
			wg.Wait()
			h.write(func(tx *store.Tx) error {
				n, err := tx.CountAdministrators(ctx)
				if n != 1 {
					t.Errorf("%d Administrators remain", n)
				}
				if _, err := tx.Exec(ctx, "DELETE FROM person WHERE id = $1", int64(bea.ID)); err != nil {
					return err
				}
				if _, err := tx.Exec(ctx, "UPDATE person SET disabled = $1", false); err != nil {
					return err
				}
				return err
			})
		}
	})
}

func TestPeople_writeActivity(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		ctx := t.Context()
		a := h.actor(h.ann.ID)
		a.Address = "192.0.2.7"
		bob := h.add(auth.Person{Email: "bob@example.com", Name: "Bob", Role: mainstay.ReadOnly}, password)
		for _, err := range []error{
			h.people.Update(ctx, a, bob.ID, auth.Person{Email: "bob@example.org", Name: "Bob", Role: mainstay.Editor}),
			h.people.Update(ctx, a, bob.ID, auth.Person{Email: "bob@example.org", Name: "Bob", Role: mainstay.Editor}), // nothing changes
			h.people.SetPassword(ctx, a, bob.ID, "another long sentence"),
			h.people.Disable(ctx, a, bob.ID),
			h.people.Disable(ctx, a, bob.ID),
			h.people.Enable(ctx, a, bob.ID),
		} {
			if err != nil {
				t.Fatal(err)
			}
		}
		type line struct {
			Verb, Name, Who, Address string
			Changes                  map[string]mainstay.Change
		}
		var got []line
		h.write(func(tx *store.Tx) error {
			page, err := tx.ActivityPage(ctx, a, store.ActivityFilter{Limit: 50})
			for _, e := range page {
				if e.UserID == a.UserID {
					got = append(got, line{e.Verb, e.Name, e.Who, e.Address, e.Changes})
				}
			}
			return err
		})
		want := []line{
			{"enabled user", "Bob", "Ann Adler", "192.0.2.7", nil},
			{"disabled user", "Bob", "Ann Adler", "192.0.2.7", nil},
			{"set the password of user", "Bob", "Ann Adler", "192.0.2.7", nil},
			{"changed user", "Bob", "Ann Adler", "192.0.2.7", map[string]mainstay.Change{
				"email": {Before: "bob@example.com", After: "bob@example.org"}, "role": {Before: "read-only", After: "editor"}}},
		}
		if d := cmp.Diff(got, want); d != "" {
			t.Errorf("activity (-got +want):\n%s", d)
		}
		h.browser().mustSignIn("bob@example.org", "another long sentence")
	})
}

// TestPeople_model lets people of all sorts do anything to each other and checks
// after each step that an Administrator remains and that nobody has gained
// access or a role that the one who acted did not have.
func TestPeople_model(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		ctx, orgs := t.Context(), h.organizations(7)
		ids := []mainstay.UserID{h.ann.ID}
		for _, p := range []auth.Person{
			{Email: "a1@example.com", Name: "A", Role: mainstay.Administrator},
			{Email: "m1@example.com", Name: "M", Role: mainstay.Manager, All: true},
			{Email: "m2@example.com", Name: "M", Role: mainstay.Manager, Organizations: orgs[:3]},
			{Email: "m3@example.com", Name: "M", Role: mainstay.Manager, Organizations: orgs[2:5]},
			{Email: "e1@example.com", Name: "E", Role: mainstay.Editor, Organizations: orgs[:1]},
			{Email: "l1@example.com", Name: "L", Role: mainstay.Lite, Organizations: orgs[:2]},
		} {
			ids = append(ids, h.add(p, password).ID)
		}
		rank := map[mainstay.Role]int{}
		for i, r := range mainstay.Roles() {
			rank[r] = len(mainstay.Roles()) - i
		}
		look := func() map[mainstay.UserID]auth.Listed {
			out := map[mainstay.UserID]auth.Listed{}
			list, err := h.people.List(ctx, mainstay.System("test"))
			if err != nil {
				t.Fatal(err)
			}
			for _, l := range list {
				out[l.ID] = l
			}
			return out
		}
		rapid.Check(t, func(rt *rapid.T) {
			before := look()
			who := rapid.SampledFrom(ids).Draw(rt, "who")
			target := rapid.SampledFrom(ids).Draw(rt, "target")
			if before[who].Disabled {
				return
			}
			a := h.actor(who)
			switch rapid.IntRange(0, 3).Draw(rt, "what") {
			case 0:
				h.people.SetRole(ctx, a, target, rapid.SampledFrom(mainstay.Roles()).Draw(rt, "role")) // refusing is as good
			case 1:
				some := rapid.SliceOfN(rapid.SampledFrom(orgs), 0, 7).Draw(rt, "orgs")
				h.people.SetAccess(ctx, a, target, rapid.Bool().Draw(rt, "all"), some) // refusing is as good
			case 2:
				h.people.Disable(ctx, a, target) // refusing is as good
			case 3:
				h.people.Enable(ctx, a, target) // refusing is as good
			}
			administrators := 0
			for id, now := range look() {
				was := before[id]
				if now.Role == mainstay.Administrator && !now.Disabled {
					administrators++
				}
				if now.Role != was.Role && (rank[now.Role] > rank[a.Role] || rank[was.Role] > rank[a.Role]) {
					rt.Fatalf("%s made a %s out of a %s", a.Role, now.Role, was.Role)
				}
				if now.AllOrganizations && !was.AllOrganizations && !a.All {
					rt.Fatalf("%s without access to all granted it", a.Role)
				}
				for _, o := range now.Organizations {
					if !was.AllOrganizations && !slices.Contains(was.Organizations, o) && !a.Sees(o) {
						rt.Fatalf("%s granted an organization that they do not see", a.Role)
					}
				}
				if now.Role == mainstay.Lite && (now.AllOrganizations || len(now.Organizations) > mainstay.LiteOrganizations) {
					rt.Fatalf("a Lite user sees %d organizations, all: %v", len(now.Organizations), now.AllOrganizations)
				}
			}
			if administrators == 0 {
				rt.Fatal("no Administrator is left")
			}
		})
	})
}
