package mainstay

import (
	"encoding/json"
	"sort"
)

// IntegrationID identifies one connection to one PSA.
type IntegrationID int64

// IntegrationState is the health of a connection; it says nothing about items.
type IntegrationState string

// The states of a connection.
const (
	IntegrationOK     IntegrationState = "ok"
	IntegrationPaused IntegrationState = "paused"
	IntegrationFailed IntegrationState = "failed" // the last run could not sign in or read
)

// Integration is one connection to one PSA. Secrets are not part of it: the
// store keeps them sealed and only reconcile opens them.
type Integration struct {
	ID        IntegrationID
	Connector string // "connectwise"
	Name      string // unique, typed by a person: "ConnectWise PSA"
	// Options are the connector's public settings by name, such as url and company.
	Options map[string]string
	// Fingerprint identifies the PSA instance; two integrations never share one (hazard 32).
	Fingerprint string
	State       IntegrationState
	Paused      bool
	PausedBy    string
	PausedAt    Time
	Settings    Settings
	// Confirmed is how many items a person agreed to orphan when saving the
	// settings of version ConfirmedVersion; see Settings.
	Confirmed        int
	ConfirmedVersion int64
	LastRun          RunID
	LastFull         Time // when a full run last ended complete
	NextFull         Time
	Created          Time
	// Removed is when a person removed the connection. Its credentials are gone;
	// what is left ties the records of the PSA to their items, and connecting the
	// same PSA again takes it up. 0 while the connection is in use.
	Removed   Time
	RemovedBy string
	// Keyless says that no credentials are stored: an undo brought the connection
	// back, and somebody has to enter them before it can sync.
	Keyless bool
}

// Pair is one box of the sync settings: a type and a status by the PSA's ids.
// An empty Type stands for records without a type.
type Pair struct {
	Type   string `json:"type"`
	Status string `json:"status"`
}

// Settings say which PSA records sync. They refer to types and statuses by the
// PSA's id, never by name, so a rename there changes nothing (hazard 34).
type Settings struct {
	Version        int64         `json:"version"`
	Organizations  map[Pair]bool `json:"-"`
	Configurations map[Pair]bool `json:"-"`
	Contacts       bool          `json:"contacts"`
	Locations      bool          `json:"locations"`
	// Interval is the time between scheduled full syncs in minutes; 0 means by hand only.
	Interval int `json:"interval_minutes"`
}

type settingsJSON struct {
	Version        int64  `json:"version"`
	Organizations  []Pair `json:"organizations"`
	Configurations []Pair `json:"configurations"`
	Contacts       bool   `json:"contacts"`
	Locations      bool   `json:"locations"`
	Interval       int    `json:"interval_minutes"`
}

// MarshalJSON writes the ticked pairs in a fixed order.
func (s Settings) MarshalJSON() ([]byte, error) {
	return json.Marshal(settingsJSON{s.Version, SortedPairs(s.Organizations), SortedPairs(s.Configurations), s.Contacts, s.Locations, s.Interval})
}

// UnmarshalJSON reads what MarshalJSON writes.
func (s *Settings) UnmarshalJSON(b []byte) error {
	var j settingsJSON
	if err := json.Unmarshal(b, &j); err != nil {
		return err
	}
	*s = Settings{j.Version, pairSet(j.Organizations), pairSet(j.Configurations), j.Contacts, j.Locations, j.Interval}
	return nil
}

// SortedPairs lists the ticked pairs by type and status.
func SortedPairs(m map[Pair]bool) []Pair {
	out := []Pair{}
	for p, on := range m {
		if on {
			out = append(out, p)
		}
	}
	sort.Slice(out, func(i, j int) bool {
		if out[i].Type != out[j].Type {
			return out[i].Type < out[j].Type
		}
		return out[i].Status < out[j].Status
	})
	return out
}

func pairSet(ps []Pair) map[Pair]bool {
	m := make(map[Pair]bool, len(ps))
	for _, p := range ps {
		m[p] = true
	}
	return m
}

// Pairs returns the ticked boxes of a kind, or nil for a kind without boxes.
func (s *Settings) Pairs(kind KindName) map[Pair]bool {
	switch kind {
	case Organization.Name:
		return s.Organizations
	case Configuration.Name:
		return s.Configurations
	}
	return nil
}

// Syncs decides by type and status alone whether a record of a class syncs: any
// of its types, together with its status, must be ticked. Contacts and
// locations follow their switch.
func (s *Settings) Syncs(kind KindName, typeIDs []string, statusID string) bool {
	switch kind {
	case Contact.Name:
		return s.Contacts
	case Location.Name:
		return s.Locations
	}
	pairs := s.Pairs(kind)
	if len(typeIDs) == 0 {
		return pairs[Pair{"", statusID}]
	}
	for _, t := range typeIDs {
		if pairs[Pair{t, statusID}] {
			return true
		}
	}
	return false
}

// WhyNot names the axis that keeps a record out: the status where some status
// of one of its types is ticked, else the type.
func (s *Settings) WhyNot(kind KindName, typeIDs []string) Reason {
	if kind == Contact.Name || kind == Location.Name {
		return ReasonSetting
	}
	if len(typeIDs) == 0 {
		typeIDs = []string{""}
	}
	for p, on := range s.Pairs(kind) {
		for _, t := range typeIDs {
			if on && p.Type == t {
				return ReasonStatus
			}
		}
	}
	return ReasonType
}
