package db

import (
	"context"
	"database/sql"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"mainstay"
)

// minSQLite is the first version without the WAL-reset race that could corrupt
// a database (reliability-security.md section 0, point 7).
const minSQLite = 3_051_003

// readers is how many connections may read at once.
const readers = 8

func openSQLite(ctx context.Context, c Config) (*DB, error) {
	if err := os.MkdirAll(filepath.Dir(c.Path), 0o700); err != nil {
		return nil, mainstay.Wrap(mainstay.Unavailable, err, "The data folder %s can't be made. Check its owner and rights.", filepath.Dir(c.Path))
	}
	d := &DB{dialect: SQLite, now: c.Now, commit: c.OnCommit, path: c.Path}
	var err error
	if d.writer, err = sql.Open("sqlite", sqliteDSN(c.Path, writes)); err != nil {
		return nil, err
	}
	d.writer.SetMaxOpenConns(1)
	if d.reader, err = sql.Open("sqlite", sqliteDSN(c.Path, reads)); err != nil {
		return nil, err
	}
	d.reader.SetMaxOpenConns(readers)
	d.reader.SetMaxIdleConns(readers)
	err = d.checkSQLite(ctx)
	if err == nil {
		d.checkpoints, err = newCheckpointer(c.Path)
	}
	if err != nil {
		d.Close() //nolint:errcheck // the first error counts
		return nil, err
	}
	return d, nil
}

// purpose is what a connection to SQLite is for.
type purpose struct {
	cache   string // memory for pages: KiB as a negative number
	pragmas []string
	lock    string // how a transaction begins
}

// The purposes. A reader keeps little, for the system caches the file as well and
// there are several of them.
var (
	writes   = purpose{"-32768", []string{"wal_autocheckpoint(" + strconv.Itoa(walPages) + ")", "journal_size_limit(" + strconv.Itoa(walKeep) + ")"}, "immediate"}
	reads    = purpose{"-8192", []string{"query_only(ON)"}, ""}
	maintain = purpose{"-1024", nil, ""}
)

func sqliteDSN(path string, use purpose) string {
	q := url.Values{}
	for _, p := range append([]string{"busy_timeout(10000)", "journal_mode(WAL)", "synchronous(FULL)", "foreign_keys(ON)",
		"mmap_size(0)", "temp_store(MEMORY)", "cache_size(" + use.cache + ")"}, use.pragmas...) {
		q.Add("_pragma", p)
	}
	if use.lock != "" {
		q.Set("_txlock", use.lock)
	}
	return "file:" + (&url.URL{Path: path}).EscapedPath() + "?" + q.Encode()
}

// checkSQLite opens the file for real and refuses an unsafe version or setting.
func (d *DB) checkSQLite(ctx context.Context) error {
	var version string
	if err := d.writer.QueryRowContext(ctx, "SELECT sqlite_version()").Scan(&version); err != nil {
		return mainstay.Wrap(mainstay.Unavailable, err, "The database %s can't be opened. Nothing was changed. Check the file, its owner and the free space.", d.path)
	}
	if versionNumber(version) < minSQLite {
		return fmt.Errorf("SQLite %s is too old: 3.51.3 or newer is needed, for older ones can corrupt the database", version)
	}
	var mode string
	var sync int
	if err := d.writer.QueryRowContext(ctx, "PRAGMA journal_mode").Scan(&mode); err != nil {
		return err
	}
	if err := d.writer.QueryRowContext(ctx, "PRAGMA synchronous").Scan(&sync); err != nil {
		return err
	}
	if mode != "wal" || sync != 2 {
		return fmt.Errorf("the database %s runs with journal_mode=%s, synchronous=%d; wal and 2 (FULL) are needed", d.path, mode, sync)
	}
	return nil
}

func versionNumber(v string) int {
	n := 0
	for i, part := range strings.SplitN(v, ".", 3) {
		p, err := strconv.Atoi(part)
		if err != nil {
			return 0
		}
		n += p * []int{1_000_000, 1_000, 1}[i]
	}
	return n
}
