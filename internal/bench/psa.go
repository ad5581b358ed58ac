package bench

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"mainstay"
	"mainstay/internal/connect"
)

// fingerprint stands for the identity of the PSA in memory.
const fingerprint = "bench"

// pageSize is how many records a page of the PSA holds, as with ConnectWise.
const pageSize = 1000

// psa is a PSA that makes each record when it is asked for, so that it needs no
// memory however many there are. It keeps the time that it took.
type psa struct {
	companies, dependents int
	sizes                 map[mainstay.KindName]int // in place of the shares below, where it is not nil
	twin                  int                       // every so many companies are the one before under another name; 0 for none
	spent                 time.Duration
}

func (p *psa) spec() connect.Spec {
	return connect.Spec{Name: "bench", Label: "PSA in memory", New: func(connect.Config) (connect.Connector, error) { return p, nil }}
}

// The sizes of the streams: of fifty dependents ten are sites, twenty-five are
// contacts and fifteen are configurations.
const (
	siteShare    = 10
	contactShare = 25
	shareOf      = 50
)

// size is how many records a kind has.
func (p *psa) size(kind mainstay.KindName) int {
	if p.sizes != nil {
		return p.sizes[kind]
	}
	switch kind {
	case mainstay.Organization.Name:
		return p.companies
	case mainstay.Location.Name:
		return p.dependents * siteShare / shareOf
	case mainstay.Contact.Name:
		return p.dependents * contactShare / shareOf
	}
	return p.dependents - p.size(mainstay.Location.Name) - p.size(mainstay.Contact.Name)
}

// Streams lists what a sync reads.
func (p *psa) Streams() []connect.Stream {
	return []connect.Stream{
		{Kind: mainstay.Organization.Name, Label: "companies"},
		{Kind: mainstay.Location.Name, Label: "sites"},
		{Kind: mainstay.Contact.Name, Label: "contacts"},
		{Kind: mainstay.Configuration.Name, Label: "configurations"},
	}
}

// Test names the PSA.
func (p *psa) Test(context.Context) (connect.Instance, error) {
	return connect.Instance{Fingerprint: fingerprint, Name: "PSA in memory"}, nil
}

// axes says how many types and statuses each kind has.
var axes = []struct {
	kind            mainstay.KindName
	types, statuses int
}{{mainstay.Organization.Name, 6, 4}, {mainstay.Configuration.Name, 12, 4}, {mainstay.Contact.Name, 5, 0}}

// Labels lists the types and statuses.
func (p *psa) Labels(context.Context) ([]connect.Label, error) {
	var out []connect.Label
	for _, a := range axes {
		for n := 1; n <= a.types; n++ {
			out = append(out, connect.Label{Kind: a.kind, Axis: mainstay.TypeAxis, ExternalID: strconv.Itoa(n), Name: fmt.Sprintf("Type %d", n)})
		}
		for n := 1; n <= a.statuses; n++ {
			out = append(out, connect.Label{Kind: a.kind, Axis: mainstay.StatusAxis, ExternalID: strconv.Itoa(n), Name: fmt.Sprintf("Status %d", n)})
		}
	}
	return out, nil
}

// everything ticks every box.
func (p *psa) everything() mainstay.Settings {
	s := mainstay.Settings{Organizations: map[mainstay.Pair]bool{}, Configurations: map[mainstay.Pair]bool{}, Contacts: true, Locations: true}
	for _, a := range axes {
		for t := 1; t <= a.types; t++ {
			for n := 1; n <= a.statuses; n++ {
				if pairs := s.Pairs(a.kind); pairs != nil {
					pairs[mainstay.Pair{Type: strconv.Itoa(t), Status: strconv.Itoa(n)}] = true
				}
			}
		}
	}
	return s
}

// Count says how many records a stream has.
func (p *psa) Count(_ context.Context, s connect.Stream) (int, error) { return p.size(s.Kind), nil }

// Pull makes one page; the cursor is where it starts.
func (p *psa) Pull(_ context.Context, s connect.Stream, cursor string) (connect.Page, error) {
	began := time.Now()
	defer func() { p.spent += time.Since(began) }()
	first := 0
	if cursor != "" {
		var err error
		if first, err = strconv.Atoi(cursor); err != nil {
			return connect.Page{}, err
		}
	}
	end := min(first+pageSize, p.size(s.Kind))
	page := connect.Page{Next: strconv.Itoa(end), Last: end == p.size(s.Kind), Records: make([]mainstay.Observation, 0, pageSize)}
	for n := first; n < end; n++ {
		page.Records = append(page.Records, p.record(s.Kind, n))
	}
	if page.Last {
		page.Next = ""
	}
	return page, nil
}

// Confirm answers for records that were in no page: there are none here.
func (p *psa) Confirm(_ context.Context, _ connect.Stream, ids []string) (map[string]connect.Presence, error) {
	out := map[string]connect.Presence{}
	for _, id := range ids {
		out[id] = connect.Gone
	}
	return out, nil
}

// Fetch makes single records anew.
func (p *psa) Fetch(_ context.Context, s connect.Stream, ids []string) ([]mainstay.Observation, error) {
	var out []mainstay.Observation
	for _, id := range ids {
		if n, err := strconv.Atoi(id); err == nil && n > 0 && n <= p.size(s.Kind) {
			out = append(out, p.record(s.Kind, n-1))
		}
	}
	return out, nil
}

// RecordURL knows no address.
func (p *psa) RecordURL(mainstay.KindName, string) string { return "" }
