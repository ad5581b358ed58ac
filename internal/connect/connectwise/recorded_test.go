package connectwise_test

import (
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"mainstay"
	"mainstay/internal/connect"
	"mainstay/internal/connect/connecttest"
	"mainstay/internal/connect/connectwise"
)

// replay serves recorded answers: files by the path below the API. What comes
// behind the last id of a list is empty.
func replay(t *testing.T, files map[string]string) connect.Connector {
	t.Helper()
	read := func(name string) []byte {
		b, err := os.ReadFile("testdata/" + name)
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		path, ok := strings.CutPrefix(r.URL.Path, "/v2017_3/apis/3.0/")
		name := files[path]
		switch {
		case strings.HasPrefix(r.URL.Path, "/login/companyinfo/"):
			_, _ = w.Write(read("company_info.json"))
		case !ok || name == "":
			w.WriteHeader(http.StatusNotFound)
			_, _ = w.Write(read("live-read-not-found.json"))
		case strings.Contains(name, "not-found"):
			w.WriteHeader(http.StatusNotFound)
			_, _ = w.Write(read(name))
		case strings.HasPrefix(strings.TrimPrefix(r.URL.Query().Get("conditions"), "id>0"), "id>"):
			_, _ = w.Write([]byte("[]"))
		default:
			_, _ = w.Write(read(name))
		}
	}))
	t.Cleanup(s.Close)
	c, err := connectwise.Spec().New(connect.Config{Options: map[string]string{"url": s.URL, "company": "cw", "public-key": "k"},
		Secrets: map[string]string{"private-key": "s3cret"}, Client: connecttest.Client()})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func stream(kind mainstay.KindName) connect.Stream { return connect.Stream{Kind: kind} }

func text(pairs ...string) mainstay.Values {
	v := mainstay.Values{}
	for i := 0; i < len(pairs); i += 2 {
		v.SetText(pairs[i], pairs[i+1])
	}
	return v
}

func TestRecorded_Records(t *testing.T) {
	live := text("first_name", "Alex", "last_name", "Morgan", "title", "Operations Manager")
	live.SetRows("phones", []mainstay.Row{{"value": "5558675309", "label": "Mobile", "primary": "true"}})
	arnie := text("first_name", "Arnie", "last_name", "Bellini", "title", "CPA, MBA", "location_id", "28")
	arnie.SetRows("emails", []mainstay.Row{{"value": "Arnie@YourCompany.com", "label": "Email", "primary": "true"}})
	arnie.SetRows("phones", []mainstay.Row{{"value": "8139357100", "extension": "401", "label": "Direct", "primary": "true"}})
	fetched := live.Clone()
	fetched["emails"], fetched["phones"] = arnie["emails"], arnie["phones"]
	cases := []struct {
		name  string
		kind  mainstay.KindName
		files map[string]string
		want  mainstay.Observation
	}{
		{"company", "organization", map[string]string{"company/companies": "companies.json"}, mainstay.Observation{
			Kind: "organization", ExternalID: "2", Name: "TestCompany", TypeIDs: []string{"5"}, StatusID: "1", Updated: "2015-12-24T22:08:22Z",
			Values: text("short_name", "YourCompany", "phone", "1450994900", "website", "www.YourCompany.com")}},
		{"site", "location", map[string]string{"company/sites": "company_sites.json"}, mainstay.Observation{
			Kind: "location", ExternalID: "1", Name: "Test Company Site", CompanyID: "2", Values: text()}},
		{"site below its company", "location", map[string]string{"company/companies": "companies.json", "company/companies/2/sites": "company_sites.json"},
			mainstay.Observation{Kind: "location", ExternalID: "1", Name: "Test Company Site", CompanyID: "2", Values: text()}},
		{"contact", "contact", map[string]string{"company/contacts": "contacts.json"}, mainstay.Observation{
			Kind: "contact", ExternalID: "2", Name: "Arnie Bellini", CompanyID: "2", Values: arnie}},
		{"contact with an empty site, its default phone only", "contact", map[string]string{"company/contacts": "live-read-contacts.json"},
			mainstay.Observation{Kind: "contact", ExternalID: "31045", Name: "Alex Morgan", CompanyID: "20481", Values: live}},
		{"contact with communications of their own", "contact", map[string]string{"company/contacts": "live-read-contacts.json",
			"company/contacts/31045/communications": "contact_communications.json"},
			mainstay.Observation{Kind: "contact", ExternalID: "31045", Name: "Alex Morgan", CompanyID: "20481", Values: fetched}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			got := pullAll(t, replay(t, c.files), c.kind)
			if diff := cmp.Diff([]mainstay.Observation{c.want}, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestRecorded_Labels(t *testing.T) {
	c := replay(t, map[string]string{
		"company/companies/types": "company_types.json", "company/companies/statuses": "company_statuses.json",
		"company/configurations/types": "configuration_types.json", "company/configurations/statuses": "configuration_statuses.json",
		"company/contacts/types": "contact_types.json"})
	got, err := c.Labels(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	want := []connect.Label{
		{Kind: "organization", Axis: "type", ExternalID: "5", Name: "Partner"},
		{Kind: "organization", Axis: "status", ExternalID: "1", Name: "Active"},
		{Kind: "configuration", Axis: "type", ExternalID: "1", Name: "Network"},
		{Kind: "configuration", Axis: "status", ExternalID: "1", Name: "Testing Network"},
		{Kind: "contact", Axis: "type", ExternalID: "1", Name: "Test Contact Type"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// The recorded "not found" is believed only while another record is in sight.
func TestRecorded_NotFound(t *testing.T) {
	for witness, want := range map[string]connect.Presence{"company.json": connect.Gone, "company_info.json": connect.Unreadable,
		"live-read-not-found.json": connect.Unreadable, "live-delete-contact-not-found.json": connect.Unreadable} {
		c := replay(t, map[string]string{"company/contacts": "contacts.json", "company/contacts/57919": "live-delete-contact-not-found.json",
			"company/contacts/2": witness})
		got, err := c.Confirm(t.Context(), stream("contact"), []string{"57919"})
		if err != nil || got["57919"] != want {
			t.Errorf("with %s in place of a known contact: got %v, %v, want %v", witness, got, err, want)
		}
	}
}

// A path that does not exist says nothing about a record.
func TestRecorded_MissingEndpoint(t *testing.T) {
	c := replay(t, map[string]string{"company/contacts": "contacts.json", "company/contacts/57919": "live-read-not-found.json",
		"company/contacts/2": "company.json"})
	got, err := c.Confirm(t.Context(), stream("contact"), []string{"57919"})
	if err != nil || got["57919"] != connect.Unreadable {
		t.Errorf("got %v, %v", got, err)
	}
}

// pullAll reads a stream whole and returns its records.
func pullAll(t *testing.T, c connect.Connector, kind mainstay.KindName) []mainstay.Observation {
	t.Helper()
	var out []mainstay.Observation
	for cursor := ""; ; {
		p, err := c.Pull(t.Context(), stream(kind), cursor)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, p.Records...)
		if p.Last {
			return out
		}
		cursor = p.Next
	}
}
