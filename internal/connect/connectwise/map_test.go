package connectwise

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"mainstay"
)

func decode[T record](t *testing.T, s string) T {
	t.Helper()
	rows, err := decodeRows[T]([]byte("[" + s + "]"))
	if err != nil || len(rows) != 1 || rows[0].bad != nil {
		t.Fatalf("%s: %v %+v", s, err, rows)
	}
	return rows[0].rec
}

func TestMapConfiguration(t *testing.T) {
	const base = `{"id":9007199254740993,"name":" HQ-FW01 ","type":{"id":3,"name":"Firewall"},"status":{"id":1},"company":{"id":7}`
	full := base + `,"contact":{"id":12},"site":{"id":5,"name":"Main"},"serialNumber":"S1","modelNumber":"BW-60","tagNumber":"T-1",
		"manufacturer":{"id":2,"name":"Brantwall"},"purchaseDate":"2024-01-02T00:00:00Z","installationDate":"2024-01-09T00: 00: 00Z",
		"installedBy":{"id":4,"identifier":"dana","name":"Dana Whitfield"},"warrantyExpirationDate":"2027-01-02T00:00:00Z",
		"notes":"line one\r\nline two\u0000","macAddress":"00:1A:2B:3C:4D:5E","ipAddress":"10.0.0.1","defaultGateway":"10.0.0.254",
		"osType":"BrantOS 9","activeFlag":true,"_info":{"lastUpdated":"2026-06-09T21: 59:49Z"}}`
	got := mapConfiguration(decode[configuration](t, full), map[int64]bool{})
	want := mainstay.Observation{Kind: "configuration", ExternalID: "9007199254740993", Name: "HQ-FW01", TypeIDs: []string{"3"}, StatusID: "1",
		CompanyID: "7", Updated: "2026-06-09T21:59:49Z", Values: mainstay.Values{}}
	for k, v := range map[string]string{"contact_id": "12", "location_id": "5", "serial_number": "S1", "model": "BW-60", "asset_tag": "T-1",
		"manufacturer": "Brantwall", "purchased_at": "2024-01-02", "installed_at": "2024-01-09", "installed_by": "Dana Whitfield",
		"warranty_expires_at": "2027-01-02", "notes": "line one\nline two", "mac_address": "00:1A:2B:3C:4D:5E", "primary_ip": "10.0.0.1",
		"default_gateway": "10.0.0.254", "operating_system": "BrantOS 9"} {
		want.Values.SetText(k, v)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	for name, c := range map[string]struct {
		more             string
		inactive, hasMAC bool
		bad              string
	}{
		"two addresses":    {`,"macAddress":"00:1A:2B:3C:4D:5E,00:1A:2B:3C:4D:5F"`, false, false, ""},
		"one address":      {`,"macAddress":"00-1A-2B-3C-4D-5E"`, false, true, ""},
		"no address":       {`,"macAddress":"see label"`, false, false, ""},
		"not active":       {`,"activeFlag":false`, true, false, ""},
		"closed status":    {`,"status":{"id":4}`, true, false, ""},
		"empty references": {`,"site":{},"contact":{},"manufacturer":{}`, false, false, ""},
		"odd dates":        {`,"purchaseDate":"","installationDate":"0001-01-01T00:00:00Z","warrantyExpirationDate":"soon"`, false, false, ""},
		"no status":        {`,"status":null`, false, false, "it has no status"},
		"no type":          {`,"type":{}`, false, false, "it has no type"},
		"no company":       {`,"company":{}`, false, false, "it names no company"},
		"no name":          {`,"name":" \t "`, false, false, "it has no name"},
	} {
		o := mapConfiguration(decode[configuration](t, overlaid(t, base+"}", "{"+c.more[1:]+"}")), map[int64]bool{4: true})
		if c.bad != "" || o.Bad != "" {
			if c.bad == "" || !strings.Contains(o.Bad, c.bad) {
				t.Errorf("%s: bad is %q, want %q", name, o.Bad, c.bad)
			}
			continue
		}
		if o.Inactive != c.inactive || (o.Values.Text("mac_address") != "") != c.hasMAC {
			t.Errorf("%s: %+v", name, o)
		}
		for _, f := range []string{"purchased_at", "installed_at", "warranty_expires_at", "location_id", "contact_id", "manufacturer"} {
			if v := o.Values.Text(f); v != "" {
				t.Errorf("%s: %s is %q", name, f, v)
			}
		}
	}
}

// overlaid returns one object with the fields of another on top.
func overlaid(t *testing.T, object, top string) string {
	t.Helper()
	all := map[string]json.RawMessage{}
	for _, s := range []string{object, top} {
		if err := json.Unmarshal([]byte(s), &all); err != nil {
			t.Fatal(err)
		}
	}
	b, err := json.Marshal(all)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestMapCompany(t *testing.T) {
	c := decode[company](t, `{"id":7,"identifier":"AlderDental","name":"Alder\u0000 Dental\n","status":{"id":2,"name":"Inactive"},
		"types":[{"id":5},{"id":1},{"id":5},{}],"parentCompany":{"id":3},"phoneNumber":5550100,"faxNumber":"","website":null,"deletedFlag":true}`)
	want := mainstay.Observation{Kind: "organization", ExternalID: "7", Name: "Alder Dental", TypeIDs: []string{"1", "5"}, StatusID: "2",
		ParentID: "3", Deleted: true, Values: mainstay.Values{"short_name": {Text: "AlderDental"}, "phone": {Text: "5550100"}}}
	if diff := cmp.Diff(want, mapCompany(c)); diff != "" {
		t.Error(diff)
	}
	for text, why := range map[string]string{`{"id":7,"status":{"id":2}}`: "no name", `{"id":7,"name":"A"}`: "no status", `{"id":7,"name":"A","status":{}}`: "no status"} {
		if o := mapCompany(decode[company](t, text)); !strings.Contains(o.Bad, why) || o.ExternalID != "7" {
			t.Errorf("%s gave %+v", text, o)
		}
	}
}

func TestMapSite(t *testing.T) {
	s := decode[site](t, `{"id":4,"name":"Main","addressLine1":"1 Mill Street","addressLine2":"Suite 2","city":"Oakton","stateReference":{"id":5,"identifier":"FL","name":"Florida"},
		"zip":33602,"country":{"id":1,"name":"United States"},"phoneNumber":"8135550100","phoneNumberExt":"12","faxNumber":"8135550101",
		"inactiveFlag":false,"primaryAddressFlag":true,"company":{"id":7},"_info":{"lastUpdated":"2026-01-01T00:00:00Z"}}`)
	want := mainstay.Observation{Kind: "location", ExternalID: "4", Name: "Main", CompanyID: "7", Primary: true, Updated: "2026-01-01T00:00:00Z",
		Values: mainstay.Values{"address_1": {Text: "1 Mill Street"}, "address_2": {Text: "Suite 2"}, "city": {Text: "Oakton"}, "region": {Text: "Florida"},
			"postal_code": {Text: "33602"}, "country": {Text: "United States"}, "phone": {Text: "8135550100 x12"}, "fax": {Text: "8135550101"}}}
	if diff := cmp.Diff(want, mapSite(s)); diff != "" {
		t.Error(diff)
	}
	old := mapSite(decode[site](t, `{"id":4,"name":"Main","state":"FL","country":"USA","inactive":true,"company":{"id":7}}`))
	if !old.Inactive || old.Values.Text("region") != "FL" || old.Values.Text("country") != "USA" {
		t.Errorf("an older site gave %+v", old)
	}
}

func TestMapContact(t *testing.T) {
	c := decode[contact](t, `{"id":9,"firstName":"Zoë","lastName":"O'Dell","site":{},"company":{"id":7},"inactiveFlag":true,"types":[{"id":3},{"id":2}],
		"communicationItems":[{"type":{"id":1,"name":"Email"},"value":" zoe@alder.example ","defaultFlag":true,"communicationType":"Email"},
		{"type":{"id":4,"name":"Fax"},"value":"8135550101","defaultFlag":true,"communicationType":"Fax"},
		{"value":"zoe@telex.example","communicationType":"Telex"},{"type":{"id":9},"value":"8135550100","communicationType":"Pager"},
		{"type":{"id":2,"name":"Direct"},"value":"","communicationType":"Phone"}]}`)
	want := mainstay.Observation{Kind: "contact", ExternalID: "9", Name: "Zoë O'Dell", CompanyID: "7", Inactive: true, TypeIDs: []string{"2", "3"},
		Values: mainstay.Values{"first_name": {Text: "Zoë"}, "last_name": {Text: "O'Dell"},
			"emails": {Rows: []mainstay.Row{{"value": "zoe@alder.example", "label": "Email", "primary": "true"}, {"value": "zoe@telex.example"}}},
			"phones": {Rows: []mainstay.Row{{"value": "8135550101", "label": "Fax"}, {"value": "8135550100"}}}}}
	if diff := cmp.Diff(want, mapContact(c)); diff != "" {
		t.Error(diff)
	}
}

func TestDecodeRows(t *testing.T) {
	for _, body := range []string{"", "null", "{}", `"x"`, "5", "true", `{"items":[]}`, "[", `[{"id":1}`, "[null]", "[[]]", "[5]", `["x"]`, `[{}]`,
		`[{"id":0}]`, `[{"id":-1}]`, `[{"id":1.5}]`, `[{"id":1e3}]`, `[{"id":"1"}]`, `[{"id":null}]`, `[{"id":99999999999999999999}]`,
		`[{"id":{"id":1}}]`, `[{"id":1},{"id":[]}]`, `[{"id":1}],`, `[]x`, `<html>`, `[{"id":1},]`, `{"code":"x","message":"y"}`, `[{"Id":}]`} {
		if rows, err := decodeRows[company]([]byte(body)); err == nil {
			t.Errorf("%q was read as %+v", body, rows)
		}
	}
	rows, err := decodeRows[company]([]byte(`[{"id":1,"name":"A"},{"id":2,"name":["x"]},{"id":3,"deletedFlag":"maybe"},{"id":4,"status":"Active"},{"id":5}]`))
	if err != nil || len(rows) != 5 {
		t.Fatalf("%v %+v", err, rows)
	}
	for i, bad := range []bool{false, true, true, true, false} {
		if rows[i].id != int64(i+1) || (rows[i].bad != nil) != bad {
			t.Errorf("row %d: %+v", i, rows[i])
		}
	}
	if none, err := decodeRows[company]([]byte(" [ ] ")); err != nil || len(none) != 0 {
		t.Errorf("an empty list gave %v, %v", none, err)
	}
}

func TestDecodeCount(t *testing.T) {
	if n, err := decodeCount([]byte(`{"count":12}`)); n != 12 || err != nil {
		t.Errorf("%d %v", n, err)
	}
	for _, body := range []string{"", "{}", "null", "[]", `{"count":null}`, `{"count":-1}`, `{"count":"5"}`, `{"count":1.5}`, "12"} {
		if n, err := decodeCount([]byte(body)); err == nil {
			t.Errorf("%q was read as %d", body, n)
		}
	}
}

func TestNextPageID(t *testing.T) {
	for _, c := range []struct {
		header, id string
		has        bool
	}{
		{"", "", false},
		{`<https://x/company/contacts?pageSize=1000&pageId=81>; rel="next"`, "81", true},
		{`<https://x/?page=3>; rel="last", <https://x/?page=2>; rel="next"`, "", true},
		{`<https://x/?a=1,2;3&pageId=7>;rel=next`, "", true},
		{`<https://x/?pageId=7>; title="a"; REL="Next"`, "7", true},
		{`<https://x/?pageId=7>; rel="prev"`, "", false},
		{`<https://x/?pageId=7`, "", false},
		{`rel="next"`, "", false},
		{`>; rel="next" <`, "", false},
	} {
		if id, has := nextPageID([]string{c.header}); id != c.id || has != c.has {
			t.Errorf("%q gave %q, %v, want %q, %v", c.header, id, has, c.id, c.has)
		}
	}
}

func TestHosts(t *testing.T) {
	for _, c := range []struct{ host, site, api, person string }{
		{"na.myconnectwise.net", "", "api-na.myconnectwise.net", "na.myconnectwise.net"},
		{"api-eu.myconnectwise.net", "", "api-eu.myconnectwise.net", "eu.myconnectwise.net"},
		{"au.myconnectwise.net", "evil.example", "api-au.myconnectwise.net", "au.myconnectwise.net"},
		{"staging.myconnectwise.net", "api-staging.myconnectwise.net", "api-staging.myconnectwise.net", "staging.myconnectwise.net"},
		{"psa.msp.example", "api-na.myconnectwise.net", "psa.msp.example", "psa.msp.example"},
		{"na.myconnectwise.net.evil.example", "", "na.myconnectwise.net.evil.example", "na.myconnectwise.net.evil.example"},
		{"127.0.0.1:8080", "bluepeak.psa.example", "127.0.0.1:8080", "127.0.0.1:8080"},
	} {
		if got := apiHost(c.host, c.site); got != c.api {
			t.Errorf("the API of %s is at %s, want %s", c.host, got, c.api)
		}
		if got := personHost(c.host); got != c.person {
			t.Errorf("people open %s at %s, want %s", c.host, got, c.person)
		}
	}
}

func TestCursor(t *testing.T) {
	for _, s := range []string{"id:5", "page:12:99", "page:12:a:b/c"} {
		if c, err := parseCursor(s); err != nil || c.String() != s {
			t.Errorf("%q became %q, %v", s, c, err)
		}
	}
}

// checkMapped checks what every observation must be, whatever was sent.
func checkMapped(t *testing.T, kind *mainstay.Kind, o mainstay.Observation) {
	t.Helper()
	if o.ExternalID == "" || o.Kind != kind.Name {
		t.Errorf("no identity: %+v", o)
	}
	if o.Bad != "" {
		return
	}
	if o.Name == "" || mainstay.CleanText(o.Name, false) != o.Name {
		t.Errorf("the name %q can't be stored", o.Name)
	}
	for name, v := range o.Values {
		f := kind.Field(name)
		if f.Type == mainstay.RefTo {
			continue
		}
		if s, err := f.CheckText(v.Text); v.Rows == nil && (err != nil || s != v.Text) {
			t.Errorf("%s holds %q: %v", name, v.Text, err)
		}
		for _, r := range v.Rows {
			for cell, s := range r {
				if s == "" || mainstay.CleanText(s, false) != s {
					t.Errorf("%s %s holds %q", name, cell, s)
				}
			}
		}
	}
}

func FuzzMap(f *testing.F) {
	for _, s := range []string{`[{"id":1,"name":"A","status":{"id":1},"types":[{"id":2}]}]`, `[{"id":2,"firstName":"\ud800","communicationItems":[{"value":"a@b"}]}]`,
		`[{"id":3,"name":"x","type":{"id":1},"status":{"id":2},"company":{"id":4},"macAddress":"00:00:00:00:00:00","ipAddress":"::1","notes":"a\r\nb\u0001"}]`,
		`[{"id":4,"name":"Main","company":{"id":1},"zip":5,"stateReference":{"identifier":"X"}}]`, `[null]`, `[{"id":1},{"id":"x"}]`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		fuzzOne(t, body, &mainstay.Organization, mapCompany)
		fuzzOne(t, body, &mainstay.Location, mapSite)
		fuzzOne(t, body, &mainstay.Contact, mapContact)
		fuzzOne(t, body, &mainstay.Configuration, func(k configuration) mainstay.Observation { return mapConfiguration(k, nil) })
	})
}

func fuzzOne[T record](t *testing.T, body []byte, kind *mainstay.Kind, turn func(T) mainstay.Observation) {
	t.Helper()
	rows, err := decodeRows[T](body)
	if err != nil {
		return
	}
	if !json.Valid(body) {
		t.Errorf("%q is no JSON and was read", body)
	}
	for _, o := range observe(rows, kind.Name, turn) {
		checkMapped(t, kind, o)
	}
}

func FuzzNextPageID(f *testing.F) {
	f.Add(`<https://x/?pageId=1>; rel="next", <https://x/?pageId=2>; rel="last"`)
	f.Add(`<<>>;rel=next;,=`)
	f.Fuzz(func(t *testing.T, header string) {
		if id, has := nextPageID([]string{header}); id != "" && !has {
			t.Errorf("%q names the page %q and no next one", header, id)
		}
		if id, has := nextPageID([]string{header, `<https://x/?pageId=5>; rel="next"`}); !has {
			t.Errorf("%q hides the link after it: %q", header, id)
		}
	})
}
