package connecttest

import (
	"fmt"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"mainstay"
	"mainstay/internal/connect"
)

// mostPages bounds a walk, so that a list that runs in a circle ends the test.
const mostPages = 2_000

// walk reads a stream to its end, and returns the pages.
func walk(t *testing.T, c connect.Connector, stream connect.Stream, cursor string) ([]connect.Page, error) {
	t.Helper()
	var out []connect.Page
	for range mostPages {
		p, err := c.Pull(t.Context(), stream, cursor)
		if err != nil {
			return out, err
		}
		out = append(out, p)
		if p.Last {
			if p.Next != "" {
				t.Errorf("the last page of %s names a next one: %q", stream.Label, p.Next)
			}
			return out, nil
		}
		if p.Next == "" || p.Next == cursor {
			return out, fmt.Errorf("%s: after %q comes %q, and no end", stream.Label, cursor, p.Next)
		}
		cursor = p.Next
	}
	return out, fmt.Errorf("%s has no end", stream.Label)
}

func records(pages []connect.Page) []mainstay.Observation {
	var out []mainstay.Observation
	for _, p := range pages {
		out = append(out, p.Records...)
	}
	return out
}

func ids(obs []mainstay.Observation) []string {
	out := []string{}
	for _, o := range obs {
		out = append(out, o.ExternalID)
	}
	return out
}

func (s suite) pull(t *testing.T) {
	c := s.connector(t)
	for _, stream := range c.Streams() {
		pages, err := walk(t, c, stream, "")
		if err != nil {
			t.Fatal(err)
		}
		if len(pages) < 3 {
			t.Errorf("%s has %d pages: the suite needs 3 to say something", stream.Label, len(pages))
		}
		all := records(pages)
		if diff := cmp.Diff(s.psa.IDs(stream.Kind), ids(all)); diff != "" {
			t.Errorf("%s: %s", stream.Label, diff)
		}
		n, err := c.Count(t.Context(), stream)
		if err != nil || n != len(all) {
			t.Errorf("%s: counted %d (%v), pulled %d", stream.Label, n, err, len(all))
		}
		for _, o := range all {
			checkRecord(t, stream, o)
		}
	}
}

// checkRecord checks what holds for every observation.
func checkRecord(t *testing.T, stream connect.Stream, o mainstay.Observation) {
	t.Helper()
	if o.Kind != stream.Kind || o.ExternalID == "" {
		t.Errorf("%s yielded %+v", stream.Label, o)
	}
	if o.Bad != "" {
		t.Errorf("%s %s could not be read: %s", stream.Label, o.ExternalID, o.Bad)
		return
	}
	if o.Name == "" || o.Values == nil || o.Updated == "" {
		t.Errorf("%s %s has no name, no values or no time: %+v", stream.Label, o.ExternalID, o)
	}
	kind, err := mainstay.KindNamed(string(o.Kind))
	if err != nil {
		t.Fatal(err)
	}
	for name := range o.Values {
		f := kind.Field(name)
		if f == nil || !f.Synced {
			t.Errorf("%s %s fills the field %q, which no PSA owns", stream.Label, o.ExternalID, name)
		}
	}
}

func (s suite) resume(t *testing.T) {
	for _, stream := range s.connector(t).Streams() {
		whole, err := walk(t, s.connector(t), stream, "")
		if err != nil {
			t.Fatal(err)
		}
		for i, p := range whole[:len(whole)-1] {
			rest, err := walk(t, s.connector(t), stream, p.Next)
			if err != nil {
				t.Fatalf("%s from %q: %v", stream.Label, p.Next, err)
			}
			if diff := cmp.Diff(records(whole[i+1:]), records(rest)); diff != "" {
				t.Errorf("%s from %q in a new connector: %s", stream.Label, p.Next, diff)
			}
		}
	}
}

func (s suite) badCursor(t *testing.T) {
	c := s.connector(t)
	for _, stream := range c.Streams() {
		for _, cursor := range []string{"nonsense", "-1", ":", "\x00", "company:x", "page:", "id:-5"} {
			if _, err := c.Pull(t.Context(), stream, cursor); mainstay.KindOf(err) != mainstay.Invalid {
				t.Errorf("%s from %q gave %v, want invalid", stream.Label, cursor, err)
			}
		}
	}
}

func (s suite) confirm(t *testing.T) {
	for _, stream := range s.connector(t).Streams() {
		all := s.psa.IDs(stream.Kind)
		gone := []string{all[1], all[len(all)/2]}
		pulled := s.connector(t)
		if _, err := walk(t, pulled, stream, ""); err != nil {
			t.Fatal(err)
		}
		for _, id := range gone {
			s.psa.Remove(stream.Kind, id)
		}
		want := map[string]connect.Presence{"nonsense": connect.Unreadable, "": connect.Unreadable, "-4": connect.Unreadable,
			"007": connect.Unreadable, gone[0]: connect.Gone, gone[1]: connect.Gone}
		ask := []string{"nonsense", "", "-4", "007"}
		for _, id := range all {
			if !slices.Contains(gone, id) {
				want[id] = connect.Present
			}
			ask = append(ask, id)
		}
		// A connector that has read the list, and one that has read nothing yet.
		for name, c := range map[string]connect.Connector{"after a walk": pulled, "fresh": s.connector(t)} {
			got, err := c.Confirm(t.Context(), stream, ask)
			if err != nil {
				t.Fatal(err)
			}
			if name == "fresh" {
				// Nothing is left that could vouch for the key's sight when every
				// record is asked for at once, so less is claimed, never more.
				for id, p := range got {
					if p != want[id] && p != connect.Unreadable {
						t.Errorf("%s, %s: %s is %v, want %v", stream.Label, name, id, p, want[id])
					}
				}
				continue
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("%s, %s: %s", stream.Label, name, diff)
			}
		}
		got, err := s.connector(t).Confirm(t.Context(), stream, gone)
		if diff := cmp.Diff(map[string]connect.Presence{gone[0]: connect.Gone, gone[1]: connect.Gone}, got); diff != "" || err != nil {
			t.Errorf("%s, fresh: %v %s", stream.Label, err, diff)
		}
		if none, err := pulled.Confirm(t.Context(), stream, nil); err != nil || len(none) != 0 {
			t.Errorf("%s: asked for nothing, got %v, %v", stream.Label, none, err)
		}
	}
}

func (s suite) confirmWithoutSight(t *testing.T) {
	for _, stream := range s.connector(t).Streams() {
		all := s.psa.IDs(stream.Kind)
		pulled := s.connector(t)
		if _, err := walk(t, pulled, stream, ""); err != nil {
			t.Fatal(err)
		}
		for name, take := range map[string]func(){"hidden": func() { s.psa.Hide(stream.Kind) }, "denied": func() { s.psa.Deny(stream.Kind) }} {
			take()
			for who, c := range map[string]connect.Connector{"after a walk": pulled, "fresh": s.connector(t)} {
				got, err := c.Confirm(t.Context(), stream, all[:3])
				if err != nil {
					s.safe(t, err)
				}
				for id, p := range got {
					if p != connect.Unreadable {
						t.Errorf("%s %s, %s: %s is %v, want unreadable", stream.Label, name, who, id, p)
					}
				}
			}
			s.psa.Restore()
		}
	}
}

// faults walks each stream under each fault, from the first page on, from later
// ones, once and for ever: the walk fails, or it is complete, or counting shows
// that it is not. It never succeeds with less.
func (s suite) faults(t *testing.T) {
	for _, f := range s.psa.Faults {
		t.Run(f.Name, func(t *testing.T) {
			streams, pages := s.connector(t).Streams(), []int{1, 2, 4}
			if f.Slow {
				streams, pages = streams[2:3], pages[1:2]
			}
			for _, stream := range streams {
				for _, page := range pages {
					s.fault(t, f, stream, page, 1)
					s.fault(t, f, stream, page, 0)
				}
			}
		})
	}
}

func (s suite) fault(t *testing.T, f Fault, stream connect.Stream, page, times int) {
	t.Helper()
	f.Arm(stream.Kind, page, times)
	c := s.connector(t)
	pages, err := walk(t, c, stream, "")
	struck := s.psa.Struck()
	s.psa.Restore()
	where := fmt.Sprintf("%s from page %d, times %d", stream.Label, page, times)
	if struck == 0 {
		t.Errorf("%s: the fault never struck", where)
	}
	s.judge(t, f, c, stream, pages, err, where, times == 1)
}

func (s suite) judge(t *testing.T, f Fault, c connect.Connector, stream connect.Stream, pages []connect.Page, err error, where string, once bool) {
	t.Helper()
	want, got := s.psa.IDs(stream.Kind), ids(records(pages))
	if err != nil {
		s.safe(t, err)
	}
	heals := f.Harmless || f.Passing && once
	switch {
	case heals && (err != nil || !slices.Equal(got, want)):
		t.Errorf("%s: the walk should have gone on to the end, but gave %d of %d records and %v", where, len(got), len(want), err)
		return
	case err != nil || slices.Equal(got, want):
		return
	}
	n, err := c.Count(t.Context(), stream)
	if err != nil || n <= len(got) {
		t.Errorf("%s: a walk ended well with %d of %d records, and counting (%d, %v) does not show it", where, len(got), len(want), n, err)
	}
}
