package db

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"
)

// maxParams is how many parameters one statement may carry: under the limit of
// SQLite (32,766) and of PostgreSQL (65,535).
const maxParams = 30_000

// maxRows is how many rows one INSERT carries; longer statements gain nothing.
const maxRows = 250

// manyRows is from how many rows on PostgreSQL takes them by COPY.
const manyRows = 50

// InsertRows inserts rows in few statements. head is the text up to VALUES
// ("INSERT INTO t (a, b)"), tail what follows (an ON CONFLICT clause, or "").
// It returns how many rows were touched.
func (t *Tx) InsertRows(ctx context.Context, head, tail string, rows [][]any) (int, error) {
	if len(rows) == 0 {
		return 0, nil
	}
	if t.pgx != nil && tail == "" && len(rows) >= manyRows {
		return t.copyRows(ctx, head, rows)
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
	return t.prepared(ctx, head+" VALUES ("+one+") "+sqliteText(tail), rows)
}

// Texts are texts for one column of many rows of a table: of the rows whose
// Scope column is In, the one whose Key column is a number gets that number's text.
type Texts struct {
	Table, Column string
	Scope         string
	In            int64
	Key           string
	Of            map[int64]string
}

// SetTexts writes texts into rows that exist and returns how many it wrote: with
// one prepared statement on SQLite, in one statement on PostgreSQL.
func (t *Tx) SetTexts(ctx context.Context, s Texts) (int, error) {
	if len(s.Of) == 0 {
		return 0, nil
	}
	if t.pgx == nil {
		rows := make([][]any, 0, len(s.Of))
		for key, text := range s.Of {
			rows = append(rows, []any{text, s.In, key})
		}
		return t.prepared(ctx, "UPDATE "+s.Table+" SET "+s.Column+" = ? WHERE "+s.Scope+" = ? AND "+s.Key+" = ?", rows)
	}
	keys, texts := make([]int64, 0, len(s.Of)), make([]string, 0, len(s.Of))
	for key, text := range s.Of {
		keys, texts = append(keys, key), append(texts, text)
	}
	return t.Exec(ctx, "UPDATE "+s.Table+" SET "+s.Column+" = given.text FROM unnest($1::BIGINT[], $2::TEXT[]) AS given (key, text) WHERE "+
		s.Scope+" = $3 AND "+s.Key+" = given.key", keys, texts, s.In)
}

// prepared runs a statement of SQLite once per row.
func (t *Tx) prepared(ctx context.Context, query string, rows [][]any) (int, error) {
	stmt, err := t.sql.PrepareContext(ctx, query)
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

// copyRows inserts rows into PostgreSQL by its own protocol for many rows.
func (t *Tx) copyRows(ctx context.Context, head string, rows [][]any) (int, error) {
	name, columns, ok := strings.Cut(strings.TrimPrefix(head, "INSERT INTO "), "(")
	columns, end := strings.CutSuffix(strings.TrimSpace(columns), ")")
	if !ok || !end {
		return 0, fmt.Errorf("insert rows: %q does not end in a list of columns", head)
	}
	names := strings.Split(columns, ",")
	for i := range names {
		names[i] = strings.TrimSpace(names[i])
	}
	n, err := t.pgx.CopyFrom(ctx, pgx.Identifier{strings.TrimSpace(name)}, names, pgx.CopyFromRows(rows))
	return int(n), err
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
