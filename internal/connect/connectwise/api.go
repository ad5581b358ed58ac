package connectwise

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"
)

// text is a value that ConnectWise writes as a string in one version, as a
// number or as a reference with a name in another. Null is empty.
type text string

// UnmarshalJSON reads any of the forms; a list is an error.
func (t *text) UnmarshalJSON(b []byte) error {
	switch {
	case len(b) == 0 || b[0] == 'n':
		*t = ""
	case b[0] == '"' && bytes.IndexByte(b, '\\') < 0 && utf8.Valid(b):
		*t = text(b[1 : len(b)-1]) // nothing to unescape
	case b[0] == '"':
		var s string
		if err := json.Unmarshal(b, &s); err != nil {
			return err
		}
		*t = text(s)
	case b[0] == '{':
		var r struct {
			Name       *string `json:"name"`
			Identifier *string `json:"identifier"`
		}
		if err := json.Unmarshal(b, &r); err != nil {
			return err
		}
		*t = ""
		if r.Identifier != nil {
			*t = text(*r.Identifier)
		}
		if r.Name != nil {
			*t = text(*r.Name)
		}
	case b[0] == '[':
		return &json.UnmarshalTypeError{Value: "array"}
	default:
		*t = text(b)
	}
	return nil
}

// ref is a reference to another record. An empty object stands for none.
type ref struct {
	ID         int64 `json:"id"`
	Name       text  `json:"name"`
	Identifier text  `json:"identifier"`
}

// key is the id in our form, empty for none.
func (r *ref) key() string {
	if r == nil || r.ID <= 0 {
		return ""
	}
	return strconv.FormatInt(r.ID, 10)
}

type info struct {
	LastUpdated text `json:"lastUpdated"`
}

// record is any wire type with an id.
type record interface{ id() int64 }

type company struct {
	ID            int64  `json:"id"`
	Identifier    text   `json:"identifier"`
	Name          text   `json:"name"`
	Status        *ref   `json:"status"`
	Types         *[]ref `json:"types"` // nil: this version tells them elsewhere
	Type          *ref   `json:"type"`
	PhoneNumber   text   `json:"phoneNumber"`
	FaxNumber     text   `json:"faxNumber"`
	Website       text   `json:"website"`
	ParentCompany *ref   `json:"parentCompany"`
	DeletedFlag   bool   `json:"deletedFlag"`
	Info          info   `json:"_info"`
}

type site struct {
	ID                 int64 `json:"id"`
	Name               text  `json:"name"`
	AddressLine1       text  `json:"addressLine1"`
	AddressLine2       text  `json:"addressLine2"`
	City               text  `json:"city"`
	StateReference     text  `json:"stateReference"`
	State              text  `json:"state"`
	Zip                text  `json:"zip"`
	Country            text  `json:"country"`
	PhoneNumber        text  `json:"phoneNumber"`
	PhoneNumberExt     text  `json:"phoneNumberExt"`
	FaxNumber          text  `json:"faxNumber"`
	InactiveFlag       bool  `json:"inactiveFlag"`
	Inactive           bool  `json:"inactive"` // older versions
	PrimaryAddressFlag bool  `json:"primaryAddressFlag"`
	Company            *ref  `json:"company"`
	Info               info  `json:"_info"`
}

type communication struct {
	Type              *ref `json:"type"`
	Value             text `json:"value"`
	Extension         text `json:"extension"`
	DefaultFlag       bool `json:"defaultFlag"`
	CommunicationType text `json:"communicationType"`
}

type contact struct {
	ID                 int64            `json:"id"`
	FirstName          text             `json:"firstName"`
	LastName           text             `json:"lastName"`
	Title              text             `json:"title"`
	Company            *ref             `json:"company"`
	Site               *ref             `json:"site"`
	InactiveFlag       bool             `json:"inactiveFlag"`
	Types              []ref            `json:"types"`
	DefaultPhoneType   text             `json:"defaultPhoneType"`
	DefaultPhoneNbr    text             `json:"defaultPhoneNbr"`
	DefaultPhoneExt    text             `json:"defaultPhoneExtension"`
	CommunicationItems *[]communication `json:"communicationItems"` // nil: this version tells them elsewhere
	Info               info             `json:"_info"`
}

type configuration struct {
	ID                     int64 `json:"id"`
	Name                   text  `json:"name"`
	Type                   *ref  `json:"type"`
	Status                 *ref  `json:"status"`
	Company                *ref  `json:"company"`
	Contact                *ref  `json:"contact"`
	Site                   *ref  `json:"site"`
	SerialNumber           text  `json:"serialNumber"`
	ModelNumber            text  `json:"modelNumber"`
	TagNumber              text  `json:"tagNumber"`
	Manufacturer           text  `json:"manufacturer"`
	PurchaseDate           text  `json:"purchaseDate"`
	InstallationDate       text  `json:"installationDate"`
	InstalledBy            text  `json:"installedBy"`
	WarrantyExpirationDate text  `json:"warrantyExpirationDate"`
	Notes                  text  `json:"notes"`
	MacAddress             text  `json:"macAddress"`
	IPAddress              text  `json:"ipAddress"`
	DefaultGateway         text  `json:"defaultGateway"`
	OSType                 text  `json:"osType"`
	ActiveFlag             *bool `json:"activeFlag"` // nil: not told, so active
	Info                   info  `json:"_info"`
}

// label is a type or a status: some are named in name, some in description.
type label struct {
	ID           int64 `json:"id"`
	Name         text  `json:"name"`
	Description  text  `json:"description"`
	InactiveFlag bool  `json:"inactiveFlag"`
	ClosedFlag   bool  `json:"closedFlag"`
}

// association says that a company has a type.
type association struct {
	ID      int64 `json:"id"`
	Company *ref  `json:"company"`
	Type    *ref  `json:"type"`
}

// trace is as much of a record as tells whether it is there.
type trace struct {
	ID          int64 `json:"id"`
	DeletedFlag bool  `json:"deletedFlag"`
}

func (c company) id() int64       { return c.ID }
func (s site) id() int64          { return s.ID }
func (c contact) id() int64       { return c.ID }
func (c configuration) id() int64 { return c.ID }
func (l label) id() int64         { return l.ID }
func (a association) id() int64   { return a.ID }
func (t trace) id() int64         { return t.ID }

// companyInfo is the answer to the one question that needs no credentials.
type companyInfo struct {
	CompanyName text   `json:"CompanyName"`
	Codebase    string `json:"Codebase"`
	VersionCode text   `json:"VersionCode"`
	CompanyID   text   `json:"CompanyID"`
	SiteURL     text   `json:"SiteUrl"`
}

// refusal is the body of a failure.
type refusal struct {
	Status  int    `json:"-"`
	Code    string `json:"code"`
	Message string `json:"message"`
}

// Error names the status and the code.
func (r *refusal) Error() string { return fmt.Sprintf("status %d, code %q", r.Status, r.Code) }

// row is one record of a list, or why it could not be read.
type row[T record] struct {
	id  int64
	rec T
	bad error
}

var (
	errNoList = errors.New("the answer is no list")
	errNoID   = errors.New("a record has no readable id")
	errBroken = errors.New("the answer is no valid JSON")
)

// decodeRows reads a list of records. A record with a field of the wrong type
// is kept with its id and what is wrong with it; one without a readable id
// makes the whole answer unusable, for nobody could say which record it is.
func decodeRows[T record](body []byte) ([]row[T], error) {
	trimmed := bytes.TrimLeft(body, " \t\r\n")
	if len(trimmed) == 0 || trimmed[0] != '[' {
		if !json.Valid(body) {
			return nil, errBroken
		}
		return nil, errNoList
	}
	var recs []T
	err := json.Unmarshal(body, &recs)
	if err == nil {
		rows := make([]row[T], len(recs))
		for i, r := range recs {
			if r.id() <= 0 {
				return nil, errNoID
			}
			rows[i] = row[T]{id: r.id(), rec: r}
		}
		return rows, nil
	}
	var raw []json.RawMessage
	if json.Unmarshal(body, &raw) != nil {
		return nil, errBroken
	}
	rows := make([]row[T], len(raw))
	for i, b := range raw {
		if rows[i], err = decodeRow[T](b); err != nil {
			return nil, err
		}
	}
	return rows, nil
}

func decodeRow[T record](b []byte) (row[T], error) {
	var known struct {
		ID json.RawMessage `json:"id"`
	}
	if err := json.Unmarshal(b, &known); err != nil {
		return row[T]{}, errNoID
	}
	id, err := strconv.ParseInt(string(known.ID), 10, 64)
	if err != nil || id <= 0 {
		return row[T]{}, errNoID
	}
	r := row[T]{id: id}
	if err := json.Unmarshal(b, &r.rec); err != nil {
		r.bad = err
	}
	return r, nil
}

// decodeCount reads {"count": N}.
func decodeCount(body []byte) (int, error) {
	var n struct {
		Count *int `json:"count"`
	}
	if err := json.Unmarshal(body, &n); err != nil || n.Count == nil || *n.Count < 0 {
		return 0, errors.New("the answer is no count")
	}
	return *n.Count, nil
}

// nextPageID finds the pageId of the next page in Link headers. has says that
// there is a next page at all, named by pageId or in another way. The address
// itself is never used, so it can lead nowhere.
func nextPageID(headers []string) (pageID string, has bool) {
	for _, h := range headers {
		for h != "" {
			open := strings.IndexByte(h, '<')
			end := strings.IndexByte(h, '>')
			if open < 0 || end < open {
				break
			}
			address := h[open+1 : end]
			rest := h[end+1:]
			h = ""
			if at := strings.IndexByte(rest, '<'); at >= 0 {
				rest, h = rest[:at], rest[at:]
			}
			if !isNext(rest) {
				continue
			}
			return queryValue(address, "pageId"), true
		}
	}
	return "", false
}

// isNext reports whether the parameters of a link name it the next one.
func isNext(parameters string) bool {
	for _, p := range strings.FieldsFunc(parameters, func(r rune) bool { return r == ';' || r == ',' }) {
		name, value, ok := strings.Cut(strings.TrimSpace(p), "=")
		if ok && strings.EqualFold(strings.TrimSpace(name), "rel") && strings.EqualFold(strings.Trim(strings.TrimSpace(value), `"`), "next") {
			return true
		}
	}
	return false
}
