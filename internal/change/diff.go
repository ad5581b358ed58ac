package change

import (
	"encoding/json"
	"maps"
	"strconv"

	"mainstay"
)

// Diff lists the fields that differ between two versions of an item.
func Diff(a, b *mainstay.Item) map[string]mainstay.Change {
	out := map[string]mainstay.Change{}
	put := func(field, before, after string) {
		if before != after {
			out[field] = mainstay.Change{Before: before, After: after}
		}
	}
	put("name", a.Name, b.Name)
	put("organization_id", number(int64(a.OrganizationID)), number(int64(b.OrganizationID)))
	put("parent_id", number(int64(a.ParentID)), number(int64(b.ParentID)))
	put("type_id", number(int64(a.TypeID)), number(int64(b.TypeID)))
	put("status_id", number(int64(a.StatusID)), number(int64(b.StatusID)))
	put("primary", strconv.FormatBool(a.Primary), strconv.FormatBool(b.Primary))
	put("archived", strconv.FormatBool(a.Archived), strconv.FormatBool(b.Archived))
	put("sync", string(a.Sync), string(b.Sync))
	put("reason", string(a.Reason), string(b.Reason))
	put("sync_note", a.SyncNote, b.SyncNote)
	for _, f := range a.Spec().Fields {
		if !same(a.Values[f.Name], b.Values[f.Name]) {
			put(f.Name, flat(a.Values[f.Name]), flat(b.Values[f.Name]))
		}
	}
	return out
}

func number(n int64) string {
	if n == 0 {
		return ""
	}
	return strconv.FormatInt(n, 10)
}

func same(a, b mainstay.Value) bool {
	if a.Text != b.Text || len(a.Rows) != len(b.Rows) {
		return false
	}
	for n := range a.Rows {
		if !maps.Equal(a.Rows[n], b.Rows[n]) {
			return false
		}
	}
	return true
}

// maxDiffText is the longest text that the log keeps of one side of a change, in bytes.
const maxDiffText = 4000

// flat writes a value as one text for the log.
func flat(v mainstay.Value) string {
	s := v.Text
	if v.Rows != nil {
		b, err := json.Marshal(v.Rows)
		if err != nil {
			return ""
		}
		s = string(b)
	}
	if len(s) > maxDiffText {
		return mainstay.CleanText(s[:maxDiffText], true) + "…"
	}
	return s
}
