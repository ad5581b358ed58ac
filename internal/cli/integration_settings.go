package cli

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"

	"mainstay"
	"mainstay/internal/store"
)

type integrationSettingsCmd struct {
	Name     string   `arg:"" help:"Name of the integration."`
	Kind     string   `help:"organizations or configurations, for --tick and --untick." default:"organizations"`
	Tick     []string `help:"Type to sync, or 'Type / Status' for one box, or * for all; repeat for more."`
	Untick   []string `help:"Type, 'Type / Status' or * that stops syncing; repeat for more."`
	Contacts *bool    `help:"Sync contacts." negatable:""`
	Location *bool    `name:"locations" help:"Sync locations." negatable:""`
	Interval *int     `help:"Minutes between full syncs; 0 for by hand only."`
	Yes      bool     `help:"Save. Without it the command only says what would change."`
}

// settingsView is the stable JSON form of sync settings and of what saving them would do.
type settingsView struct {
	Ticked    []string                  `json:"ticked"`
	Contacts  bool                      `json:"contacts"`
	Locations bool                      `json:"locations"`
	Interval  int                       `json:"interval_minutes"`
	NextFull  string                    `json:"next_full_sync"` // empty where none is planned
	Paused    bool                      `json:"paused"`
	Start     map[mainstay.KindName]int `json:"would_start"`
	Orphan    map[mainstay.KindName]int `json:"would_orphan"`
	Wait      map[mainstay.KindName]int `json:"would_wait"` // disconnected before, so they wait to be matched again
	Saved     bool                      `json:"saved"`
}

// Run shows what the settings would do, and saves them when told to.
func (s *integrationSettingsCmd) Run(c *call) error {
	kind, err := mainstay.KindNamed(s.Kind)
	if err != nil {
		return err
	}
	return c.with(func(a *app) error {
		i, err := a.integration(c.ctx, s.Name)
		if err != nil {
			return err
		}
		var labels []mainstay.Label
		if err := a.store.Read(c.ctx, func(t *store.Tx) error { labels, err = t.Labels(c.ctx); return err }); err != nil {
			return err
		}
		if len(labels) == 0 {
			if err := a.engine.ReadLabels(c.ctx, i.ID); err != nil {
				return err
			}
			if err := a.store.Read(c.ctx, func(t *store.Tx) error { labels, err = t.Labels(c.ctx); return err }); err != nil {
				return err
			}
		}
		boxes := newBoxes(labels, i.ID, kind)
		next := i.Settings
		if err := s.edit(&next, kind, boxes); err != nil {
			return err
		}
		effect, err := a.changes.PreviewSettings(c.ctx, operator(), i.ID, next)
		if err != nil {
			return err
		}
		if s.Yes {
			if i, err = a.changes.SaveSettings(c.ctx, operator(), i.ID, next, i.Settings.Version, effect.OrphanTotal()); err != nil {
				return err
			}
		}
		v := settingsView{Ticked: boxes.names(next.Pairs(kind.Name)), Contacts: next.Contacts, Locations: next.Locations, Interval: next.Interval,
			NextFull: plannedFull(i), Paused: i.Paused, Start: effect.Start, Orphan: effect.Orphan, Wait: effect.Waiting, Saved: s.Yes}
		return c.print(v, func(w io.Writer) { v.text(w, kind, i, a.store.DB.Now()) })
	})
}

func (s *integrationSettingsCmd) edit(next *mainstay.Settings, kind *mainstay.Kind, boxes boxes) error {
	pairs := map[mainstay.Pair]bool{}
	for p, on := range next.Pairs(kind.Name) {
		pairs[p] = on
	}
	for on, names := range map[bool][]string{true: s.Tick, false: s.Untick} {
		for _, name := range names {
			found, err := boxes.find(name)
			if err != nil {
				return err
			}
			for _, p := range found {
				if on {
					pairs[p] = true
				} else {
					delete(pairs, p)
				}
			}
		}
	}
	switch kind.Name {
	case mainstay.Organization.Name:
		next.Organizations = pairs
	case mainstay.Configuration.Name:
		next.Configurations = pairs
	default:
		return mainstay.Errorf(mainstay.Invalid, "Only organizations and configurations sync by type and status. Use --contacts and --locations for the rest.")
	}
	if s.Contacts != nil {
		next.Contacts = *s.Contacts
	}
	if s.Location != nil {
		next.Locations = *s.Location
	}
	if s.Interval != nil {
		next.Interval = *s.Interval
	}
	return nil
}

// plannedFull is when the next full sync starts by itself, empty where none does.
func plannedFull(i mainstay.Integration) string {
	if i.Paused {
		return ""
	}
	return machineTime(i.NextFull)
}

func (v settingsView) text(w io.Writer, kind *mainstay.Kind, i mainstay.Integration, now mainstay.Time) {
	fmt.Fprintf(w, "Ticked %s: %s\n", kind.Plural, strings.Join(v.Ticked, ", "))
	fmt.Fprintf(w, "Contacts: %s. Locations: %s.\n", onOff(v.Contacts), onOff(v.Locations))
	fmt.Fprintln(w, v.schedule(i, now))
	t := tabwriter.NewWriter(w, 2, 8, 2, ' ', 0)
	fmt.Fprintln(t, "AT THE NEXT FULL SYNC\tSTART\tORPHANED")
	for _, k := range mainstay.Kinds() {
		if k.Syncs {
			fmt.Fprintf(t, "%s\t+%s\t-%s\n", k.Plural, mainstay.Thousands(v.Start[k.Name]), mainstay.Thousands(v.Orphan[k.Name]))
		}
	}
	t.Flush() //nolint:errcheck // nowhere to report it
	for _, k := range mainstay.Kinds() {
		if n := v.Wait[k.Name]; n > 0 {
			fmt.Fprintf(w, "Waiting to be matched again, in place of becoming new: %s. To see them: mainstay match '%s' --kind %s\n", k.Count(n), i.Name, k.Plural)
		}
	}
	if v.Saved {
		fmt.Fprintf(w, "Saved. Nothing is deleted. To take effect now: mainstay sync '%s' --wait\n", i.Name)
		return
	}
	fmt.Fprintln(w, "Nothing was saved. Add --yes to save.")
}

func onOff(on bool) string {
	if on {
		return "on"
	}
	return "off"
}

// schedule says how often a full sync starts by itself, and when the next one does.
func (v settingsView) schedule(i mainstay.Integration, now mainstay.Time) string {
	text := "Full sync: " + everyText(v.Interval)
	switch {
	case i.Paused:
		return text + ". Syncing is paused by " + i.PausedBy + ", so none starts until it is resumed."
	case v.Interval != i.Settings.Interval:
		return text + " once saved; " + everyText(i.Settings.Interval) + " now."
	case v.NextFull == "":
		return text + "."
	}
	return text + ", the next one at " + peopleTime(i.NextFull) + " (" + inText(i.NextFull, now) + ")."
}

func everyText(minutes int) string {
	const hour, day = 60, 24 * 60
	switch {
	case minutes == 0:
		return "only when somebody asks"
	case minutes%day == 0:
		return "every " + strings.TrimPrefix(count(minutes/day, "day"), "1 ")
	case minutes%hour == 0:
		return "every " + strings.TrimPrefix(count(minutes/hour, "hour"), "1 ")
	}
	return "every " + count(minutes, "minute")
}

// boxes are the types and statuses of one kind of one PSA.
type boxes struct {
	types, statuses []mainstay.Label
}

func newBoxes(labels []mainstay.Label, id mainstay.IntegrationID, kind *mainstay.Kind) boxes {
	var b boxes
	for _, l := range labels {
		switch {
		case l.IntegrationID != id || l.Kind != kind.Name:
		case l.Axis == mainstay.TypeAxis:
			b.types = append(b.types, l)
		default:
			b.statuses = append(b.statuses, l)
		}
	}
	return b
}

// noType is how records without a type are called on the command line.
const noType = "none"

// find returns the boxes of "Type", "Type / Status" or "*".
func (b boxes) find(name string) ([]mainstay.Pair, error) {
	typeName, statusName, one := strings.Cut(name, "/")
	typeName, statusName = mainstay.SearchKey(typeName), mainstay.SearchKey(statusName)
	var out []mainstay.Pair
	for _, t := range append(slices.Clone(b.types), mainstay.Label{Name: noType}) {
		if typeName != "*" && mainstay.SearchKey(t.Name) != typeName {
			continue
		}
		for _, s := range b.statuses {
			if !one || mainstay.SearchKey(s.Name) == statusName {
				out = append(out, mainstay.Pair{Type: t.ExternalID, Status: s.ExternalID})
			}
		}
	}
	if len(out) == 0 {
		return nil, mainstay.Errorf(mainstay.Invalid, "There is no type or box called %q. Types: %s. Statuses: %s.", name, labelNames(b.types), labelNames(b.statuses))
	}
	return out, nil
}

func labelNames(ls []mainstay.Label) string {
	var out []string
	for _, l := range ls {
		out = append(out, l.Name)
	}
	return strings.Join(out, ", ")
}

func (b boxes) names(pairs map[mainstay.Pair]bool) []string {
	out := []string{}
	for _, t := range append(slices.Clone(b.types), mainstay.Label{Name: noType}) {
		for _, s := range b.statuses {
			if pairs[mainstay.Pair{Type: t.ExternalID, Status: s.ExternalID}] {
				out = append(out, t.Name+" / "+s.Name)
			}
		}
	}
	return out
}
