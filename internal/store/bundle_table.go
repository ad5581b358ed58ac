package store

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"mainstay"
)

// BundleFormat is the version of what BundleFiles describes. Raise it whenever
// a file or a column is added, renamed or removed, and keep telling the older
// ones: a new column has a default in the database, and its description ends with
// the format that brought it. A file of an older format is one without it.
const BundleFormat = 2

// columnType says how the values of a column travel in a bundle.
type columnType string

// The types, as they stand in the descriptions below.
const (
	intColumn  columnType = "int"
	boolColumn columnType = "bool"
	textColumn columnType = "text"
	jsonColumn columnType = "json" // JSON kept as text; embedded, so that a person can read it
	blobColumn columnType = "blob" // base64
	refColumn  columnType = "ref"  // a whole number or null
)

type column struct {
	name  string
	typ   columnType
	since int // the format that brought it; 0 for the first
}

// BundleFile describes one file of a bundle: the rows of one table, or of one
// kind of items. Reading, writing and checking are all made from it.
type BundleFile struct {
	Name    string            // without the ending: "items/contact"
	Table   string            // where the rows live
	Kind    mainstay.KindName // of the items in it; empty for other tables
	Fixed   bool              // its rows exist in an empty installation as well
	from    int               // the format that brought it
	columns []column
	key     []string // unique, and its index gives the order
	where   string   // constant condition; empty for all rows
	upsert  string   // what an insert does with a row that is there already
}

// BundleFiles lists the files of a bundle in the order in which they are
// written and restored. Every table is there except those that must not outlive
// an installation (session, sign_in_failure, node, the job queue) and tally,
// which is counted anew.
func BundleFiles() []BundleFile {
	files := []BundleFile{
		describe("settings", "setting", "name", "name text, value text"),
		describe("sequences", "sequence", "name", "name text, next int"),
		describe("people", "person", "id", `id int, email text, email_key text, name text, role text, all_organizations bool, disabled bool,
			password text, created_at int, last_seen_at int`),
		describe("people_organizations", "person_organization", "person_id, organization_id", "person_id int, organization_id int"),
		describe("integrations", "integration", "id", `id int, connector text, name text, name_key text, options json, secret blob, fingerprint text,
			failed bool, paused bool, paused_by text, paused_at int, settings json, confirmed int, confirmed_version int, last_run int,
			last_full int, next_full int, created_at int, removed_at int 2, removed_by text 2`),
		describe("labels", "label", "id", "id int, kind text, axis text, name text, name_key text, integration_id int, external_id text, inactive bool"),
	}
	files[0].where, files[0].upsert = settingsToKeep, "ON CONFLICT (name) DO UPDATE SET value = excluded.value"
	files[1].upsert = "ON CONFLICT (name) DO UPDATE SET next = excluded.next"
	files[0].Fixed, files[1].Fixed = true, true
	for _, k := range mainstay.Kinds() {
		f := describe("items/"+string(k.Name), "item", "id", itemDescription)
		f.Kind = k.Name
		files = append(files, f)
	}
	return append(files,
		describe("trash", "trash", "id", itemDescription+", plan_id int, deleted_by text, deleted_at int, purge_after int"),
		describe("not_duplicates", "not_duplicate", "organization_a, organization_b", `organization_a int, organization_b int, user_id int, who text,
			at int`).since(2),
		describe("links", "psa_record", "integration_id, kind, external_id", `integration_id int, kind text, external_id text, item_id ref, trashed bool,
			name text, type_ids text, status_id text, company_id text, inactive bool, in_scope bool, hash text, run_id int, linked_at int`),
		describe("runs", "run", "id", `id int, integration_id int, asked_by text, state text, stage text, settings json, counts json, expected int,
			message text, cancel bool, lease text, cursor text, created_at int, started_at int, ended_at int`),
		describe("run_problems", "run_problem", "run_id, kind, external_id", "run_id int, kind text, external_id text, item_id int, name text, message text"),
		describe("run_candidates", "run_candidate", "run_id, item_id", `run_id int, item_id int, kind text, external_id text, reason text,
			expected bool, evidence text`),
		describe("plans", "plan", "id", `id int, action text, kind text, query text, seen int, origin int, user_id int, user_name text, actor json,
			state text, fingerprint text, counts json, friction int, phrase text, backup_id int, done int, skipped int, message text, lease text,
			cursor int, created_at int, expires_at int, start_at int, started_at int, ended_at int, purge_after int, pass int 2, params json 2`),
		describe("plan_items", "plan_item", "plan_id, item_id", `plan_id int, item_id int, kind text, organization_id int, version int, root bool,
			only_here bool, gone bool, held bool, why text, outcome text, unlinked bool 2, before json 2`),
		describe("activity", "activity", "id", `id int, at int, user_id int, who text, verb text, kind text, item_id int, organization_id int, name text,
			run_id int, plan_id int, detail text, changes json, address text`),
		describe("backups", "backup", "id", `id int, state text, asked_by text, file text, size int, items int, encrypted bool, message text,
			created_at int, verified_at int`),
		describe("ended_links", "tombstone", "integration_id, kind, external_id", `integration_id int, kind text, external_id text, item_id int, plan_id int,
			who text, at int, why text, note text, sync text, reason text, since int, sync_note text, linked_at int, seen json`).since(2),
		describe("protections", "protection", "item_id", `item_id int, keep bool, keep_note text, keep_by text, keep_at int, hold_until int, hold_note text,
			hold_by text, hold_at int`).since(2),
		describe("notices", "notice", "id", "id int, person_id int, at int, text text, link text, seen_at int").since(2),
		describe("preferences", "preference", "person_id, name", "person_id int, name text, value text").since(2),
	)
}

// BundleFilesOf lists the files of an older format, with the columns that it
// has; what came later gets the defaults of the tables. No files means that
// this version doesn't know the format.
func BundleFilesOf(format int) []BundleFile {
	if format < 1 || format > BundleFormat {
		return nil
	}
	var out []BundleFile
	for _, f := range BundleFiles() {
		if f.from > format {
			continue
		}
		if f.Table == "sequence" && format < 2 {
			f.where = "name <> 'notice'"
		}
		f.columns = slices.DeleteFunc(slices.Clone(f.columns), func(c column) bool { return c.since > format })
		out = append(out, f)
	}
	return out
}

// since says that a format brought the file.
func (f BundleFile) since(format int) BundleFile { //nolint:unparam // a later format gives another number
	f.from = format
	return f
}

const itemDescription = `id int, kind text, organization_id int, parent_id int, name text, name_key text, type_id int, status_id int, is_primary bool,
	archived bool, fields json, version int, created_at int, updated_at int, sync text, reason text, since int, sync_note text, only_here bool`

// settingUnfinished is the setting that an unfinished restore leaves.
const settingUnfinished = "restore unfinished"

// Settings that stay behind: what opens a door once (the codes of the first
// set-up, the links that sign a person in and the switch for bulk deletion), the
// names that transactions lock, see Lock, and the mark of a restore.
const (
	onceOnly       = "(name IN ('set-up codes', '" + settingBulkDeletion + "') OR name LIKE 'sign-in link %')"
	settingsToKeep = "NOT " + onceOnly + " AND name NOT LIKE 'lock %' AND name <> '" + settingUnfinished + "'"
)

func describe(name, table, key, columns string) BundleFile {
	f := BundleFile{Name: name, Table: table, key: strings.Split(key, ", ")}
	for _, c := range strings.Split(columns, ",") {
		words := strings.Fields(c)
		n := column{name: words[0], typ: columnType(words[1])}
		if len(words) > 2 {
			n.since, _ = strconv.Atoi(words[2]) // a test pins what each format holds
		}
		f.columns = append(f.columns, n)
	}
	return f
}

// Describe names the table and its columns with their types, in order.
func (f BundleFile) Describe() string {
	words := make([]string, len(f.columns))
	for i, c := range f.columns {
		words[i] = fmt.Sprintf("%s %s", c.name, c.typ)
	}
	return f.Table + ": " + strings.Join(words, ", ")
}

// names lists the columns for a statement.
func (f BundleFile) names() string {
	words := make([]string, len(f.columns))
	for i, c := range f.columns {
		words[i] = c.name
	}
	return strings.Join(words, ", ")
}

// position returns where a column stands.
func (f BundleFile) position(name string) int {
	for i, c := range f.columns {
		if c.name == name {
			return i
		}
	}
	panic("store: " + f.Table + " has no column " + name)
}
