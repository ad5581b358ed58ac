package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/alecthomas/kong"
	"github.com/google/go-cmp/cmp"

	"mainstay"
	"mainstay/internal/change"
	"mainstay/internal/db"
	"mainstay/internal/jobs"
	"mainstay/internal/store"
	"mainstay/internal/storetest"
)

// sentence is the refusal by the switch for bulk deletion.
const sentence = "Bulk deletion of items that still sync is switched off for this account; an Administrator can switch it on in Account > Data protection."

// desk is an installation whose items still sync, worked on by the command line
// in this process.
type desk struct {
	*testing.T
	store   *store.Store
	changes *change.Changes
	env     map[string]string
	in      storetest.Seeded
	status  string // of some organizations
}

func desks(t *testing.T, fn func(d *desk)) {
	t.Helper()
	template := storetest.NewTemplate(func(ctx context.Context, d *db.DB) error {
		if err := jobs.Migrate(ctx, d); err != nil {
			return err
		}
		return store.New(d).Migrate(ctx)
	})
	storetest.Setup{Template: template}.EachDatabase(t, func(t *testing.T, at storetest.Database) {
		d := &desk{T: t, store: store.New(at.Open(t)), env: map[string]string{"MAINSTAY_DATA": t.TempDir()}}
		if at.Config.Path != "" {
			d.env["MAINSTAY_DATA"] = filepath.Dir(at.Config.Path)
		}
		if at.Config.URL != "" {
			d.env["MAINSTAY_DATABASE_URL"] = at.Config.URL
		}
		q, err := jobs.NewQueue(d.store.DB)
		d.must(err)
		d.changes = change.New(change.Config{Store: d.store, Jobs: q, Pause: time.Hour})
		d.in, err = storetest.Seed(t.Context(), d.store, storetest.Size{Organizations: 6, PerOrganization: 4, Random: 5})
		d.must(err)
		d.status = d.texts("SELECT l.name FROM item i JOIN label l ON l.id = i.status_id WHERE i.kind = 'organization' ORDER BY i.id LIMIT 1")[0]
		d.must(os.WriteFile(filepath.Join(d.env["MAINSTAY_DATA"], "file"), []byte("x"), 0o600))
		fn(d)
	})
}

func (d *desk) must(err error) {
	d.Helper()
	if err != nil {
		d.Fatal(err)
	}
}

// run runs one command and returns its exit code with what it printed.
func (d *desk) run(args ...string) (code int, out, errs string) {
	d.Helper()
	var stdout, stderr bytes.Buffer
	code = Main(d.Context(), args, Streams{In: strings.NewReader("a long enough password\n"), Out: &stdout, Err: &stderr,
		Lookup: func(name string) (string, bool) { v, ok := d.env[name]; return v, ok }})
	return code, stdout.String(), stderr.String()
}

func (d *desk) texts(query string) []string {
	d.Helper()
	var out []string
	d.must(d.store.Read(d.Context(), func(t *store.Tx) error {
		out = nil
		rows, err := t.Query(d.Context(), query)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var s string
			if err := rows.Scan(&s); err != nil {
				return err
			}
			out = append(out, s)
		}
		return rows.Err()
	}))
	return out
}

// matter is what no refusal may change.
func (d *desk) matter() []string {
	d.Helper()
	out := d.texts("SELECT CAST(id AS TEXT) || ' ' || version || ' ' || sync FROM item ORDER BY id")
	out = append(out, d.texts("SELECT 'trash ' || id FROM trash ORDER BY id")...)
	out = append(out, d.texts("SELECT settings FROM integration ORDER BY id")...)
	return append(out, d.texts("SELECT 'plan ' || id || ' ' || state || ' ' || params FROM plan ORDER BY id")...)
}

func (d *desk) refusals() int {
	d.Helper()
	return len(d.texts("SELECT detail FROM activity WHERE verb = 'was refused' AND name = 'Bulk deletion'"))
}

// switched sets the switch until a moment from now, which may be over; 0 is off.
func (d *desk) switched(until time.Duration) {
	d.Helper()
	d.must(d.store.Write(d.Context(), func(t *store.Tx) error {
		if until == 0 {
			_, _, err := t.TakeBulkDeletion(d.Context())
			return err
		}
		return t.SetBulkDeletion(d.Context(), mainstay.BulkDeletion{By: "test", Reason: "test", Since: t.Now(), Until: t.Now().Add(until)})
	}))
}

// plan makes a plan in a state, that takes items which still sync or, for no
// state, holds them back.
func (d *desk) plan(state mainstay.PlanState) mainstay.Plan {
	d.Helper()
	d.switched(time.Hour)
	p, err := d.changes.ProposeDelete(d.Context(), mainstay.System("test"), change.Request{Kind: &mainstay.Organization, All: true, Syncing: state != ""})
	d.must(err)
	if state == mainstay.PlanPaused {
		d.must(d.store.Write(d.Context(), func(t *store.Tx) error {
			p.State = state
			return t.UpdatePlan(d.Context(), p)
		}))
	}
	d.switched(0)
	return p
}

// TestDataProtection_sentence: each command that could delete items which still
// sync answers with the sentence while the switch is off, expired, or switched
// off after the plan was made; nothing changes and it is recorded. While it is on
// the same command works.
func TestDataProtection_sentence(t *testing.T) {
	desks(t, func(d *desk) {
		name := d.in.Integration.Name
		for _, c := range []struct {
			state mainstay.PlanState
			plan  bool
			args  string
		}{
			{args: "plan delete organizations --all --syncing"},
			{args: "plan delete organizations QUERY --syncing"},
			{args: "plan delete organizations --id ORG --syncing"},
			{args: "integration delete-class NAME --type client"},
			{args: "integration delete-class NAME --status STATUS"},
			{args: "integration delete-class NAME --kind contacts"},
			{plan: true, args: "plan take-syncing PLAN"},
			{plan: true, state: mainstay.PlanReview, args: "apply PLAN --phrase PHRASE"},
			{plan: true, state: mainstay.PlanPaused, args: "plan resume PLAN"},
		} {
			for _, until := range []time.Duration{0, -time.Second, time.Hour} {
				var p mainstay.Plan
				if c.plan {
					p = d.plan(c.state)
				}
				d.switched(until)
				before, refused := d.matter(), d.refusals()
				code, out, errs := d.run(d.fill(c.args, name, p)...)
				if until > 0 {
					if code != 0 || d.refusals() != refused {
						t.Errorf("on: %s ends with %d: %s%s", c.args, code, out, errs)
					}
					d.switched(0)
					_, _, _ = d.run("plan", "stop", fmt.Sprint(p.ID))
					continue
				}
				if code != exitCodes[mainstay.Held] || !strings.Contains(errs, sentence) {
					t.Errorf("%s ends with %d: %s%s", c.args, code, out, errs)
				}
				if diff := cmp.Diff(before, d.matter()); diff != "" {
					t.Errorf("%s changes (-before +after):\n%s", c.args, diff)
				}
				if n := d.refusals(); n != refused+1 {
					t.Errorf("%s: %d refusals were recorded, want 1", c.args, n-refused)
				}
			}
		}
	})
}

// fill puts what exists into the words in capitals.
func (d *desk) fill(args, name string, p mainstay.Plan) []string {
	words := strings.Fields(args)
	for n, w := range words {
		switch w {
		case "NAME":
			words[n] = name
		case "QUERY":
			words[n] = "sync status: syncing"
		case "ORG":
			words[n] = fmt.Sprint(d.in.Organizations[0])
		case "PLAN":
			words[n] = fmt.Sprint(p.ID)
		case "STATUS":
			words[n] = d.status
		case "PHRASE":
			words[n] = p.Phrase
		}
	}
	return words
}

// leftOut are the commands that a test can't run on an installation, with the reason.
var leftOut = map[string]string{
	"serve": "goes on until it is stopped", "demo": "goes on until it is stopped, in a folder of its own", "bench": "works on a database of its own",
	"restore": "refuses an installation that holds anything",
}

// TestDataProtection_everyCommand runs every command there is on what still
// syncs, while the switch is off and after its time is over. The list is that of
// the help, so a new command can't be forgotten. Nothing is deleted, and no plan
// that would do so is confirmed.
func TestDataProtection_everyCommand(t *testing.T) {
	desks(t, func(d *desk) {
		var c commands
		parser, err := kong.New(&c, kong.Exit(func(int) {}))
		d.must(err)
		ran := 0
		for _, until := range []time.Duration{0, -time.Second} {
			for _, leaf := range parser.Model.Leaves(true) {
				command := strings.Join(commandOf(leaf), " ")
				if leftOut[command] != "" {
					continue
				}
				for _, args := range d.variants(leaf) {
					d.switched(until)
					syncing := d.texts("SELECT CAST(id AS TEXT) FROM item WHERE sync IN ('syncing', 'error')")
					_, _, errs := d.run(args...)
					if strings.Contains(errs, "Run mainstay --help") {
						t.Errorf("this test can't write %s: %s", command, errs)
					}
					if gone := d.gone(syncing); len(gone) > 0 {
						t.Fatalf("%q deletes %v", args, gone)
					}
					ran++
				}
			}
		}
		if ran < 60 {
			t.Errorf("only %d commands ran", ran)
		}
	})
}

func commandOf(leaf *kong.Node) []string {
	var out []string
	for n := leaf; n != nil && n.Type == kong.CommandNode; n = n.Parent {
		out = append([]string{n.Name}, out...)
	}
	return out
}

// variants are ways to write a command that reach as far as it can: with all of
// its options, and of those that exclude one another with each in turn, and with
// none where none has to be there.
func (d *desk) variants(leaf *kong.Node) [][]string {
	state := mainstay.PlanReview
	if leaf.Name == "resume" {
		state = mainstay.PlanPaused
	}
	p := d.plan(state)
	base := commandOf(leaf)
	for _, a := range leaf.Positional {
		base = append(base, d.value(a, p))
	}
	either := map[string][][]string{}
	for _, f := range leaf.Flags {
		if slices.Contains([]string{"help", "wait", "json", "data", "database-url", "fingerprint", "seen", "for"}, f.Name) {
			continue
		}
		arg := []string{"--" + f.Name}
		if !f.IsBool() {
			arg = append(arg, d.value(f.Value, p))
		}
		if len(f.Xor) == 0 {
			base = append(base, arg...)
			continue
		}
		group := f.Xor[0]
		if either[group] == nil && !f.Required {
			either[group] = [][]string{nil}
		}
		either[group] = append(either[group], arg)
	}
	out := [][]string{base}
	for _, group := range sortedKeys(either) {
		var with [][]string
		for _, args := range out {
			for _, arg := range either[group] {
				with = append(with, append(slices.Clone(args), arg...))
			}
		}
		out = with
	}
	return out
}

// value is what a command gets for an option or an argument.
func (d *desk) value(v *kong.Value, p mainstay.Plan) string {
	if v.Tag.Type == "existingfile" {
		return filepath.Join(d.env["MAINSTAY_DATA"], "file")
	}
	switch v.Name {
	case "plan":
		return fmt.Sprint(p.ID)
	case "kind":
		return "organizations"
	case "query":
		return "sync status: syncing"
	case "name", "integration":
		return d.in.Integration.Name
	case "phrase":
		return p.Phrase
	case "type", "tick", "untick":
		return "Client"
	case "status":
		return d.status
	case "interval", "limit", "port", "companies":
		return "60"
	case "role":
		return "manager"
	case "shell":
		return "bash"
	case "email":
		return "somebody@example.com"
	}
	number := v.Target.Kind()
	if number == reflect.Slice {
		number = v.Target.Type().Elem().Kind()
	}
	if number >= reflect.Int && number <= reflect.Uint64 {
		return fmt.Sprint(d.in.Organizations[0])
	}
	switch {
	case v.IsMap():
		return "phone=source"
	case v.Enum != "":
		return v.EnumSlice()[0]
	}
	return "x"
}

// gone lists what still synced and was deleted, or is about to be by a plan that
// was confirmed.
func (d *desk) gone(syncing []string) []string {
	d.Helper()
	now := map[string]bool{}
	for _, id := range d.texts("SELECT CAST(id AS TEXT) FROM item") {
		now[id] = true
	}
	var out []string
	for _, id := range syncing {
		if !now[id] {
			out = append(out, "item "+id)
		}
	}
	return append(out, d.texts(`SELECT 'plan ' || p.id || ' takes ' || q.item_id FROM plan p JOIN plan_item q ON q.plan_id = p.id JOIN item i ON i.id = q.item_id
		WHERE p.action = 'delete' AND p.state IN ('starting', 'backing_up', 'running') AND NOT q.held AND i.sync IN ('syncing', 'error')`)...)
}

// TestDataProtection_command switches on, shows and switches off.
func TestDataProtection_command(t *testing.T) {
	desks(t, func(d *desk) {
		show := func() (v switchView) {
			t.Helper()
			code, out, errs := d.run("data-protection", "--json")
			if code != 0 {
				t.Fatalf("%d %s", code, errs)
			}
			d.must(json.Unmarshal([]byte(out), &v))
			return v
		}
		if v := show(); v.On || v.Message != sentence {
			t.Errorf("at first it is %+v", v)
		}
		for _, bad := range [][]string{{"on"}, {"on", "--reason", " "}, {"on", "--reason", "x", "--for", "14m"}, {"on", "--reason", "x", "--for", "169h"}} {
			if code, _, errs := d.run(append([]string{"data-protection"}, bad...)...); code != exitCodes[mainstay.Invalid] {
				t.Errorf("%q ends with %d: %s", bad, code, errs)
			}
		}
		if code, out, errs := d.run("data-protection", "on", "--reason", "The year's clean-up"); code != 0 || !strings.Contains(out, "24h0m0s from now") {
			t.Errorf("%d %s%s", code, out, errs)
		}
		if v := show(); !v.On || v.Reason != "The year's clean-up" || v.By != "command line" {
			t.Errorf("on it is %+v", v)
		}
		if code, _, errs := d.run("data-protection", "off"); code != 0 {
			t.Errorf("%d %s", code, errs)
		}
		if v := show(); v.On {
			t.Errorf("off it is %+v", v)
		}
		d.switched(-time.Minute)
		if v := show(); v.On {
			t.Errorf("after its time it is %+v", v)
		}
		if log := d.texts("SELECT verb FROM activity WHERE name = 'Bulk deletion' ORDER BY id"); !slices.Equal(log, []string{"switched on", "switched off", "ended"}) {
			t.Errorf("the log holds %q", log)
		}
	})
}

// TestChecks: the exit code says whether something has to be mended first.
func TestChecks(t *testing.T) {
	desks(t, func(d *desk) {
		code, out, errs := d.run("checks", "--json")
		var checks []mainstay.Check
		d.must(json.Unmarshal([]byte(out), &checks))
		if code != exitCodes[mainstay.Held] || len(checks) != 10 || checks[0].Key != "backup" || checks[0].State != mainstay.CheckStop || !strings.Contains(errs, "to mend first") {
			t.Fatalf("%d, %d checks: %s%s", code, len(checks), out, errs)
		}
		d.must(d.store.Write(d.Context(), func(t *store.Tx) error {
			if _, err := t.Exec(d.Context(), "UPDATE integration SET last_full = $1", int64(t.Now())); err != nil {
				return err
			}
			b := mainstay.Backup{State: mainstay.BackupVerified, Items: 30, Created: t.Now(), Verified: t.Now()}
			return t.InsertBackup(d.Context(), &b)
		}))
		if code, out, errs := d.run("checks"); code != 0 || !strings.Contains(out, "GOOD  The last verified backup is less than an hour old") || !strings.Contains(out, "LOOK  Nothing is protected") {
			t.Errorf("%d %s%s", code, out, errs)
		}
	})
}
