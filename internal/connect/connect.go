// Package connect says what a connector to a PSA is. A connector reads; it has
// no method that writes to the PSA, so a delete here can never travel there.
// Plumbing (pace, retries, limits, the guard against requests to inner
// addresses) is wrapped around a connector by Client, never inside one.
package connect

import (
	"context"

	"mainstay"
)

// Option describes one setting of a connector. Forms, flags and help are made from it.
type Option struct {
	Name     string // flag and form name: "url", "company", "public-key"
	Label    string
	Help     string
	Secret   bool
	Required bool
	Default  string
}

// Config is what a connector needs to reach one PSA instance.
type Config struct {
	Options map[string]string // public settings by Option.Name
	Secrets map[string]string // secret settings by Option.Name
	Client  *Client           // the only way out
}

// Stream is one list of records that a connector reads as a whole.
type Stream struct {
	Kind  mainstay.KindName
	Label string // "companies", for progress
}

// Page is one answer of a stream in our words.
type Page struct {
	Records []mainstay.Observation
	// Next is where to go on after this page; it can be stored and used by a
	// later process. Empty on the last page.
	Next string
	// Last says that the PSA itself ended the stream here. A stream that ends
	// in any other way is not complete.
	Last bool
}

// Label is a type or status as the PSA names it.
type Label struct {
	Kind       mainstay.KindName
	Axis       mainstay.Axis
	ExternalID string
	Name       string
	Inactive   bool // a status that makes its records inactive
}

// Presence is what the PSA says of one record when asked by id.
type Presence int

// The answers. Anything but Gone keeps the record's item as it is.
const (
	Unreadable Presence = iota // no clear answer: never read as gone (V2)
	Present
	Gone
)

// Instance identifies a PSA.
type Instance struct {
	Fingerprint string // the same for every address of one PSA database
	Name        string // for people: "Bluepeak IT (v2026.1)"
}

// Connector reads one PSA. All methods are safe to call again after an error,
// and return *mainstay.Error with kind Unauthorized (credentials), Forbidden (a
// named permission is missing), Unavailable (out of reach, odd answer) or Invalid.
type Connector interface {
	// Test proves the credentials and every permission the streams need.
	Test(ctx context.Context) (Instance, error)
	// Labels lists every type and status of the kinds that have them.
	Labels(ctx context.Context) ([]Label, error)
	// Streams lists what Pull can read, parents before children.
	Streams() []Stream
	// Count asks how many records the stream holds now.
	Count(ctx context.Context, s Stream) (int, error)
	// Pull reads the page at cursor ("" for the first), in the order of a key
	// that never changes.
	Pull(ctx context.Context, s Stream, cursor string) (Page, error)
	// Confirm asks for records by id and reports on each id it was given.
	Confirm(ctx context.Context, s Stream, ids []string) (map[string]Presence, error)
	// Fetch reads records by id, as Pull would yield them, in any order. An id
	// that is not among the result was not shown to us; only Confirm tells
	// whether it is gone.
	Fetch(ctx context.Context, s Stream, ids []string) ([]mainstay.Observation, error)
	// RecordURL is where a person sees the record in the PSA; empty if unknown.
	RecordURL(kind mainstay.KindName, externalID string) string
}

// Spec registers one connector.
type Spec struct {
	Name    string // "connectwise"
	Label   string // "ConnectWise PSA"
	Options []Option
	New     func(Config) (Connector, error)
}
