// Package simulator is a ConnectWise PSA server with made-up data: the same
// wire as the real one, for the demo, tests and benchmarks. It has a page of
// its own where a person plays the PSA's user, counts every write that a client
// tries, and can be told to misbehave in every way that a PSA has been seen to.
//
// It asks nobody who they are at its page and keeps everything in memory: serve
// it on a loopback address only.
package simulator

import (
	"net/http"
	"strings"
	"sync"
	"time"
)

// TypesStyle says how companies tell their types; it changed with the versions.
type TypesStyle int

// The styles.
const (
	TypesList      TypesStyle = iota // a list in the company
	TypeField                        // one reference in the company
	TypesElsewhere                   // only in the type associations
)

// Config says what the simulator holds and whom it lets in. The zero value is
// the demo: a managed service provider called Bluepeak IT.
type Config struct {
	Seed int64
	Size Size // zero means Default
	// Company, PublicKey, PrivateKey and ClientID are what a client must send.
	// Empty ones mean bluepeak, demo-public, demo-private, and any client id.
	Company, PublicKey, PrivateKey, ClientID string
	// SiteURL is the host name that companyinfo gives for this PSA whatever
	// address it is asked at; empty means "{company}.psa.example".
	SiteURL string
	// Codebase is the first part of every API path; empty means "v2026_1/".
	Codebase     string
	CompanyTypes TypesStyle
	// PageCap is the largest page; a larger wish is cut to it without a word. 0 means 1000.
	PageCap int
	// NoForwardOnly makes the server ignore the wish for forward-only paging.
	NoForwardOnly bool
	// NoSitesPath makes sites readable below their company only.
	NoSitesPath bool
	// Now gives the time of changes; nil means the clock.
	Now func() time.Time
}

// Simulator is one PSA. It is safe for concurrent use.
type Simulator struct {
	cfg    Config
	screen *screen

	mu       sync.RWMutex
	tables   map[string]*table
	sitesOf  map[int64][]int64 // ids of the sites of a company; nil when out of date
	graves   map[int64]*Company
	denied   map[string]bool
	hidden   map[string]func(int64) bool
	faults   []*armed
	carried  map[string]record // the row that F33 moves to the next page
	requests map[string]int    // by resource
	writes   map[string]int    // by client id
}

// New makes a PSA with data of the given size. The same seed gives the same data.
func New(cfg Config) *Simulator {
	if cfg.Size == (Size{}) {
		cfg.Size = Default()
	}
	setDefault(&cfg.Company, "bluepeak")
	setDefault(&cfg.PublicKey, "demo-public")
	setDefault(&cfg.PrivateKey, "demo-private")
	setDefault(&cfg.SiteURL, strings.ToLower(cfg.Company)+".psa.example")
	setDefault(&cfg.Codebase, "v2026_1/")
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	if cfg.PageCap == 0 {
		cfg.PageCap = 1000
	}
	s := &Simulator{cfg: cfg, tables: map[string]*table{}, graves: map[int64]*Company{},
		denied: map[string]bool{}, hidden: map[string]func(int64) bool{}, carried: map[string]record{},
		requests: map[string]int{}, writes: map[string]int{}}
	for _, t := range []*table{
		newTable(Companies, "Company", &Company{}), newTable(CompanyStatuses, "CompanyStatus", &Label{}),
		newTable(CompanyTypes, "CompanyType", &Label{}), newTable(Sites, "Site", &Site{}),
		newTable(Contacts, "Contact", &Contact{}), newTable(ContactTypes, "ContactType", &Label{}),
		newTable(Configurations, "Configuration", &Configuration{}),
		newTable(ConfigurationStatuses, "ConfigurationStatus", &Label{}),
		newTable(ConfigurationTypes, "ConfigurationType", &Label{}),
		newTable(CommunicationTypes, "CommunicationType", &Label{}),
	} {
		s.tables[t.path] = t
	}
	s.screen = newScreen(s)
	newGenerator(s).run()
	return s
}

func setDefault(s *string, value string) {
	if *s == "" {
		*s = value
	}
}

// Config returns the settings with their defaults filled in.
func (s *Simulator) Config() Config {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.cfg
}

// table returns a table by path; the caller holds the lock.
func (s *Simulator) table(resource string) *table { return s.tables[resource] }

// Requests counts the API requests so far.
func (s *Simulator) Requests() int {
	s.mu.RLock()
	defer s.mu.RUnlock()
	n := 0
	for _, k := range s.requests {
		n += k
	}
	return n
}

// RequestsTo counts the API requests to one resource.
func (s *Simulator) RequestsTo(resource string) int {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.requests[resource]
}

// Writes counts the API requests that were not reads, by client id, whether
// they had any effect or not. Changes at the PSA's own page are no API requests.
func (s *Simulator) Writes() map[string]int {
	s.mu.RLock()
	defer s.mu.RUnlock()
	out := make(map[string]int, len(s.writes))
	for k, n := range s.writes {
		out[k] = n
	}
	return out
}

// SetCodebase moves the API to another path, as an upgrade does.
func (s *Simulator) SetCodebase(codebase string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.cfg.Codebase = codebase
}

// SetKeys changes the credentials that are let in.
func (s *Simulator) SetKeys(public, private string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.cfg.PublicKey, s.cfg.PrivateKey = public, private
}

// ServeHTTP serves the API, companyinfo and the PSA's own page.
func (s *Simulator) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	switch {
	case strings.HasPrefix(r.URL.Path, "/login/companyinfo/"):
		s.serveInfo(w, r)
	case strings.Contains(r.URL.Path, "/apis/"):
		s.serveAPI(w, r)
	default:
		s.servePage(w, r)
	}
}
