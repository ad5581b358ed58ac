package mainstay

// EndedWhy says how a link ended.
type EndedWhy string

// The ways in which a link ends.
const (
	EndedHere    EndedWhy = "disconnected" // a person disconnected this item
	EndedInside  EndedWhy = "inside"       // its organization was disconnected
	EndedRemoved EndedWhy = "removed"      // the integration was removed
	EndedMerged  EndedWhy = "merged"       // its organization was merged into another that has a link of its own
)

// Label returns the words of the screen.
func (w EndedWhy) Label() string {
	switch w {
	case EndedHere:
		return "Disconnected"
	case EndedInside:
		return "Inside a disconnected organization"
	case EndedRemoved:
		return "Integration removed"
	case EndedMerged:
		return "Merged into another organization"
	}
	return ""
}

// Tombstone is what stays of a link that a person ended. As long as it stands,
// sync makes no new item for the record: a record that syncs again waits under
// "Match again" with the item that it had. A record has at most one.
//
// One with EndedMerged is an alias: what the PSA keeps in that company goes on
// syncing into the organization that the company's own was merged into.
type Tombstone struct {
	IntegrationID IntegrationID
	Kind          KindName
	ExternalID    string
	ItemID        ItemID // the item that was linked, or that took its place in a merge
	PlanID        PlanID // the plan that ended the link
	Who           string
	At            Time
	Why           EndedWhy
	Note          string // what the person wrote as the reason
	// Sync, Reason, Since and SyncNote are the item's state before, for reconnecting.
	Sync     SyncState
	Reason   Reason
	Since    Time
	SyncNote string
	Linked   Time
	// Seen is what the PSA says of the record since, as far as a sync has read
	// it; nil before that.
	Seen *SeenRecord
}

// SeenRecord is a record that waits, in the words of its item.
type SeenRecord struct {
	Name           string  `json:"name"`
	TypeID         LabelID `json:"type_id"`
	StatusID       LabelID `json:"status_id"`
	OrganizationID ItemID  `json:"organization_id"`
	Primary        bool    `json:"primary"`
	Values         Values  `json:"values"` // of the fields that PSAs own
	Hash           string  `json:"hash"`
}

// Apply returns the item with what the PSA says of the fields that it owns.
func (s *SeenRecord) Apply(i Item) Item {
	n := i
	n.Values = i.Values.Clone()
	for _, f := range i.Spec().Fields {
		if !f.Synced {
			continue
		}
		if v := s.Values[f.Name]; v.Empty() {
			delete(n.Values, f.Name)
		} else {
			n.Values[f.Name] = v
		}
	}
	n.Name, n.TypeID, n.StatusID = s.Name, s.TypeID, s.StatusID
	if i.Kind != Organization.Name && s.OrganizationID != 0 {
		n.OrganizationID = s.OrganizationID
	}
	if i.Kind == Location.Name {
		n.Primary = s.Primary
	}
	return n
}
