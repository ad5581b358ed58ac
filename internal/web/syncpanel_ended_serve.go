package web

import (
	"context"
	"net/url"

	"mainstay"
	"mainstay/internal/store"
)

// EndedLink says who ended the link of an item, and how to take it up again.
type EndedLink struct {
	Integration string
	Record      string // "Company 4471"
	Who         string
	At          mainstay.Time
	Why         mainstay.EndedWhy
	Note        string
	Waits       bool   // the record syncs again
	MatchURL    string // empty for a person who may not match, or where the integration was removed
	PlanURL     string // the plan that ended it; empty for a person who may not see it
	Removed     bool   // so was the integration
}

// endedLink reads the newest ended link that leads to an item; nil where none does.
func endedLink(ctx context.Context, t *store.Tx, p Page, i mainstay.Item) (*EndedLink, error) {
	if !i.Disconnected() {
		return nil, nil
	}
	all, err := t.TombstonesOf(ctx, i.ID)
	if err != nil {
		return nil, err
	}
	for _, s := range all {
		if s.Why == mainstay.EndedMerged {
			continue
		}
		in, err := t.Integration(ctx, s.IntegrationID)
		if err != nil {
			return nil, err
		}
		records, err := t.Records(ctx, s.IntegrationID, s.Kind, []string{s.ExternalID})
		if err != nil {
			return nil, err
		}
		rec := records[s.ExternalID]
		e := &EndedLink{Integration: in.Name, Record: capital(i.Spec().Label) + " " + s.ExternalID, Who: s.Who, At: s.At, Why: s.Why, Note: s.Note,
			Waits: rec.InScope && rec.ItemID == 0, Removed: !in.Removed.IsZero()}
		if p.May(mainstay.ManageSync) && !e.Removed {
			e.MatchURL = matchURL(in.ID, i.Spec()) + "&record=" + url.QueryEscape(s.ExternalID)
		}
		if s.PlanID != 0 && p.May(mainstay.PlanChanges) && p.Actor.All {
			e.PlanURL = planURL(s.PlanID)
		}
		return e, nil
	}
	return nil, nil
}

// text says what ended the link, when and by whom.
func (e *EndedLink) text(p Page) string {
	switch e.Why {
	case mainstay.EndedInside:
		return "Its organization was disconnected from " + e.Integration + " by " + e.Who + ", " + p.ago(e.At) + "."
	case mainstay.EndedRemoved:
		return e.Who + " removed " + e.Integration + ", " + p.ago(e.At) + "."
	case mainstay.EndedHere, mainstay.EndedMerged:
	}
	return "Disconnected from " + e.Integration + " by " + e.Who + ", " + p.ago(e.At) + "."
}

// note explains on the page of an item why no sync changes it.
func (e *EndedLink) note(p Page) Note {
	n := Note{Icon: "unlink", Lead: e.text(p), Text: "No sync changes it, and its record in " + e.Integration + " is untouched."}
	if e.Note != "" {
		n.Text = sentence(e.Note) + " " + n.Text
	}
	switch {
	case e.Waits:
		n.Tone, n.Text = "info", n.Text+" "+e.Record+" syncs again and waits to be matched."
	case e.Removed:
		n.Text += " Connecting the same PSA again finds the record."
	default:
		n.Text += " Once the record syncs again it waits to be matched, and makes no duplicate."
	}
	if e.MatchURL != "" {
		n.Link = Link{"Match again…", e.MatchURL}
	}
	return n
}
