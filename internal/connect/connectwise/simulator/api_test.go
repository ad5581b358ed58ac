package simulator_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"mainstay/internal/connect/connectwise/simulator"
)

// caller asks a simulator without a network.
type caller struct {
	t   *testing.T
	sim *simulator.Simulator
}

func call(t *testing.T, cfg simulator.Config) caller {
	if cfg.Size == (simulator.Size{}) {
		cfg.Size = simulator.Small()
	}
	return caller{t, simulator.New(cfg)}
}

func (c caller) request(method, path, body string, change func(*http.Request)) *http.Response {
	r := httptest.NewRequest(method, "http://psa.test/v2026_1/apis/3.0/"+path, strings.NewReader(body))
	r.SetBasicAuth("bluepeak+demo-public", "demo-private")
	r.Header.Set("clientId", "test")
	if change != nil {
		change(r)
	}
	w := httptest.NewRecorder()
	c.sim.ServeHTTP(w, r)
	return w.Result()
}

// get decodes an answer into out and checks its status.
func (c caller) get(path string, status int, out any) *http.Response {
	c.t.Helper()
	return c.do(http.MethodGet, path, "", status, out)
}

func (c caller) do(method, path, body string, status int, out any) *http.Response {
	c.t.Helper()
	resp := c.request(method, path, body, nil)
	b, _ := io.ReadAll(resp.Body)
	if resp.StatusCode != status {
		c.t.Fatalf("%s %s: status %d, want %d: %s", method, path, resp.StatusCode, status, b)
	}
	if out != nil {
		if err := json.Unmarshal(b, out); err != nil {
			c.t.Fatalf("%s %s: %v: %s", method, path, err, b)
		}
	}
	return resp
}

type thing struct {
	ID      int64         `json:"id"`
	Name    string        `json:"name"`
	Company simulator.Ref `json:"company"`
}

func thingIDs(list []thing) []int64 {
	out := []int64{}
	for _, i := range list {
		out = append(out, i.ID)
	}
	return out
}

func where(conditions string) string { return "?conditions=" + url.QueryEscape(conditions) }

func TestAPI_Credentials(t *testing.T) {
	c := call(t, simulator.Config{ClientID: "0a1b"})
	for name, change := range map[string]func(*http.Request){
		"none":            func(r *http.Request) { r.Header.Del("Authorization") },
		"wrong key":       func(r *http.Request) { r.SetBasicAuth("bluepeak+demo-public", "x") },
		"wrong company":   func(r *http.Request) { r.SetBasicAuth("other+demo-public", "demo-private") },
		"no client id":    func(r *http.Request) { r.Header.Del("clientId") },
		"other client id": func(r *http.Request) { r.Header.Set("clientId", "ffff") },
	} {
		if resp := c.request("GET", "company/companies", "", change); resp.StatusCode != 401 {
			t.Errorf("%s: status %d", name, resp.StatusCode)
		}
	}
	if resp := c.request("GET", "company/companies", "", func(r *http.Request) { r.Header.Set("clientId", "0A1B") }); resp.StatusCode != 200 {
		t.Errorf("the right client id: status %d", resp.StatusCode)
	}
}

func TestAPI_CompanyInfo(t *testing.T) {
	c := call(t, simulator.Config{})
	ask := func(path string) string {
		w := httptest.NewRecorder()
		c.sim.ServeHTTP(w, httptest.NewRequest("GET", path, nil))
		return strings.TrimSpace(w.Body.String())
	}
	if got := ask("/login/companyinfo/nobody"); got != "null" {
		t.Errorf("an unknown company gave %s", got)
	}
	var info map[string]any
	if err := json.Unmarshal([]byte(ask("/login/companyinfo/BluePeak")), &info); err != nil || info["Codebase"] != "v2026_1/" || info["VersionCode"] != "v2026.1" {
		t.Errorf("got %v, %v", info, err)
	}
}

func TestAPI_NumberedPaging(t *testing.T) {
	c := call(t, simulator.Config{Size: simulator.Size{Companies: 60, Contacts: 2500, Sites: 60, Configurations: 10}})
	var page []thing
	resp := c.get("company/contacts", 200, &page)
	if len(page) != 25 || !strings.Contains(resp.Header.Get("Link"), `rel="next"`) || !strings.Contains(resp.Header.Get("Link"), `page=100>; rel="last"`) {
		t.Errorf("%d rows, Link %q", len(page), resp.Header.Get("Link"))
	}
	c.get("company/contacts?pageSize=5000", 200, &page)
	if len(page) != 1000 {
		t.Errorf("a page of 5000 gave %d rows, want the silent cut to 1000", len(page))
	}
	resp = c.get("company/contacts?pageSize=1000&page=3", 200, &page)
	if len(page) != 500 || strings.Contains(resp.Header.Get("Link"), "next") {
		t.Errorf("the last page has %d rows, Link %q", len(page), resp.Header.Get("Link"))
	}
	for _, bad := range []string{"pageSize=0", "page=-1", "page=x", "orderBy=nothing", "orderBy=id+sideways", "conditions=id=", "conditions=types/id=1"} {
		c.get("company/contacts?"+bad, 400, nil)
	}
}

func TestAPI_ForwardOnly(t *testing.T) {
	c := call(t, simulator.Config{PageCap: 7})
	var all []int64
	path := "company/companies?pageSize=1000"
	for pages := 1; path != ""; pages++ {
		resp := c.request("GET", path, "", func(r *http.Request) { r.Header.Set("pagination-type", "forward-only") })
		var page []thing
		if err := json.NewDecoder(resp.Body).Decode(&page); err != nil {
			t.Fatal(err)
		}
		all = append(all, thingIDs(page)...)
		path = ""
		if link := resp.Header.Get("Link"); link != "" {
			_, path, _ = strings.Cut(link[1:strings.Index(link, ">")], "/apis/3.0/")
		}
	}
	if diff := cmp.Diff(c.sim.IDs(simulator.Companies), all); diff != "" {
		t.Error(diff)
	}
}

func TestAPI_Lists(t *testing.T) {
	c := call(t, simulator.Config{Seed: 5})
	ids := c.sim.IDs(simulator.Companies)
	var page []thing
	c.get("company/companies"+where(fmt.Sprintf("id in (%d,%d,999999)", ids[3], ids[1])), 200, &page)
	if diff := cmp.Diff([]int64{ids[1], ids[3]}, thingIDs(page)); diff != "" {
		t.Error(diff)
	}
	var count struct{ Count int }
	c.get("company/companies/count"+where(fmt.Sprintf("id>%d", ids[10])), 200, &count)
	if count.Count != len(ids)-11 {
		t.Errorf("counted %d, want %d", count.Count, len(ids)-11)
	}
	c.get("company/companies?orderBy="+url.QueryEscape("name desc")+"&pageSize=1000", 200, &page)
	names := []string{}
	for _, p := range page {
		names = append(names, strings.ToLower(p.Name))
	}
	slices.Reverse(names)
	if !slices.IsSorted(names) || len(names) != len(ids) {
		t.Error("the rows are not in the order that was asked for")
	}
	var rows []map[string]any
	c.get("company/companies?fields=id,status/id&pageSize=2", 200, &rows)
	if len(rows) != 2 || len(rows[0]) != 2 || len(rows[0]["status"].(map[string]any)) != 1 {
		t.Errorf("fields gave %v", rows)
	}
	for _, path := range []string{"company/companies/statuses", "company/companies/types", "company/contacts/types", "company/configurations/statuses",
		"company/configurations/types", "company/communicationTypes", "company/companyTypeAssociations", "company/sites"} {
		c.get(path, 200, &page)
		if len(page) < 3 {
			t.Errorf("%s has %d rows", path, len(page))
		}
	}
	c.get("system/info", 200, nil)
	c.get("system/nothing", 404, nil)
	c.get("company/companies/1/nothing", 404, nil)
	c.get("company/companies/999999", 404, nil)
}

func TestAPI_Children(t *testing.T) {
	c := call(t, simulator.Config{Seed: 5})
	site, _ := c.sim.Site(c.sim.IDs(simulator.Sites)[4])
	at := fmt.Sprintf("company/companies/%d/", site.Company.ID)
	var page []thing
	c.get(at+"sites", 200, &page)
	if !slices.Contains(thingIDs(page), site.ID) {
		t.Errorf("site %d is not among %v", site.ID, thingIDs(page))
	}
	for _, p := range page {
		if p.Company.ID != site.Company.ID {
			t.Errorf("site %d belongs to %d", p.ID, p.Company.ID)
		}
	}
	var count struct{ Count int }
	c.get(at+"sites/count", 200, &count)
	if count.Count != len(page) {
		t.Errorf("counted %d of %d", count.Count, len(page))
	}
	c.get(at+fmt.Sprintf("sites/%d", site.ID), 200, nil)
	c.get(at+"sites/1", 404, nil)
	c.get("company/companies/999999/sites", 404, nil)
	var types []struct{ Type, Company simulator.Ref }
	c.get(at+"typeAssociations", 200, &types)
	if company, _ := c.sim.Company(site.Company.ID); len(types) != len(company.Types) || types[0].Company.ID != company.ID {
		t.Errorf("got %+v", types)
	}
	c.get("company/companyTypeAssociations"+where(fmt.Sprintf("company/id in (%d)", site.Company.ID)), 200, &page)
	if len(page) != len(types) {
		t.Errorf("%d associations of %d", len(page), len(types))
	}
	contact := c.sim.IDs(simulator.Contacts)[0]
	c.get(fmt.Sprintf("company/contacts/%d/communications", contact), 200, &page)
}

func TestAPI_Writes(t *testing.T) {
	c := call(t, simulator.Config{Seed: 5})
	var made thing
	c.do("POST", "company/contacts", `{"firstName":"Ida","company":{"id":2}}`, 201, &made)
	c.do("POST", "company/contacts", `{"lastName":"Nobody"}`, 400, nil)
	at := fmt.Sprintf("company/contacts/%d", made.ID)
	c.do("PATCH", at, `[{"op":"replace","path":"firstName","value":"Idun"},{"op":"add","path":"company/name","value":"X"}]`, 200, nil)
	if k, _ := c.sim.Contact(made.ID); k.FirstName != "Idun" || k.Company.ID != 2 {
		t.Errorf("got %+v", k)
	}
	c.do("PATCH", at, `[{"op":"move","path":"firstName"}]`, 400, nil)
	c.do("PUT", at, `{"firstName":"Una"}`, 200, nil)
	c.do("DELETE", at, "", 204, nil)
	c.do("DELETE", at, "", 404, nil)
	ids := c.sim.CompaniesOfType("Client")
	from, to := ids[0], ids[1]
	site, _ := c.sim.Site(c.sim.IDs(simulator.Sites)[slices.Index(c.sim.IDs(simulator.Companies), from)])
	c.do("POST", fmt.Sprintf("company/companies/%d/merge", from), fmt.Sprintf(`{"toCompanyId":%d}`, to), 200, nil)
	c.get(fmt.Sprintf("company/companies/%d", from), 404, nil)
	if s, ok := c.sim.Site(site.ID); !ok || s.Company.ID != to {
		t.Errorf("the site of the merged company is %+v", s)
	}
	if diff := cmp.Diff(map[string]int{"test": 8}, c.sim.Writes()); diff != "" {
		t.Error(diff)
	}
}

func TestAPI_Rights(t *testing.T) {
	c := call(t, simulator.Config{})
	c.sim.Deny(simulator.Contacts)
	c.get("company/contacts", 403, nil)
	c.get("company/contacts/count", 403, nil)
	c.get("company/contacts/types", 200, nil)
	c.sim.Allow(simulator.Contacts)
	hidden := c.sim.LabelID(simulator.CompanyTypes, "Prospect")
	gone := c.sim.CompaniesOfType("Prospect")
	c.sim.HideCompaniesOfType(hidden)
	var count struct{ Count int }
	c.get("company/companies/count", 200, &count)
	if count.Count != c.sim.Count(simulator.Companies)-len(gone) {
		t.Errorf("counted %d", count.Count)
	}
	var refused struct{ Code string }
	c.get(fmt.Sprintf("company/companies/%d", gone[0]), 404, &refused)
	if refused.Code != "NotFound" {
		t.Errorf("code %q", refused.Code)
	}
}

func TestMutations(t *testing.T) {
	c := call(t, simulator.Config{Seed: 6})
	id := c.sim.CompaniesOfType("Lead")[0]
	before, _ := c.sim.Company(id)
	children := c.sim.Count(simulator.Sites)
	c.sim.Delete(simulator.Companies, id)
	if _, ok := c.sim.Company(id); ok || c.sim.Count(simulator.Sites) >= children {
		t.Error("the company, or what was below it, is still there")
	}
	again := c.sim.Recreate(id)
	if after, ok := c.sim.Company(again); !ok || again == id || after.Name != before.Name {
		t.Errorf("created again as %d, %+v", again, after)
	}
	c.sim.Delete(simulator.Companies, again)
	if !c.sim.Undelete(again) || c.sim.Recreate(again) != 0 {
		t.Error("a company that came back is still among the removed ones")
	}
	c.sim.MarkDeleted(again, true)
	if k, _ := c.sim.Company(again); !k.DeletedFlag || k.DateDeleted == "" {
		t.Errorf("got %+v", k)
	}
	lead := c.sim.LabelID(simulator.CompanyTypes, "Lead")
	c.sim.EditLabel(simulator.CompanyTypes, lead, func(l *simulator.Label) { l.Name = "Opportunity" })
	if k, _ := c.sim.Company(again); k.Types[0] != (simulator.Ref{ID: lead, Name: "Opportunity"}) {
		t.Errorf("after the rename the types are %+v", k.Types)
	}
	fresh := c.sim.AddCompany("New Arrival", "Client", "Active")
	if k, _ := c.sim.Company(fresh); k.Status == nil || len(k.Types) != 1 || k.Identifier != "NewArrival" {
		t.Errorf("got %+v", k)
	}
	c.sim.Renumber(fresh, "Another Record")
	if k, _ := c.sim.Company(fresh); k.Name != "Another Record" {
		t.Errorf("got %+v", k)
	}
}
