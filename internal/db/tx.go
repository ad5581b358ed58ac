package db

import (
	"context"
	"database/sql"
	"errors"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"

	"mainstay"
)

// Tx is a transaction on either database.
type Tx struct {
	db  *DB
	sql *sql.Tx
	pgx pgx.Tx
}

// Rows are the rows of a query. Close them, and look at Err after the loop.
type Rows interface {
	Next() bool
	Scan(dest ...any) error
	Err() error
	Close()
}

// Row is the one row of a query; Scan gives an error that IsNoRows knows where there is none.
type Row interface {
	Scan(dest ...any) error
}

// SQL is the transaction of SQLite, for the job queue; nil for PostgreSQL.
func (t *Tx) SQL() *sql.Tx { return t.sql }

// Pgx is the transaction of PostgreSQL, for the job queue; nil for SQLite.
func (t *Tx) Pgx() pgx.Tx { return t.pgx }

// Dialect tells which database it is.
func (t *Tx) Dialect() Dialect { return t.db.dialect }

// ForUpdate ends a SELECT whose rows no other transaction may change until this
// one ends. SQLite has one writer, so nothing is needed there.
func (t *Tx) ForUpdate() string {
	if t.pgx != nil {
		return " FOR UPDATE"
	}
	return ""
}

// Now is the clock of the installation.
func (t *Tx) Now() mainstay.Time { return t.db.Now() }

// Exec runs a statement and returns how many rows it touched.
func (t *Tx) Exec(ctx context.Context, query string, args ...any) (int, error) {
	watched(ctx, query, args)
	if t.pgx != nil {
		tag, err := t.pgx.Exec(ctx, query, args...)
		return int(tag.RowsAffected()), err
	}
	query, args = positional(query, args)
	res, err := t.sql.ExecContext(ctx, sqliteText(query), args...)
	if err != nil {
		return 0, err
	}
	n, err := res.RowsAffected()
	return int(n), err
}

// Query runs a query for rows.
func (t *Tx) Query(ctx context.Context, query string, args ...any) (Rows, error) {
	watched(ctx, query, args)
	if t.pgx != nil {
		return t.pgx.Query(ctx, query, args...) //nolint:sqlclosecheck // the caller closes them
	}
	query, args = positional(query, args)
	rows, err := t.sql.QueryContext(ctx, sqliteText(query), args...) //nolint:rowserrcheck // the caller closes them
	if err != nil {
		return nil, err
	}
	return sqlRows{rows}, nil
}

// QueryRow runs a query for one row.
func (t *Tx) QueryRow(ctx context.Context, query string, args ...any) Row {
	watched(ctx, query, args)
	if t.pgx != nil {
		return pgxRow{t.pgx.QueryRow(ctx, query, args...)}
	}
	query, args = positional(query, args)
	return t.sql.QueryRowContext(ctx, sqliteText(query), args...)
}

type sqlRows struct{ *sql.Rows }

// Close closes the rows; what it could report, Err reports as well.
func (r sqlRows) Close() { r.Rows.Close() } //nolint:errcheck // see above

type pgxRow struct{ pgx.Row }

func (r pgxRow) Scan(dest ...any) error {
	err := r.Row.Scan(dest...)
	if errors.Is(err, pgx.ErrNoRows) {
		return sql.ErrNoRows
	}
	return err
}

// In returns a list of n parameters for "IN (…)", the first being $start. An
// empty list gives NULL, which matches nothing.
func In(start, n int) string {
	if n == 0 {
		return "NULL"
	}
	var b strings.Builder
	for i := range n {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteByte('$')
		b.WriteString(strconv.Itoa(start + i))
	}
	return b.String()
}

// Chunks calls fn with at most size elements of list at a time.
func Chunks[T any](list []T, size int, fn func([]T) error) error {
	for len(list) > 0 {
		n := min(size, len(list))
		if err := fn(list[:n]); err != nil {
			return err
		}
		list = list[n:]
	}
	return nil
}
