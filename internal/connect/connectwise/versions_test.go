package connectwise_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"mainstay"
	"mainstay/internal/connect"
	"mainstay/internal/connect/connecttest"
	"mainstay/internal/connect/connectwise"
	"mainstay/internal/connect/connectwise/simulator"
)

func kinds() []mainstay.KindName {
	return []mainstay.KindName{"organization", "location", "contact", "configuration"}
}

// An older or oddly set up ConnectWise must tell the same as a new one.
func TestVersions(t *testing.T) {
	base := simulator.Config{Seed: 4, Size: simulator.Scaled(150)}
	_, server := start(t, base)
	modern := connectTo(t, server, connecttest.Client())
	want := map[mainstay.KindName][]mainstay.Observation{}
	for _, k := range kinds() {
		want[k] = pullAll(t, modern, k)
	}
	for name, change := range map[string]func(*simulator.Config){
		"short pages":                func(c *simulator.Config) { c.PageCap = 7 },
		"no forward-only paging":     func(c *simulator.Config) { c.NoForwardOnly, c.PageCap = true, 40 },
		"types in the associations":  func(c *simulator.Config) { c.CompanyTypes, c.PageCap = simulator.TypesElsewhere, 30 },
		"sites below companies only": func(c *simulator.Config) { c.NoSitesPath = true },
		"another code base":          func(c *simulator.Config) { c.Codebase = "v4_6_release/" },
	} {
		t.Run(name, func(t *testing.T) {
			cfg := base
			change(&cfg)
			_, server := start(t, cfg)
			c := connectTo(t, server, connecttest.Client())
			if _, err := c.Test(t.Context()); err != nil {
				t.Fatal(err)
			}
			for _, k := range kinds() {
				got := pullAll(t, c, k)
				n, err := c.Count(t.Context(), stream(k))
				if err != nil || n != len(got) {
					t.Errorf("%s: counted %d (%v), pulled %d", k, n, err, len(got))
				}
				if cfg.NoSitesPath && k == "location" {
					got = byID(got) // company by company, so in another order
				}
				if diff := cmp.Diff(want[k], got); diff != "" {
					t.Errorf("%s: %s", k, diff)
				}
				// A new connector knows nothing of this version yet.
				some := want[k][3:6]
				one, err := connectTo(t, server, connecttest.Client()).Fetch(t.Context(), stream(k), []string{some[0].ExternalID, some[1].ExternalID, some[2].ExternalID})
				if cfg.NoSitesPath && k == "location" {
					if mainstay.KindOf(err) != mainstay.Unavailable || !strings.Contains(err.Error(), "single site") {
						t.Errorf("a single site gave %v, %v", one, err)
					}
				} else if diff := cmp.Diff(some, one); diff != "" || err != nil {
					t.Errorf("%s by id: %v %s", k, err, diff)
				}
			}
		})
	}
}

func byID(obs []mainstay.Observation) []mainstay.Observation {
	out := append([]mainstay.Observation{}, obs...)
	number := func(o mainstay.Observation) int { n, _ := strconv.Atoi(o.ExternalID); return n }
	for i := range out {
		for j := i; j > 0 && number(out[j-1]) > number(out[j]); j-- {
			out[j-1], out[j] = out[j], out[j-1]
		}
	}
	return out
}

func TestVersions_OneType(t *testing.T) {
	cfg := simulator.Config{Seed: 4, CompanyTypes: simulator.TypeField}
	sim, server := start(t, cfg)
	for _, o := range pullAll(t, connectTo(t, server, connecttest.Client()), "organization") {
		id, _ := strconv.ParseInt(o.ExternalID, 10, 64)
		c, _ := sim.Company(id)
		if diff := cmp.Diff([]string{strconv.FormatInt(c.Types[0].ID, 10)}, o.TypeIDs); diff != "" {
			t.Errorf("%s: %s", o.Name, diff)
		}
	}
}

func TestUpgradeDuringAWalk(t *testing.T) {
	sim, server := start(t, simulator.Config{PageCap: 10})
	sim.SetFaults(simulator.Fault{ID: "F37", Resource: simulator.Contacts, Nth: 3, Times: 1, Do: func(s *simulator.Simulator) { s.SetCodebase("v2026_2/") }})
	got := pullAll(t, connectTo(t, server, connecttest.Client()), "contact")
	if len(got) != sim.Count(simulator.Contacts) {
		t.Errorf("pulled %d contacts of %d", len(got), sim.Count(simulator.Contacts))
	}
	if sim.RequestsTo("login/companyinfo") != 2 {
		t.Errorf("asked for the code base %d times, want 2", sim.RequestsTo("login/companyinfo"))
	}
}

// Whatever happens to other records while a list is read, a record that is
// there all the time is read exactly once.
func TestPull_WhileThePSAChanges(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		cfg := simulator.Config{Seed: rapid.Int64().Draw(rt, "seed"), Size: simulator.Size{Companies: 40, Contacts: 40, Sites: 40, Configurations: 10},
			PageCap: rapid.IntRange(3, 12).Draw(rt, "page size"), NoForwardOnly: rapid.Bool().Draw(rt, "by id")}
		sim, server := start(t, cfg)
		defer server.Close()
		c := connectTo(t, server, connecttest.Client())
		stays := map[string]bool{}
		for _, id := range sim.IDs(simulator.Companies) {
			stays[strconv.FormatInt(id, 10)] = true
		}
		seen := map[string]int{}
		for cursor := ""; ; {
			p, err := c.Pull(t.Context(), stream("organization"), cursor)
			if err != nil {
				rt.Fatal(err)
			}
			for _, o := range p.Records {
				seen[o.ExternalID]++
			}
			if p.Last {
				break
			}
			cursor = p.Next
			meddle(rt, sim, stays)
		}
		for id := range stays {
			if seen[id] != 1 {
				rt.Errorf("company %s was there all the time and was read %d times", id, seen[id])
			}
		}
	})
}

// meddle changes the PSA at random.
func meddle(rt *rapid.T, sim *simulator.Simulator, stays map[string]bool) {
	ids := sim.IDs(simulator.Companies)
	id := rapid.SampledFrom(ids).Draw(rt, "company")
	switch rapid.IntRange(0, 4).Draw(rt, "change") {
	case 0:
		sim.Delete(simulator.Companies, id)
		delete(stays, strconv.FormatInt(id, 10))
	case 1:
		sim.AddCompany(fmt.Sprintf("Late Arrival %d", id), "Client", "Active")
	case 2:
		sim.EditCompany(id, func(c *simulator.Company) { c.Name = "Aardvark " + c.Name })
	case 3:
		if other := rapid.SampledFrom(ids).Draw(rt, "other"); sim.Merge(id, other) {
			delete(stays, strconv.FormatInt(id, 10))
		}
	}
}

func TestNarrowedKey(t *testing.T) {
	sim, server := start(t, simulator.Config{})
	c := connectTo(t, server, connecttest.Client())
	sim.HideAll(simulator.Companies)
	if _, err := c.Test(t.Context()); mainstay.KindOf(err) != mainstay.Forbidden || !strings.Contains(err.Error(), "Company Maintenance") {
		t.Errorf("a key that sees no company gave %v", err)
	}
	sim.Allow(simulator.Companies)
	sim.Deny(simulator.ConfigurationStatuses)
	sim.Deny(simulator.Contacts)
	sim.Deny(simulator.SystemInfo)
	_, err := c.Test(t.Context())
	for _, right := range []string{"System > Table Setup", "Companies > Contacts", "System > My Company"} {
		if mainstay.KindOf(err) != mainstay.Forbidden || !strings.Contains(err.Error(), right) {
			t.Errorf("Test gave %v, want all missing rights, %s too", err, right)
		}
	}
}

func TestFingerprint(t *testing.T) {
	ask := func(cfg simulator.Config, company string) connect.Instance {
		_, server := start(t, cfg)
		options, secrets := settings(server.URL())
		options["company"] = company
		c, err := connectwise.Spec().New(connect.Config{Options: options, Secrets: secrets, Client: connecttest.Client()})
		if err != nil {
			t.Fatal(err)
		}
		i, err := c.Test(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		return i
	}
	one, again := ask(simulator.Config{}, "bluepeak"), ask(simulator.Config{Seed: 9, Codebase: "v2027_1/"}, "BluePeak")
	if one.Fingerprint != again.Fingerprint {
		t.Errorf("one PSA at two addresses: %q and %q", one.Fingerprint, again.Fingerprint)
	}
	if other := ask(simulator.Config{Company: "redpeak"}, "redpeak"); other.Fingerprint == one.Fingerprint {
		t.Errorf("two companies share the fingerprint %q", one.Fingerprint)
	}
	if sandbox := ask(simulator.Config{SiteURL: "sandbox.psa.example"}, "bluepeak"); sandbox.Fingerprint == one.Fingerprint {
		t.Errorf("two sites share the fingerprint %q", one.Fingerprint)
	}
	if one.Name != "bluepeak (v2026.1)" {
		t.Errorf("the PSA is called %q", one.Name)
	}
}

func TestUnknownCompany(t *testing.T) {
	_, server := start(t, simulator.Config{})
	options, secrets := settings(server.URL())
	options["company"] = "nobody"
	c, err := connectwise.Spec().New(connect.Config{Options: options, Secrets: secrets, Client: connecttest.Client()})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.Test(t.Context()); mainstay.KindOf(err) != mainstay.Invalid || !strings.Contains(err.Error(), "company") {
		t.Errorf("got %v", err)
	}
}

func TestUnknownClientID(t *testing.T) {
	sim, server := start(t, simulator.Config{ClientID: "another"})
	c := connectTo(t, server, connecttest.Client())
	if _, err := c.Test(t.Context()); mainstay.KindOf(err) != mainstay.Unauthorized || !strings.Contains(err.Error(), "client ID") {
		t.Errorf("got %v", err)
	}
	if sim.Requests() > 3 {
		t.Errorf("%d requests to a PSA that refuses us", sim.Requests())
	}
}

// A PSA that repeats our own credentials must not get them into a message.
func TestErrorsHideSecrets(t *testing.T) {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		if strings.HasPrefix(r.URL.Path, "/login/") {
			_, _ = w.Write([]byte(`{"Codebase":"v1/","CompanyID":"x"}`))
			return
		}
		_, password, _ := r.BasicAuth()
		w.WriteHeader(http.StatusConflict)
		_, _ = fmt.Fprintf(w, `{"code":"Odd","message":"You sent %s and %s"}`, password, r.Header.Get("Authorization"))
	}))
	defer s.Close()
	c, err := connectwise.Spec().New(connect.Config{Options: map[string]string{"url": s.URL, "company": "x", "public-key": "pub"},
		Secrets: map[string]string{"private-key": "very-private"}, Client: connecttest.Client()})
	if err != nil {
		t.Fatal(err)
	}
	_, err = c.Pull(t.Context(), stream("contact"), "")
	if err == nil || strings.Contains(err.Error(), "very-private") || strings.Contains(err.Error(), "eCtwdWI6") || !strings.Contains(err.Error(), "You sent") {
		t.Errorf("got %v", err)
	}
}

func TestCodebaseIsNoPath(t *testing.T) {
	for _, codebase := range []string{"../../admin/", "//evil.example/", "v1/?x=", "a b/", ""} {
		s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			_, _ = fmt.Fprintf(w, `{"Codebase":%q,"CompanyID":"x"}`, codebase)
		}))
		c, err := connectwise.Spec().New(connect.Config{Options: map[string]string{"url": s.URL, "company": "x", "public-key": "pub"},
			Secrets: map[string]string{"private-key": "p"}, Client: connecttest.Client()})
		if err != nil {
			t.Fatal(err)
		}
		if _, err = c.Test(t.Context()); mainstay.KindOf(err) != mainstay.Unavailable {
			t.Errorf("the code base %q gave %v", codebase, err)
		}
		s.Close()
	}
}

func key(id int64) string { return strconv.FormatInt(id, 10) }
