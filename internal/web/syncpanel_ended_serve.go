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
	Rest        string // what is in the way of matching it again, as a sentence
	Next        Link   // the way on; empty for a person who may not, or where there is none
	PlanURL     string // the plan that ended it; empty for a person who may not see it
	Removed     bool   // so was the integration
}

// endedLink reads the newest ended link that leads to an item; nil where none does.
func endedLink(ctx context.Context, t *store.Tx, p Page, i mainstay.Item, labels []mainstay.Label) (*EndedLink, error) {
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
		if !e.Removed {
			if err := e.again(ctx, t, p, i, in, rec, labels); err != nil {
				return nil, err
			}
		}
		if s.PlanID != 0 && p.May(mainstay.PlanChanges) && p.Actor.All {
			e.PlanURL = planURL(s.PlanID)
		}
		return e, nil
	}
	return nil, nil
}

// again tells what is in the way of matching the item again, and leads there.
func (e *EndedLink) again(ctx context.Context, t *store.Tx, p Page, i mainstay.Item, in mainstay.Integration, rec store.Record, labels []mainstay.Label) error {
	k, syncs := i.Spec(), in.Settings.Syncs(i.Kind, rec.TypeIDs, rec.StatusID)
	if k != &mainstay.Organization {
		around, err := t.ItemsByID(ctx, []mainstay.ItemID{i.OrganizationID})
		if err != nil {
			return err
		}
		if !e.Waits && len(around) == 1 && around[0].Disconnected() {
			e.Rest, e.Next = "It follows its organization: match that again, and this comes back with it.", Link{"Open its organization", itemURL(around[0].Ref())}
			return nil
		}
		companies, err := t.Links(ctx, in.ID, mainstay.Organization.Name, []string{rec.CompanyID})
		if err != nil {
			return err
		}
		c := companies[rec.CompanyID]
		syncs = syncs && !c.Inactive && in.Settings.Syncs(mainstay.Organization.Name, c.TypeIDs, c.StatusID)
	}
	way := func(label, to string) {
		if p.May(mainstay.ManageSync) {
			e.Next = Link{label, to}
		}
	}
	match := matchURL(in.ID, k) + "&record=" + url.QueryEscape(rec.ExternalID)
	e.Rest = "Once the record syncs again it waits to be matched, and makes no duplicate."
	left := rest{i: in, labels: labels, left: []store.ClassCount{{Kind: i.Kind, TypeIDs: rec.TypeIDs, StatusID: rec.StatusID, Inactive: rec.Inactive, N: 1}}}
	switch {
	case rec.ExternalID == "":
	case e.Waits:
		e.Rest = e.Record + " syncs again and waits to be matched."
		way("Match again…", match)
	case left.unticked(k) != "":
		e.Rest = left.unticked(k) + ". " + e.Rest
		way("Sync settings", settingsTabURL(in.ID, k))
	case syncs && !rec.Inactive:
		e.Rest = "After the next full sync " + lowerFirst(e.Record) + " waits to be matched, and makes no duplicate."
		way("Match again…", match)
	}
	return nil
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
	if e.Waits {
		n.Tone = "info"
	}
	if e.Removed {
		n.Text += " Connecting the same PSA again finds the record."
	} else {
		n.Text += " " + e.Rest
	}
	n.Link = e.Next
	return n
}
