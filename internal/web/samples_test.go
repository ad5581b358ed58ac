package web

import (
	"fmt"
	"html/template"
	"net/url"
	"strings"
	"time"

	"github.com/a-h/templ"

	"mainstay"
	"mainstay/internal/store"
)

// sample is one page or fragment with data to look at.
type sample struct {
	name     string
	body     templ.Component
	fragment bool
}

// now is the fixed moment of all samples.
var now = mainstay.TimeOf(time.Date(2026, 11, 23, 9, 28, 41, 0, time.UTC))

func minutesAgo(n int) mainstay.Time { return now.Add(-time.Duration(n) * time.Minute) }

const hostile = `<script>alert(1)</script>"'&<img src=x onerror=alert(2)>`

// long is a name of 255 runes without a place to break.
var long = strings.Repeat("Ŵ", 255)

// wordPair is what varies between the rich and the hostile samples.
type wordPair struct{ name, other, text string }

func wordsOf(variant string) wordPair {
	if variant == "hostile" {
		return wordPair{hostile, long, hostile + long}
	}
	return wordPair{"Harbor Street Dental Group", "Corvane Logistics", "The front desk closes at noon on Fridays."}
}

func samplePage(title, active string, crumbs ...Crumb) Page {
	return Page{
		Title: title, Active: active, Crumbs: append(crumbs, Crumb{Label: title}),
		Actor:   mainstay.Actor{UserID: 1, Name: "Dana Whitfield", Role: mainstay.Administrator, All: true},
		Account: "Bluepeak IT", Now: now, Zone: time.UTC, Path: "/",
		Counts: map[string]int{"organizations": 13306, "jobs": 1},
		Job:    &JobPill{Label: "Backing up", URL: "/jobs", Percent: 34},
	}
}

func states(syncing, orphaned, disabled, failed, none int) []StateCount {
	return []StateCount{{State: mainstay.Syncing, Count: syncing, URL: "/x"}, {State: mainstay.Orphaned, Count: orphaned, URL: "/x"}, {State: mainstay.SyncDisabled, Count: disabled, URL: "/x"},
		{State: mainstay.SyncError, Count: failed, URL: "/x"}, {State: mainstay.NotLinked, Count: none, URL: "/x"}}
}

// samples are every page in every variant.
func samples() []sample {
	out := signInSamples()
	for _, variant := range []string{"rich", "hostile"} {
		w := wordsOf(variant)
		var found []sample
		found = append(found, listSamples(w)...)
		found = append(found, itemSamples(w)...)
		found = append(found, duplicateSamples(w)...)
		found = append(found, mergeSamples(w)...)
		found = append(found, syncSamples(w)...)
		found = append(found, planSamples(w)...)
		found = append(found, accountSamples(w)...)
		found = append(found, protectionSamples(w)...)
		found = append(found, disconnectSamples(w)...)
		for _, s := range found {
			s.name += "-" + variant
			out = append(out, s)
		}
	}
	return append(out, emptySamples()...)
}

func signInSamples() []sample {
	out := Page{Title: "Sign in", Account: "Bluepeak IT"}
	in := samplePage("Not found", "")
	return []sample{
		{name: "login", body: loginView(LoginPage{Page: out, Email: hostile, Error: "That email and password don't belong together."})},
		{name: "login-empty", body: loginView(LoginPage{Page: out})},
		{name: "setup", body: setupView(SetupPage{Page: Page{Title: "Set up"}, Errors: map[string]string{"password": "Use at least 12 characters."}})},
		{name: "error-404", body: errorView(ErrorPage{Page: in, Status: 404, Message: "It may be in Trash.", Links: []Link{{"Search Trash", "/trash"}}})},
		{name: "error-500", body: errorView(ErrorPage{Page: in, Status: 500, Message: "Nothing was half-applied.", Reference: "7f3a-19c2"})},
		{name: "error-403-out", body: errorView(ErrorPage{Page: out, Status: 403, Message: "Sign in with another account."})},
		{name: "error-fragment", fragment: true, body: errorFragment(ErrorPage{Status: 503, Message: hostile, Reference: "1"})},
		{name: "shortcuts", body: shortcutsView(samplePage("Keyboard shortcuts", ""))},
		{name: "shortcuts-dialog", fragment: true, body: shortcutsDialog()},
	}
}

var orgNames = []string{"Aldergate Fitness", "Anchor Lane Storage", "Birchline Couriers", "Calder & Finch Solicitors", "Cobble Hill Bakery",
	"Corvane Logistics", "Dunmore Plumbing", "Eastlake Orthodontics", "Fernhill Montessori", "Gantry Coffee Roasters", "Halden Marine Supply"}

func sampleList(w wordPair, selectable bool) ListPage {
	p := ListPage{Page: samplePage("Organizations", "organizations"), Kind: &mainstay.Organization, Base: "/organizations",
		Query: "sync status: orphaned", Canonical: "sync status: orphaned", Orphans: true, Matches: 12431, Selectable: selectable,
		ExportURL: "/organizations/export.csv?q=x", NewURL: "/organizations/new", SortKey: "name"}
	for _, s := range []StateCount{{Count: 13306}, {State: mainstay.Syncing, Count: 812}, {State: mainstay.Orphaned, Count: 12431}, {State: mainstay.SyncDisabled, Count: 9}, {State: mainstay.SyncError, Count: 6}, {State: mainstay.NotLinked, Count: 48}} {
		t := Tab{Label: "All", URL: "/organizations?q=" + string(s.State), Count: s.Count, HasCount: true, Current: s.State == mainstay.Orphaned}
		if s.State != "" {
			t.Label, t.Icon = s.State.Label(), syncIcon(s.State)
		}
		p.Tabs = append(p.Tabs, t)
	}
	p.Chips = []Chip{{"Sync status", "Orphaned", "/organizations"}, {"Name", w.name, "/organizations"}}
	p.Adds = []ChipAdd{{"Type", "type: "}, {"Status", "status: "}, {"Reason", "reason: "}}
	p.FacetLabel = "Why they're orphaned"
	p.Facets = []Facet{{Label: "Type not synced", Count: 11982, URL: "/organizations?q=a"}, {Label: "Deleted in the PSA", Count: 381, URL: "/organizations?q=b"},
		{Label: "Hold items that exist only here", Icon: "shield-lock", Count: 41, URL: "/organizations?q=c"}}
	p.Columns = []Column{{Label: "Type", URL: "/organizations?sort=type"}, {Label: "Status"}, {Label: "Sync"}, {Label: "Why"}, {Label: "Since", URL: "/organizations?sort=since"}, {Label: "Items", Right: true}, {Label: "Only here", Right: true}}
	p.Name = Column{URL: "/organizations?sort=-name", Sort: "ascending"}
	p.Chooser = &ColumnChooser{Action: "/organizations/columns", Back: "/organizations?q=" + w.name, Own: true}
	for _, c := range listColumns(&mainstay.Organization) {
		p.Chooser.Choices = append(p.Chooser.Choices, ColumnChoice{c.key, c.label, c.usual})
	}
	p.Pager = Pager{First: 1, Last: 50, Total: 12431, Prev: "/organizations?before=1", Next: "/organizations?after=1", Fragment: "list"}
	for i := range 50 {
		kept := ""
		if i%9 == 0 {
			kept = "Protected by " + w.name
		}
		name := orgNames[i%len(orgNames)]
		if i == 0 {
			name = w.name
		} else if i == 5 {
			name = w.other
		} else if i >= len(orgNames) {
			name = fmt.Sprintf("%s %d", name, i)
		}
		p.Rows = append(p.Rows, Row{ID: mainstay.ItemID(i + 1), Name: name, URL: fmt.Sprintf("/organizations/%d", i+1), Sub: "Prospect · Type not synced", Sync: mainstay.Orphaned, Only: i % 4, Kept: kept,
			Cells: []Cell{{Text: "Prospect"}, {Text: "Active"}, {Sync: mainstay.Orphaned, Note: w.text}, {Text: "Type not synced"}, {At: minutesAgo(i * 900), Muted: true}, {Text: num(i * 3), Right: true}, {ShowOnly: true, Only: i % 4, Right: true}}})
	}
	return p
}

func listSamples(w wordPair) []sample {
	list := sampleList(w, true)
	plain := sampleList(w, false)
	plain.Preview = &PreviewHead{Heading: w.name, Back: "/back", Seen: "You can see 214 of 227; 13 are in organizations you have no access to."}
	for i := range plain.Rows {
		plain.Rows[i].Edit = plain.Rows[i].URL + "/edit"
	}
	wrong := sampleList(w, true)
	wrong.Query, wrong.QueryError, wrong.Rows, wrong.Chips, wrong.Hidden = "sync stauts: "+w.name, `"sync stauts" isn't a filter. Did you mean sync status?`, nil, nil, 13
	inside := sampleList(w, true)
	head := sampleHead(w)
	inside.Head, inside.Kind, inside.Base = &head, &mainstay.Configuration, "/organizations/1/configurations"
	all, chosen := choice{kind: list.Kind, all: true, query: "sync status: orphaned " + w.name, seen: 120, from: "/organizations"}, store.Chosen{Total: 120, Hidden: 1, Linked: 80, Protected: 4, Free: 77, Kept: 3, Held: 1, Primary: 1, Syncing: 50, OnlyHere: 7}
	ask := ConfirmPage{Page: samplePage("120 organizations", "organizations"), Action: "/changes", Back: "/organizations", Fields: all.fields()}
	ask.Page.BulkDeletion = &mainstay.BulkDeletion{By: w.name, Reason: w.text, Since: minutesAgo(30), Until: minutesAgo(-600)}
	edit, protect, cut := ask, ask, ask
	all.ask(&edit, doEdit, chosen, []mainstay.Label{{ID: 1, Kind: list.Kind.Name, Axis: mainstay.TypeAxis, Name: w.name}})
	all.ask(&protect, doProtect, chosen, nil)
	protect.askAgain(url.Values{"guard": {guardHold}, "note": {w.text}}, mainstay.FieldError("until", "%s", w.text))
	all.ask(&cut, doDisconnect, chosen, nil)
	groups := []SearchGroup{{"Organizations", []SearchResult{{"building", w.name, "Client", "/organizations/1", mainstay.Syncing, nil}}},
		{"Commands", []SearchResult{{"plug", "Show orphaned organizations", "", "/organizations?q=x", "", []string{"g", "u"}}}}}
	return []sample{
		{name: "list", body: listView(list)},
		{name: "list-preview", body: listView(plain)},
		{name: "selection-left", fragment: true, body: selectionLeft(leftOut(list.Kind, chosen), "/organizations/1/merge?with=2")},
		{name: "selection", body: selectionView(all.overview(ask, chosen))},
		{name: "selection-edit", body: confirmView(edit)},
		{name: "selection-protect", body: confirmView(protect)},
		{name: "selection-disconnect", body: confirmView(cut)},
		{name: "list-wrong", body: listView(wrong)},
		{name: "list-inside", body: listView(inside)},
		{name: "list-fragment", fragment: true, body: listFragment(list)},
		{name: "completions", fragment: true, body: completions([]Suggestion{{Text: w.name, Count: 3, Label: w.other}, {Text: "x", Count: -1}})},
		{name: "search-trash", body: searchView(SearchPage{Page: samplePage("Search", ""), Query: w.name, Trash: Link{"2 in Trash: look there", "/trash?q=x"}})},
		{name: "search", body: searchView(SearchPage{Page: samplePage("Search", ""), Query: w.name, Groups: groups})},
		{name: "search-results", fragment: true, body: searchResults(groups)},
		{name: "why", body: whyView(WhyPage{Page: samplePage("Why isn't it here?", "organizations"), Kind: &mainstay.Organization, Query: w.name, Back: "/organizations",
			Answers: []Note{{Tone: "orange", Lead: "The type Prospect doesn't sync.", Text: w.text, Link: Link{"Sync settings", "/account/integrations/1/sync-settings"}}}})},
	}
}

func sampleHead(w wordPair) OrganizationHead {
	return OrganizationHead{ID: 1, Name: w.name, Type: "Client", Status: "Active", Locations: 4, Sync: mainstay.Syncing, EditURL: "/organizations/1/edit",
		NewItems: []Link{{"Contact", "/organizations/1/contacts/new"}, {"Document", "/organizations/1/documents/new"}}, DeleteReason: "Can't be deleted while it syncs.",
		Tabs: []Tab{{Label: "Overview", URL: "/organizations/1", Current: true}, {Label: "Configurations", URL: "/organizations/1/configurations", Count: 86, HasCount: true},
			{Label: "Contacts", URL: "/organizations/1/contacts", Count: 41, HasCount: true}, {Label: "Locations", URL: "/organizations/1/locations", Count: 4, HasCount: true},
			{Label: "Documents", URL: "/organizations/1/documents", Count: 28, HasCount: true}, {Label: "Activity", URL: "/organizations/1/activity"}}}
}

func sampleEvents(w wordPair) []Event {
	return []Event{{Icon: "pencil", Who: "Marcus", Verb: "changed", Name: w.name, URL: "/configurations/2", At: minutesAgo(41)},
		{Icon: "alert-triangle", Tone: "red", Verb: "", Name: w.other, Detail: "didn't sync: serial number already used", At: minutesAgo(120)},
		{Icon: "plug", Tone: "orange", Name: "HSD-NAS02", Verb: "became orphaned", At: minutesAgo(180)},
		{Icon: "eye", Who: "Priya", Verb: "viewed", Name: "HSD-DC01", At: minutesAgo(3000)}}
}

func sampleSync() SyncPanel {
	return SyncPanel{State: mainstay.Syncing, Since: minutesAgo(90000), Integration: "ConnectWise PSA", IntegrationURL: "/account/integrations/1", Record: "Company 4471", RecordURL: "https://psa.example/4471",
		LastSynced: minutesAgo(6), NextFull: minutesAgo(-24), Because: "Client + Active", MatchedBy: "Exact name", NowURL: "/organizations/1/sync", AskDisableURL: "/organizations/1/sync/disable", DisconnectURL: "/organizations/1/disconnect", Holds: true,
		NoDelete: &NoDelete{Reason: "It can't be deleted while it syncs.", Ways: []Way{{Link{"Disconnect it.", "/x"}, "It stays here."}, {Link{Label: "Untick its type."}, "It becomes orphaned at the next full sync."}}}}
}

func sampleOrganization(w wordPair) OrganizationPage {
	sync := sampleSync()
	k := mainstay.Kinds()
	p := OrganizationPage{Page: samplePage(w.name, "organizations", Crumb{"Organizations", "/organizations"}), Head: sampleHead(w), Alert: w.text,
		Notes:      []Note{{Tone: "orange", Lead: "1 configuration is orphaned.", Text: "HSD-NAS02 has the status Inactive, which no longer syncs.", Link: Link{"Review it", "/x"}}},
		QuickNotes: template.HTML("<p>Door code is with the <strong>office manager</strong>.</p><ul><li>Parking behind the building</li></ul>"),
		OnlyHere:   31, OnlyText: "28 documents and 3 contacts", Sync: &sync, Problems: states(0, 1, 2, 1, 0)[1:4], Activity: sampleEvents(w),
		Fields: []FieldView{{Label: "Phone", Text: w.text, Synced: true}, {Label: "Website", Text: w.name, URL: "javascript:alert(1)"}, {Label: "Description", Text: w.text + "\nSecond line", Long: true}}}
	p.Tiles = []Tile{{Kind: k[1], URL: "/x", Total: 86, States: states(80, 1, 2, 1, 2)}, {Kind: k[2], URL: "/x", Total: 41, States: states(39, 0, 0, 0, 2)}, {Kind: k[3], URL: "/x", Total: 4, States: states(4, 0, 0, 0, 0)}, {Kind: k[4], URL: "/x", Total: 28}}
	for i, s := range mainstay.SyncStates() {
		p.Recent = append(p.Recent, Row{ID: mainstay.ItemID(i + 9), Name: []string{"HSD-DC01", w.other, "HSD-NAS02", "Reception printer 2", "Guest Wi-Fi controller"}[i], URL: "/configurations/9", Icon: "server-2", Sub: "Server · 41 min ago", Sync: s,
			Cells: []Cell{{Text: "Server"}, {Text: "Active"}, {Sync: s}, {Text: "Marcus Hale"}, {At: minutesAgo(41 * (i + 1)), Right: true, Muted: true}}})
	}
	return p
}
