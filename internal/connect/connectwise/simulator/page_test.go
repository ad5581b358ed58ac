package simulator_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"mainstay/internal/connect/connectwise/simulator"
)

// browse opens an address of the PSA's own page, with a form for a post.
func browse(t *testing.T, sim *simulator.Simulator, address string, form url.Values) (status int, body, location string) {
	t.Helper()
	r := httptest.NewRequest(http.MethodGet, "http://psa.test"+address, nil)
	if form != nil {
		r = httptest.NewRequest(http.MethodPost, "http://psa.test"+address, strings.NewReader(form.Encode()))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	w := httptest.NewRecorder()
	sim.ServeHTTP(w, r)
	return w.Code, w.Body.String(), w.Header().Get("Location")
}

func TestPage_Shows(t *testing.T) {
	sim := simulator.New(simulator.Config{Seed: 2, Size: simulator.Scaled(300)})
	sim.EditCompany(2, func(c *simulator.Company) { c.Name = `<script>alert("x")</script>` })
	for _, address := range []string{"/", "/?q=a&page=2", "/?type=6", "/?q=nothing-like-it", "/?page=999", "/companies/2", "/contacts", "/contacts?page=2",
		"/configurations?q=srv", "/removed", "/style.css"} {
		status, body, _ := browse(t, sim, address, nil)
		if status != 200 || strings.Contains(body, "<script") || body == "" {
			t.Errorf("%s: status %d", address, status)
		}
	}
	if _, body, _ := browse(t, sim, "/?q=alert", nil); !strings.Contains(body, "&lt;script&gt;") || !strings.Contains(body, "1 found") {
		t.Error("the search does not find the company")
	}
	if _, _, to := browse(t, sim, "/v4_6_release/services/system_io/router/openrecord.rails?recordType=CompanyFV&recid=2", nil); to != "/companies/2" {
		t.Errorf("a link to a company leads to %q", to)
	}
}

func TestPage_Edits(t *testing.T) {
	sim := simulator.New(simulator.Config{Seed: 2, Size: simulator.Small()})
	ids := sim.CompaniesOfType("Prospect")
	at := func(id int64, action string) string { return fmt.Sprintf("/companies/%d/%s", id, action) }
	post := func(address string, form url.Values) {
		t.Helper()
		if status, body, _ := browse(t, sim, address, form); status != http.StatusSeeOther {
			t.Fatalf("%s: status %d: %s", address, status, body)
		}
	}
	post(at(ids[0], "save"), url.Values{"name": {"Renamed"}, "type": {"1", "5"}, "status": {"3"}})
	if c, _ := sim.Company(ids[0]); c.Name != "Renamed" || len(c.Types) != 2 || c.Status.Name != "On hold" {
		t.Errorf("after saving: %+v", c)
	}
	post(at(ids[0], "save"), url.Values{"name": {""}, "status": {"3"}})
	if c, _ := sim.Company(ids[0]); c.Name != "Renamed" {
		t.Error("an empty name was saved")
	}
	post(at(ids[0], "mark"), url.Values{})
	if c, _ := sim.Company(ids[0]); !c.DeletedFlag {
		t.Error("the company is not marked as deleted")
	}
	post(at(ids[0], "merge"), url.Values{"into": {fmt.Sprint(ids[1])}})
	if _, ok := sim.Company(ids[0]); ok {
		t.Error("the merged company is still there")
	}
	post(at(ids[1], "delete"), url.Values{})
	if len(sim.Removed()) != 2 {
		t.Errorf("%d companies are among the removed ones, want 2", len(sim.Removed()))
	}
	post(fmt.Sprintf("/removed/%d/recreate", ids[0]), url.Values{})
	post(fmt.Sprintf("/removed/%d/undelete", ids[1]), url.Values{})
	if _, ok := sim.Company(ids[1]); !ok || len(sim.Removed()) != 0 {
		t.Error("the removed companies did not come back")
	}
	contact, device := sim.IDs(simulator.Contacts)[0], sim.IDs(simulator.Configurations)[0]
	was, _ := sim.Contact(contact)
	post(fmt.Sprintf("/contacts/%d/turn", contact), url.Values{})
	if is, _ := sim.Contact(contact); is.InactiveFlag == was.InactiveFlag {
		t.Error("the contact did not turn")
	}
	post(fmt.Sprintf("/configurations/%d/turn", device), url.Values{})
	post(fmt.Sprintf("/configurations/%d/delete", device), url.Values{})
	post(fmt.Sprintf("/contacts/%d/delete", contact), url.Values{})
	if _, ok := sim.Configuration(device); ok {
		t.Error("the configuration is still there")
	}
	if len(sim.Writes()) != 0 || sim.Requests() != 0 {
		t.Error("work at the PSA's own page was counted as requests of a client")
	}
}

func TestPage_RefusesOtherSites(t *testing.T) {
	sim := simulator.New(simulator.Config{Size: simulator.Small()})
	r := httptest.NewRequest(http.MethodPost, "http://psa.test/companies/2/delete", nil)
	r.Header.Set("Sec-Fetch-Site", "cross-site")
	w := httptest.NewRecorder()
	sim.ServeHTTP(w, r)
	if _, ok := sim.Company(2); !ok || w.Code != http.StatusForbidden {
		t.Errorf("a form of another site got status %d", w.Code)
	}
}
