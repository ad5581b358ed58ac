package connectwise_test

import (
	"net/http"
	"testing"
	"time"

	"mainstay"
	"mainstay/internal/connect"
	"mainstay/internal/connect/connecttest"
	"mainstay/internal/connect/connectwise/simulator"
)

// A server that is refused, hangs, or shows a bad certificate gives an error at
// every call, and all is well once it is back.
func TestLineFaults(t *testing.T) {
	sim, server := start(t, simulator.Config{})
	check := func(c connect.Connector, name string) {
		t.Helper()
		ctx := t.Context()
		_, err := c.Test(ctx)
		_, errLabels := c.Labels(ctx)
		_, errCount := c.Count(ctx, stream("contact"))
		_, errPull := c.Pull(ctx, stream("contact"), "")
		_, errConfirm := c.Confirm(ctx, stream("contact"), []string{"1"})
		_, errFetch := c.Fetch(ctx, stream("contact"), []string{"1"})
		for call, err := range map[string]error{"Test": err, "Labels": errLabels, "Count": errCount, "Pull": errPull, "Confirm": errConfirm, "Fetch": errFetch} {
			if mainstay.KindOf(err) != mainstay.Unavailable {
				t.Errorf("%s: %s gave %v, want unavailable", name, call, err)
			}
		}
	}
	c := connectTo(t, server, connecttest.Client())
	server.Down()
	check(c, "F01 refused")
	if err := server.Hang(); err != nil {
		t.Fatal(err)
	}
	check(c, "F02 hanging")
	if err := server.Up(); err != nil {
		t.Fatal(err)
	}
	if got := len(pullAll(t, c, "contact")); got != sim.Count(simulator.Contacts) {
		t.Errorf("back again, %d contacts of %d were read", got, sim.Count(simulator.Contacts))
	}
	for name, kind := range map[string]simulator.Certificate{"F03 bad name": simulator.BadName, "F04 expired": simulator.Expired} {
		s, err := simulator.StartTLS(sim, kind)
		if err != nil {
			t.Fatal(err)
		}
		check(connectTo(t, s, trusting(s)), name)
		s.Close()
	}
}

// trusting is a client that knows the authority of a server.
func trusting(s *simulator.Server) *connect.Client {
	return connect.NewClient(connect.ClientConfig{AllowLoopback: true, RatePerSecond: -1, MaxRetries: 1, Timeout: 5 * time.Second, RootCAs: s.Roots})
}

func TestHTTP2(t *testing.T) {
	sim, _ := start(t, simulator.Config{PageCap: 9})
	protocol := 0
	s, err := simulator.StartTLS(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		protocol = r.ProtoMajor
		sim.ServeHTTP(w, r)
	}), simulator.ValidH2)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	c := connectTo(t, s, trusting(s))
	// F12: the server ends the connection after each answer.
	sim.SetFaults(simulator.Fault{ID: "F12"})
	if got := len(pullAll(t, c, "contact")); got != sim.Count(simulator.Contacts) || protocol != 2 {
		t.Errorf("%d contacts of %d were read over HTTP/%d", got, sim.Count(simulator.Contacts), protocol)
	}
	sim.SetFaults(simulator.Fault{ID: "F05", Resource: simulator.Contacts, Times: 1})
	if got := len(pullAll(t, c, "contact")); got != sim.Count(simulator.Contacts) {
		t.Errorf("after a broken stream %d contacts of %d were read", got, sim.Count(simulator.Contacts))
	}
}

// A heavy page that takes too long is asked for in smaller parts.
func TestSlowPagesGetSmaller(t *testing.T) {
	sim, server := start(t, simulator.Config{Size: simulator.Size{Companies: 40, Contacts: 600, Sites: 40, Configurations: 10}})
	sim.SetFaults(simulator.Fault{ID: "F02", Resource: simulator.Contacts, Call: simulator.CallList, Times: 4})
	c := connectTo(t, server, connecttest.Client())
	first, err := c.Pull(t.Context(), stream("contact"), "")
	if err != nil {
		t.Fatal(err)
	}
	if n := len(first.Records); n != 62 {
		t.Errorf("after two time-outs a page has %d records, want 62", n)
	}
	if got := len(pullAll(t, c, "contact")); got != 600 {
		t.Errorf("%d contacts of 600 were read", got)
	}
}

// Faults while asking by id: nothing that is there is ever called gone.
func TestConfirm_Faults(t *testing.T) {
	sim, server := start(t, simulator.Config{Seed: 3})
	ids := sim.IDs(simulator.Companies)
	gone, there := ids[7], ids[3:6]
	sim.Delete(simulator.Companies, gone)
	ask := []string{key(gone)}
	for _, id := range there {
		ask = append(ask, key(id))
	}
	for id := range simulator.FaultIDs() {
		if slow := map[string]bool{"F02": true, "F09": true, "F10": true, "F11": true, "F29": true}; slow[id] {
			continue
		}
		for _, call := range []simulator.Fault{{Call: simulator.CallList}, {Call: simulator.CallRecord}, {}} {
			for _, variant := range []string{"", "record", "id"} {
				c := connectTo(t, server, connecttest.Client())
				if _, err := c.Pull(t.Context(), stream("organization"), ""); err != nil {
					t.Fatal(err)
				}
				if id == "F34" && call.Call == "" {
					// The PSA hides some records from every question and shows others:
					// no connector can tell, which is what the brake is for.
					continue
				}
				call.ID, call.Resource, call.Variant = id, simulator.Companies, variant
				sim.SetFaults(call)
				got, err := c.Confirm(t.Context(), stream("organization"), ask)
				sim.SetFaults()
				for _, id := range there {
					if got[key(id)] == connect.Gone {
						t.Errorf("%+v: company %d is there and was called gone (%v)", call, id, err)
					}
				}
			}
		}
	}
}

// A key that loses its sight between the questions gets "not found" for
// everything from then on: none of it counts.
func TestConfirm_SightLostMeanwhile(t *testing.T) {
	sim, server := start(t, simulator.Config{Seed: 3})
	ids := sim.IDs(simulator.Contacts)
	c := connectTo(t, server, connecttest.Client())
	if _, err := c.Pull(t.Context(), stream("contact"), ""); err != nil {
		t.Fatal(err)
	}
	sim.Hide(simulator.Contacts, func(id int64) bool { return id == ids[5] })
	sim.SetFaults(simulator.Fault{ID: "F37", Resource: simulator.Contacts, Call: simulator.CallRecord, Times: 1,
		Do: func(s *simulator.Simulator) { s.HideAll(simulator.Contacts) }})
	got, err := c.Confirm(t.Context(), stream("contact"), []string{key(ids[5]), key(ids[6])})
	if err != nil || got[key(ids[5])] != connect.Unreadable || got[key(ids[6])] != connect.Present {
		t.Errorf("got %v, %v", got, err)
	}
}

// Records that are marked deleted vouch for nothing, so they don't crowd out the
// ones that can: what is gone is called gone however many are marked.
func TestConfirm_mostAreMarkedDeleted(t *testing.T) {
	sim, server := start(t, simulator.Config{Seed: 3, PageCap: 5})
	ids := sim.IDs(simulator.Companies)
	for _, id := range ids[1:] {
		sim.MarkDeleted(id, true)
	}
	sim.Delete(simulator.Companies, ids[7])
	c := connectTo(t, server, connecttest.Client())
	for from, last := "", false; !last; {
		p, err := c.Pull(t.Context(), stream("organization"), from)
		if err != nil {
			t.Fatal(err)
		}
		from, last = p.Next, p.Last
	}
	got, err := c.Confirm(t.Context(), stream("organization"), []string{key(ids[7])})
	if err != nil || got[key(ids[7])] != connect.Gone {
		t.Errorf("got %v, %v, want gone", got, err)
	}
}
