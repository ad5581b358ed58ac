package store

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"math/bits"
	"strconv"
	"strings"

	"mainstay"
	"mainstay/internal/db"
)

// bundlePage is how many rows one query of a bundle reads.
const bundlePage = 2000

// BundleRows calls fn with every row of a file as a line of canonical JSON,
// without line break. The line is valid only during the call. Memory stays flat
// however many rows there are.
func (t *Tx) BundleRows(ctx context.Context, f BundleFile, fn func(line []byte) error) error {
	cells := make([]cell, len(f.columns))
	dest := make([]any, len(f.columns))
	for i, c := range f.columns {
		dest[i] = cells[i].dest(c.typ)
	}
	var after []any
	var line []byte
	for {
		query, args := f.page(after)
		rows, err := t.Query(ctx, query, args...)
		if err != nil {
			return err
		}
		n := 0
		for ; rows.Next(); n++ {
			if err = rows.Scan(dest...); err != nil {
				break
			}
			line = f.appendRow(line[:0], cells)
			if err = fn(line); err != nil {
				break
			}
		}
		rows.Close()
		if err == nil {
			err = rows.Err()
		}
		if err != nil || n < bundlePage {
			return err
		}
		after = after[:0]
		for _, k := range f.key {
			i := f.position(k)
			after = append(after, cells[i].arg(f.columns[i].typ))
		}
	}
}

// page makes the query for the rows after a key.
func (f BundleFile) page(after []any) (string, []any) {
	w := &where{}
	if f.where != "" {
		w.conds = append(w.conds, f.where)
	}
	if f.Kind != "" {
		// The expression keeps the databases from an index by kind, which would
		// make them sort all of a kind for each page.
		w.add("kind || '' = ?", string(f.Kind))
	}
	order := strings.Join(f.key, ", ")
	if len(after) > 0 {
		w.conds = append(w.conds, "("+order+") > "+list(w, after, func(v any) any { return v }))
	}
	return "SELECT " + f.names() + " FROM " + f.Table + " WHERE " + w.sql() + " ORDER BY " + order + " LIMIT " + strconv.Itoa(bundlePage), w.args
}

// CheckBundleKinds gives an error where items exist of a kind that this version
// does not know, for no file of a bundle would hold them.
func (t *Tx) CheckBundleKinds(ctx context.Context) error {
	w := &where{}
	known := list(w, mainstay.Kinds(), func(k *mainstay.Kind) any { return string(k.Name) })
	var kind string
	err := t.QueryRow(ctx, "SELECT kind FROM item WHERE kind NOT IN "+known+" LIMIT 1", w.args...).Scan(&kind)
	switch {
	case db.IsNoRows(err):
		return nil
	case err != nil:
		return err
	}
	return mainstay.Errorf(mainstay.Conflict, "There are items of the kind %q, which this version doesn't know, so a backup would lack them. Use the version that made them.", kind)
}

// ContentHash adds up a hash over rows that does not depend on their order.
type ContentHash struct {
	sum  [4]uint64
	rows int
}

// Add takes one line of canonical JSON in.
func (h *ContentHash) Add(line []byte) {
	row := sha256.Sum256(line)
	var carry uint64
	for i := range h.sum {
		h.sum[i], carry = bits.Add64(h.sum[i], binary.LittleEndian.Uint64(row[i*8:]), carry)
	}
	h.rows++
}

// Content is how many rows a file holds and the hash over them. Equal contents
// have equal hashes on both databases.
type Content struct {
	Rows int
	Hash string
}

// Content returns what was added so far.
func (h *ContentHash) Content() Content {
	var b []byte
	for _, s := range h.sum {
		b = binary.LittleEndian.AppendUint64(b, s)
	}
	return Content{h.rows, hex.EncodeToString(b)}
}

// Contents returns the content of every file that a bundle of this moment would
// hold, by the name of the file. It reads everything.
func (t *Tx) Contents(ctx context.Context) (map[string]Content, error) {
	return t.ContentsOf(ctx, BundleFiles())
}

// ContentsOf returns the content of some files, as their description tells it.
func (t *Tx) ContentsOf(ctx context.Context, files []BundleFile) (map[string]Content, error) {
	out := map[string]Content{}
	for _, f := range files {
		var h ContentHash
		err := t.BundleRows(ctx, f, func(line []byte) error { h.Add(line); return nil })
		if err != nil {
			return nil, err
		}
		out[f.Name] = h.Content()
	}
	return out, t.CheckBundleKinds(ctx)
}
