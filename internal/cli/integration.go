package cli

import (
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"text/tabwriter"

	"mainstay"
	"mainstay/internal/change"
	"mainstay/internal/store"
)

type integrationCmd struct {
	Add         integrationAddCmd         `cmd:"" help:"Connect a PSA; the credentials are tested first."`
	List        integrationListCmd        `cmd:"" help:"List integrations."`
	Settings    integrationSettingsCmd    `cmd:"" help:"Show or change what syncs, and say first what that would do."`
	Pause       integrationPauseCmd       `cmd:"" help:"Pause all syncing. Nothing becomes orphaned."`
	Resume      integrationResumeCmd      `cmd:"" help:"Resume syncing."`
	DeleteClass integrationDeleteClassCmd `cmd:"" help:"Plan to delete everything of a type or status, and stop syncing it. Needs data-protection on."`
}

type integrationAddCmd struct {
	Connectwise connectwiseAddCmd `cmd:"" help:"Connect ConnectWise PSA."`
}

type connectwiseAddCmd struct {
	Name           string `help:"What to call it." default:"ConnectWise PSA"`
	URL            string `required:"" help:"Where you open ConnectWise, such as https://na.myconnectwise.net."`
	Company        string `required:"" help:"The company you enter to log in."`
	PublicKey      string `required:"" help:"Of an API member."`
	PrivateKeyFile string `required:"" help:"File with the private key; - reads it from standard input."`
	ClientID       string `help:"Your own client id, if you have one."`
}

// Run tests the credentials and stores the connection.
func (i *connectwiseAddCmd) Run(c *call) error {
	key, err := c.secret(i.PrivateKeyFile)
	if err != nil {
		return err
	}
	options := map[string]string{"url": i.URL, "company": i.Company, "public-key": i.PublicKey}
	if i.ClientID != "" {
		options["client-id"] = i.ClientID
	}
	secrets := map[string]string{"private-key": key}
	return c.with(func(a *app) error {
		instance, err := a.engine.Test(c.ctx, "connectwise", options, secrets)
		if err != nil {
			return err
		}
		n, err := a.changes.AddIntegration(c.ctx, operator(), change.NewIntegration{Connector: "connectwise", Name: i.Name, Options: options, Secrets: secrets, Fingerprint: instance.Fingerprint})
		if err != nil {
			return err
		}
		return c.print(map[string]any{"id": n.ID, "name": n.Name, "psa": instance.Name}, func(w io.Writer) {
			fmt.Fprintf(w, "Connected %s to %s. Nothing syncs until types are ticked: mainstay integration settings '%s' --help\n", n.Name, instance.Name, n.Name)
		})
	})
}

// maxSecret is the longest secret that is read, in bytes.
const maxSecret = 64 << 10

// secret reads a secret from a file or from standard input, never from the
// command line, where other people of the machine could see it.
func (c *call) secret(path string) (string, error) {
	in := c.In
	if path != "-" {
		f, err := os.Open(path)
		if err != nil {
			return "", mainstay.Wrap(mainstay.Invalid, err, "The file %s can't be read.", path)
		}
		defer f.Close() //nolint:errcheck // it was only read
		in = f
	}
	b, err := io.ReadAll(io.LimitReader(in, maxSecret))
	if err != nil {
		return "", mainstay.Wrap(mainstay.Invalid, err, "The secret can't be read.")
	}
	return strings.TrimSpace(string(b)), nil
}

type integrationListCmd struct{}

type integrationView struct {
	ID       mainstay.IntegrationID    `json:"id"`
	Name     string                    `json:"name"`
	State    mainstay.IntegrationState `json:"state"`
	LastFull string                    `json:"last_full_sync"`
}

// Run lists the integrations.
func (integrationListCmd) Run(c *call) error {
	return c.with(func(a *app) error {
		var all []mainstay.Integration
		err := a.store.Read(c.ctx, func(t *store.Tx) error {
			var err error
			all, err = t.Integrations(c.ctx)
			return err
		})
		views := []integrationView{}
		for _, i := range all {
			v := integrationView{i.ID, i.Name, i.State, ""}
			if !i.LastFull.IsZero() {
				v.LastFull = i.LastFull.Std().Format("2006-01-02T15:04:05Z")
			}
			views = append(views, v)
		}
		if err != nil {
			return err
		}
		return c.print(views, func(w io.Writer) {
			for _, v := range views {
				fmt.Fprintf(w, "%d\t%s\t%s\tlast full sync %s\n", v.ID, v.Name, v.State, v.LastFull)
			}
		})
	})
}

type integrationPauseCmd struct {
	Name string `arg:""`
}

// Run pauses an integration.
func (p *integrationPauseCmd) Run(c *call) error { return c.pause(p.Name, true) }

type integrationResumeCmd struct {
	Name string `arg:""`
}

// Run resumes an integration.
func (p *integrationResumeCmd) Run(c *call) error { return c.pause(p.Name, false) }

func (c *call) pause(name string, pause bool) error {
	return c.with(func(a *app) error {
		i, err := a.integration(c.ctx, name)
		if err != nil {
			return err
		}
		return a.changes.PauseIntegration(c.ctx, operator(), i.ID, pause)
	})
}

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
	Ticked []string                  `json:"ticked"`
	Start  map[mainstay.KindName]int `json:"would_start"`
	Orphan map[mainstay.KindName]int `json:"would_orphan"`
	Saved  bool                      `json:"saved"`
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
			if _, err := a.changes.SaveSettings(c.ctx, operator(), i.ID, next, i.Settings.Version, effect.OrphanTotal()); err != nil {
				return err
			}
		}
		v := settingsView{boxes.names(next.Pairs(kind.Name)), effect.Start, effect.Orphan, s.Yes}
		return c.print(v, func(w io.Writer) { v.text(w, kind, s.Name) })
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

func (v settingsView) text(w io.Writer, kind *mainstay.Kind, name string) {
	fmt.Fprintf(w, "Ticked %s: %s\n", kind.Plural, strings.Join(v.Ticked, ", "))
	t := tabwriter.NewWriter(w, 2, 8, 2, ' ', 0)
	fmt.Fprintln(t, "AT THE NEXT FULL SYNC\tSTART\tORPHANED")
	for _, k := range mainstay.Kinds() {
		if k.Syncs {
			fmt.Fprintf(t, "%s\t+%s\t-%s\n", k.Plural, mainstay.Thousands(v.Start[k.Name]), mainstay.Thousands(v.Orphan[k.Name]))
		}
	}
	t.Flush() //nolint:errcheck // nowhere to report it
	if v.Saved {
		fmt.Fprintf(w, "Saved. Nothing is deleted. To take effect now: mainstay sync '%s' --wait\n", name)
		return
	}
	fmt.Fprintln(w, "Nothing was saved. Add --yes to save.")
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
