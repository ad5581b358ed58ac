package web

import "mainstay"

// bulkDeletionOff is the one sentence for a deletion of items that sync, while
// the account does not allow it.
const bulkDeletionOff = "Bulk deletion is switched off for this account. An Administrator can switch it on for a limited time in Account, Data protection."

// deleteAllChoice is the third choice for a row of Manage data, with the items
// that it would take by kind.
func deleteAllChoice(_ Page, _ map[mainstay.KindName]int) DisconnectChoice {
	return DisconnectChoice{Key: "delete", Title: "Permanently delete all data, including all related and child records", Danger: true, Off: bulkDeletionOff}
}
