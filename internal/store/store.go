// Package store is the SQL of Mainstay: one file per noun, one text for SQLite
// and PostgreSQL. All queries are methods of Tx, so a page sees one snapshot and
// every write is atomic. The methods that write items are called by package
// change alone; a test checks the callers.
package store

import (
	"context"
	"embed"
	"io/fs"

	"mainstay"
	"mainstay/internal/db"
)

//go:embed migrations/sqlite/*.sql migrations/postgres/*.sql
var migrations embed.FS

// Store is the one store of an installation.
type Store struct {
	DB *db.DB
}

// New returns the store of an open database. Call Migrate before the first use.
func New(d *db.DB) *Store { return &Store{DB: d} }

// Migrate brings the schema up to date.
func (s *Store) Migrate(ctx context.Context) error {
	sub, err := fs.Sub(migrations, "migrations/"+string(s.DB.Dialect()))
	if err != nil {
		return err
	}
	return s.DB.Migrate(ctx, sub)
}

// Tx is a transaction with the queries of the product.
type Tx struct {
	*db.Tx
}

// Read runs fn on one snapshot that cannot write.
func (s *Store) Read(ctx context.Context, fn func(*Tx) error) error {
	return s.DB.Read(ctx, func(t *db.Tx) error { return fn(&Tx{t}) })
}

// Write runs fn in a transaction. fn may run more than once, see db.DB.Write.
func (s *Store) Write(ctx context.Context, fn func(*Tx) error) error {
	return s.DB.Write(ctx, func(t *db.Tx) error { return fn(&Tx{t}) })
}

// NextIDs takes n ids of a noun and returns the first. Ids are never used twice.
func (t *Tx) NextIDs(ctx context.Context, noun string, n int) (int64, error) {
	var next int64
	err := t.QueryRow(ctx, "UPDATE sequence SET next = next + $1 WHERE name = $2 RETURNING next", n, noun).Scan(&next)
	return next - int64(n), err
}

// scanAll runs a query and collects one value per row.
func scanAll[T any](ctx context.Context, t *Tx, scan func(db.Row) (T, error), query string, args ...any) ([]T, error) {
	rows, err := t.Query(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []T
	for rows.Next() {
		v, err := scan(rows)
		if err != nil {
			return nil, err
		}
		out = append(out, v)
	}
	return out, rows.Err()
}

// one runs a query for a single row and turns its absence into NotFound.
func one[T any](ctx context.Context, t *Tx, what string, scan func(db.Row) (T, error), query string, args ...any) (T, error) {
	v, err := scan(t.QueryRow(ctx, query, args...))
	if db.IsNoRows(err) {
		return v, mainstay.Errorf(mainstay.NotFound, "There is no such %s.", what)
	}
	return v, err
}
