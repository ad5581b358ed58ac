package store

import (
	"strconv"

	"mainstay"
	"mainstay/internal/db"
)

func scanID(r db.Row) (mainstay.ItemID, error) {
	var id mainstay.ItemID
	err := r.Scan(&id)
	return id, err
}

func idText(id mainstay.ItemID) string { return strconv.FormatInt(int64(id), 10) }
