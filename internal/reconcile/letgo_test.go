package reconcile_test

import (
	"fmt"
	"strconv"
	"testing"

	"mainstay"
	"mainstay/internal/change"
	"mainstay/internal/connect/connectwise/simulator"
	"mainstay/internal/store"
	"mainstay/internal/storetest"
)

// disconnect ends the links of chosen items of a kind, and applies the plan.
func (w *world) disconnect(k *mainstay.Kind, ids ...mainstay.ItemID) mainstay.Plan {
	w.Helper()
	p, err := w.changes.ProposeDisconnect(w.ctx, w.admin, change.Unlink{Request: change.Request{Kind: k, IDs: ids}})
	w.must(err)
	return w.carry(p)
}

// contents are the items of an organization that are not the organization.
func (w *world) contents(org mainstay.ItemID) (n int, ended int) {
	w.Helper()
	w.must(w.store.Read(w.ctx, func(t *store.Tx) error {
		return t.QueryRow(w.ctx, "SELECT count(*), count(*) FILTER (WHERE reason = 'disconnected') FROM item WHERE organization_id = $1 AND id <> $1", int64(org)).Scan(&n, &ended)
	}))
	return n, ended
}

// company returns a company of a type that has contents here, with its organization.
func (w *world) company(typeName string) (id string, org mainstay.Item) {
	w.Helper()
	for _, n := range w.psa.CompaniesOfType(typeName) {
		c, _ := w.psa.Company(n)
		org = w.organization(c.Name)
		if n, _ := w.contents(org.ID); n > 1 {
			return fmt.Sprint(c.ID), org
		}
	}
	w.Fatalf("no company of type %s holds anything", typeName)
	return "", org
}

// TestLetGo_organization: the records of a disconnected organization become new
// items, and the old ones stay as ordinary items that exist only here.
func TestLetGo_organization(t *testing.T) {
	each(t, func(w *world) {
		w.sync()
		id, org := w.company("Client")
		w.disconnect(&mainstay.Organization, org.ID)
		if run := w.sync(); run.Counts.Waiting != 1 {
			w.Fatalf("%d records wait", run.Counts.Waiting)
		}
		_, ended := w.contents(org.ID)
		n, err := w.changes.LetGo(w.ctx, w.admin, change.Rematch{Integration: w.id, Kind: &mainstay.Organization, Records: []string{id}})
		w.must(err)
		if n != ended+1 {
			w.Fatalf("%d records were let go, %d items had a link", n, ended+1)
		}
		storetest.Invariants(w, w.store)
		old := w.item(org.Ref())
		if old.Reason != "" || !old.OnlyHere || old.Sync != mainstay.NotLinked {
			w.Fatalf("the old organization is %+v", old)
		}
		if _, ended := w.contents(org.ID); ended != 0 {
			w.Fatalf("%d items inside still count as disconnected", ended)
		}
		run := w.sync()
		if run.State != mainstay.RunComplete || run.Counts.Created != n || run.Counts.Matched+run.Counts.Waiting+run.Counts.Errors != 0 {
			w.Fatalf("%s %+v %s", run.State, run.Counts, run.Message)
		}
		if again := w.item(org.Ref()); again.Sync != mainstay.NotLinked || again.Version != old.Version {
			w.Fatalf("the sync touched the old organization: %+v", again)
		}
		storetest.Invariants(w, w.store)
		if run := w.sync(); run.Counts.Created+run.Counts.Updated+run.Counts.Waiting != 0 {
			w.Fatalf("the sync after: %+v", run.Counts)
		}
		_, err = w.changes.LetGo(w.ctx, w.admin, change.Rematch{Integration: w.id, Kind: &mainstay.Organization, Records: []string{id}})
		if mainstay.KindOf(err) != mainstay.NotFound {
			w.Fatalf("letting go twice gives %v", err)
		}
	})
}

// TestLetGo_keepsUntilSeen: what a person decided outlives a sync in which the
// record is out of scope.
func TestLetGo_keepsUntilSeen(t *testing.T) {
	each(t, func(w *world) {
		w.sync()
		id, org := w.company("Client")
		w.disconnect(&mainstay.Organization, org.ID)
		w.sync()
		_, err := w.changes.LetGo(w.ctx, w.admin, change.Rematch{Integration: w.id, Kind: &mainstay.Organization, Records: []string{id}})
		w.must(err)
		ticked := w.integration().Settings
		w.save(change.PauseClass(ticked, "organization", mainstay.TypeAxis, fmt.Sprint(w.psa.LabelID(simulator.CompanyTypes, "Client"))))
		w.sync()
		w.save(ticked)
		if run := w.sync(); run.Counts.Created == 0 || w.item(org.Ref()).Sync != mainstay.NotLinked {
			w.Fatalf("%+v", run.Counts)
		}
		storetest.Invariants(w, w.store)
	})
}

// TestLetGo_trashed: the record of an item that lies in the trash becomes a new
// item, and what comes back from the trash is an ordinary item.
func TestLetGo_trashed(t *testing.T) {
	each(t, func(w *world) {
		w.sync()
		id, org := w.company("Client")
		w.disconnect(&mainstay.Organization, org.ID)
		w.sync()
		p, err := w.changes.ProposeDelete(w.ctx, w.admin, change.Request{Kind: &mainstay.Organization, IDs: []mainstay.ItemID{org.ID}})
		w.must(err)
		for _, h := range w.heldIn(p) {
			p, err = w.changes.IncludeHeld(w.ctx, w.admin, p.ID, h.ItemID)
			w.must(err)
		}
		w.carry(p)
		n, err := w.changes.LetGo(w.ctx, w.admin, change.Rematch{Integration: w.id, Kind: &mainstay.Organization, Records: []string{id}})
		w.must(err)
		undo, err := w.changes.Undo(w.ctx, w.admin, p.ID)
		w.must(err)
		w.carry(undo)
		old := w.item(org.Ref())
		if _, ended := w.contents(org.ID); ended != 0 || old.Disconnected() || !old.OnlyHere || n < 2 {
			w.Fatalf("%d let go, %d inside are disconnected, the organization is %+v", n, ended, old)
		}
		storetest.Invariants(w, w.store)
		if run := w.sync(); run.Counts.Created != n {
			w.Fatalf("%d were let go, the sync: %+v", n, run.Counts)
		}
	})
}

func (w *world) heldIn(p mainstay.Plan) (held []mainstay.HeldBack) {
	w.Helper()
	w.must(w.store.Read(w.ctx, func(t *store.Tx) (err error) { held, err = t.HeldBack(w.ctx, p, 100); return err }))
	return held
}

// TestLetGo_unseen: a person without access to the organization can't let go of it.
func TestLetGo_unseen(t *testing.T) {
	each(t, func(w *world) {
		w.sync()
		id, org := w.company("Client")
		w.disconnect(&mainstay.Organization, org.ID)
		w.sync()
		half := mainstay.Actor{UserID: 7, Name: "Max", Role: mainstay.Manager, Organizations: map[mainstay.ItemID]bool{}}
		_, err := w.changes.LetGo(w.ctx, half, change.Rematch{Integration: w.id, Kind: &mainstay.Organization, Records: []string{id}})
		if mainstay.KindOf(err) != mainstay.NotFound {
			w.Fatalf("it gives %v", err)
		}
		half.Role = mainstay.Editor
		if _, err = w.changes.LetGo(w.ctx, half, change.Rematch{Integration: w.id, Kind: &mainstay.Organization, Records: []string{id}}); mainstay.KindOf(err) != mainstay.Forbidden {
			w.Fatalf("an Editor gets %v", err)
		}
		if w.waiting("organization") != 1 {
			w.Fatal("the record no longer waits")
		}
	})
}

// TestDisconnect_switches: contacts follow one switch, and records without a
// type are a class of their own.
func TestDisconnect_switches(t *testing.T) {
	each(t, func(w *world) {
		w.psa.EditCompany(w.psa.CompaniesOfType("Client")[0], func(c *simulator.Company) { c.Types = nil })
		w.sync()
		p, err := w.changes.ProposeDisconnect(w.ctx, w.admin, change.Unlink{Integration: w.id, Class: &mainstay.Class{Kind: "organization", Axis: mainstay.TypeAxis}})
		w.must(err)
		if got := p.Counts.Of("organization").Apply; got != 1 || p.Params.Class.Name != "No type" {
			w.Fatalf("%q counts %d organizations", p.Params.Class.Name, got)
		}
		contacts := w.tally("contact")[mainstay.Syncing]
		for _, bad := range []mainstay.Class{{Kind: "organization"}, {Kind: "organization", Axis: "colour"}, {Kind: "document"}, {Kind: "organization", Axis: mainstay.TypeAxis, ExternalID: "none such"}} {
			if _, err := w.changes.ProposePause(w.ctx, w.admin, w.id, bad, ""); err == nil {
				w.Fatalf("%+v can be paused", bad)
			}
		}
		pause, err := w.changes.ProposePause(w.ctx, w.admin, w.id, mainstay.Class{Kind: "contacts"}, "")
		w.must(err)
		if pause.Counts.Total().Apply != contacts || pause.Params.Class.Name != "Contacts" {
			w.Fatalf("pausing %s counts %+v, %d sync", pause.Params.Class.Name, pause.Counts, contacts)
		}
		end, err := w.changes.ProposeDisconnect(w.ctx, w.admin, change.Unlink{Integration: w.id, Class: &mainstay.Class{Kind: "contact"}})
		w.must(err)
		w.carry(end)
		if w.tally("contact")[mainstay.NotLinked] != contacts || w.integration().Settings.Contacts {
			w.Fatalf("contacts: %v, switched on: %v", w.tally("contact"), w.integration().Settings.Contacts)
		}
		storetest.Invariants(w, w.store)
		undo, err := w.changes.Undo(w.ctx, w.admin, end.ID)
		w.must(err)
		w.carry(undo)
		if w.tally("contact")[mainstay.Syncing] != contacts || !w.integration().Settings.Contacts {
			w.Fatalf("undone, contacts: %v", w.tally("contact"))
		}
	})
}

// TestDisconnect_removalOfNothing: a connection without links can be removed,
// nothing works on it then, and undoing brings it back without credentials.
func TestDisconnect_removalOfNothing(t *testing.T) {
	each(t, func(w *world) {
		settings := w.integration().Settings
		p, err := w.changes.ProposeDisconnect(w.ctx, w.admin, change.Unlink{Integration: w.id, Remove: true})
		w.must(err)
		w.carry(p)
		i := w.integration()
		if i.Removed.IsZero() || !i.Keyless {
			w.Fatalf("it is %+v", i)
		}
		_, startErr := w.changes.StartRun(w.ctx, w.admin, w.id)
		_, saveErr := w.changes.SaveSettings(w.ctx, w.admin, w.id, settings, i.Settings.Version, 0)
		_, pauseErr := w.changes.ProposePause(w.ctx, w.admin, w.id, *w.class("Client"), "")
		again := change.NewIntegration{Connector: i.Connector, Name: i.Name, Options: i.Options, Secrets: map[string]string{"private-key": w.psa.Config().PrivateKey}, Fingerprint: i.Fingerprint}
		for what, err := range map[string]error{"sync": startErr, "settings": saveErr, "class": pauseErr, "resume": w.changes.PauseIntegration(w.ctx, w.admin, w.id, false),
			"edit": w.changes.EditIntegration(w.ctx, w.admin, w.id, again)} {
			if mainstay.KindOf(err) != mainstay.NotFound {
				w.Errorf("%s of a removed integration gives %v", what, err)
			}
		}
		undo, err := w.changes.Undo(w.ctx, w.admin, p.ID)
		w.must(err)
		w.carry(undo)
		if i := w.integration(); !i.Removed.IsZero() || !i.Keyless || !i.Paused {
			w.Fatalf("brought back: %+v", i)
		}
		if err := w.changes.PauseIntegration(w.ctx, w.admin, w.id, false); mainstay.KindOf(err) != mainstay.Conflict {
			w.Errorf("resuming without credentials gives %v", err)
		}
		if _, _, err := w.engine.TestStored(w.ctx, w.id, i.Options, nil); mainstay.KindOf(err) != mainstay.Unavailable {
			w.Errorf("testing without credentials gives %v", err)
		}
		_, secrets, err := w.engine.TestStored(w.ctx, w.id, i.Options, again.Secrets)
		w.must(err)
		again.Secrets = secrets
		w.must(w.changes.EditIntegration(w.ctx, w.admin, w.id, again))
		w.must(w.changes.PauseIntegration(w.ctx, w.admin, w.id, false))
		if run := w.sync(); run.State != mainstay.RunComplete || run.Counts.Created == 0 {
			w.Fatalf("%s %+v %s", run.State, run.Counts, run.Message)
		}
	})
}

// TestDisconnect_stoppedBeforeStart: a plan that was stopped before it did
// anything leaves the class ticked and the integration syncing.
func TestDisconnect_stoppedBeforeStart(t *testing.T) {
	each(t, func(w *world) {
		w.sync()
		before, settings := w.matter(), w.integration().Settings
		w.changes.Pause = 1 << 40
		defer func() { w.changes.Pause = 0 }()
		for _, u := range []change.Unlink{{Integration: w.id, Class: w.class("Vendor")}, {Integration: w.id, Remove: true}} {
			p, err := w.changes.ProposeDisconnect(w.ctx, w.admin, u)
			w.must(err)
			p, err = w.changes.Confirm(w.ctx, w.admin, p.ID, change.Proof{Fingerprint: p.Fingerprint, Phrase: p.Phrase})
			w.must(err)
			if i := w.integration(); len(i.Settings.Organizations) == len(settings.Organizations) && !i.Paused {
				w.Fatal("confirming stopped nothing")
			}
			_, err = w.changes.StopPlan(w.ctx, w.admin, p.ID)
			w.must(err)
			if i := w.integration(); len(i.Settings.Organizations) != len(settings.Organizations) || i.Paused {
				w.Fatalf("%d boxes are ticked, %d were; paused: %v", len(i.Settings.Organizations), len(settings.Organizations), i.Paused)
			}
		}
		w.differ(before, "stopped")
	})
}

// TestDisconnect_pauseBesideOther: pausing a class counts what it adds, not what
// the saved settings orphan anyway, and the next sync orphans both without a word.
func TestDisconnect_pauseBesideOther(t *testing.T) {
	each(t, func(w *world) {
		w.sync()
		other := w.class("Vendor")
		e := w.save(change.PauseClass(w.integration().Settings, other.Kind, other.Axis, other.ExternalID))
		p, err := w.changes.ProposePause(w.ctx, w.admin, w.id, *w.class("Prospect"), "")
		w.must(err)
		alone, err := w.changes.PreviewPause(w.ctx, w.admin, w.id, *w.class("Prospect"))
		w.must(err)
		if p.Counts.Total().Apply != alone.OrphanTotal() || e.OrphanTotal() == 0 {
			w.Fatalf("the plan counts %d, the preview %d", p.Counts.Total().Apply, alone.OrphanTotal())
		}
		w.carry(p)
		if run := w.sync(); run.State != mainstay.RunComplete || run.Counts.Orphaned != alone.OrphanTotal()+e.OrphanTotal() {
			w.Fatalf("%d and %d were agreed to: %s %+v %s", alone.OrphanTotal(), e.OrphanTotal(), run.State, run.Counts, run.Message)
		}
	})
}

// TestLetGo_wayBack: somebody made new items by mistake. Merging the new
// organization into the old one, and matching the record of another item to its
// old one, brings both together again, and no sync doubles anything.
func TestLetGo_wayBack(t *testing.T) {
	each(t, func(w *world) {
		w.sync()
		company, org := w.company("Client")
		w.disconnect(&mainstay.Organization, org.ID)
		w.sync()
		_, err := w.changes.LetGo(w.ctx, w.admin, change.Rematch{Integration: w.id, Kind: &mainstay.Organization, Records: []string{company}})
		w.must(err)
		w.sync()
		id, err := strconv.ParseInt(company, 10, 64)
		w.must(err)
		fresh := w.linked("organization", id)
		if fresh.ID == org.ID {
			t.Fatal("no new organization was made")
		}
		w.unite(fresh, w.item(org.Ref()))
		w.still("merged into the old one")
		if got := w.linked("organization", id); got.ID != org.ID || got.Sync != mainstay.Syncing {
			t.Fatalf("the company leads to %d, %s, want %d", got.ID, got.Sync, org.ID)
		}

		record, old := w.some("contact", 1)
		w.disconnect(&mainstay.Contact, old.ID)
		w.sync()
		_, err = w.changes.LetGo(w.ctx, w.admin, change.Rematch{Integration: w.id, Kind: &mainstay.Contact, Records: []string{external(record)}})
		w.must(err)
		w.sync()
		w.disconnect(&mainstay.Contact, w.linked("contact", record).ID)
		_, err = w.match(w.item(old.Ref()), record, true)
		w.must(err)
		w.still("matched to the old one")
		if got := w.linked("contact", record); got.ID != old.ID || got.Sync != mainstay.Syncing {
			t.Fatalf("the record leads to %d, %s, want %d", got.ID, got.Sync, old.ID)
		}
	})
}
