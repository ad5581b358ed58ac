package mainstay

import (
	"encoding/json"
	"strconv"
	"strings"
)

// ItemID identifies one item over all kinds.
type ItemID int64

// ParseItemID reads a positive decimal id.
func ParseItemID(s string) (ItemID, error) {
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil || n <= 0 {
		return 0, Errorf(Invalid, "%q is no id: an id is a positive whole number.", s)
	}
	return ItemID(n), nil
}

// Item is one record of a kind, with its sync state.
type Item struct {
	ID   ItemID
	Kind KindName
	// OrganizationID is the organization that contains the item; an
	// organization contains itself, so one condition covers a whole tree.
	OrganizationID ItemID
	ParentID       ItemID // organizations only; 0 for none
	Name           string
	TypeID         LabelID // 0 for none
	StatusID       LabelID // 0 for none
	Primary        bool    // the MSP's own organization; the primary location of an organization
	Archived       bool
	Values         Values
	Version        int64 // grows by one with each change
	Created        Time
	Updated        Time
	Sync           SyncState
	Reason         Reason // why it is orphaned, or ReasonDisconnected; empty otherwise
	Since          Time   // when Sync became what it is
	SyncNote       string // the sentence of a sync error, or the evidence of an orphan
	// OnlyHere says that no PSA holds a copy of the item or of part of it.
	OnlyHere bool
}

// Ref returns the typed id.
func (i *Item) Ref() Ref { return Ref{i.Kind, i.ID} }

// Spec returns the description of the item's kind.
func (i *Item) Spec() *Kind {
	k, err := KindNamed(string(i.Kind))
	if err != nil {
		panic("mainstay: item of unregistered kind " + string(i.Kind))
	}
	return k
}

// Disconnected reports whether a person ended the item's link.
func (i *Item) Disconnected() bool { return i.Sync == NotLinked && i.Reason == ReasonDisconnected }

// SettleOnlyHere computes OnlyHere: true for an item that never had a link to a
// PSA, and for any other with content in a field that only Mainstay keeps. What
// was disconnected came from a PSA and is counted by itself (decision 4).
func (i *Item) SettleOnlyHere() {
	i.OnlyHere = i.Sync == NotLinked && !i.Disconnected()
	for _, f := range i.Spec().Fields {
		if f.OnlyHere && !i.Values[f.Name].Empty() {
			i.OnlyHere = true
		}
	}
}

// Row is one row of a list field: cell name to text.
type Row map[string]string

// Value is the content of one field: Text for a single value, Rows for a list.
type Value struct {
	Text string
	Rows []Row
}

// Empty reports whether the value holds nothing.
func (v Value) Empty() bool { return v.Text == "" && len(v.Rows) == 0 }

// MarshalJSON writes a string, or an array of objects for a list.
func (v Value) MarshalJSON() ([]byte, error) {
	if v.Rows != nil {
		return json.Marshal(v.Rows)
	}
	return json.Marshal(v.Text)
}

// UnmarshalJSON reads what MarshalJSON writes.
func (v *Value) UnmarshalJSON(b []byte) error {
	*v = Value{}
	if len(b) > 0 && b[0] == '[' {
		return json.Unmarshal(b, &v.Rows)
	}
	return json.Unmarshal(b, &v.Text)
}

// Values are the fields of an item by name. Empty values are left out.
type Values map[string]Value

// Text returns the text of a field, empty where it has none.
func (v Values) Text(name string) string { return v[name].Text }

// SetText stores a text, or removes the field where text is empty.
func (v Values) SetText(name, text string) {
	if text == "" {
		delete(v, name)
		return
	}
	v[name] = Value{Text: text}
}

// SetRows stores the rows of a list, or removes the field where there are none.
func (v Values) SetRows(name string, rows []Row) {
	if len(rows) == 0 {
		delete(v, name)
		return
	}
	v[name] = Value{Rows: rows}
}

// Clone returns a copy that shares nothing with v.
func (v Values) Clone() Values {
	out := make(Values, len(v))
	for k, val := range v {
		c := Value{Text: val.Text}
		for _, r := range val.Rows {
			row := make(Row, len(r))
			for a, b := range r {
				row[a] = b
			}
			c.Rows = append(c.Rows, row)
		}
		out[k] = c
	}
	return out
}

// SearchKey folds a name for sorting and matching: lower case, single spaces.
func SearchKey(name string) string {
	return strings.Join(strings.Fields(strings.ToLower(name)), " ")
}
