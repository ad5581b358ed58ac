package web

import (
	"net/url"
	"strings"
	"time"

	"mainstay"
)

// Page is what every page has around its content. Handlers fill it once per
// request, from the session and the store.
type Page struct {
	Title  string  // in the title bar of the browser, and the heading where a page has no other
	Crumbs []Crumb // the path; the last one is the page itself and has no URL
	// Active is the key of the entry of the sidebar: "dashboard", a kind's
	// plural, "activity", "jobs", "trash", "integrations", "users", "protection", "backups", "settings".
	Active  string
	Actor   mainstay.Actor
	Account string         // the name of the MSP
	Now     mainstay.Time  // when the page was made; relative times count from it
	Zone    *time.Location // of the account; nil means UTC
	Counts  map[string]int // numbers in the sidebar by Active key; 0 shows none
	Job     *JobPill       // the latest running job, or nil
	// BulkDeletion is the account's switch while it is on, for a person who may use it.
	BulkDeletion *mainstay.BulkDeletion
	Toasts       []Toast
	Theme        string // "light", "dark", or empty for the system's own
	Density      string // "comfortable", or empty for compact
	KeysOff      bool   // single-key shortcuts are switched off by the person
	Path         string // path and query of this page, to come back to
}

// Crumb is one step of the path to a page.
type Crumb struct{ Label, URL string }

// Link is a word that leads somewhere.
type Link struct{ Label, URL string }

// JobPill is the running job in the top bar.
type JobPill struct {
	Label   string // "Syncing ConnectWise PSA"
	URL     string
	Percent int // below 0 while unknown
}

// pollURL answers the pill anew to a browser that shows this one.
func (j JobPill) pollURL() string { return "/jobs/pill?of=" + url.QueryEscape(j.URL) }

// Toast is a short message about what just happened.
type Toast struct {
	Text  string
	Error bool
	// Action is the label of a button; URL is where it leads, by POST where Post is true.
	Action, URL string
	Post        bool
}

// Note is a message in the page. Tone is "info", "amber", "red", "green",
// "orange" or empty; Lead is its first words in bold.
type Note struct {
	Tone, Icon string
	Lead, Text string
	Link, Also Link // ways on; without an address there is none
}

// Tab is one entry of a row of tabs or of a segmented control.
type Tab struct {
	Label   string
	Icon    string
	URL     string
	Count   int // shown where HasCount is true
	Current bool
	// HasCount says that Count is known.
	HasCount bool
}

// Pager leads to the pages before and after, by key.
type Pager struct {
	First, Last int // numbers of the rows shown; 0 where they are not known
	Total       int // below 0 where it is not known
	Prev, Next  string
	Fragment    string // id of the element that a page replaces; empty loads the whole page
}

// Empty is what a list says when it has nothing to show.
type Empty struct {
	Icon, Title, Text string
	Links             []Link
}

// May reports whether to show what needs a right. The server checks again when
// it is used.
func (p Page) May(r mainstay.Right) bool { return p.Actor.Can(r, 0) == nil }

// SignedIn reports whether a person is signed in.
func (p Page) SignedIn() bool { return p.Actor.Role != "" }

// NextTheme is the theme that the theme button switches to.
func (p Page) NextTheme() string {
	if p.Theme == "dark" {
		return "light"
	}
	return "dark"
}

func (p Page) zone() *time.Location {
	if p.Zone == nil {
		return time.UTC
	}
	return p.Zone
}

// navItem is one entry of the sidebar.
type navItem struct{ Key, Label, URL, Icon string }

// records are the entries of the sidebar for every kind.
func (p Page) records() []navItem {
	items := []navItem{{"dashboard", "Dashboard", "/", "layout-dashboard"}}
	for _, k := range mainstay.Kinds() {
		items = append(items, navItem{k.Plural, capital(k.Plural), "/" + k.Plural, k.Icon})
	}
	return items
}

// work are the entries that this person may open.
func (p Page) work() []navItem {
	return p.allowed([]guardedItem{
		{navItem{"activity", "Activity", "/activity", "activity"}, mainstay.SeeActivity},
		{navItem{"jobs", "Jobs", "/jobs", "progress"}, mainstay.ManageSync},
		{navItem{"trash", "Trash", "/trash", "trash"}, mainstay.UseTrash},
	})
}

// account are the entries that this person may open.
func (p Page) account() []navItem {
	return p.allowed([]guardedItem{
		{navItem{"integrations", "Integrations", "/account/integrations", "arrows-exchange"}, mainstay.ManageSync},
		{navItem{"users", "Users", "/account/users", "user-shield"}, mainstay.ManageUsers},
		{navItem{"protection", "Data protection", protectionURL, "shield-lock"}, mainstay.PlanChanges},
		{navItem{"backups", "Backups", "/account/backups", "database"}, mainstay.UseBackups},
		{navItem{"settings", "Settings", "/account/settings", "settings"}, mainstay.ChangeSettings},
	})
}

type guardedItem struct {
	navItem
	right mainstay.Right
}

func (p Page) allowed(items []guardedItem) []navItem {
	var out []navItem
	for _, i := range items {
		if p.May(i.right) {
			out = append(out, i.navItem)
		}
	}
	return out
}

// onPhoneMore reports whether the page is reached by the last entry of the
// phone's bottom bar.
func (p Page) onPhoneMore() bool {
	switch p.Active {
	case "dashboard", mainstay.Organization.Plural, "jobs":
		return false
	}
	return true
}

// initials returns up to two letters for a name: "Dana Whitfield" gives "DW".
func initials(name string) string {
	words := strings.FieldsFunc(name, func(r rune) bool { return r == ' ' || r == '-' || r == '.' || r == '@' || r == '_' })
	out := ""
	for _, w := range words {
		for _, r := range w {
			out += strings.ToUpper(string(r))
			break
		}
		if len([]rune(out)) == 2 {
			break
		}
	}
	return out
}

// hue picks one of the five chart colors for a name, always the same one.
func hue(name string) string {
	n := 0
	for _, r := range name {
		n = (n*31 + int(r)) % 5
	}
	return [5]string{"c1", "c2", "c3", "c4", "c5"}[n]
}
