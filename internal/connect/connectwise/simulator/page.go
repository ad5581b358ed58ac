package simulator

import (
	"embed"
	"fmt"
	"html/template"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"mainstay"
)

//go:embed page/page.html page/style.css
var pageFiles embed.FS

// screen is the PSA's own page, where a person plays the PSA's user.
type screen struct {
	s     *Simulator
	pages *template.Template
	mux   http.Handler
}

// newScreen makes the page with its routes. Forms of other sites are refused.
func newScreen(s *Simulator) *screen {
	p := &screen{s: s, pages: template.Must(template.New("").Funcs(template.FuncMap{"thousands": mainstay.Thousands}).ParseFS(pageFiles, "page/page.html"))}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", p.companies)
	mux.HandleFunc("GET /style.css", func(w http.ResponseWriter, r *http.Request) {
		http.ServeFileFS(w, r, pageFiles, "page/style.css")
	})
	mux.HandleFunc("GET /contacts", p.children(Contacts, "Contacts"))
	mux.HandleFunc("GET /configurations", p.children(Configurations, "Configurations"))
	mux.HandleFunc("GET /removed", p.removed)
	mux.HandleFunc("GET /companies/{id}", p.company)
	mux.HandleFunc("POST /companies/{id}/{action}", p.companyAction)
	mux.HandleFunc("POST /contacts/{id}/{action}", p.childAction(Contacts))
	mux.HandleFunc("POST /configurations/{id}/{action}", p.childAction(Configurations))
	mux.HandleFunc("POST /removed/{id}/{action}", p.removedAction)
	mux.HandleFunc("GET /v4_6_release/services/system_io/router/openrecord.rails", p.open)
	p.mux = http.NewCrossOriginProtection().Handler(mux)
	return p
}

func (s *Simulator) servePage(w http.ResponseWriter, r *http.Request) { s.screen.mux.ServeHTTP(w, r) }

// frame is what every page shows.
type frame struct {
	Title, Company, Said string
	Nav                  []navItem
	Requests, Writes     int
}

type navItem struct {
	Name, Address string
	Current       bool
}

func (p *screen) frame(r *http.Request, title string) frame {
	f := frame{Title: title, Company: homeName, Said: r.URL.Query().Get("said"), Requests: p.s.Requests()}
	for _, n := range p.s.Writes() {
		f.Writes += n
	}
	for _, n := range []navItem{{"Companies", "/", false}, {"Contacts", "/contacts", false}, {"Configurations", "/configurations", false}, {"Removed companies", "/removed", false}} {
		n.Current = n.Address == r.URL.Path
		f.Nav = append(f.Nav, n)
	}
	return f
}

func (p *screen) show(w http.ResponseWriter, name string, data any) {
	var b strings.Builder
	if err := p.pages.ExecuteTemplate(&b, name, data); err != nil {
		http.Error(w, "The page could not be made.", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Content-Security-Policy", "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'")
	w.Header().Set("Cache-Control", "no-store")
	_, _ = fmt.Fprint(w, b.String())
}

// back leads to a page of this screen that says what was done.
func back(w http.ResponseWriter, r *http.Request, address, said string) {
	http.Redirect(w, r, address+"?"+url.Values{"said": {said}}.Encode(), http.StatusSeeOther)
}

// choice is one label to choose.
type choice struct {
	ID   int64
	Name string
	On   bool
}

func (p *screen) choices(resource string, on ...int64) []choice {
	var out []choice
	for _, id := range p.s.IDs(resource) {
		l, _ := p.s.Label(resource, id)
		out = append(out, choice{id, l.Text(), slices.Contains(on, id)})
	}
	return out
}

// listPage is a searchable list.
type listPage struct {
	frame
	Address, Query string
	Types          []choice
	Columns        []string
	Rows           []listRow
	Total          int
	Page, Pages    int
	Before, After  string
}

type listRow struct {
	ID      int64
	Name    string
	Link    string
	Cells   []string
	Actions []action
}

type action struct {
	Name, Address string
	Danger        bool
}

// rowsPerPage is how many rows a list of the screen shows.
const rowsPerPage = 50

// fill puts the rows that fit on the asked page; make turns a row into a line,
// or says that it does not fit.
func (p *screen) fill(l *listPage, r *http.Request, resource string, make func(record) (listRow, bool)) {
	l.Address, l.Query = r.URL.Path, strings.TrimSpace(r.URL.Query().Get("q"))
	l.Page, _ = strconv.Atoi(r.URL.Query().Get("page"))
	l.Page = max(1, l.Page)
	p.s.mu.RLock()
	t := p.s.table(resource)
	var rows []listRow
	for _, id := range t.ids {
		if row, ok := make(t.rows[id]); ok && (matches(l.Query, row.Name) || l.Query == strconv.FormatInt(id, 10)) {
			rows = append(rows, row)
		}
	}
	p.s.mu.RUnlock()
	l.Total, l.Pages = len(rows), max(1, (len(rows)+rowsPerPage-1)/rowsPerPage)
	l.Page = min(l.Page, l.Pages)
	l.Rows = rows[(l.Page-1)*rowsPerPage : min(l.Page*rowsPerPage, len(rows))]
	at := func(page int) string {
		v := r.URL.Query()
		v.Del("said")
		v.Set("page", strconv.Itoa(page))
		return l.Address + "?" + v.Encode()
	}
	if l.Page > 1 {
		l.Before = at(l.Page - 1)
	}
	if l.Page < l.Pages {
		l.After = at(l.Page + 1)
	}
}

func matches(query, name string) bool {
	return strings.Contains(strings.ToLower(name), strings.ToLower(query))
}

func (p *screen) companies(w http.ResponseWriter, r *http.Request) {
	typeID, _ := strconv.ParseInt(r.URL.Query().Get("type"), 10, 64)
	l := listPage{frame: p.frame(r, "Companies"), Types: p.choices(CompanyTypes, typeID), Columns: []string{"Number", "Name", "Types", "Status"}}
	p.fill(&l, r, Companies, func(rec record) (listRow, bool) {
		c := rec.(*Company)
		row := listRow{ID: c.ID, Name: c.Name, Link: fmt.Sprintf("/companies/%d", c.ID)}
		fits := typeID == 0
		var types []string
		for _, t := range c.Types {
			types = append(types, t.Name)
			fits = fits || t.ID == typeID
		}
		status := ""
		if c.Status != nil {
			status = c.Status.Name
		}
		if c.DeletedFlag {
			status += ", marked as deleted"
		}
		row.Cells = []string{strings.Join(types, ", "), status}
		row.Actions = []action{{"Delete", row.Link + "/delete", true}}
		return row, fits
	})
	p.show(w, "list", l)
}

// open leads from the address that connected software links to.
func (p *screen) open(w http.ResponseWriter, r *http.Request) {
	id := r.URL.Query().Get("recid")
	switch r.URL.Query().Get("recordType") {
	case "ContactFV":
		http.Redirect(w, r, "/contacts?q="+url.QueryEscape(id), http.StatusSeeOther)
	case "ConfigFV":
		http.Redirect(w, r, "/configurations?q="+url.QueryEscape(id), http.StatusSeeOther)
	default:
		http.Redirect(w, r, "/companies/"+url.PathEscape(id), http.StatusSeeOther)
	}
}
