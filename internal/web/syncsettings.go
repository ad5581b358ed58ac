package web

import (
	"net/url"
	"strings"

	"mainstay"
)

// SyncSettingsPage is the settings of one integration. The whole form posts to
// …/sync-settings/{tab}; the same body posted to …/sync-settings/{tab}/preview
// answers with the fragment syncPreview, the element #preview.
type SyncSettingsPage struct {
	Page
	Integration mainstay.Integration
	Tab         string  // "organizations", "configurations", "contacts" or "schedule"
	Matrix      *Matrix // the first two tabs
	// Contacts and Locations are the switches as they stand in the form, with
	// how many of each the PSA has in all its companies, and how many sync here; the
	// tab "contacts".
	Contacts, Locations           bool
	ContactsInPSA, LocationsInPSA int
	ContactsHere, LocationsHere   int
	Interval                      int // minutes; the tab "schedule"
	Version                       int64
	Counted                       mainstay.Time // when the numbers were counted; zero before the first run
	CountURL                      string        // POST: count again; empty hides the button
	Preview                       SettingsPreview
	Error                         string
}

// Matrix is the types and statuses of a kind as boxes.
type Matrix struct {
	Kind     *mainstay.Kind
	Noun     string // what the PSA calls the records: "companies"
	Statuses []MatrixHead
	Rows     []MatrixRow
	Records  int // of the PSA; one with several types counts in several rows
}

// MatrixHead is one status.
type MatrixHead struct{ ID, Name string }

// MatrixRow is one type; ID is empty for records without a type.
type MatrixRow struct {
	ID, Name string
	Cells    []MatrixCell
	Total    int
}

// MatrixCell is one box: ticked now, ticked when last saved, and how many
// records the PSA has in it.
type MatrixCell struct {
	On, Was bool
	Count   int
}

// SettingsPreview is what saving would change.
type SettingsPreview struct {
	Changed  int // boxes or switches that differ from what is saved
	Orphan   int // items of the tab's kind that become orphaned
	Start    int // records of the tab's kind that start to sync
	Noun     string
	Kinds    []PreviewKind
	Notes    []Note
	Keep     int // records of the tab's kind that sync afterwards
	NextFull mainstay.Time
	// OverLimit says that saving asks for a second look; SaveLabel then carries
	// the number: "Save and orphan 514 organizations".
	OverLimit bool
	SaveLabel string
	// Pending is what is saved and waits for a full sync, where nothing differs
	// from it: "12,433 organizations become orphaned".
	Pending string
	// Agreed is the number of items, of all kinds, that saving agrees to orphan.
	Agreed int
	// Several says that a changed box holds records that count in other boxes, too.
	Several bool
}

// short is the preview in a line; empty where nothing differs from what is saved.
func (v SettingsPreview) short() string {
	if v.Changed == 0 {
		return ""
	}
	var effects []string
	if v.Orphan > 0 {
		effects = append(effects, num(v.Orphan)+" "+becomeWord(v.Orphan)+" orphaned")
	}
	if v.Start > 0 {
		effects = append(effects, num(v.Start)+" "+startWord(v.Start)+" syncing")
	}
	if len(effects) == 0 {
		effects = []string{"nothing becomes orphaned or starts syncing"}
	}
	return some(v.Changed, "change") + ": " + strings.Join(effects, ", ")
}

// PreviewKind is one line of the preview.
type PreviewKind struct {
	Kind          *mainstay.Kind
	Start, Orphan int
}

// pairValue is the form value of one box, of the field "pair".
func pairValue(p mainstay.Pair) string {
	return url.QueryEscape(p.Type) + "/" + url.QueryEscape(p.Status)
}

// parsePairs reads the ticked boxes of a form.
func parsePairs(values []string) (map[mainstay.Pair]bool, error) {
	out := map[mainstay.Pair]bool{}
	for _, v := range values {
		t, s, ok := strings.Cut(v, "/")
		typeID, errT := url.QueryUnescape(t)
		status, errS := url.QueryUnescape(s)
		if !ok || errT != nil || errS != nil {
			return nil, mainstay.FieldError("pair", "%q is no box of these settings.", v)
		}
		out[mainstay.Pair{Type: typeID, Status: status}] = true
	}
	return out, nil
}

func (p SyncSettingsPage) base() string { return integrationURL(p.Integration.ID) + "/sync-settings" }

// countText says what is counted: the PSA has them for companies that don't sync, too.
func (p SyncSettingsPage) countText(inPSA, here int) string {
	return num(inPSA) + " in the PSA, of all its companies; " + num(here) + " sync here"
}

func (p SyncSettingsPage) tabs() []Tab {
	tabs := []Tab{
		{Label: "Organizations", URL: p.base() + "/organizations"},
		{Label: "Configurations", URL: p.base() + "/configurations"},
		{Label: "Contacts and locations", URL: p.base() + "/contacts"},
		{Label: "Schedule", URL: p.base() + "/schedule"},
	}
	for i := range tabs {
		tabs[i].Current = strings.HasSuffix(tabs[i].URL, "/"+p.Tab)
	}
	return tabs
}

func intervals(now int) []Option {
	return selectedOption([]Option{
		{Value: "15", Label: "Every 15 minutes"}, {Value: "30", Label: "Every 30 minutes"},
		{Value: "60", Label: "Every hour"}, {Value: "240", Label: "Every 4 hours"},
		{Value: "1440", Label: "Every day"}, {Value: "0", Label: "Only when someone asks"},
	}, now)
}

func (p SyncSettingsPage) intro() string {
	switch p.Tab {
	case "contacts":
		return "Switching one off deletes nothing: those items become orphaned at the next full sync, and switching it on again brings them back."
	case "schedule":
		return "How often everything is read from " + p.Integration.Name + "."
	}
	return "A record syncs when its box is ticked. Unticking a box deletes nothing: those items become orphaned at the next full sync, and ticking it again brings them back."
}

// effectText says when the settings take effect and what then syncs.
func (p SyncSettingsPage) effectText() string {
	when := "Takes effect at the next full sync."
	if p.Preview.Changed == 0 && p.Preview.Pending == "" {
		when = ""
	} else if next := p.Preview.NextFull; p.Integration.Paused {
		when = "Takes effect when syncing is resumed."
	} else if !next.IsZero() && next > p.Now {
		when = "Takes effect at the next full sync, " + p.ago(next) + "."
	}
	if p.Preview.Noun == "" {
		return when
	}
	if when == "" {
		return num(p.Preview.Keep) + " " + p.Preview.Noun + " sync."
	}
	return when + " " + num(p.Preview.Keep) + " " + p.Preview.Noun + " will sync."
}

// pendingText says what waits and when it happens.
func (p SyncSettingsPage) pendingText() string {
	return p.Preview.Pending + " " + p.whenFull() + "."
}

// whenFull says when the next full sync is: "at the next full sync; none is scheduled".
func (p SyncSettingsPage) whenFull() string {
	return whenFull(p.Page, p.Integration)
}

func whenFull(p Page, i mainstay.Integration) string {
	switch {
	case i.Paused:
		return "when syncing is resumed"
	case i.NextFull.IsZero():
		return "at the next full sync; none is scheduled"
	case i.NextFull > p.Now:
		return "at the next full sync, " + p.ago(i.NextFull)
	}
	return "at the next full sync, which is due"
}

func (p SyncSettingsPage) overText() string {
	return "Nothing is deleted. They stop updating and are marked Orphaned at the next full sync. Tick the boxes again to undo."
}

func (r MatrixRow) name() string {
	if r.Name == "" {
		return "No type"
	}
	return r.Name
}

// key ties the boxes of a row to its header box; a record without a type has an
// empty id, which an attribute selector could not tell from none.
func (r MatrixRow) key() string { return "t" + r.ID }

// mark is the class of a box that differs from what is saved.
func (c MatrixCell) mark() string {
	switch {
	case c.On && !c.Was:
		return "chg-add"
	case !c.On && c.Was:
		return "chg-rem"
	}
	return ""
}

// delta is the change of a box in records; empty where it holds none.
func (c MatrixCell) delta() string {
	switch mark := c.mark(); {
	case c.Count == 0:
	case mark == "chg-add":
		return "+" + num(c.Count)
	case mark == "chg-rem":
		return "−" + num(c.Count)
	}
	return ""
}

// signed writes a number with its sign, and a plain 0.
func signed(sign string, n int) string {
	if n == 0 {
		return "0"
	}
	return sign + num(n)
}

func oneIf(on bool) string {
	if on {
		return "1"
	}
	return "0"
}
