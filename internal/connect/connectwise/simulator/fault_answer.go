package simulator

import (
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// spoil commits the faults that change what an answer says: status, body and
// meaning. Faults of the line are left to spoilLine.
func (s *Simulator) spoil(a *answer, f Fault) {
	n := func(otherwise int) int {
		if f.N != 0 {
			return f.N
		}
		return otherwise
	}
	switch f.ID {
	case "F13":
		a.fail(429, "TooManyRequests", "Too many requests.")
	case "F14":
		a.fail(429, "TooManyRequests", "Too many requests.")
		a.header.Set("Retry-After", s.retryAfter(f.Variant))
	case "F15":
		a.fail(n(503), "InternalServerError", "The server is not available.")
	case "F16":
		a.fail(401, "Unauthorized", "The session has ended.")
	case "F17":
		a.fail(403, "SecurityError", "You do not have permission to perform this action.")
	case "F18":
		if f.Variant == "record" {
			a.fail(404, "NotFound", "Record not found")
		} else {
			a.fail(404, "ConnectWiseApi", "The endpoint does not exist.")
		}
	case "F19":
		a.status, a.body = 302, nil
		a.header.Set("Location", "/login/index.html")
		if f.Variant != "" {
			a.header.Set("Location", f.Variant)
		}
	case "F20":
		a.status, a.body = 200, []byte("<!DOCTYPE html><html><body>We are down for maintenance.</body></html>")
		if f.Variant != "json" {
			a.header.Set("Content-Type", "text/html; charset=utf-8")
		}
	case "F22":
		a.body = []byte("null")
		if f.Variant == "object" {
			a.body = []byte(`{"items":null}`)
		}
	case "F23":
		a.body = encode(apiError{Code: "InternalServerError", Message: "Something went wrong."})
	case "F21", "F31", "F32", "F33", "F34", "F35", "F39", "F40", "F41":
		s.spoilMeaning(a, f, n)
	default:
		spoilRows(a, f)
	}
}

// retryAfter writes the header in one of its forms.
func (s *Simulator) retryAfter(variant string) string {
	now := s.Config().Now()
	switch variant {
	case "date":
		return now.Add(time.Second).UTC().Format(http.TimeFormat)
	case "huge":
		return "99999999999999999999"
	case "negative":
		return "-30"
	case "past":
		return now.AddDate(-1, 0, 0).UTC().Format(http.TimeFormat)
	case "garbage":
		return "soon"
	}
	return "1"
}

// spoilMeaning commits the faults that are well-formed and wrong: only counts,
// ids and links can give them away.
func (s *Simulator) spoilMeaning(a *answer, f Fault, n func(int) int) {
	if a.target.call == CallCount && a.status == 200 {
		switch f.ID {
		case "F21":
			a.counts = 0
		case "F35":
			a.counts += n(-3)
		case "F34":
			a.counts -= a.counts / 3
		}
		a.body = encode(map[string]int{"count": max(0, a.counts)})
		return
	}
	if f.ID == "F34" && a.target.call == CallRecord && a.target.id%3 == 0 {
		a.fail(404, "NotFound", a.target.table.noun+" "+strconv.FormatInt(a.target.id, 10)+" not found")
		return
	}
	if a.list == nil {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	seen := s.seen(a.target.resource)
	switch f.ID {
	case "F21":
		*a.list = listing{}
	case "F31":
		a.list.rows = a.target.table.before(a.query, seen, a.list.rows)
	case "F32":
		if rows := a.list.rows; len(rows) > 0 {
			next := a.query
			next.pageID = rows[len(rows)-1].key()
			next.span.after = max(next.span.after, next.pageID)
			*a.list = a.target.table.list(next, seen)
		}
	case "F33":
		s.carry(a)
	case "F34":
		var kept []record
		for _, r := range a.list.rows {
			if r.key()%3 != 0 {
				kept = append(kept, r)
			}
		}
		a.list.rows = kept
	case "F39":
		q := a.query
		q.size = min(q.size, n(10))
		*a.list = a.target.table.list(q, seen)
	case "F40":
		if a.list.next != "" {
			a.list.next = a.query.link(nil)
		}
	case "F41":
		a.list.next, a.list.last = "", ""
	}
	a.body = s.encodeRows(a.list.rows, a.query.fields)
	a.link()
}

// carry takes the last row of a page along to the end of the next one.
func (s *Simulator) carry(a *answer) {
	resource := a.target.resource
	before, waiting := s.carried[resource]
	delete(s.carried, resource)
	if n := len(a.list.rows); n > 1 && a.list.next != "" {
		s.carried[resource] = a.list.rows[n-1]
		a.list.rows = a.list.rows[:n-1]
	}
	if waiting {
		a.list.rows = append(a.list.rows[:len(a.list.rows):len(a.list.rows)], before)
	}
}

// hostile is text that has broken software before: a NUL, a right-to-left
// override, markup, a spreadsheet formula, and a surrogate without its pair.
const hostile = `"\u0000\u202e<script>alert(1)</script>=cmd|' /C calc'!A0 \ud800"`

// spoilRows commits the faults that change the rows of an answer.
func spoilRows(a *answer, f Fault) {
	var rows []map[string]any
	single := a.target.call == CallRecord
	if single {
		rows = make([]map[string]any, 1)
		if json.Unmarshal(a.body, &rows[0]) != nil {
			return
		}
	} else if a.list == nil || json.Unmarshal(a.body, &rows) != nil {
		return
	}
	field := f.Variant
	if field == "" {
		field = "name"
	}
	changed := false
	for i, row := range rows {
		if f.N != 0 && f.N != i+1 && f.ID != "F29" {
			continue
		}
		changed = spoilRow(row, f, field) || changed
		if f.ID == "F29" {
			break
		}
	}
	if !changed {
		return
	}
	if single {
		a.body = encode(rows[0])
	} else {
		a.body = encode(rows)
	}
	a.body = []byte(strings.ReplaceAll(string(a.body), `"@hostile@"`, hostile))
}

// spoilRow changes one row and reports whether it did.
func spoilRow(row map[string]any, f Fault, field string) bool {
	switch f.ID {
	case "F24":
		row[field] = []any{map[string]any{"wrong": true}}
	case "F25":
		row["status"] = map[string]any{"id": 9_999, "name": "Never heard of"}
		if items, ok := row["communicationItems"].([]any); ok {
			for _, i := range items {
				i.(map[string]any)["communicationType"] = "Telex"
			}
		}
	case "F26":
		delete(row, field)
	case "F27":
		row["surprise"] = map[string]any{"of": []any{1, "two", nil}}
	case "F28":
		row[field+"Renamed"] = row[field]
		delete(row, field)
	case "F29":
		if f.Variant == "long" {
			size := f.N
			if size == 0 {
				size = 50 << 20
			}
			row["name"] = strings.Repeat("x", size)
			return true
		}
		var deep any = 1
		for range 5_000 {
			deep = []any{deep}
		}
		row["deep"] = deep
	case "F30":
		for _, k := range []string{"name", "firstName", "lastName", "title"} {
			if _, ok := row[k]; ok {
				row[k] = "@hostile@"
			}
		}
	case "F36":
		info, ok := row["_info"].(map[string]any)
		at, err := time.Parse(time.RFC3339, text(info["lastUpdated"]))
		if !ok || err != nil {
			return false
		}
		info["lastUpdated"] = at.Format("2006-01-02T15:04:05")
		if f.Variant == "skew" {
			info["lastUpdated"] = stamp(at.AddDate(0, 0, 1))
		}
	default:
		return false
	}
	return true
}
