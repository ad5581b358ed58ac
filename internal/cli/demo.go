package cli

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"strings"
	"time"

	"mainstay"
	"mainstay/internal/auth"
	"mainstay/internal/change"
	"mainstay/internal/connect/connectwise/simulator"
	"mainstay/internal/store"
)

type demoCmd struct {
	Companies int           `help:"Companies in the simulated ConnectWise; 0 for the full 13,306." default:"0"`
	Seed      int64         `help:"Of the made-up data." default:"1"`
	Keep      string        `help:"Folder to keep the demo in; left out, everything is gone at the end." placeholder:"DIR"`
	Port      int           `help:"Port on 127.0.0.1; 0 for any that is free." default:"8080"`
	Pause     time.Duration `help:"How long a confirmed deletion waits, so that it can be cancelled." default:"5s"`
}

// Run starts a simulated ConnectWise and a server beside it, both on loopback,
// fills the account as a wrong tick box would, and prints a link that signs in.
func (d *demoCmd) Run(c *call) error {
	dir, clean, err := d.folder()
	if err != nil {
		return err
	}
	defer clean()
	address, err := freePort(d.Port)
	if err != nil {
		return err
	}
	cfg := c.config
	cfg.Data, cfg.KeyFile, cfg.BackupDir = dir, dir+"/key.json", dir+"/backups"
	cfg.Listen, cfg.PublicURL, cfg.AllowLoopbackPSA, cfg.PlanPause = address, "http://"+address, true, d.Pause
	a, err := openApp(c.ctx, cfg, newLog(c.Err, cfg))
	if err != nil {
		return err
	}
	return errors.Join(d.serve(c, a), a.Close())
}

// serve runs the simulated ConnectWise and the server.
func (d *demoCmd) serve(c *call, a *app) error {
	address, err := a.keptPSA(c.ctx)
	if err != nil {
		return err
	}
	if address != anyPort && d.Keep == "" {
		return mainstay.Errorf(mainstay.Conflict, "This database holds a demo from before. Name its folder with --keep, where its keys are, or use another database.")
	}
	psa := simulator.New(simulator.Config{Seed: d.Seed, Size: d.size()})
	sim, err := simulator.StartAt(psa, address, simulator.Plain)
	if err != nil {
		return mainstay.Wrap(mainstay.Unavailable, err, "The simulated ConnectWise can't start at %s. Is this demo running already?", address)
	}
	defer sim.Close()
	return c.serve(a, func(ctx context.Context, doors doors) error {
		return c.prepareDemo(ctx, a, doors, psa.Config(), sim.URL())
	})
}

// demoEmail is the person who uses the demo.
const demoEmail = "dana@bluepeak.example"

// anyPort is any free port of this machine.
const anyPort = "127.0.0.1:0"

// keptPSA is where the simulated ConnectWise has to be: anywhere in a new demo,
// and in one that was kept where its integration looks for it. An installation
// with people of its own is never taken for a demo.
func (a *app) keptPSA(ctx context.Context) (string, error) {
	address := anyPort
	err := a.store.Read(ctx, func(t *store.Tx) error {
		users, err := t.Users(ctx)
		if err != nil || len(users) == 0 {
			return err
		}
		if _, err := t.UserByEmail(ctx, demoEmail); err != nil {
			return mainstay.Errorf(mainstay.Conflict, "This installation has people of its own, so it is no demo. Use another folder or another database.")
		}
		all, err := t.Integrations(ctx)
		for _, i := range all {
			u, urlErr := url.Parse(i.Options["url"])
			if urlErr == nil && u.Hostname() == "127.0.0.1" {
				address = u.Host
			}
		}
		return err
	})
	return address, err
}

func (d *demoCmd) size() simulator.Size {
	if d.Companies > 0 {
		return simulator.Scaled(d.Companies)
	}
	return simulator.Default()
}

// folder returns where the demo lives and what to do at its end.
func (d *demoCmd) folder() (string, func(), error) {
	if d.Keep != "" {
		return d.Keep, func() {}, os.MkdirAll(d.Keep, 0o700)
	}
	dir, err := os.MkdirTemp("", "mainstay-demo-")
	return dir, func() { os.RemoveAll(dir) }, err //nolint:errcheck // a temporary folder
}

// freePort returns port on loopback where it is free, else another one.
func freePort(port int) (string, error) {
	for _, p := range []int{port, 0} {
		l, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", p)) //nolint:noctx // it is closed at once
		if err == nil {
			address := l.Addr().String()
			return address, l.Close()
		}
	}
	return "", mainstay.Errorf(mainstay.Unavailable, "No port on 127.0.0.1 is free.")
}

// demoPatience is how long the link waits for the first sync: people who come
// earlier see it running.
const demoPatience = 8 * time.Second

func (c *call) prepareDemo(ctx context.Context, a *app, d doors, psa simulator.Config, url string) error {
	user, err := a.demoUser(ctx)
	if mainstay.KindOf(err) == mainstay.NotFound {
		if err := c.fillDemo(ctx, a, d, psa, url); err != nil {
			return err
		}
		user, err = a.demoUser(ctx)
	}
	if err != nil {
		return err
	}
	path, err := d.sessions.NewLink(ctx, user.ID, auth.LinkLife)
	if err != nil {
		return err
	}
	fmt.Fprintf(c.Out, `
Mainstay is ready:        %s%s
The simulated ConnectWise: %s

A wrong tick box pulled every prospect, lead, vendor and former client out of ConnectWise.
Open Integrations > ConnectWise PSA > Sync settings and untick them. Ctrl C ends the demo.
`, a.config.PublicURL, path, url)
	return nil
}

// demoPerson is who ticked the wrong box, and who the link signs in.
const demoPerson = "Dana Whitfield"

func (a *app) demoUser(ctx context.Context) (u mainstay.User, err error) {
	err = a.store.Read(ctx, func(t *store.Tx) error { u, err = t.UserByEmail(ctx, demoEmail); return err })
	return u, err
}

func demoPassword(psa simulator.Config) string {
	return "demo-" + strings.Repeat("bluepeak-", 3) + psa.PublicKey
}

// leftDemo adds the person who wrote what exists only here and has left since:
// one of the users, who can't sign in any more.
func leftDemo(ctx context.Context, d doors, operator mainstay.Actor, psa simulator.Config) (mainstay.Actor, error) {
	left := auth.Person{Email: "marcus@bluepeak.example", Name: "Marcus Hale", Role: mainstay.Editor, All: true}
	u, err := d.people.Create(ctx, operator, left, demoPassword(psa))
	if err == nil {
		err = d.people.Disable(ctx, operator, u.ID)
	}
	return mainstay.Actor{UserID: u.ID, Name: u.Name, Role: u.Role, All: true}, err
}

// fillDemo makes the account of a wrong tick box: everything syncs.
func (c *call) fillDemo(ctx context.Context, a *app, d doors, psa simulator.Config, url string) error {
	operator := mainstay.System(demoPerson)
	if err := a.changes.SaveAccount(ctx, operator, "Bluepeak IT", 30); err != nil {
		return err
	}
	_, err := d.people.Create(ctx, operator, auth.Person{Email: demoEmail, Name: demoPerson, Role: mainstay.Administrator, All: true}, demoPassword(psa))
	if err != nil {
		return err
	}
	author, err := leftDemo(ctx, d, operator, psa)
	if err != nil {
		return err
	}
	options := map[string]string{"url": url, "company": psa.Company, "public-key": psa.PublicKey, "client-id": psa.ClientID}
	secrets := map[string]string{"private-key": psa.PrivateKey}
	instance, err := a.engine.Test(ctx, "connectwise", options, secrets)
	if err != nil {
		return err
	}
	i, err := a.changes.AddIntegration(ctx, operator, change.NewIntegration{Connector: "connectwise", Name: "ConnectWise PSA", Options: options, Secrets: secrets, Fingerprint: instance.Fingerprint})
	if err != nil {
		return err
	}
	if err := a.tickEverything(ctx, i); err != nil {
		return err
	}
	run, err := a.changes.StartRun(ctx, operator, i.ID)
	if err != nil {
		return err
	}
	go a.finishDemo(ctx, run.ID, author)
	deadline := time.Now().Add(demoPatience)
	for time.Now().Before(deadline) {
		r, err := a.run(ctx, run.ID)
		if err != nil || r.State.Ended() {
			return err
		}
		time.Sleep(watchStep)
	}
	return nil
}

// tickEverything ticks every type and status, as the wrong tick box did.
func (a *app) tickEverything(ctx context.Context, i mainstay.Integration) error {
	if err := a.engine.ReadLabels(ctx, i.ID); err != nil {
		return err
	}
	var labels []mainstay.Label
	if err := a.store.Read(ctx, func(t *store.Tx) (err error) { labels, err = t.Labels(ctx); return err }); err != nil {
		return err
	}
	s := i.Settings
	for _, k := range []*mainstay.Kind{&mainstay.Organization, &mainstay.Configuration} {
		all, err := newBoxes(labels, i.ID, k).find("*")
		if err != nil {
			return err
		}
		pairs := map[mainstay.Pair]bool{}
		for _, p := range all {
			pairs[p] = true
		}
		if k.Name == mainstay.Organization.Name {
			s.Organizations = pairs
		} else {
			s.Configurations = pairs
		}
	}
	_, err := a.changes.SaveSettings(ctx, operator(), i.ID, s, i.Settings.Version, 0)
	return err
}

// demoDocuments is how many organizations get something that exists only here.
const demoDocuments = 44

// finishDemo waits for the first sync and then writes documents and quick notes
// into some organizations, so that there is something to hold back.
func (a *app) finishDemo(ctx context.Context, id mainstay.RunID, author mainstay.Actor) {
	for {
		r, err := a.run(ctx, id)
		if err != nil {
			return
		}
		if r.State.Ended() {
			break
		}
		time.Sleep(watchStep)
	}
	if err := a.writeDocuments(ctx, author); err != nil {
		a.log.Warn("demo documents", "error", err)
	}
}

func (a *app) writeDocuments(ctx context.Context, author mainstay.Actor) error {
	var orgs store.ListPage
	err := a.store.Read(ctx, func(t *store.Tx) error {
		f, err := t.Filter(ctx, &mainstay.Organization, "type: Prospect, Lead, Vendor, \"Former client\" has: configurations", 0)
		if err != nil {
			return err
		}
		orgs, err = t.List(ctx, operator(), store.ListRequest{Filter: f, Sort: store.ByName, Limit: demoDocuments})
		return err
	})
	if err != nil {
		return err
	}
	for n, o := range orgs.Rows {
		for _, title := range []string{"Network overview", "Offboarding notes"}[:1+n%2] {
			doc := mainstay.Item{Kind: mainstay.Document.Name, OrganizationID: o.ID, Name: title, Values: mainstay.Values{}}
			doc.Values.SetText("body", "# "+title+"\n\nWritten by hand for "+o.Name+". No PSA has a copy of this.")
			if _, err := a.changes.Create(ctx, author, doc); err != nil {
				return err
			}
		}
		if n%4 == 0 {
			i := o.Item
			i.Values.SetText("quick_notes", "Ask for Robin at the front desk. Keys are in the blue safe.")
			if _, err := a.changes.Update(ctx, author, i); err != nil && mainstay.KindOf(err) != mainstay.Conflict {
				return err
			}
		}
	}
	return nil
}
