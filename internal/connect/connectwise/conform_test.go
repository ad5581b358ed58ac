package connectwise_test

import (
	"strconv"
	"testing"
	"time"

	"mainstay"
	"mainstay/internal/connect"
	"mainstay/internal/connect/connecttest"
	"mainstay/internal/connect/connectwise"
	"mainstay/internal/connect/connectwise/simulator"
)

// resourceOf names the simulator's resource of a kind.
func resourceOf(kind mainstay.KindName) string {
	switch kind {
	case mainstay.Organization.Name:
		return simulator.Companies
	case mainstay.Location.Name:
		return simulator.Sites
	case mainstay.Contact.Name:
		return simulator.Contacts
	}
	return simulator.Configurations
}

// rightTo is how ConnectWise names the right to a kind.
func rightTo(kind mainstay.KindName) string {
	switch kind {
	case mainstay.Contact.Name:
		return "Companies > Contacts"
	case mainstay.Configuration.Name:
		return "Companies > Configurations"
	}
	return "Companies > Company Maintenance"
}

// start serves a simulator until the test ends.
func start(t testing.TB, cfg simulator.Config) (*simulator.Simulator, *simulator.Server) {
	t.Helper()
	if cfg.Size == (simulator.Size{}) {
		cfg.Size = simulator.Small()
	}
	sim := simulator.New(cfg)
	server, err := simulator.Start(sim)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(server.Close)
	return sim, server
}

func settings(url string) (options, secrets map[string]string) {
	return map[string]string{"url": url, "company": "bluepeak", "public-key": "demo-public"}, map[string]string{"private-key": "demo-private"}
}

// connectTo makes a connector to a served simulator.
func connectTo(t testing.TB, server *simulator.Server, client *connect.Client) connect.Connector {
	t.Helper()
	options, secrets := settings(server.URL())
	c, err := connectwise.Spec().New(connect.Config{Options: options, Secrets: secrets, Client: client})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func labelsOf(sim *simulator.Simulator) []connect.Label {
	var out []connect.Label
	for _, l := range []struct {
		resource string
		kind     mainstay.KindName
		axis     mainstay.Axis
	}{
		{simulator.CompanyTypes, "organization", mainstay.TypeAxis}, {simulator.CompanyStatuses, "organization", mainstay.StatusAxis},
		{simulator.ConfigurationTypes, "configuration", mainstay.TypeAxis}, {simulator.ConfigurationStatuses, "configuration", mainstay.StatusAxis},
		{simulator.ContactTypes, "contact", mainstay.TypeAxis},
	} {
		for _, id := range sim.IDs(l.resource) {
			k, _ := sim.Label(l.resource, id)
			out = append(out, connect.Label{Kind: l.kind, Axis: l.axis, ExternalID: strconv.FormatInt(id, 10), Name: k.Text(),
				Inactive: k.InactiveFlag || k.ClosedFlag})
		}
	}
	return out
}

// psa makes the suite's view of a simulator.
func psa(sim *simulator.Simulator, server *simulator.Server) *connecttest.PSA {
	options, secrets := settings(server.URL())
	number := func(id string) int64 {
		n, _ := strconv.ParseInt(id, 10, 64)
		return n
	}
	p := &connecttest.PSA{Options: options, Secrets: secrets,
		IDs: func(kind mainstay.KindName) []string {
			var out []string
			for _, id := range sim.IDs(resourceOf(kind)) {
				out = append(out, strconv.FormatInt(id, 10))
			}
			return out
		},
		Labels: func() []connect.Label { return labelsOf(sim) },
		Remove: func(kind mainstay.KindName, id string) { sim.Delete(resourceOf(kind), number(id)) },
		Hide:   func(kind mainstay.KindName) { sim.HideAll(resourceOf(kind)) },
		Deny: func(kind mainstay.KindName) string {
			sim.Deny(resourceOf(kind))
			return rightTo(kind)
		},
		Restore: func() {
			for _, k := range mainstay.Kinds() {
				sim.Allow(resourceOf(k.Name))
			}
			sim.SetFaults()
		},
		Writes: func() int {
			n := 0
			for _, k := range sim.Writes() {
				n += k
			}
			return n
		},
		Struck: sim.Struck,
		Faults: faults(sim),
	}
	return p
}

// faults lists every fault of the simulator's handler, in its variants.
func faults(sim *simulator.Simulator) []connecttest.Fault {
	slow := map[string]bool{"F02": true, "F09": true, "F10": true, "F11": true, "F29": true}
	var out []connecttest.Fault
	add := func(f simulator.Fault, passing, harmless bool) {
		name := f.ID
		if f.Variant != "" {
			name += " " + f.Variant
		}
		if f.N != 0 {
			name += " " + strconv.Itoa(f.N)
		}
		out = append(out, connecttest.Fault{Name: name, Passing: passing, Harmless: harmless, Slow: slow[f.ID],
			Arm: func(kind mainstay.KindName, page, times int) {
				f.Resource, f.Call, f.Nth, f.Times = resourceOf(kind), simulator.CallList, page, times
				sim.SetFaults(f)
			}})
	}
	for _, f := range []simulator.Fault{{ID: "F02"}, {ID: "F05"}, {ID: "F06"}, {ID: "F07", N: 1}, {ID: "F07", N: 40}, {ID: "F07"}, {ID: "F08"}, {ID: "F08", Variant: "short"},
		{ID: "F13"}, {ID: "F14"}, {ID: "F14", Variant: "date"}, {ID: "F14", Variant: "huge"}, {ID: "F14", Variant: "negative"},
		{ID: "F14", Variant: "past"}, {ID: "F14", Variant: "garbage"}, {ID: "F15"}, {ID: "F15", N: 500}, {ID: "F15", N: 502}, {ID: "F15", N: 504}, {ID: "F31"}} {
		add(f, true, false)
	}
	for _, f := range []simulator.Fault{{ID: "F09", Every: 50 * time.Millisecond}, {ID: "F10"}, {ID: "F11"}, {ID: "F16"}, {ID: "F17"}, {ID: "F18"},
		{ID: "F18", Variant: "record"}, {ID: "F19"}, {ID: "F19", Variant: "https://elsewhere.example/"}, {ID: "F20"}, {ID: "F20", Variant: "json"},
		{ID: "F21"}, {ID: "F22"}, {ID: "F22", Variant: "object"}, {ID: "F23"}, {ID: "F24", Variant: "id"}, {ID: "F26", Variant: "id"},
		{ID: "F28", Variant: "id"}, {ID: "F32"}, {ID: "F33"}, {ID: "F34"}, {ID: "F29", Variant: "long", N: 9 << 20}} {
		add(f, false, false)
	}
	for _, f := range []simulator.Fault{{ID: "F12"}, {ID: "F24"}, {ID: "F24", N: 2}, {ID: "F25"}, {ID: "F26"}, {ID: "F27"}, {ID: "F28"}, {ID: "F29"},
		{ID: "F29", Variant: "long", N: 1 << 20}, {ID: "F30"}, {ID: "F36"}, {ID: "F36", Variant: "skew"}, {ID: "F39"}, {ID: "F40"}, {ID: "F41"}} {
		add(f, false, true)
	}
	return out
}

func TestConformance(t *testing.T) {
	connecttest.Run(t, connecttest.Harness{Spec: connectwise.Spec(), Start: func(t *testing.T) *connecttest.PSA {
		return psa(start(t, simulator.Config{Seed: 11, PageCap: 12}))
	}})
}
