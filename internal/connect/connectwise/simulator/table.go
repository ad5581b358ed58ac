package simulator

import (
	"reflect"
	"slices"
)

// table is one resource: its rows by id, and the ids in order.
type table struct {
	path string // "company/contacts"
	noun string // "Contact", in the messages of the API
	kind reflect.Type
	rows map[int64]record
	ids  []int64 // ascending
	next int64   // the next id to give
}

func newTable(path, noun string, sample record) *table {
	return &table{path: path, noun: noun, kind: reflect.TypeOf(sample), rows: map[int64]record{}, next: 1}
}

// tableOf makes a table for one request from rows in the order of their ids.
func tableOf[T record](path, noun string, sample T, rows []T) *table {
	t := newTable(path, noun, sample)
	for _, r := range rows {
		t.put(r)
	}
	return t
}

// put adds or replaces a row.
func (t *table) put(r record) {
	id := r.key()
	if _, ok := t.rows[id]; !ok {
		if n := len(t.ids); n == 0 || t.ids[n-1] < id {
			t.ids = append(t.ids, id)
		} else {
			at, _ := slices.BinarySearch(t.ids, id)
			t.ids = slices.Insert(t.ids, at, id)
		}
	}
	t.rows[id] = r
	t.next = max(t.next, id+1)
}

// remove takes a row away, if there is one.
func (t *table) remove(id int64) {
	delete(t.rows, id)
	if at, ok := slices.BinarySearch(t.ids, id); ok {
		t.ids = slices.Delete(t.ids, at, at+1)
	}
}

// after returns the ids greater than id, ascending.
func (t *table) after(id int64) []int64 {
	at, found := slices.BinarySearch(t.ids, id)
	if found {
		at++
	}
	return t.ids[at:]
}
