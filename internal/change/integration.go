package change

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"mainstay"
	"mainstay/internal/jobs"
	"mainstay/internal/store"
)

// NewIntegration is a connection that was tested and is to be stored.
type NewIntegration struct {
	Connector   string
	Name        string
	Options     map[string]string
	Secrets     map[string]string
	Fingerprint string
}

// AddIntegration stores a connection whose credentials were proved. Nothing
// syncs until types are ticked in its settings.
func (c *Changes) AddIntegration(ctx context.Context, a mainstay.Actor, n NewIntegration) (mainstay.Integration, error) {
	i := mainstay.Integration{Connector: n.Connector, Options: n.Options, Fingerprint: n.Fingerprint}
	if err := a.Can(mainstay.EditConnections, 0); err != nil {
		return i, err
	}
	var err error
	if i.Name, err = integrationName(n.Name); err != nil {
		return i, err
	}
	secret, err := c.sealSecrets(n)
	if err != nil {
		return i, err
	}
	err = c.Store.Write(ctx, func(t *store.Tx) error {
		old, again, err := t.RemovedIntegration(ctx, n.Fingerprint)
		if err != nil {
			return err
		}
		i.Created = t.Now()
		i.Settings = mainstay.Settings{Version: 1, Contacts: true, Locations: true}
		if again {
			return c.connectAgain(ctx, t, a, &i, old, secret)
		}
		if err := t.InsertIntegration(ctx, &i, secret); err != nil {
			return err
		}
		return note(ctx, t, a, "connected", i.Name, "Nothing syncs until types are ticked in Sync settings")
	})
	return i, err
}

// integrationName cleans and checks what a person wants to call a connection.
func integrationName(typed string) (string, error) {
	name := strings.TrimSpace(mainstay.CleanText(typed, false))
	if name == "" || len(name) > mainstay.MaxName {
		return "", mainstay.FieldError("name", "Enter a name for the integration, up to %d characters.", mainstay.MaxName)
	}
	return name, nil
}

func (c *Changes) sealSecrets(n NewIntegration) ([]byte, error) {
	plain, err := json.Marshal(n.Secrets)
	if err != nil {
		return nil, err
	}
	return c.Seal(plain, n.Fingerprint)
}

// EditIntegration replaces the options and, where given, the secrets of a
// connection. The fingerprint of the PSA must be the one it had: pointing a
// connection at another PSA would make every link wrong (hazard 33). Other
// options need secrets, which the caller proved with them: those that are stored
// were entered for the options that are stored.
func (c *Changes) EditIntegration(ctx context.Context, a mainstay.Actor, id mainstay.IntegrationID, n NewIntegration) error {
	if err := a.Can(mainstay.EditConnections, 0); err != nil {
		return err
	}
	name, err := integrationName(n.Name)
	if err != nil {
		return err
	}
	var secret []byte
	if len(n.Secrets) > 0 {
		if secret, err = c.sealSecrets(n); err != nil {
			return err
		}
	}
	return c.Store.Write(ctx, func(t *store.Tx) error {
		i, err := t.LockIntegration(ctx, id)
		if err == nil {
			err = inUse(i)
		}
		if err != nil {
			return err
		}
		if i.Fingerprint != n.Fingerprint {
			return mainstay.Errorf(mainstay.Held, "These credentials lead to another PSA than the one that %s is linked with. Nothing was saved. Add it as a new integration.", i.Name)
		}
		if secret == nil && !sameOptions(i.Options, n.Options) {
			return mainstay.Errorf(mainstay.Invalid, "The options of %s changed, so its secrets must be entered again. Nothing was saved.", i.Name)
		}
		i.Name, i.Options, i.State = name, n.Options, mainstay.IntegrationOK
		if secret != nil {
			if err := t.SetIntegrationSecret(ctx, id, secret); err != nil {
				return err
			}
		}
		if err := t.UpdateIntegration(ctx, i); err != nil {
			return err
		}
		return note(ctx, t, a, "changed the connection", i.Name, "")
	})
}

// sameOptions compares options; one that is empty equals one that is not there.
func sameOptions(a, b map[string]string) bool {
	for _, m := range []map[string]string{a, b} {
		for name := range m {
			if a[name] != b[name] {
				return false
			}
		}
	}
	return true
}

// PauseIntegration stops all syncing of a connection, or lets it go on.
// Pausing orphans nothing; a run that is under way is cancelled at its next page.
func (c *Changes) PauseIntegration(ctx context.Context, a mainstay.Actor, id mainstay.IntegrationID, pause bool) error {
	if err := a.Can(mainstay.ManageSync, 0); err != nil {
		return err
	}
	return c.Store.Write(ctx, func(t *store.Tx) error {
		i, err := t.LockIntegration(ctx, id)
		if err == nil {
			err = inUse(i)
		}
		if err != nil || i.Paused == pause {
			return err
		}
		if !pause && i.Keyless {
			return mainstay.Errorf(mainstay.Conflict, "%s has no credentials. Enter them under Edit connection first.", i.Name)
		}
		return c.pause(ctx, t, a, i, pause)
	})
}

func (c *Changes) pause(ctx context.Context, t *store.Tx, a mainstay.Actor, i mainstay.Integration, pause bool) error {
	verb := "resumed syncing"
	i.Paused, i.PausedBy, i.PausedAt = pause, "", 0
	if pause {
		verb, i.PausedBy, i.PausedAt = "paused all syncing", a.Name, t.Now()
		runs, err := t.ActiveRuns(ctx)
		if err != nil {
			return err
		}
		for _, r := range runs {
			if r.IntegrationID == i.ID {
				if err := t.CancelRun(ctx, r.ID); err != nil {
					return err
				}
			}
		}
	}
	if err := t.UpdateIntegration(ctx, i); err != nil {
		return err
	}
	return note(ctx, t, a, verb, i.Name, "")
}

// SaveSettings stores the sync settings. confirmed is the number of items that
// the person saw would become orphaned and agreed to; the next full sync orphans
// no more than that because of the settings. version is the one that the person
// edited. The settings take effect at the next full sync, which this does not start.
func (c *Changes) SaveSettings(ctx context.Context, a mainstay.Actor, id mainstay.IntegrationID, s mainstay.Settings, version int64, confirmed int) (mainstay.Integration, error) {
	var i mainstay.Integration
	if err := a.Can(mainstay.ManageSync, 0); err != nil {
		return i, err
	}
	if !a.All {
		return i, mainstay.Errorf(mainstay.Forbidden, "Sync settings concern every organization, and you can open only some. Ask an Administrator.")
	}
	if s.Interval != 0 && (s.Interval < 15 || s.Interval > 7*24*60) {
		return i, mainstay.FieldError("interval", "A full sync runs every 15 minutes to 7 days, or by hand only.")
	}
	waits, err := c.willWait(ctx, id, s)
	if err != nil {
		return i, err
	}
	err = c.Store.Write(ctx, func(t *store.Tx) error {
		var err error
		if i, err = t.LockIntegration(ctx, id); err == nil {
			err = inUse(i)
		}
		if err != nil {
			return err
		}
		if i.Settings.Version != version {
			return mainstay.Errorf(mainstay.Conflict, "Somebody else saved the sync settings meanwhile. Nothing was saved. Open them again.")
		}
		labels, err := t.Labels(ctx)
		if err != nil {
			return err
		}
		changed := settingsDiff(i.Settings, s, NewLabels(labels, id))
		// What was agreed to but has not been orphaned yet stays agreed to.
		s.Version = version + 1
		i.Settings, i.Confirmed, i.ConfirmedVersion = s, confirmed, s.Version
		i.NextFull = nextFull(i, t.Now())
		if err := t.UpdateIntegration(ctx, i); err != nil {
			return err
		}
		orphans := ""
		if confirmed > 0 {
			orphans = items(confirmed) + " will become orphaned at the next full sync"
		}
		return note(ctx, t, a, "changed sync settings", i.Name, sentences(changed, orphans, waits))
	})
	return i, err
}

func nextFull(i mainstay.Integration, now mainstay.Time) mainstay.Time {
	if i.Settings.Interval == 0 {
		return 0
	}
	last := max(i.LastFull, i.Created)
	return max(last.Add(time.Duration(i.Settings.Interval)*time.Minute), now)
}

// StartRun queues a full sync of a connection with a snapshot of its settings.
func (c *Changes) StartRun(ctx context.Context, a mainstay.Actor, id mainstay.IntegrationID) (mainstay.Run, error) {
	var r mainstay.Run
	if err := a.Can(mainstay.ManageSync, 0); err != nil {
		return r, err
	}
	err := c.Store.Write(ctx, func(t *store.Tx) error {
		i, err := t.LockIntegration(ctx, id)
		if err == nil {
			err = inUse(i)
		}
		if err != nil {
			return err
		}
		if i.Paused {
			return mainstay.Errorf(mainstay.Conflict, "Syncing of %s is paused by %s. Resume it first.", i.Name, i.PausedBy)
		}
		r = mainstay.Run{IntegrationID: id, By: a.Name, State: mainstay.RunQueued, Stage: "Waiting to start", Settings: i.Settings, Created: t.Now()}
		if err := t.InsertRun(ctx, &r); err != nil {
			return err
		}
		i.LastRun = r.ID
		if err := t.UpdateIntegration(ctx, i); err != nil {
			return err
		}
		_, err = c.Jobs.Enqueue(ctx, t.Tx, jobs.Sync, int64(r.ID), 0)
		return err
	})
	return r, err
}

// CancelRun stops a sync at its next page. What it updated stays; it orphans nothing.
func (c *Changes) CancelRun(ctx context.Context, a mainstay.Actor, id mainstay.RunID) error {
	if err := a.Can(mainstay.ManageSync, 0); err != nil {
		return err
	}
	return c.Store.Write(ctx, func(t *store.Tx) error {
		r, err := t.Run(ctx, id)
		if err != nil {
			return err
		}
		if r.State.Ended() {
			return mainstay.Errorf(mainstay.Conflict, "This sync has ended already.")
		}
		if err := t.CancelRun(ctx, id); err != nil {
			return err
		}
		return note(ctx, t, a, "cancelled a sync", "", fmt.Sprintf("Run %d", id))
	})
}

// StartDue queues a full sync of every connection whose time has come.
func (c *Changes) StartDue(ctx context.Context) error {
	var due []mainstay.Integration
	err := c.Store.Read(ctx, func(t *store.Tx) error {
		all, err := t.Integrations(ctx)
		for _, i := range all {
			if !i.Paused && i.NextFull != 0 && i.NextFull <= t.Now() {
				due = append(due, i)
			}
		}
		return err
	})
	for _, i := range due {
		_, startErr := c.StartRun(ctx, mainstay.System("schedule"), i.ID)
		if startErr != nil && mainstay.KindOf(startErr) != mainstay.Conflict {
			return startErr
		}
	}
	return err
}
