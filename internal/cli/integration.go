package cli

import (
	"fmt"
	"io"
	"maps"
	"os"
	"strings"

	"mainstay"
	"mainstay/internal/change"
	"mainstay/internal/store"
)

type integrationCmd struct {
	Add         integrationAddCmd         `cmd:"" help:"Connect a PSA; the credentials are tested first."`
	Edit        integrationEditCmd        `cmd:"" help:"Change a connection; the credentials are tested first."`
	List        integrationListCmd        `cmd:"" help:"List integrations."`
	Settings    integrationSettingsCmd    `cmd:"" help:"Show or change what syncs, and say first what that would do."`
	Pause       integrationPauseCmd       `cmd:"" help:"Pause all syncing. Nothing becomes orphaned."`
	Resume      integrationResumeCmd      `cmd:"" help:"Resume syncing."`
	Disconnect  integrationDisconnectCmd  `cmd:"" help:"Plan to stop a type or status, or all contacts or locations, from syncing, and keep all data."`
	Remove      integrationRemoveCmd      `cmd:"" help:"Plan to remove an integration. Every item stays, and it can be undone."`
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

type integrationEditCmd struct {
	Name           string  `arg:"" help:"Name of the integration."`
	Rename         *string `help:"What to call it from now on."`
	URL            *string `help:"Where you open ConnectWise. Any change from here on needs the private key again."`
	Company        *string `help:"The company you enter to log in."`
	PublicKey      *string `help:"Of an API member."`
	PrivateKeyFile string  `help:"File with the private key; - reads it from standard input. Left out, the stored one stays."`
	ClientID       *string `help:"Your own client id; '' for none."`
}

// Run tests the changed connection and stores it.
func (i *integrationEditCmd) Run(c *call) error {
	secrets := map[string]string{}
	if i.PrivateKeyFile != "" {
		key, err := c.secret(i.PrivateKeyFile)
		if err != nil {
			return err
		}
		secrets["private-key"] = key
	}
	return c.with(func(a *app) error {
		old, err := a.integration(c.ctx, i.Name)
		if err != nil {
			return err
		}
		n := change.NewIntegration{Connector: old.Connector, Name: old.Name, Options: maps.Clone(old.Options)}
		if i.Rename != nil {
			n.Name = strings.TrimSpace(*i.Rename)
		}
		for name, value := range map[string]*string{"url": i.URL, "company": i.Company, "public-key": i.PublicKey, "client-id": i.ClientID} {
			if value != nil {
				n.Options[name] = strings.TrimSpace(*value)
			}
		}
		instance, kept, err := a.engine.TestStored(c.ctx, old.ID, n.Options, secrets)
		if err != nil {
			return err
		}
		n.Secrets, n.Fingerprint = kept, instance.Fingerprint
		if err := a.changes.EditIntegration(c.ctx, operator(), old.ID, n); err != nil {
			return err
		}
		return c.print(map[string]any{"id": old.ID, "name": n.Name, "psa": instance.Name}, func(w io.Writer) {
			fmt.Fprintf(w, "Saved. %s is connected to %s.\n", n.Name, instance.Name)
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
		f, err := os.Open(path) //nolint:gosec // the person at the command line names the file
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

type integrationListCmd struct {
	Removed bool `help:"Those that were removed, in place of those in use."`
}

type integrationView struct {
	ID          mainstay.IntegrationID    `json:"id"`
	Name        string                    `json:"name"`
	State       mainstay.IntegrationState `json:"state"`
	LastFull    string                    `json:"last_full_sync"`
	Credentials bool                      `json:"credentials"` // false after the undo of a removal
}

type removedView struct {
	ID    mainstay.IntegrationID `json:"id"`
	Name  string                 `json:"name"`
	By    string                 `json:"removed_by"`
	At    string                 `json:"removed_at"`
	Items int                    `json:"disconnected_items"`
}

// Run lists the integrations.
func (l integrationListCmd) Run(c *call) error {
	return c.with(func(a *app) error {
		views, removed := []integrationView{}, []removedView{}
		err := a.store.Read(c.ctx, func(t *store.Tx) error {
			all, err := t.AllIntegrations(c.ctx)
			if err != nil {
				return err
			}
			inUse, gone := store.InUse(all)
			ids := make([]mainstay.IntegrationID, 0, len(gone))
			for _, i := range gone {
				ids = append(ids, i.ID)
			}
			items, err := t.DisconnectedIn(c.ctx, ids)
			if err != nil {
				return err
			}
			for _, i := range gone {
				removed = append(removed, removedView{i.ID, i.Name, i.RemovedBy, machineTime(i.Removed), items[i.ID]})
			}
			for _, i := range inUse {
				views = append(views, integrationView{i.ID, i.Name, i.State, machineTime(i.LastFull), !i.Keyless})
			}
			return nil
		})
		switch {
		case err != nil:
			return err
		case l.Removed:
			return c.print(removed, func(w io.Writer) {
				for _, v := range removed {
					fmt.Fprintf(w, "%d\t%s\tremoved by %s at %s\t%s\n", v.ID, v.Name, v.By, v.At, count(v.Items, "disconnected item"))
				}
			})
		}
		return c.print(views, func(w io.Writer) {
			for _, v := range views {
				state := string(v.State)
				if !v.Credentials {
					state += ", no credentials: mainstay integration edit '" + v.Name + "' --private-key-file FILE"
				}
				fmt.Fprintf(w, "%d\t%s\t%s\tlast full sync %s\n", v.ID, v.Name, state, v.LastFull)
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
