package simulator

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"reflect"
	"strings"
)

// largestWrite is the longest body of a write, in bytes.
const largestWrite = 1 << 20

// write carries out a writing request, as the real server would: a client that
// is not meant to write shall find that it can.
func (s *Simulator) write(a *answer, r *http.Request) {
	body, err := io.ReadAll(io.LimitReader(r.Body, largestWrite))
	if err != nil {
		a.fail(400, "InvalidObject", "The body could not be read.")
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	t := a.target
	switch {
	case s.denied[t.resource]:
		a.fail(403, "SecurityError", "You do not have permission to perform this action.")
	case t.action == "merge":
		s.writeMerge(a, body)
	case r.Method == http.MethodPost && t.id == 0:
		s.writeNew(a, body)
	case t.table.rows[t.id] == nil:
		a.fail(404, "NotFound", fmt.Sprintf("%s %d not found", t.table.noun, t.id))
	case r.Method == http.MethodDelete:
		s.deleteRow(t.resource, t.id)
		a.status = 204
	case r.Method == http.MethodPut:
		s.store(a, body, 200)
	case r.Method == http.MethodPatch:
		s.writePatch(a, body)
	default:
		a.fail(405, "ConnectWiseApi", "The method is not supported.")
	}
}

func (s *Simulator) writeNew(a *answer, body []byte) {
	t := s.table(a.target.resource)
	if t == nil {
		a.fail(405, "ConnectWiseApi", "The method is not supported.")
		return
	}
	a.target.id = t.next
	s.store(a, body, 201)
}

// store decodes a row, checks what the server requires of it, and keeps it.
func (s *Simulator) store(a *answer, body []byte, status int) {
	t := s.table(a.target.resource)
	row := reflect.New(t.kind.Elem()).Interface().(record)
	if err := json.Unmarshal(body, row); err != nil {
		a.fail(400, "InvalidObject", t.noun+" object is invalid")
		return
	}
	reflect.ValueOf(row).Elem().FieldByName("ID").SetInt(a.target.id)
	if missing := missingField(row); missing != "" {
		a.status = 400
		a.body = encode(apiError{"InvalidObject", strings.ToLower(t.noun) + " object is invalid", []fieldError{{
			"MissingRequiredField", "The " + missing + " field is required.", strings.ToLower(t.noun), missing}}})
		return
	}
	s.keep(a.target.resource, row)
	a.status, a.body = status, encode(s.shown(row))
}

// missingField names a field that the server requires and row lacks.
func missingField(row record) string {
	switch r := row.(type) {
	case *Company:
		switch {
		case r.Identifier == "":
			return "identifier"
		case r.Name == "":
			return "name"
		}
	case *Contact:
		if r.FirstName == "" {
			return "firstName"
		}
	case *Configuration:
		switch {
		case r.Name == "":
			return "name"
		case r.Type == nil:
			return "type"
		case r.Company == nil:
			return "company"
		}
	case *Site:
		if r.Name == "" {
			return "name"
		}
	}
	return ""
}

// writePatch carries out a list of operations on top-level or nested fields.
func (s *Simulator) writePatch(a *answer, body []byte) {
	var ops []struct {
		Op    string `json:"op"`
		Path  string `json:"path"`
		Value any    `json:"value"`
	}
	d := json.NewDecoder(bytes.NewReader(body))
	d.UseNumber()
	if err := d.Decode(&ops); err != nil {
		a.fail(400, "InvalidObject", "The list of operations is invalid")
		return
	}
	object := map[string]any{}
	if err := json.Unmarshal(encode(s.table(a.target.resource).rows[a.target.id]), &object); err != nil {
		a.fail(500, "InternalServerError", "The record could not be read.")
		return
	}
	for _, op := range ops {
		steps := strings.Split(strings.Trim(op.Path, "/"), "/")
		at := object
		for _, step := range steps[:len(steps)-1] {
			inner, ok := at[step].(map[string]any)
			if !ok {
				inner = map[string]any{}
				at[step] = inner
			}
			at = inner
		}
		last := steps[len(steps)-1]
		switch strings.ToLower(op.Op) {
		case "add", "replace":
			at[last] = op.Value
		case "remove":
			delete(at, last)
		default:
			a.fail(400, "InvalidObject", fmt.Sprintf("The operation %q is not supported", op.Op))
			return
		}
	}
	s.store(a, encode(object), 200)
}

// writeMerge moves everything of the company in the path to the one named in
// the body, and ends the first.
func (s *Simulator) writeMerge(a *answer, body []byte) {
	var wish struct {
		ToID int64 `json:"toCompanyId"`
	}
	if err := json.Unmarshal(body, &wish); err != nil || wish.ToID == 0 {
		a.fail(400, "InvalidObject", "The merge object is invalid")
		return
	}
	if !s.merge(a.target.id, wish.ToID) {
		a.fail(404, "NotFound", fmt.Sprintf("Company %d not found", wish.ToID))
		return
	}
	a.status, a.body = 200, encode(s.table(Companies).rows[wish.ToID])
}
