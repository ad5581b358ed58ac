package connecttest

import (
	"cmp"
	"slices"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"mainstay"
	"mainstay/internal/connect"
)

// byID puts observations into the order of their ids and keeps those of ids.
func byID(obs []mainstay.Observation, ids ...string) []mainstay.Observation {
	out := []mainstay.Observation{}
	for _, o := range obs {
		if slices.Contains(ids, o.ExternalID) {
			out = append(out, o)
		}
	}
	slices.SortFunc(out, func(a, b mainstay.Observation) int { return cmp.Compare(a.ExternalID, b.ExternalID) })
	return out
}

// fetch asks for records by id: what comes is what the list yields of them, and
// what is gone or no id doesn't come.
func (s suite) fetch(t *testing.T) {
	for _, stream := range s.connector(t).Streams() {
		pages, err := walk(t, s.connector(t), stream, "")
		if err != nil {
			t.Fatal(err)
		}
		listed := records(pages)
		all := ids(listed)
		want := []string{all[0], all[2], all[len(all)/2], all[len(all)-1]}
		gone := all[1]
		s.psa.Remove(stream.Kind, gone)
		ask := append([]string{"nonsense", "", "-4", "007", gone}, want...)
		c := s.connector(t)
		got, err := c.Fetch(t.Context(), stream, ask)
		if err != nil {
			t.Fatal(err)
		}
		if diff := gocmp.Diff(byID(listed, want...), byID(got, ids(got)...)); diff != "" {
			t.Errorf("%s: -listed +fetched:\n%s", stream.Label, diff)
		}
		many, err := c.Fetch(t.Context(), stream, all)
		if err != nil || len(many) != len(all)-1 {
			t.Errorf("%s: fetched %d of %d: %v", stream.Label, len(many), len(all)-1, err)
		}
		if none, err := c.Fetch(t.Context(), stream, nil); err != nil || len(none) != 0 {
			t.Errorf("%s: asked for nothing, got %v, %v", stream.Label, none, err)
		}
	}
}

// fetchWithoutSight: a key that lost a right gets an error or nothing, never a
// record.
func (s suite) fetchWithoutSight(t *testing.T) {
	for _, stream := range s.connector(t).Streams() {
		some := s.psa.IDs(stream.Kind)[:3]
		s.psa.Hide(stream.Kind)
		if got, err := s.connector(t).Fetch(t.Context(), stream, some); err != nil || len(got) != 0 {
			t.Errorf("%s hidden: got %v, %v", stream.Label, got, err)
		}
		s.psa.Restore()
		s.psa.Deny(stream.Kind)
		if _, err := s.connector(t).Fetch(t.Context(), stream, some); mainstay.KindOf(err) != mainstay.Forbidden {
			t.Errorf("%s denied: got %v, want forbidden", stream.Label, err)
		} else {
			s.safe(t, err)
		}
		s.psa.Restore()
	}
}

// fetchFaults asks for records by id under each fault: there is an error that a
// person may read, or records that were asked for. Once a passing fault is over,
// or while a harmless one lasts, all of them come.
func (s suite) fetchFaults(t *testing.T) {
	for _, f := range s.psa.Faults {
		streams := s.connector(t).Streams()
		if f.Slow {
			streams = streams[2:3]
		}
		for _, stream := range streams {
			some := s.psa.IDs(stream.Kind)[:3]
			for _, times := range []int{1, 0} {
				s.fetchFault(t, f, stream, some, times)
			}
		}
	}
}

func (s suite) fetchFault(t *testing.T, f Fault, stream connect.Stream, some []string, times int) {
	t.Helper()
	f.Arm(stream.Kind, 1, times)
	got, err := s.connector(t).Fetch(t.Context(), stream, some)
	struck := s.psa.Struck()
	s.psa.Restore()
	if struck == 0 {
		t.Errorf("%s on %s never struck", f.Name, stream.Label)
	}
	if err != nil {
		s.safe(t, err)
	}
	for _, o := range got {
		if o.Kind != stream.Kind || !slices.Contains(some, o.ExternalID) {
			t.Errorf("%s on %s yields %s %s, which nobody asked for", f.Name, stream.Label, o.Kind, o.ExternalID)
		}
	}
	if heals := f.Harmless || f.Passing && times == 1; heals && (err != nil || len(got) != len(some)) {
		t.Errorf("%s on %s, times %d: %d of %d records and %v", f.Name, stream.Label, times, len(got), len(some), err)
	}
}
