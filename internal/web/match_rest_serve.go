package web

import (
	"context"
	"slices"
	"strings"

	"mainstay"
	"mainstay/internal/change"
	"mainstay/internal/store"
)

// shownTypes is how many types a sentence names.
const shownTypes = 3

// rest says of the disconnected records of an integration why they don't wait to
// be matched again.
type rest struct {
	i      mainstay.Integration
	labels []mainstay.Label
	then   map[mainstay.KindName]int // that wait once a full sync followed the settings
	left   []store.ClassCount        // that the settings leave out
}

// readRest walks the known records of the integration, in sets.
func readRest(ctx context.Context, t *store.Tx, i mainstay.Integration, labels []mainstay.Label) (rest, error) {
	counts, err := t.ClassCounts(ctx, i.ID)
	out := rest{i: i, labels: labels}
	out.then, out.left = change.Ended(counts, i.Settings)
	return out, err
}

// unticked says which boxes or switch leave disconnected records of a kind out:
// "Partner and Vendor aren't ticked in Sync settings"; empty for none.
func (r rest) unticked(k *mainstay.Kind) string {
	n := map[string]int{}
	for _, c := range r.left {
		if c.Kind == k.Name && !c.Inactive && !r.i.Settings.Syncs(k.Name, c.TypeIDs, c.StatusID) {
			n[r.box(k, c)] += c.N
		}
	}
	if len(n) == 0 {
		return ""
	}
	if !byPairs(k) {
		return capital(k.Plural) + " are switched off in Sync settings"
	}
	return boxesText(n) + " in Sync settings"
}

// boxesText names boxes that aren't ticked, those with the most records first.
func boxesText(n map[string]int) string {
	var names []string
	for name := range n {
		names = append(names, name)
	}
	slices.SortFunc(names, func(a, b string) int {
		if n[a] != n[b] {
			return n[b] - n[a]
		}
		return strings.Compare(a, b)
	})
	if more := len(names) - shownTypes; more > 0 {
		names = append(names[:shownTypes:shownTypes], num(more)+" more")
	}
	if len(names) == 1 {
		return names[0] + " isn't ticked"
	}
	return andList(names) + " aren't ticked"
}

// box names what is to be ticked for a class of records: its type, with the status
// where other statuses of the type are ticked.
func (r rest) box(k *mainstay.Kind, c store.ClassCount) string {
	record := store.Record{IntegrationID: r.i.ID, Kind: k.Name}
	name := externalNames(r.labels, record, mainstay.TypeAxis, c.TypeIDs)
	if name == "" {
		name = "No type"
	}
	for p, on := range r.i.Settings.Pairs(k.Name) {
		if status := externalNames(r.labels, record, mainstay.StatusAxis, []string{c.StatusID}); on && status != "" && (slices.Contains(c.TypeIDs, p.Type) || len(c.TypeIDs) == 0 && p.Type == "") {
			return name + " + " + status
		}
	}
	return name
}

// settingsTabURL is the tab of the sync settings that decides about a kind.
func settingsTabURL(id mainstay.IntegrationID, k *mainstay.Kind) string {
	return manageClass{kind: k}.settingsURL(mainstay.Integration{ID: id})
}

// again is the way to match the disconnected items of a kind again, and in words
// what is in the way now.
func (r rest) again(k *mainstay.Kind, waiting map[mainstay.KindName]int) (next Link, text string) {
	orgs, inside := &mainstay.Organization, k != &mainstay.Organization
	match := func(k *mainstay.Kind) Link { return Link{"Match again…", matchURL(r.i.ID, k)} }
	switch {
	case waiting[k.Name] > 0:
		return match(k), ""
	case inside && waiting[orgs.Name]+r.then[orgs.Name] > 0:
		return match(orgs), "they follow their organization"
	case r.then[k.Name] > 0:
		return match(k), "they wait after the next full sync"
	case r.unticked(k) != "":
		return Link{"Sync settings", settingsTabURL(r.i.ID, k)}, r.unticked(k) + ", so they don't wait to be matched again"
	case inside && r.unticked(orgs) != "":
		return Link{"Sync settings", settingsTabURL(r.i.ID, orgs)}, "they follow their organization"
	}
	return Link{}, ""
}

// fillEmpty says why nothing waits, and offers the sync after which something does.
func (p *MatchPage) fillEmpty(ctx context.Context, t *store.Tx) error {
	if p.Actor.All {
		labels, err := t.Labels(ctx)
		if err != nil {
			return err
		}
		if p.rest, err = readRest(ctx, t, p.Integration, labels); err != nil {
			return err
		}
	}
	if p.rest.then[p.Kind.Name] > 0 && p.Holding == 0 && !p.Integration.Paused {
		p.SyncURL = integrationURL(p.Integration.ID) + "/sync"
	}
	p.Empty = p.nothing()
	return nil
}

// nothing says why there is nothing to match.
func (p *MatchPage) nothing() *Empty {
	settings := Link{"Sync settings", settingsTabURL(p.Integration.ID, p.Kind)}
	if p.Only != "" {
		return &Empty{Icon: "clock", Title: "This record doesn't wait.", Text: "It waits here after a full sync in which its type and status are ticked. Until then its item stays as it is.",
			Links: []Link{settings, {"All that wait", matchURL(p.Integration.ID, p.Kind)}}}
	}
	orgs, none := &mainstay.Organization, "No "+p.Kind.Label+" waits."
	switch n := p.rest.then[p.Kind.Name]; {
	case p.Kind != orgs && p.Holding+p.rest.then[orgs.Name] > 0:
		return &Empty{Icon: "clock", Title: "No " + p.Kind.Label + " waits by itself.", Text: "What lies inside an organization follows it: match the organization again, and its " + p.Kind.Plural + " come back with it.",
			Links: []Link{{"Organizations", matchURL(p.Integration.ID, orgs)}}}
	case n > 0:
		return &Empty{Icon: "clock", Title: "No " + p.Kind.Label + " waits yet.", Text: "Of those that were disconnected, the sync settings take " + p.Kind.Count(n) + ". The next full sync puts them here.", Links: []Link{settings}}
	case p.rest.unticked(p.Kind) != "":
		return &Empty{Icon: "adjustments-horizontal", Title: none, Text: "Records that were disconnected don't sync now: " + p.rest.unticked(p.Kind) + ". Once that is changed, they wait here after the next full sync.", Links: []Link{settings}}
	}
	return &Empty{Icon: "check", Title: none, Text: "Records that were disconnected wait here once they sync again: tick their type in Sync settings and run a full sync.",
		Links: []Link{settings}}
}
