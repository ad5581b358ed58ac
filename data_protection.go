package mainstay

import "time"

// BulkDeletion is the account's switch that lets plans delete items which still
// sync. It is off unless an Administrator has switched it on with a reason, for a
// limited time, and it ends by itself.
type BulkDeletion struct {
	By     string `json:"by"`
	UserID UserID `json:"user_id"`
	Reason string `json:"reason"`
	Since  Time   `json:"since"`
	Until  Time   `json:"until"`
}

// How long the switch can be on.
const (
	BulkDeletionLeast = 15 * time.Minute
	BulkDeletionUsual = 24 * time.Hour
	BulkDeletionMost  = 7 * 24 * time.Hour
)

// On reports whether the switch is on at a moment. Whoever relies on it asks anew
// at each use, so that its end ends what is under way.
func (b *BulkDeletion) On(now Time) bool { return now < b.Until }

// BulkDeletionName is what the log calls the switch.
const BulkDeletionName = "Bulk deletion"
