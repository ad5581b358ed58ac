// Package storetest gives each test fresh, private databases: SQLite in a
// temporary file, and a real PostgreSQL that it starts for the test process.
// Nothing is mocked, and nothing is left out where PostgreSQL is missing: the
// test then fails with a sentence that says what to install.
package storetest

import (
	"context"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"mainstay/internal/db"
)

// Setup says how the databases of a test are made. The zero value gives empty
// databases with the real clock.
type Setup struct {
	// Now is the clock; nil for the real one.
	Now func() time.Time
	// Template is what the databases start from; nil for empty ones.
	Template *Template
	// Durable makes PostgreSQL wait for the disk at each commit, for tests of
	// what survives. SQLite always does.
	Durable bool
}

// Database is one of the two databases, ready to be opened.
type Database struct {
	Name   string // "sqlite" or "postgres", for the name of a subtest
	Config db.Config
}

// Open opens the database and closes it when the test ends. It may be called
// more than once, as several nodes would.
func (d Database) Open(t testing.TB) *db.DB {
	t.Helper()
	return open(t, d.Config)
}

func open(t testing.TB, c db.Config) *db.DB {
	t.Helper()
	d, err := db.Open(context.Background(), c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := d.Close(); err != nil {
			t.Errorf("close the database: %v", err)
		}
	})
	return d
}

// Each runs fn as one subtest per database, each with a fresh, empty one.
func Each(t *testing.T, fn func(t *testing.T, d *db.DB)) {
	t.Helper()
	Setup{}.Each(t, fn)
}

// Each runs fn as one subtest per database, each with a fresh one.
func (s Setup) Each(t *testing.T, fn func(t *testing.T, d *db.DB)) {
	t.Helper()
	s.EachDatabase(t, func(t *testing.T, d Database) { fn(t, d.Open(t)) })
}

// EachDatabase is Each for tests that open the database themselves: late,
// several times, or in another process.
func (s Setup) EachDatabase(t *testing.T, fn func(t *testing.T, d Database)) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) { fn(t, s.SQLite(t)) })
	t.Run("postgres", func(t *testing.T) { fn(t, s.Postgres(t)) })
}

// Databases returns a fresh database of each dialect, for tests that compare them.
func (s Setup) Databases(t testing.TB) []Database {
	t.Helper()
	return []Database{s.SQLite(t), s.Postgres(t)}
}

// SQLite returns a fresh SQLite database in a temporary folder of the test.
func (s Setup) SQLite(t testing.TB) Database {
	t.Helper()
	c := db.Config{Path: filepath.Join(t.TempDir(), "mainstay.db"), Now: s.now()}
	if s.Template != nil {
		image, err := s.Template.sqliteImage(t)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(c.Path, image, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return Database{Name: string(db.SQLite), Config: c}
}

// Postgres returns a fresh PostgreSQL database, dropped when the test ends.
func (s Setup) Postgres(t testing.TB) Database {
	t.Helper()
	server, template := postgresServer(t, s.Durable), "template1"
	if s.Template != nil {
		var err error
		if template, err = s.Template.postgresDatabase(t, server); err != nil {
			t.Fatal(err)
		}
	}
	return Database{Name: string(db.Postgres), Config: db.Config{URL: createDatabase(t, server, template), Now: s.now()}}
}

func (s Setup) now() func() time.Time {
	if s.Now == nil {
		return time.Now
	}
	return s.Now
}

// Template is a prepared state of the databases, made once per test process and
// dialect and copied for each test, which is much faster than making it anew.
type Template struct {
	prepare  func(context.Context, *db.DB) error
	mu       sync.Mutex
	sqlite   []byte
	postgres map[*server]string
}

// NewTemplate returns a template that prepare makes in an empty database, for
// example by migrating it. Keep it in one place and share it among the tests.
func NewTemplate(prepare func(context.Context, *db.DB) error) *Template {
	return &Template{prepare: prepare, postgres: map[*server]string{}}
}

// sqliteImage returns the bytes of the prepared database file.
func (p *Template) sqliteImage(t testing.TB) ([]byte, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.sqlite != nil {
		return p.sqlite, nil
	}
	dir := t.TempDir()
	if err := p.fill(db.Config{Path: filepath.Join(dir, "template.db"), Now: time.Now}, compact(filepath.Join(dir, "image.db"))); err != nil {
		return nil, err
	}
	image, err := os.ReadFile(filepath.Join(dir, "image.db"))
	p.sqlite = image
	return image, err
}

// compact writes the whole database, write-ahead log included, into one file.
func compact(file string) func(context.Context, *db.DB) error {
	return func(ctx context.Context, d *db.DB) error {
		_, err := d.Writer().ExecContext(ctx, "VACUUM INTO $1", file)
		return err
	}
}

// postgresDatabase returns the name of the prepared database on a server.
func (p *Template) postgresDatabase(t testing.TB, s *server) (string, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if name, ok := p.postgres[s]; ok {
		return name, nil
	}
	name := "template_" + token()
	s.exec(t, "CREATE DATABASE "+name)
	if err := p.fill(db.Config{URL: s.url(name), Now: time.Now}); err != nil {
		return "", err
	}
	p.postgres[s] = name
	return name, nil
}

// fill prepares an empty database, takes further steps with it and closes it.
func (p *Template) fill(c db.Config, more ...func(context.Context, *db.DB) error) error {
	ctx := context.Background()
	d, err := db.Open(ctx, c)
	if err != nil {
		return err
	}
	for _, step := range append([]func(context.Context, *db.DB) error{p.prepare}, more...) {
		if err := step(ctx, d); err != nil {
			d.Close() //nolint:errcheck // the first error counts
			return err
		}
	}
	return d.Close()
}
