package mainstay_test

import (
	"testing"

	"mainstay"
)

// TestMergeOutcome: what comes of a merge names the company that is followed, and
// warns where a client that syncs would become or stay orphaned.
func TestMergeOutcome(t *testing.T) {
	orphan := mainstay.Item{ID: 1, Kind: "organization", Name: "Abara Kitchens", Sync: mainstay.Orphaned, Reason: mainstay.ReasonType, Values: mainstay.Values{}}
	client := mainstay.Item{ID: 2, Kind: "organization", Name: "Darwish Signs", Sync: mainstay.Syncing, Values: mainstay.Values{}}
	alone := mainstay.Item{ID: 3, Kind: "organization", Name: "Handmade", Sync: mainstay.NotLinked, Values: mainstay.Values{}}
	const kept = " is orphaned (type not synced). After the merge, "
	for _, c := range []struct {
		name                   string
		source, target         mainstay.Item
		sourceLink             bool
		after, follows, warned string
	}{
		{"the orphan's link is kept", orphan, client, true, "Abara Kitchens (Darwish Signs until then)", "company 7, the one of Abara Kitchens",
			"Abara Kitchens" + kept + "Darwish Signs is orphaned too, and a deletion of all orphans takes it. To prevent that, let it follow the company of Darwish Signs, which syncs."},
		{"the client's link is kept", orphan, client, false, "Darwish Signs", "company 7, the one of Darwish Signs", ""},
		{"the orphan stays", client, orphan, false, "Abara Kitchens", "company 7, the one of Abara Kitchens",
			"Abara Kitchens" + kept + "Abara Kitchens stays orphaned, and a deletion of all orphans takes it. To prevent that, let it follow the company of Darwish Signs, which syncs."},
		{"neither syncs", alone, orphan, false, "Abara Kitchens", "company 7, the one of Abara Kitchens", ""},
	} {
		m := mainstay.MergeParams{SourceName: c.source.Name, TargetName: c.target.Name, SourceLink: c.sourceLink}
		o := m.Foresee(&c.source, &c.target, "7")
		m.After = &o
		lines := m.Lines()
		if lines[0].Text != c.after || lines[1].Text != c.follows || o.Warning != c.warned {
			t.Errorf("%s:\n %q\n %q\n %q\nwant\n %q\n %q\n %q", c.name, lines[0].Text, lines[1].Text, o.Warning, c.after, c.follows, c.warned)
		}
	}
	if lines := (&mainstay.MergeParams{}).Lines(); lines != nil {
		t.Errorf("a plan without its outcome tells %v", lines)
	}
}
