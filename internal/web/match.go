package web

import "mainstay"

// MatchPage lists the records of one integration that wait to be matched again:
// people ended their links, and they sync once more. It posts to …/match the
// kind with "reconnect" or "anew" and a record, or "do" and the ticked records.
type MatchPage struct {
	Page
	Integration mainstay.Integration
	Kind        *mainstay.Kind
	Tabs        []Tab // kinds with what waits
	Rows        []MatchRow
	Total       int // of the kind, as far as this person sees
	Hidden      int // in organizations that this person can't open
	First, Next string
	Only        string // the one record that the page is about; empty for all
	Empty       *Empty
	MayPlan     bool
	Holding     int    // organizations that wait, as far as this person sees
	SyncURL     string // POST: the sync after which more waits here; empty hides it
	rest        rest   // read where nothing waits, for who sees everything
}

// MatchRow is one record that waits, beside the item that it had.
type MatchRow struct {
	ID        string // in the PSA
	Record    string // "Company 4471"
	RecordURL string // in the PSA; empty where unknown
	Name      string // what the PSA calls it
	Item      Link   // empty where the item lies in the trash
	Place     string // type, or organization
	Changes   []ChangeRow
	Ended     string // "Disconnected by Dana"
	At        mainstay.Time
	Note      string
	Plan      Link
	Missing   string // why it can't be reconnected: its item lies in the trash
	TrashURL  string
}

// matchURL is where the records of a kind wait.
func matchURL(id mainstay.IntegrationID, k *mainstay.Kind) string {
	return integrationURL(id) + "/match?kind=" + k.Plural
}

// followText says where what lies inside organizations is; empty where none waits.
func (p MatchPage) followText() string {
	if p.Holding == 0 {
		return ""
	}
	return "What lies inside an organization doesn't wait by itself: its configurations, contacts and locations follow it, and come back with it."
}

func (p MatchPage) base() string { return integrationURL(p.Integration.ID) + "/match" }

// intro says what the page is for.
func (p MatchPage) intro() string {
	return "These records were disconnected, and sync again. Nothing was made of them, so nothing is doubled. Reconnect them with the items that they had, or make new items of them. What you leave out goes on waiting."
}

// differs counts what the PSA says otherwise.
func (r MatchRow) differs() string {
	switch n := len(r.Changes); n {
	case 0:
		return "Nothing differs"
	default:
		return some(n, "field") + " would change"
	}
}

func (p MatchPage) all() string { return "Reconnect all " + p.Kind.Count(p.Total) }
