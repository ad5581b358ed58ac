package simulator

import (
	"net/http"
	"time"
)

// Fault is one way to misbehave. It strikes the requests that it matches, until
// it has struck Times times.
type Fault struct {
	// ID names what happens; see FaultIDs.
	ID string
	// Resource limits the fault to one resource, such as Contacts; empty means
	// any of the API.
	Resource string
	// Call limits it to one kind of request; empty means any.
	Call Call
	// Page limits it to the "first", a "middle" or the "last" page of a list.
	Page string
	// Nth is the number, from 1, of the first matching request that is struck;
	// 0 means the first.
	Nth int
	// Times is how many requests are struck; 0 means all.
	Times int
	// Variant chooses among the forms of a fault, for example the form of
	// Retry-After or the name of the field that goes missing.
	Variant string
	// N is the number of a fault that needs one: the status, the byte at which a
	// body is cut, the size of a page, the difference of a count.
	N int
	// Every is the pause between the bytes of F09; 0 means a second.
	Every time.Duration
	// Do changes the PSA just before the request is answered, for F37.
	Do func(*Simulator)
}

// armed is a fault with its count.
type armed struct {
	Fault
	matched, struck int
}

// SetFaults replaces the fault script; none heals the server.
func (s *Simulator) SetFaults(faults ...Fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = nil
	s.carried = map[string]record{}
	for _, f := range faults {
		s.faults = append(s.faults, &armed{Fault: f})
	}
}

// Struck counts how often the faults of the script have struck.
func (s *Simulator) Struck() int {
	s.mu.RLock()
	defer s.mu.RUnlock()
	n := 0
	for _, f := range s.faults {
		n += f.struck
	}
	return n
}

// FaultIDs lists every fault that the handler can commit, with what it does.
// Faults of the line itself are committed by Server: F01 refused (Down), F02
// hanging (Hang), F03 and F04 certificates (StartTLS), F12 GOAWAY over HTTP/2.
func FaultIDs() map[string]string {
	return map[string]string{
		"F02": "no answer until the client gives up",
		"F05": "connection reset before the header",
		"F06": "connection reset in the middle of the body",
		"F07": "body cut at byte N, as if it were whole",
		"F08": "wrong Content-Length: too long, or with Variant short too short",
		"F09": "slow drip, one byte every Every",
		"F10": "body that never ends",
		"F11": "gzip bomb",
		"F12": "connection closed after the answer (GOAWAY over HTTP/2)",
		"F13": "429 without Retry-After",
		"F14": "429 with Retry-After; Variant seconds, date, huge, negative, past, garbage",
		"F15": "status N, 503 if 0",
		"F16": "401",
		"F17": "403",
		"F18": "404 as for an unknown endpoint; Variant record: as for a missing record",
		"F19": "302 to a log-in page of this host, or to the host in Variant",
		"F20": "200 with an HTML page; Variant json: named as JSON",
		"F21": "empty list, or count 0",
		"F22": "null in place of the list; Variant object: {\"items\":null}",
		"F23": "error object with status 200",
		"F24": "wrong type in field Variant (name), of record N, or of all if 0",
		"F25": "unknown value of an enumeration",
		"F26": "field Variant (name) missing",
		"F27": "an unknown field more",
		"F28": "field Variant (name) renamed",
		"F29": "deep nesting; Variant long: a string of N bytes, 50 MB if 0",
		"F30": "hostile characters in names",
		"F31": "the page before comes again",
		"F32": "one page is left out",
		"F33": "one row moves from its page to the next",
		"F34": "every third row hidden",
		"F35": "count wrong by N, -3 if 0",
		"F36": "lastUpdated without a zone; Variant skew: a day ahead",
		"F37": "the PSA changes meanwhile: Do",
		"F38": "write carried out, answer lost",
		"F39": "page size capped at N, 10 if 0",
		"F40": "next leads to the same page for ever",
		"F41": "no Link header",
	}
}

// matches reports whether the fault is meant for a request, page aside.
func (f *armed) matches(t target) bool {
	return (f.Resource == "" && t.resource != "login/companyinfo" || f.Resource == t.resource) && (f.Call == "" || f.Call == t.call)
}

// due counts a matching request and reports whether it is struck.
func (f *armed) due() bool {
	f.matched++
	if f.matched < f.Nth || f.Times > 0 && f.struck >= f.Times {
		return false
	}
	f.struck++
	return true
}

// onPage reports whether an answer is the page that the fault is limited to.
func (f *armed) onPage(a *answer) bool {
	if f.Page == "" {
		return true
	}
	if a.list == nil {
		return false
	}
	where := "middle"
	switch {
	case a.list.next == "":
		where = "last"
	case a.list.first:
		where = "first"
	}
	return f.Page == where
}

// runHooks carries out the changes of F37 that are due before a request.
func (s *Simulator) runHooks(t target, _ *http.Request) {
	var due []func(*Simulator)
	s.mu.Lock()
	for _, f := range s.faults {
		if f.ID == "F37" && f.Do != nil && f.matches(t) && f.due() {
			due = append(due, f.Do)
		}
	}
	s.mu.Unlock()
	for _, do := range due {
		do(s)
	}
}

// dueFaults returns the faults that strike an answer.
func (s *Simulator) dueFaults(a *answer) []Fault {
	s.mu.Lock()
	defer s.mu.Unlock()
	var due []Fault
	for _, f := range s.faults {
		if f.ID != "F37" && f.matches(a.target) && f.onPage(a) && f.due() {
			due = append(due, f.Fault)
		}
	}
	return due
}

// deliver writes an answer, spoilt by the faults that are due.
func (s *Simulator) deliver(w http.ResponseWriter, r *http.Request, a *answer) {
	if a.header.Get("Content-Type") == "" {
		a.header.Set("Content-Type", "application/json; charset=utf-8")
	}
	for _, f := range s.dueFaults(a) {
		s.spoil(a, f)
		if s.spoilLine(w, r, a, f) {
			return
		}
	}
	for k, v := range a.header {
		w.Header()[k] = v
	}
	w.WriteHeader(a.status)
	if r.Method != http.MethodHead {
		_, _ = w.Write(a.body)
	}
}
