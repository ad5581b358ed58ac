package mainstay

// SyncState is where an item stands towards its PSA. The names are those of the
// original (original-behaviour.md section 2).
type SyncState string

// The five states.
const (
	Syncing      SyncState = "syncing"
	Orphaned     SyncState = "orphaned"
	SyncDisabled SyncState = "disabled"
	SyncError    SyncState = "error"
	NotLinked    SyncState = "not_linked"
)

// SyncStates lists the states in the order in which they are shown.
func SyncStates() []SyncState {
	return []SyncState{Syncing, Orphaned, SyncDisabled, SyncError, NotLinked}
}

// Label returns the words of the screen.
func (s SyncState) Label() string {
	switch s {
	case Syncing:
		return "Syncing"
	case Orphaned:
		return "Orphaned"
	case SyncDisabled:
		return "Sync disabled"
	case SyncError:
		return "Sync error"
	}
	return "Not linked"
}

// Reason says why an item is orphaned.
type Reason string

// The reasons.
const (
	ReasonType     Reason = "type"     // the record got a type that does not sync
	ReasonStatus   Reason = "status"   // the record got a status that does not sync
	ReasonDeleted  Reason = "deleted"  // the PSA no longer has the record
	ReasonParent   Reason = "parent"   // its organization stopped syncing
	ReasonInactive Reason = "inactive" // the record is inactive in the PSA
	ReasonSetting  Reason = "setting"  // the sync settings stopped including it
)

// ReasonDisconnected is why an item that was linked is not linked any more: a
// person ended the link, of which a Tombstone stays. It is no reason of an orphan.
const ReasonDisconnected Reason = "disconnected"

// Reasons lists every reason of an orphan.
func Reasons() []Reason {
	return []Reason{ReasonType, ReasonStatus, ReasonDeleted, ReasonParent, ReasonInactive, ReasonSetting}
}

// Label returns the words of the screen.
func (r Reason) Label() string {
	switch r {
	case ReasonType:
		return "Type not synced"
	case ReasonStatus:
		return "Status not synced"
	case ReasonDeleted:
		return "Deleted in the PSA"
	case ReasonParent:
		return "Inside an orphaned organization"
	case ReasonInactive:
		return "Inactive in the PSA"
	case ReasonSetting:
		return "Sync settings changed"
	case ReasonDisconnected:
		return "Disconnected"
	}
	return ""
}

// Link ties an item to a PSA record. At most one link exists per
// (integration, kind, external id), and at most one per item (invariant V6).
type Link struct {
	ItemID        ItemID
	IntegrationID IntegrationID
	Kind          KindName
	ExternalID    string
	Hash          string // of the mapped content, to tell unchanged records apart
	Run           RunID  // the full run that last saw the record
	Since         Time
}

// Observation is one PSA record in our words, as a connector yields it.
type Observation struct {
	Kind       KindName
	ExternalID string
	Name       string
	// TypeIDs are the PSA's ids of the record's types: a company may have several.
	TypeIDs  []string
	StatusID string
	// CompanyID is the PSA's id of the company that contains the record; empty
	// for a company.
	CompanyID string
	ParentID  string // companies: the PSA's id of the parent company
	Primary   bool
	Inactive  bool   // the PSA calls the record inactive
	Deleted   bool   // the PSA still returns the record but marks it deleted
	Updated   string // the PSA's own last-updated value, never our clock
	// Values hold the mapped fields. A RefTo field holds the PSA's id of the
	// other record; reconcile turns it into ours.
	Values Values
	// Bad is the sentence that says why the record could not be read. Such a
	// record counts as seen and is reported, but changes nothing (V22).
	Bad string
}
