package cli_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"mainstay"
	"mainstay/internal/cli"
	"mainstay/internal/db"
	"mainstay/internal/store"
	"mainstay/internal/storetest"
)

// terminal runs commands on one installation, in this process.
type terminal struct {
	*testing.T
	env map[string]string
}

// each runs fn in a fresh installation with 12 seeded organizations on each database.
func each(t *testing.T, fn func(m terminal, in storetest.Seeded)) {
	t.Helper()
	for _, name := range []string{"sqlite", "postgres"} {
		t.Run(name, func(t *testing.T) {
			m := terminal{t, map[string]string{"MAINSTAY_DATA": t.TempDir(), "MAINSTAY_PLAN_PAUSE": "0s"}}
			c := db.Config{Path: m.env["MAINSTAY_DATA"] + "/mainstay.db", Now: time.Now}
			if name == "postgres" {
				m.env["MAINSTAY_DATABASE_URL"] = storetest.Postgres(t)
				c = db.Config{URL: m.env["MAINSTAY_DATABASE_URL"], Now: time.Now}
			}
			m.run(0, "list", "organizations") // makes the tables
			d, err := db.Open(t.Context(), c)
			if err != nil {
				t.Fatal(err)
			}
			in, err := storetest.Seed(t.Context(), store.New(d), storetest.Size{Organizations: 12, PerOrganization: 4, Orphaned: 0.5, OnlyHere: 0.5, Random: 3})
			if err == nil {
				err = d.Close()
			}
			if err != nil {
				t.Fatal(err)
			}
			fn(m, in)
		})
	}
}

// text runs a command that ends with a code and returns what it prints.
func (m terminal) text(code int, args ...string) string {
	m.Helper()
	var out, problem bytes.Buffer
	lookup := func(name string) (string, bool) { v, ok := m.env[name]; return v, ok }
	got := cli.Main(context.Background(), args, cli.Streams{In: strings.NewReader(""), Out: &out, Err: &problem, Lookup: lookup})
	if got != code {
		m.Fatalf("mainstay %s ends with %d, want %d:\n%s%s", strings.Join(args, " "), got, code, out.String(), problem.String())
	}
	return out.String() + problem.String()
}

// run is text for a command that prints JSON.
func (m terminal) run(code int, args ...string) map[string]any {
	m.Helper()
	var a map[string]any
	text := m.text(code, append(args, "--json")...)
	if err := json.Unmarshal([]byte(text), &a); err != nil {
		m.Fatalf("mainstay %s prints no JSON: %v\n%s", strings.Join(args, " "), err, text)
	}
	return a
}

func (m terminal) total(kind, query string, want int) {
	m.Helper()
	if got := m.run(0, "list", kind, query)["total"]; got != float64(want) {
		m.Errorf("%v %s match %q, want %d", got, kind, query, want)
	}
}

func id(n mainstay.ItemID) string { return fmt.Sprint(int64(n)) }

// TestProtect protects, holds and lifts on the command line, a few at once and
// by a plan, and takes it back.
func TestProtect(t *testing.T) {
	each(t, func(m terminal, in storetest.Seeded) {
		a, b := id(in.Organizations[0]), id(in.Organizations[1])
		done := m.run(0, "protect", "organization", a, b, b, "--note", "the museum asked")
		if done["state"] != "done" || done["done"] != 2.0 {
			t.Errorf("%v", done)
		}
		m.total("organizations", "protected: yes", 2)
		m.run(5, "protect", "organizations", a)
		m.run(3, "protect", "contacts", a)
		m.run(3, "protect", "organizations", id(in.Organizations[2]), "99999")
		m.run(2, "protect", "cars", a)
		if said := m.text(0, "protect", "organizations", b, "--lift", "--note", "not any more"); !strings.Contains(said, "To take it back: mainstay undo") {
			t.Errorf("%s", said)
		}
		m.total("organizations", "protected: yes", 1)
		m.run(0, "undo", fmt.Sprint(done["id"]), "--wait")
		m.total("organizations", "protected: yes", 0)

		m.text(2, "hold", "organizations", a)
		m.text(2, "hold", "organizations", a, "--until", "2999-12-31")
		if said := m.text(2, "hold", "organizations", a, "--until", "soon", "--note", "case 7"); !strings.Contains(said, "Write the last day of the hold like 2026-06-12.") {
			t.Errorf("%s", said)
		}
		m.run(2, "hold", "organizations", a, "--until", "2001-01-01", "--note", "case 7")
		m.run(0, "hold", "organizations", a, "--until", "2999-12-31", "--note", "case 7")
		m.total("organizations", "legal hold: yes", 1)
		held := m.run(0, "plan", "delete", "organizations", "--id", a)
		if back := held["held_back"].([]any); len(back) != 1 || back[0].(map[string]any)["why"] != "under legal hold" {
			t.Errorf("held back %v", back)
		}
		m.run(7, "apply", fmt.Sprint(held["id"]))
		m.run(7, "plan", "include", fmt.Sprint(held["id"]), a)
		m.run(0, "hold", "organizations", a, "--lift", "--note", "settled")
		m.total("organizations", "legal hold: yes", 0)

		plan := m.run(0, "plan", "protect", "contacts", "sync status: orphaned", "--note", "all")
		m.total("contacts", "protected: yes", 0)
		orphans := int(m.run(0, "list", "contacts", "sync status: orphaned")["total"].(float64))
		m.run(0, "apply", fmt.Sprint(plan["id"]), "--wait")
		m.total("contacts", "protected: yes", orphans)
		lift := m.run(0, "plan", "protect", "contacts", "protected: yes", "--lift")
		m.run(0, "apply", fmt.Sprint(lift["id"]), "--wait")
		m.total("contacts", "protected: yes", 0)
		m.run(2, "plan", "protect", "contacts", "sync status: orphaned", "--until", "2999-12-31")
		hold := m.run(0, "plan", "protect", "contacts", "--all", "--until", "2999-12-31", "--note", "x")
		m.run(0, "apply", fmt.Sprint(hold["id"]), "--wait")
		m.total("contacts", "legal hold: no", 0)
		free := m.run(0, "plan", "protect", "contacts", "--all", "--lift-hold", "--note", "y")
		m.run(0, "apply", fmt.Sprint(free["id"]), "--wait")
		m.total("contacts", "legal hold: yes", 0)
	})
}

// TestPlanEdit changes types and statuses by name.
func TestPlanEdit(t *testing.T) {
	each(t, func(m terminal, in storetest.Seeded) {
		m.run(2, "plan", "edit", "organizations", "--all")
		m.run(2, "plan", "edit", "documents", "--all", "--type", "none")
		if said := m.text(2, "plan", "edit", "organizations", "--all", "--type", "Freind"); !strings.Contains(said, `Organizations have no type called "Freind". Use one of: Client`) {
			t.Errorf("%s", said)
		}
		all := m.run(0, "plan", "edit", "organizations", "--all", "--type", "former CLIENT", "--status", "none")
		if all["sets"] != "type Former client and no status" {
			t.Errorf("sets %v", all["sets"])
		}
		counts := all["counts"].(map[string]any)["kinds"].([]any)[0].(map[string]any)
		if counts["apply"] != 0.0 || counts["held"] != 12.0 {
			t.Errorf("of what comes from the PSA %v", counts)
		}
		m.run(7, "apply", fmt.Sprint(all["id"]))
		if said := m.text(0, "plan", "show", fmt.Sprint(all["id"])); !strings.Contains(said, "They get type Former client and no status.") || !strings.Contains(said, "its type comes from the PSA") {
			t.Errorf("%s", said)
		}
	})
}
