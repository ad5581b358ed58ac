package change

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"mainstay"
	"mainstay/internal/store"
)

// Checks looks at everything that a person should know before a clean-up of this
// account, and answers with what is true now. It reads, in sets, and changes
// nothing; the dearest part walks the items that exist only here. Numbers are of
// the whole account, names only of what the actor may see.
func (c *Changes) Checks(ctx context.Context, a mainstay.Actor) ([]mainstay.Check, error) {
	if err := a.Can(mainstay.PlanChanges, 0); err != nil {
		return nil, err
	}
	var out []mainstay.Check
	err := c.Store.Read(ctx, func(t *store.Tx) error {
		out = nil
		for _, look := range []func(context.Context, *store.Tx, mainstay.Actor) (mainstay.Check, error){
			checkBackup, checkSync, checkHeld, checkWork, checkMatched, checkOrphans, checkProtected, checkPeople, checkSwitch, checkTrash,
		} {
			k, err := look(ctx, t, a)
			if err != nil {
				return err
			}
			if k.Examples == nil {
				k.Examples = []mainstay.CheckExample{}
			}
			out = append(out, k)
		}
		return nil
	})
	return out, err
}

func checkBackup(ctx context.Context, t *store.Tx, a mainstay.Actor) (mainstay.Check, error) {
	k := mainstay.Check{Key: "backup", State: mainstay.CheckGood, Unit: "hours"}
	if a.Can(mainstay.UseBackups, 0) == nil {
		k.Link, k.Act = "/account/backups", "Backups"
	}
	b, ok, err := t.FreshBackup(ctx, 0)
	if err != nil {
		return k, err
	}
	if !ok {
		k.State, k.Number, k.Title = mainstay.CheckStop, -1, "There is no verified backup"
		k.Text = "Take one before you delete anything. A plan over 1,000 organizations or 10,000 items takes one by itself; a smaller one doesn't."
		return k, nil
	}
	age := t.Now().Sub(b.Created)
	k.Number, k.Title = int(age/time.Hour), "The last verified backup is "+aged(age)+" old"
	k.Text = fmt.Sprintf("It holds %s and was read back in full.", items(b.Items))
	if age > mainstay.BackupFresh {
		k.State = mainstay.CheckLook
		k.Text += " Take a new one: what was written since isn't in it."
	}
	return k, nil
}

// aged writes an age in hours, and in days from two days on.
func aged(d time.Duration) string {
	switch n := int(d / time.Hour); {
	case n == 0:
		return "less than an hour"
	case n == 1:
		return "1 hour"
	case n >= 48:
		return fmt.Sprintf("%s days", mainstay.Thousands(n/24))
	default:
		return fmt.Sprintf("%d hours", n)
	}
}

// counted writes a number with a noun.
func counted(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return mainstay.Thousands(n) + " " + noun + "s"
}

// syncStale is after how long without a complete sync the states here may no
// longer be what the PSA says.
const syncStale = 24 * time.Hour

// syncRuns is how many of the latest syncs of each integration are looked through
// for one that followed the settings.
const syncRuns = 20

func checkSync(ctx context.Context, t *store.Tx, _ mainstay.Actor) (mainstay.Check, error) {
	k := mainstay.Check{Key: "sync", State: mainstay.CheckGood, Unit: "integrations", Link: "/account/integrations", Act: "Integrations"}
	all, err := t.Integrations(ctx)
	if err != nil {
		return k, err
	}
	runs, err := t.LastRuns(ctx, all, syncRuns)
	if err != nil {
		return k, err
	}
	var texts []string
	for _, i := range all {
		state, text, err := outOfSync(ctx, t, i, runs[i.ID])
		if err != nil {
			return k, err
		}
		if text == "" {
			continue
		}
		if k.State != mainstay.CheckStop {
			k.State = state
		}
		texts = append(texts, text)
		k.Link, k.Act = fmt.Sprintf("/account/integrations/%d", i.ID), i.Name
	}
	k.Number, k.Text = len(texts), strings.Join(texts, " ")
	switch {
	case len(all) == 0:
		k.Title, k.Text = "No PSA is connected", "Nothing here syncs, and nothing could bring back what you delete but Trash and a backup."
	case k.Number == 0:
		k.Title, k.Text = "Every integration is in sync", "The last full sync of each is complete, less than a day old and followed the settings as they are."
	case k.Number == 1:
		k.Title = "1 integration is not in sync"
	default:
		k.Title = fmt.Sprintf("%d integrations are not in sync", k.Number)
		k.Link, k.Act = "/account/integrations", "Integrations"
	}
	return k, nil
}

// outOfSync says why what is here may not be what the PSA says; empty where it is.
func outOfSync(ctx context.Context, t *store.Tx, i mainstay.Integration, runs []mainstay.Run) (mainstay.CheckState, string, error) {
	switch {
	case i.State == mainstay.IntegrationFailed:
		return mainstay.CheckStop, i.Name + " can't be read, so what is orphaned here may be wrong.", nil
	case i.Paused:
		return mainstay.CheckLook, i.Name + " was paused by " + i.PausedBy + " " + aged(t.Now().Sub(i.PausedAt)) + " ago, and nothing updates.", nil
	case i.LastFull.IsZero():
		return mainstay.CheckStop, i.Name + " has never finished a full sync.", nil
	case t.Now().Sub(i.LastFull) > syncStale:
		return mainstay.CheckLook, i.Name + " finished its last full sync " + aged(t.Now().Sub(i.LastFull)) + " ago. Sync now, so that you decide by what is true today.", nil
	case slices.ContainsFunc(runs, func(r mainstay.Run) bool { return r.State.Looked() && r.Settings.Version == i.Settings.Version }):
		return mainstay.CheckGood, "", nil
	}
	e, err := effect(ctx, t, i.ID, i.Settings)
	if err != nil {
		return "", "", err
	}
	var waits []string
	if n := e.OrphanTotal(); n > 0 {
		waits = append(waits, items(n)+" to become orphaned")
	}
	if n := e.StartTotal(); n > 0 {
		waits = append(waits, items(n)+" to start syncing")
	}
	if len(waits) == 0 {
		return mainstay.CheckGood, "", nil
	}
	return mainstay.CheckLook, "The sync settings of " + i.Name + " changed since its last sync: " + strings.Join(waits, " and ") + ". Sync first, so that you decide by what follows from them.", nil
}

func checkHeld(ctx context.Context, t *store.Tx, _ mainstay.Actor) (mainstay.Check, error) {
	k := mainstay.Check{Key: "held", State: mainstay.CheckGood, Unit: "syncs", Title: "No sync is held", Text: "No sync waits for a person to decide what becomes orphaned."}
	held, err := t.HeldRuns(ctx)
	if k.Number = len(held); k.Number > 0 {
		k.State, k.Title = mainstay.CheckStop, "A sync is held for a person"
		k.Text = "It found more to orphan than one run may by itself. Decide about it first: what is orphaned here isn't what the PSA says."
		k.Link, k.Act = fmt.Sprintf("/account/integrations/%d/log/%d", held[0].IntegrationID, held[0].ID), "Decide"
	}
	return k, err
}

func checkWork(ctx context.Context, t *store.Tx, _ mainstay.Actor) (mainstay.Check, error) {
	k := mainstay.Check{Key: "work", State: mainstay.CheckGood, Unit: "jobs", Title: "Nothing else is under way", Text: "No sync and no plan is at work.", Link: "/jobs", Act: "Jobs"}
	runs, err := t.CountActiveRuns(ctx)
	if err != nil {
		return k, err
	}
	plans, err := t.Plans(ctx, []mainstay.PlanState{mainstay.PlanStarting, mainstay.PlanBackingUp, mainstay.PlanRunning, mainstay.PlanPaused}, 100)
	if k.Number = runs + len(plans); k.Number > 0 {
		k.State, k.Title = mainstay.CheckLook, "Something else is under way"
		k.Text = counted(runs, "sync") + " and " + counted(len(plans), "plan") + ". A plan waits until the one before it is done, and what changes meanwhile is skipped."
	}
	return k, err
}
