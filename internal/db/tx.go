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
		return t.pgx.Query(ctx, query, args...)
	}
	query, args = positional(query, args)
	rows, err := t.sql.QueryContext(ctx, sqliteText(query), args...) //nolint:sqlclosecheck,rowserrcheck // the caller closes them
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
func (r sqlRows) Close() { r.Rows.Close() } //nolint:errcheck,sqlclosecheck // see above

type pgxRow struct{ pgx.Row }

func (r pgxRow) Scan(dest ...any) error {
	err := r.Row.Scan(dest...)
	if errors.Is(err, pgx.ErrNoRows) {
		return sql.ErrNoRows
	}
	return err
}

// maxParams is how many parameters one statement may carry: under the limit of
// SQLite (32,766) and of PostgreSQL (65,535).
const maxParams = 30_000

// maxRows is how many rows one INSERT carries; longer statements gain nothing.
const maxRows = 250

// InsertRows inserts rows in few statements. head is the text up to VALUES
// ("INSERT INTO t (a, b)"), tail what follows (an ON CONFLICT clause, or "").
// It returns how many rows were touched.
func (t *Tx) InsertRows(ctx context.Context, head, tail string, rows [][]any) (int, error) {
	if len(rows) == 0 {
		return 0, nil
	}
	if t.sql != nil {
		return t.insertEach(ctx, head, tail, rows)
	}
	width := len(rows[0])
	batch := min(maxRows, maxParams/width)
	total := 0
	args := make([]any, 0, batch*width)
	for len(rows) > 0 {
		n := min(batch, len(rows))
		args = args[:0]
		for _, r := range rows[:n] {
			args = append(args, r...)
		}
		done, err := t.Exec(ctx, head+" VALUES "+tuples(n, width)+" "+tail, args...)
		if err != nil {
			return total, err
		}
		total += done
		rows = rows[n:]
	}
	return total, nil
}

// insertEach inserts row by row with one prepared statement: SQLite has no round
// trip to save, and a long statement costs it the square of its parameters.
func (t *Tx) insertEach(ctx context.Context, head, tail string, rows [][]any) (int, error) {
	one := strings.TrimSuffix(strings.Repeat("?,", len(rows[0])), ",")
	stmt, err := t.sql.PrepareContext(ctx, head+" VALUES ("+one+") "+sqliteText(tail))
	if err != nil {
		return 0, err
	}
	defer stmt.Close() //nolint:errcheck // it has no more to say than its last use
	total := 0
	for _, r := range rows {
		res, err := stmt.ExecContext(ctx, r...)
		if err != nil {
			return total, err
		}
		n, err := res.RowsAffected()
		if err != nil {
			return total, err
		}
		total += int(n)
	}
	return total, nil
}

// sqliteText turns $1 into the form that SQLite reads fastest: a bare ? where
// the parameters stand in their order, each once, else ?1. SQLite takes $1 for a
// name and looks names up one by one, which for a list of a thousand ids costs
// more than the query.
func sqliteText(query string) string {
	var b strings.Builder
	next, ordered := 1, true
	for _, numbered := range []bool{false, true} {
		b.Reset()
		b.Grow(len(query))
		for i := 0; i < len(query); i++ {
			if query[i] != '$' || i+1 == len(query) || query[i+1] < '0' || query[i+1] > '9' {
				b.WriteByte(query[i])
				continue
			}
			from := i + 1
			for i+1 < len(query) && query[i+1] >= '0' && query[i+1] <= '9' {
				i++
			}
			number := query[from : i+1]
			ordered = ordered && number == strconv.Itoa(next)
			next++
			b.WriteByte('?')
			if numbered {
				b.WriteString(number)
			}
		}
		if ordered {
			break
		}
	}
	return b.String()
}

func tuples(rows, width int) string {
	var b strings.Builder
	b.Grow(rows * width * 7)
	p := 1
	for r := range rows {
		if r > 0 {
			b.WriteByte(',')
		}
		b.WriteByte('(')
		for c := range width {
			if c > 0 {
				b.WriteByte(',')
			}
			b.WriteByte('$')
			b.WriteString(strconv.Itoa(p))
			p++
		}
		b.WriteByte(')')
	}
	return b.String()
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
