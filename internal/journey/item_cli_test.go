package journey

import (
	"strconv"
	"strings"
	"testing"

	"mainstay/internal/connect/connectwise/simulator"
)

// Item 3 of the clean-up on the command line: one item is synced, switched off
// and on, disconnected, matched to its record, and deleted, each taken back.
func TestJourney_itemCommands(t *testing.T) {
	places(t, func(t *testing.T, p place) {
		psa := simulator.New(simulator.Config{Seed: 11, Size: simulator.Scaled(40)})
		server, err := simulator.Start(psa)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(server.Close)
		s := shell{T: t, place: p, psa: psa, url: server.URL()}
		s.connect()
		s.run(0, "integration", "settings", "Our PSA", "--tick", "*", "--contacts", "--locations", "--yes")
		s.synced()
		contact := s.whole(s.run(0, "list", "contacts", "--limit", "1")["items"].([]any)[0].(map[string]any), "id")
		record := s.switches(contact)
		s.matches(contact, record)
		s.deletes(contact)
		s.organization()
		if len(psa.Writes()) != 0 || psa.Requests() == 0 {
			t.Errorf("the PSA counts %d requests and the writes %v; want some and none", psa.Requests(), psa.Writes())
		}
	})
}

// switches shows a contact, syncs it, and turns its syncing off and on.
func (s shell) switches(contact string) (record string) {
	s.Helper()
	shown := s.run(0, "item", "show", "contacts", contact)
	s.keys(shown, "deletable evidence fields id integration name only_here organization reason record ref since status sync_status type version")
	s.is(shown, "sync_status", "syncing")
	s.is(shown, "integration", "Our PSA")
	s.is(shown, "deletable", false)
	s.say(nil, []string{"It can't be deleted while it syncs. Two ways on: mainstay item disconnect contacts " + contact}, "item", "show", "contacts", contact)
	record = shown["record"].(string)
	id, err := strconv.ParseInt(record, 10, 64)
	if err != nil {
		s.Fatal(err)
	}
	now := s.run(0, "item", "sync", "contacts", contact)
	s.keys(now, "fields message outcome sync_status")
	s.is(now, "outcome", "unchanged")
	s.psa.EditContact(id, func(c *simulator.Contact) { c.Title = "Head of Ops" })
	s.is(s.run(0, "item", "disable", "contacts", contact), "sync_status", "disabled")
	s.run(5, "item", "disable", "contacts", contact)
	s.run(5, "item", "sync", "contacts", contact)
	s.synced()
	s.is(s.run(0, "item", "show", "contacts", contact)["fields"].(map[string]any), "title", shown["fields"].(map[string]any)["title"])
	s.is(s.run(0, "item", "enable", "contacts", contact), "sync_status", "syncing")
	s.run(5, "item", "enable", "contacts", contact)
	s.is(s.run(0, "item", "sync", "contacts", contact), "outcome", "updated")
	s.is(s.run(0, "item", "show", "contacts", contact)["fields"].(map[string]any), "title", "Head of Ops")
	s.run(3, "item", "show", "contacts", "999999")
	s.run(3, "item", "show", "locations", contact)
	return record
}

// matches disconnects a contact, takes that back, disconnects it again, finds its
// record and links the two.
func (s shell) matches(contact, record string) {
	s.Helper()
	before := s.everything()
	s.run(5, "item", "match", "contacts", contact)
	ended := s.run(0, "item", "disconnect", "contacts", contact, "--note", "Left")
	s.is(ended, "state", "done")
	s.is(s.run(0, "item", "show", "contacts", contact), "sync_status", "not_linked")
	s.undone(s.whole(ended, "id"))
	s.same(before, "disconnecting one contact was undone")

	s.run(0, "item", "disconnect", "contacts", contact)
	s.run(5, "item", "disconnect", "contacts", contact)
	s.run(5, "item", "sync", "contacts", contact)
	s.say(nil, []string{record, "Was linked with it before."}, "item", "match", "contacts", contact)
	s.say(nil, []string{"Nothing was changed. Add --yes to link them."}, "item", "match", "contacts", contact, record)
	id, err := strconv.ParseInt(record, 10, 64)
	if err != nil {
		s.Fatal(err)
	}
	s.psa.EditContact(id, func(c *simulator.Contact) { c.Title = "Chief" })
	preview := s.run(0, "item", "match", "contacts", contact, record)
	s.keys(preview, "changes does_not_sync integration known linked_before name record trouble waits_for why_not")
	s.is(preview, "known", "now")
	s.is(preview["changes"].(map[string]any)["title"].(map[string]any), "after", "Chief")
	s.is(s.run(0, "item", "show", "contacts", contact), "sync_status", "not_linked")
	s.run(3, "item", "match", "contacts", contact, "0", "--yes")
	matched := s.run(0, "item", "match", "contacts", contact, record, "--yes")
	s.is(matched, "state", "done")
	apart := s.undone(s.whole(matched, "id"))
	s.is(s.run(0, "item", "show", "contacts", contact), "sync_status", "not_linked")
	s.undone(apart)
	s.is(s.run(0, "item", "sync", "contacts", contact), "outcome", "updated")
	s.is(s.run(0, "item", "show", "contacts", contact)["fields"].(map[string]any), "title", "Chief")
}

// deletes: not while it syncs; switched off it goes to Trash and comes back.
func (s shell) deletes(contact string) {
	s.Helper()
	if _, problem, code := s.command(s, "", nil, "item", "delete", "contacts", contact); code != 4 || !strings.Contains(problem, "Turn its syncing off first") {
		s.Errorf("deleting what syncs ends with %d: %s", code, problem)
	}
	s.run(0, "item", "disable", "contacts", contact)
	gone := s.run(0, "item", "delete", "contacts", contact)
	s.is(gone, "state", "done")
	s.run(3, "item", "show", "contacts", contact)
	s.undone(s.whole(gone, "id"))
	s.run(0, "item", "show", "contacts", contact)
}

// organization: one organization is disconnected and deleted through a plan.
func (s shell) organization() {
	s.Helper()
	org := s.whole(s.run(0, "list", "organizations", "sync status: syncing type: Prospect", "--limit", "1")["items"].([]any)[0].(map[string]any), "id")
	plan := s.run(0, "item", "disconnect", "organizations", org, "--note", "Sold")
	s.is(plan, "state", "review")
	s.is(s.run(0, "item", "show", "organizations", org), "sync_status", "syncing")
	id := s.carries(plan)
	s.is(s.run(0, "item", "show", "organizations", org), "sync_status", "not_linked")
	s.is(s.run(0, "item", "delete", "organizations", org), "state", "review")
	s.undone(id)
	s.is(s.run(0, "item", "show", "organizations", org), "sync_status", "syncing")
}
