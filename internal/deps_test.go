package internal

import (
	"path"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// The import table: who may import whom inside the module, from the top down.
// Each row may only name rows below it, so nothing points up. "." is the module
// root with the nouns; names are folders below internal; <psa> stands for each
// connector's own folder. Test files are free.
var mayImport = []struct{ pkg, imports string }{
	{"cmd/mainstay", "cli"},
	// Tests only: whole journeys of the real binary.
	{"journey", "."},
	{"cli", "server web api auth bench reconcile bundle change store jobs connect/all connect/<psa> connect/<psa>/simulator connect db query seal jsonapi config ."},

	// The doors read from store and write through change only.
	{"server", "web api auth store jobs db config ."},
	{"web", "auth reconcile bundle change store jobs connect db query docs/guide ."},
	{"api", "auth change store query jsonapi ."},
	{"auth", "store seal ."},

	// What measures the rest.
	{"bench", "reconcile bundle change store jobs connect db query ."},

	// What works in the background. reconcile never sees a vendor: the registry is handed in.
	{"reconcile", "change store jobs connect db seal query ."},
	{"change", "store jobs db query ."},
	{"storetest", "bundle store jobs db ."},
	{"bundle", "store jobs db seal ."},

	// Vendors.
	{"connect/all", "connect/<psa> connect ."},
	{"connect/connecttest", "connect ."},
	{"connect/<psa>/simulator", "."},
	{"connect/<psa>", "connect ."},
	{"connect", "."},

	// State.
	{"store", "db query ."},
	{"jobs", "db ."},
	{"db", "."},

	// Leaves.
	{"jsonapi", "."},
	{"seal", "."},
	{"config", "."},
	{"query", ""},
	{"docs/guide", ""},
	{".", ""},
}

// Packages that need nothing but the standard library.
const standardOnly = ". query config jsonapi cmd/mainstay connect/<psa>"

// Packages that exist for tests. Only they, and test files, import "testing".
const forTests = "storetest connect/connecttest"

// itemWriters are the methods of store that write items. Only change calls
// them: it alone knows guards, versions, activity and undo. Add each new one.
var itemWriters = []string{
	"InsertItems",
	"UpdateItems",
	"TrashChunk",
	"RestoreChunk",
	"PurgeChunk",
	"OrphanChunk",
	"DisconnectChunk",
	"EditChunk",
	"ProtectChunk",
	"MergeChunk",
	"UnmergeChunk",
	"AdoptRest",
	"MoveChildren",
	"TrashOne",
	"UntrashOne",
	"SetParents",
	"SettleTrashed",
	"InsertBundleRows",
}

// mayWriteItems are the packages that may call itemWriters: bundle fills an empty
// installation from a backup; storetest fills the
// databases of tests and benchmarks.
const mayWriteItems = "store change bundle storetest"

// row returns the name under which a package stands in the table.
func row(pkg string) string {
	parts := strings.Split(pkg, "/")
	if parts[0] != "connect" || len(parts) < 2 || parts[1] == "all" || parts[1] == "connecttest" {
		return pkg
	}
	parts[1] = "<psa>"
	return path.Join(parts...)
}

func TestImports(t *testing.T) {
	allowed := map[string]string{}
	for _, r := range mayImport {
		allowed[r.pkg] = r.imports
	}
	for _, s := range sources(t) {
		if s.test || s.pkg == "internal" {
			continue
		}
		me := row(s.pkg)
		list, listed := allowed[me]
		if !listed {
			t.Errorf("%s: package %s has no row in the import table", s.path, s.pkg)
			continue
		}
		for _, spec := range s.file.Imports {
			name, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				t.Fatal(err)
			}
			ours := strings.TrimPrefix(strings.TrimPrefix(name, "mainstay/"), "internal/")
			switch {
			case name == "mainstay":
				ours = "."
			case strings.HasPrefix(name, "mainstay/"):
			case name == "testing" && !among(me, forTests):
				t.Errorf("%s imports testing, which is for tests", s.path)
				continue
			case strings.Contains(strings.Split(name, "/")[0], ".") && among(me, standardOnly):
				t.Errorf("%s imports %s: package %s takes the standard library only", s.path, name, s.pkg)
				continue
			default:
				continue
			}
			if !among(row(ours), list) {
				t.Errorf("%s imports %s: package %s may import only: %s", s.path, name, s.pkg, list)
			}
		}
	}
}

func TestImports_tablePointsDown(t *testing.T) {
	for i, r := range mayImport {
		for _, name := range strings.Fields(r.imports) {
			if !slices.ContainsFunc(mayImport[i+1:], func(lower struct{ pkg, imports string }) bool { return lower.pkg == name }) {
				t.Errorf("%s may import %s, which does not stand below it", r.pkg, name)
			}
		}
	}
}

func TestItemWriters_areCalledByChangeOnly(t *testing.T) {
	declared := map[string]bool{}
	for _, s := range sources(t) {
		if s.pkg == "store" && !s.test {
			for _, d := range s.functions() {
				declared[d.Name.Name] = true
			}
		}
		if s.test || among(s.pkg, mayWriteItems) {
			continue
		}
		s.selectors(func(_, name string, at node) {
			if slices.Contains(itemWriters, name) {
				t.Errorf("%s: package %s calls store's %s; items are written through change only", s.at(at), s.pkg, name)
			}
		})
	}
	for _, name := range itemWriters {
		if !declared[name] {
			t.Errorf("itemWriters names %s, which store does not have", name)
		}
	}
}
