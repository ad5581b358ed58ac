package store_test

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"mainstay/internal/db"
	"mainstay/internal/store"
	"mainstay/internal/storetest"
)

// Tables that no bundle holds, with the reason.
var notInBundles = map[string]string{
	"session":          "a restored installation must not let anybody in who did not sign in there",
	"sign_in_failure":  "it protects one server against guessing",
	"node":             "processes end with the machine",
	"tally":            "it is counted from the items at restore",
	"goose_db_version": "migrations write it",
	"sqlite_sequence":  "SQLite keeps it for the table of the migrations",
}

// columnsOf reads "table: column type" of every table of ours, with the types
// that bundles know, where a column that allows NULL is a ref.
func columnsOf(t *testing.T, d *db.DB) map[string][]string {
	t.Helper()
	query := `SELECT m.name, p.name, lower(p.type), p."notnull" = 0 FROM sqlite_master m JOIN pragma_table_info(m.name) p WHERE m.type = 'table' ORDER BY m.name, p.cid`
	if d.Dialect() == db.Postgres {
		query = `SELECT table_name, column_name, data_type, is_nullable = 'YES' FROM information_schema.columns WHERE table_schema = 'public' ORDER BY table_name, ordinal_position`
	}
	out := map[string][]string{}
	ctx := t.Context()
	err := d.Read(ctx, func(tx *db.Tx) error {
		rows, err := tx.Query(ctx, query)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var table, column, typ string
			var null bool
			if err := rows.Scan(&table, &column, &typ, &null); err != nil {
				return err
			}
			if notInBundles[table] != "" || strings.HasPrefix(table, "river_") {
				continue
			}
			if null {
				typ = "ref"
			}
			out[table] = append(out[table], column+" "+map[string]string{"bigint": "int", "integer": "int", "boolean": "bool", "blob": "blob", "bytea": "blob",
				"text": "text", "ref": "ref"}[typ])
		}
		return rows.Err()
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// A column that was added to a migration and forgotten here would be missing
// from every backup.
func TestBundleFiles_coverEveryColumn(t *testing.T) {
	described := map[string][]string{}
	for _, f := range store.BundleFiles() {
		table, columns, _ := strings.Cut(f.Describe(), ": ")
		list := strings.Split(strings.ReplaceAll(columns, " json", " text"), ", ")
		if old, ok := described[table]; ok && !slices.Equal(old, list) {
			t.Errorf("%s describes %s otherwise than the file before it", f.Name, table)
		}
		described[table] = list
	}
	storetest.Each(t, func(t *testing.T, d *db.DB) {
		if err := store.New(d).Migrate(t.Context()); err != nil {
			t.Fatal(err)
		}
		want := columnsOf(t, d)
		got := described
		if d.Dialect() == db.SQLite {
			// SQLite has no type for truth, so it can't tell the two apart.
			got = map[string][]string{}
			for table, list := range described {
				for _, c := range list {
					got[table] = append(got[table], strings.Replace(c, " bool", " int", 1))
				}
			}
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("the description of bundles differs from the tables (-tables +description):\n%s", diff)
		}
	})
}

// What a format describes never changes, for bundles of it are out there.
func TestBundleFormat_isPinned(t *testing.T) {
	pinned := map[int]string{1: "a46ddf8883b09b6d", 2: "c75fb155d4bcc9b2"}
	if len(pinned) != store.BundleFormat {
		t.Errorf("%d formats are pinned, and the newest is %d", len(pinned), store.BundleFormat)
	}
	for format, want := range pinned {
		h := sha256.New()
		for _, f := range store.BundleFilesOf(format) {
			h.Write([]byte(f.Name + " " + f.Describe() + "\n"))
		}
		if got := hex.EncodeToString(h.Sum(nil)[:8]); got != want {
			t.Errorf("the description of format %d changed: got %s, want %s. Raise store.BundleFormat, mark what is new with it, and pin it here", format, got, want)
		}
	}
}

func TestContents_ofEmptyDatabasesAreEqual(t *testing.T) {
	var all []map[string]store.Content
	storetest.Each(t, func(t *testing.T, d *db.DB) {
		s := store.New(d)
		if err := s.Migrate(t.Context()); err != nil {
			t.Fatal(err)
		}
		err := s.Read(t.Context(), func(tx *store.Tx) error {
			c, err := tx.Contents(context.Background())
			all = append(all, c)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	})
	if diff := cmp.Diff(all[0], all[1]); diff != "" {
		t.Errorf("contents differ (-sqlite +postgres):\n%s", diff)
	}
}
