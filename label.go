package mainstay

// LabelID identifies a type or a status.
type LabelID int64

// Axis says whether a label is a type or a status.
type Axis string

// The two axes on which an item is classified.
const (
	TypeAxis   Axis = "type"
	StatusAxis Axis = "status"
)

// Label is one value of an axis of a kind, such as the organization type
// "Prospect". A label that came from a PSA keeps the PSA's id, so a rename
// there renames it here and changes nothing else (hazard 34).
type Label struct {
	ID            LabelID
	Kind          KindName
	Axis          Axis
	Name          string
	IntegrationID IntegrationID // 0 for a label made here ("Not connected")
	ExternalID    string
	// Inactive says that items with this status count as inactive in the PSA.
	Inactive bool
}
