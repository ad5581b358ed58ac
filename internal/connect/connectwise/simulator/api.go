package simulator

import (
	"bytes"
	"crypto/subtle"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
)

// Call says what a request asks of a resource.
type Call string

// The calls. A fault may be limited to one of them.
const (
	CallList   Call = "list"
	CallCount  Call = "count"
	CallRecord Call = "record"
	CallWrite  Call = "write"
	CallInfo   Call = "info" // system/info
)

// target is a request's resource, resolved.
type target struct {
	resource string
	table    *table
	call     Call
	id       int64  // of the record, for CallRecord and CallWrite
	action   string // "merge"
}

// answer is a response before faults and before it is written.
type answer struct {
	target target
	status int
	header http.Header
	body   []byte
	query  query
	list   *listing // for CallList
	counts int      // for CallCount
}

// apiError is the body of every failure.
type apiError struct {
	Code    string       `json:"code"`
	Message string       `json:"message"`
	Errors  []fieldError `json:"errors,omitempty"`
}

type fieldError struct {
	Code     string `json:"code"`
	Message  string `json:"message"`
	Resource string `json:"resource"`
	Field    string `json:"field"`
}

// serveInfo answers the one question that needs no credentials.
func (s *Simulator) serveInfo(w http.ResponseWriter, r *http.Request) {
	cfg := s.Config()
	s.count("login/companyinfo", r)
	a := &answer{target: target{resource: "login/companyinfo", call: CallInfo}, status: 200, header: http.Header{}}
	if !strings.EqualFold(strings.TrimPrefix(r.URL.Path, "/login/companyinfo/"), cfg.Company) {
		a.body = []byte("null")
	} else {
		version := strings.TrimSuffix(cfg.Codebase, "/")
		a.body = encode(map[string]any{
			"CompanyName": cfg.Company, "Codebase": cfg.Codebase,
			"VersionCode": strings.ReplaceAll(version, "_", "."), "VersionNumber": "v4.6.91241",
			"CompanyID": cfg.Company, "IsCloud": true, "SiteUrl": cfg.SiteURL,
		})
	}
	s.deliver(w, r, a)
}

// serveAPI answers one API request: who asks, what for, then the answer, which
// a fault may spoil on its way out.
func (s *Simulator) serveAPI(w http.ResponseWriter, r *http.Request) {
	cfg := s.Config()
	rest, ok := strings.CutPrefix(r.URL.Path, "/"+cfg.Codebase+"apis/3.0/")
	t := target{}
	if ok {
		s.mu.Lock()
		t, ok = s.resolve(r.Method, strings.Trim(rest, "/"))
		s.mu.Unlock()
	}
	s.count(t.resource, r)
	s.runHooks(t, r)
	a := &answer{target: t, status: 200, header: http.Header{}}
	switch {
	case !s.admits(cfg, r):
		a.fail(401, "Unauthorized", "The credentials or the client id are not valid.")
	case !ok:
		a.fail(404, "ConnectWiseApi", "The endpoint does not exist.")
	case r.Method != http.MethodGet && r.Method != http.MethodHead:
		s.write(a, r)
	default:
		s.read(a, r)
	}
	s.deliver(w, r, a)
}

// count notes a request, and a write where it is none of the reading kind.
func (s *Simulator) count(resource string, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.requests[resource]++
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		s.writes[r.Header.Get("clientId")]++
	}
}

// admits checks the credentials and the client id.
func (s *Simulator) admits(cfg Config, r *http.Request) bool {
	user, password, ok := r.BasicAuth()
	same := func(a, b string) bool { return subtle.ConstantTimeCompare([]byte(a), []byte(b)) == 1 }
	client := r.Header.Get("clientId")
	return ok && same(strings.ToLower(user), strings.ToLower(cfg.Company+"+"+cfg.PublicKey)) && same(password, cfg.PrivateKey) &&
		client != "" && (cfg.ClientID == "" || strings.EqualFold(client, cfg.ClientID))
}

// resolve finds the resource of a path; the caller holds the lock.
func (s *Simulator) resolve(method, rest string) (target, bool) {
	t := target{call: CallList}
	parts := strings.Split(rest, "/")
	switch {
	case rest == SystemInfo:
		return target{resource: SystemInfo, call: CallInfo}, method == http.MethodGet
	case len(parts) >= 4 && parts[1] == "companies" && (parts[3] == "sites" || parts[3] == "typeAssociations"):
		return s.resolveChild(method, parts)
	case len(parts) == 4 && rest == "company/contacts/"+parts[2]+"/communications":
		return s.resolveCommunications(parts[2])
	case len(parts) == 4 && rest == "company/companies/"+parts[2]+"/merge":
		id, err := strconv.ParseInt(parts[2], 10, 64)
		t = target{resource: Companies, table: s.table(Companies), call: CallWrite, id: id, action: "merge"}
		return t, err == nil && method == http.MethodPost
	}
	for n := len(parts); n >= 2; n-- {
		resource := strings.Join(parts[:n], "/")
		table := s.table(resource)
		if resource == TypeAssociations {
			table = s.associations(nil)
		}
		if table == nil || resource == Sites && s.cfg.NoSitesPath {
			continue
		}
		t.resource, t.table = resource, table
		return t.with(method, parts[n:])
	}
	return t, false
}

// with adds what follows the resource in the path: nothing, count, or an id.
func (t target) with(method string, rest []string) (target, bool) {
	read := method == http.MethodGet || method == http.MethodHead
	switch {
	case len(rest) == 0:
		if !read {
			t.call = CallWrite
		}
		return t, true
	case len(rest) > 1:
		return t, false
	case rest[0] == "count":
		t.call = CallCount
		return t, read
	}
	id, err := strconv.ParseInt(rest[0], 10, 64)
	t.id, t.call = id, CallRecord
	if !read {
		t.call = CallWrite
	}
	return t, err == nil
}

// resolveChild finds sites and type associations below one company.
func (s *Simulator) resolveChild(method string, parts []string) (target, bool) {
	id, err := strconv.ParseInt(parts[2], 10, 64)
	if err != nil || parts[0] != "company" {
		return target{}, false
	}
	if s.table(Companies).rows[id] == nil {
		return target{resource: Companies, table: s.table(Companies), call: CallRecord, id: id}, method == http.MethodGet
	}
	t := target{resource: TypeAssociations, call: CallList}
	if parts[3] == "sites" {
		t.resource = Sites
		rows := []*Site{}
		for _, n := range s.sitesOfCompany(id) {
			rows = append(rows, s.table(Sites).rows[n].(*Site))
		}
		t.table = tableOf(Sites, "Site", &Site{}, rows)
	} else {
		t.table = s.associations([]int64{id})
	}
	return t.with(method, parts[4:])
}

func (s *Simulator) resolveCommunications(id string) (target, bool) {
	n, err := strconv.ParseInt(id, 10, 64)
	c, ok := s.table(Contacts).rows[n].(*Contact)
	if err != nil || !ok {
		return target{}, false
	}
	rows := []*Communication{}
	for i := range c.CommunicationItems {
		rows = append(rows, &c.CommunicationItems[i])
	}
	return target{resource: Communications, call: CallList, table: tableOf(Communications, "Communication", &Communication{}, rows)}, true
}

// associations makes the type associations of the given companies, or of all.
func (s *Simulator) associations(ids []int64) *table {
	companies := s.table(Companies)
	if ids == nil {
		ids = companies.ids
	}
	rows := []*Association{}
	for _, id := range ids {
		c := companies.rows[id].(*Company)
		for _, t := range c.Types {
			rows = append(rows, &Association{ID: id*1000 + t.ID, Type: t, Company: Ref{c.ID, c.Identifier, c.Name}, Info: c.Info})
		}
	}
	return tableOf(TypeAssociations, "CompanyTypeAssociation", &Association{}, rows)
}

// sitesOfCompany returns the ids of a company's sites; the caller holds the lock for writing.
func (s *Simulator) sitesOfCompany(id int64) []int64 {
	if s.sitesOf == nil {
		s.sitesOf = map[int64][]int64{}
		sites := s.table(Sites)
		for _, n := range sites.ids {
			if c := sites.rows[n].(*Site).Company; c != nil {
				s.sitesOf[c.ID] = append(s.sitesOf[c.ID], n)
			}
		}
	}
	return s.sitesOf[id]
}

// read fills in the answer of a reading request.
func (s *Simulator) read(a *answer, r *http.Request) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	t := a.target
	if s.denied[t.resource] {
		a.fail(403, "SecurityError", "You do not have permission to perform this action.")
		return
	}
	if t.call == CallInfo {
		a.body = encode(map[string]any{"version": "v2026.1.91241", "isCloud": true, "serverTimeZone": "Eastern Standard Time"})
		return
	}
	if t.call == CallRecord {
		row, ok := t.table.rows[t.id]
		if !ok || !s.seen(t.resource)(row) {
			a.fail(404, "NotFound", fmt.Sprintf("%s %d not found", t.table.noun, t.id))
			return
		}
		a.body = encode(s.shown(row))
		return
	}
	q, err := s.readQuery(r, t.table)
	if bad := (*badQuery)(nil); errors.As(err, &bad) {
		a.status = 400
		a.body = encode(apiError{"InvalidObject", t.table.noun + " request is invalid",
			[]fieldError{{"InvalidField", bad.message, t.resource, bad.field}}})
		return
	}
	a.query = q
	if t.call == CallCount {
		a.counts = len(t.table.fitting(q, s.seen(t.resource), 0))
		a.body = encode(map[string]int{"count": a.counts})
		return
	}
	l := t.table.list(q, s.seen(t.resource))
	a.list = &l
	a.body = s.encodeRows(l.rows, q.fields)
	a.link()
}

// link sets the Link header from the listing.
func (a *answer) link() {
	links := []string{}
	if a.list.next != "" {
		links = append(links, "<"+a.list.next+`>; rel="next"`)
	}
	if a.list.last != "" {
		links = append(links, "<"+a.list.last+`>; rel="last"`)
	}
	a.header.Del("Link")
	if len(links) > 0 {
		a.header.Set("Link", strings.Join(links, ", "))
	}
}

func (a *answer) fail(status int, code, message string) {
	a.status, a.body = status, encode(apiError{Code: code, Message: message})
}

// shown is a row in the style of the simulated version.
func (s *Simulator) shown(r record) any {
	c, ok := r.(*Company)
	if !ok || s.cfg.CompanyTypes == TypesList {
		return r
	}
	old := *c
	old.Types = nil
	if s.cfg.CompanyTypes == TypeField && len(c.Types) > 0 {
		old.Type = &c.Types[0]
	}
	return &old
}

// encodeRows writes a list, whole or only with the named fields.
func (s *Simulator) encodeRows(rows []record, fields []string) []byte {
	var b bytes.Buffer
	b.WriteByte('[')
	for i, r := range rows {
		if i > 0 {
			b.WriteByte(',')
		}
		row := encode(s.shown(r))
		if len(fields) > 0 {
			row = pick(row, fields)
		}
		b.Write(row)
	}
	b.WriteByte(']')
	return b.Bytes()
}

// pick keeps the named fields of an encoded row.
func pick(row []byte, fields []string) []byte {
	all := map[string]any{}
	d := json.NewDecoder(bytes.NewReader(row))
	d.UseNumber()
	if err := d.Decode(&all); err != nil {
		return row
	}
	out := map[string]any{}
	for _, f := range fields {
		copyField(out, all, strings.Split(strings.TrimSpace(f), "/"))
	}
	return encode(out)
}

func copyField(out, in map[string]any, steps []string) {
	v, ok := in[steps[0]]
	if !ok {
		return
	}
	inner, isObject := v.(map[string]any)
	if len(steps) == 1 || !isObject {
		out[steps[0]] = v
		return
	}
	sub, ok := out[steps[0]].(map[string]any)
	if !ok {
		sub = map[string]any{}
		out[steps[0]] = sub
	}
	copyField(sub, inner, steps[1:])
}

// encode writes a value that is known to have a JSON form.
func encode(v any) []byte {
	b, err := json.Marshal(v)
	if err != nil {
		panic("simulator: " + err.Error())
	}
	return b
}
