package change

import (
	"testing"

	"mainstay"
)

func TestSettingsDiff(t *testing.T) {
	labels := NewLabels([]mainstay.Label{
		{IntegrationID: 1, Kind: "organization", Axis: mainstay.TypeAxis, ExternalID: "1", Name: "Client"},
		{IntegrationID: 1, Kind: "organization", Axis: mainstay.TypeAxis, ExternalID: "2", Name: "Lead"},
		{IntegrationID: 1, Kind: "configuration", Axis: mainstay.TypeAxis, ExternalID: "1", Name: "Server"},
	}, 1)
	pairs := func(all ...mainstay.Pair) map[mainstay.Pair]bool {
		out := map[mainstay.Pair]bool{}
		for _, p := range all {
			out[p] = true
		}
		return out
	}
	client, inactive, lead := mainstay.Pair{Type: "1", Status: "1"}, mainstay.Pair{Type: "1", Status: "2"}, mainstay.Pair{Type: "2", Status: "1"}
	for _, c := range []struct {
		before, after mainstay.Settings
		want          string
	}{
		{mainstay.Settings{}, mainstay.Settings{}, ""},
		{mainstay.Settings{Organizations: pairs(client, lead)}, mainstay.Settings{Organizations: pairs(client)}, "Unticked organizations of type Lead"},
		{mainstay.Settings{Organizations: pairs(client)}, mainstay.Settings{Organizations: pairs(client, inactive, lead)}, "Ticked organizations of type Client (some statuses), Lead"},
		{mainstay.Settings{Organizations: pairs(lead)}, mainstay.Settings{Organizations: pairs(client)}, "Ticked organizations of type Client. Unticked organizations of type Lead"},
		{mainstay.Settings{Contacts: true}, mainstay.Settings{Locations: true, Interval: 60}, "Switched off contacts. Switched on locations. Changed the schedule"},
		{mainstay.Settings{}, mainstay.Settings{Configurations: pairs(client, mainstay.Pair{Type: "9"})}, "Ticked configurations of type Server, number 9"},
	} {
		if got := settingsDiff(c.before, c.after, labels); got != c.want {
			t.Errorf("got %q, want %q", got, c.want)
		}
	}
}

// TestUnticks reads what settingsDiff and plans write.
func TestUnticks(t *testing.T) {
	for _, c := range []struct {
		detail string
		kind   *mainstay.Kind
		types  []string
		want   bool
	}{
		{"Ticked organizations of type Client. Unticked organizations of type Lead, Prospect (some statuses). 3 items will become orphaned at the next full sync", &mainstay.Organization, []string{"Partner", "Prospect"}, true},
		{"Unticked organizations of type Lead", &mainstay.Organization, []string{"Lead"}, true},
		{"Ticked organizations of type Lead", &mainstay.Organization, []string{"Lead"}, false},
		{"Unticked organizations of type Lead", &mainstay.Configuration, []string{"Lead"}, false},
		{"Unticked organizations of type Lead", &mainstay.Organization, nil, false},
		{"Lead was unticked by plan 3", &mainstay.Organization, []string{"Lead"}, true},
		{"Lead was ticked again by undoing plan 3", &mainstay.Organization, []string{"Lead"}, false},
		{"Contacts was unticked by plan 3", &mainstay.Contact, nil, true},
		{"Switched off contacts. Changed the schedule", &mainstay.Contact, nil, true},
		{"Switched off contacts", &mainstay.Location, nil, false},
	} {
		if got := Unticks(c.detail, c.kind, c.types); got != c.want {
			t.Errorf("%q of %s %v: %v", c.detail, c.kind.Plural, c.types, got)
		}
	}
}
