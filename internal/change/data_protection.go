package change

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"mainstay"
	"mainstay/internal/store"
)

// dataProtectionPage is where the switch for bulk deletion is.
const dataProtectionPage = "/account/data-protection"

// errSwitchedOff is the cause of every refusal by the switch for bulk deletion.
var errSwitchedOff = errors.New("bulk deletion is switched off")

// SwitchedOff reports whether an error is the refusal by the switch for bulk deletion.
func SwitchedOff(err error) bool { return errors.Is(err, errSwitchedOff) }

// KeepEnd is, in place of a time, the end that the switch has while it is on.
const KeepEnd time.Duration = -1

// SwitchOnBulkDeletion lets plans delete items that still sync, for a limited
// time. It is recorded, and every Administrator gets a notice. Where it was on
// already, reason and end are replaced; a time of KeepEnd leaves it the end that
// it has.
func (c *Changes) SwitchOnBulkDeletion(ctx context.Context, a mainstay.Actor, reason string, last time.Duration) (mainstay.BulkDeletion, error) {
	var b mainstay.BulkDeletion
	if err := a.Can(mainstay.ChangeSettings, 0); err != nil {
		return b, err
	}
	reason = strings.TrimSpace(mainstay.CleanText(reason, false))
	switch {
	case reason == "":
		return b, mainstay.FieldError("reason", "Say why, so that everybody who sees the switch knows.")
	case len([]rune(reason)) > mainstay.MaxNote:
		return b, mainstay.FieldError("reason", "Keep the reason under %s characters.", mainstay.Thousands(mainstay.MaxNote))
	case last != KeepEnd && (last < mainstay.BulkDeletionLeast || last > mainstay.BulkDeletionMost):
		return b, mainstay.FieldError("for", "Bulk deletion is switched on for 15 minutes to 7 days.")
	}
	err := c.Store.Write(ctx, func(t *store.Tx) error {
		if err := c.settleBulkDeletion(ctx, t); err != nil {
			return err
		}
		until, err := endOfSwitch(ctx, t, last)
		if err != nil {
			return err
		}
		b = mainstay.BulkDeletion{By: a.Name, UserID: a.UserID, Reason: reason, Since: t.Now(), Until: until}
		if err := t.SetBulkDeletion(ctx, b); err != nil {
			return err
		}
		if err := note(ctx, t, a, "switched on", mainstay.BulkDeletionName, "Until "+utc(until)+". "+reason); err != nil {
			return err
		}
		return tell(ctx, t, "", b, " switched on bulk deletion of items that still sync until "+utc(until)+": "+reason)
	})
	return b, err
}

// endOfSwitch is when a switch ends that is switched on now for a time.
func endOfSwitch(ctx context.Context, t *store.Tx, last time.Duration) (mainstay.Time, error) {
	if last != KeepEnd {
		return t.Now().Add(last), nil
	}
	old, err := t.HoldBulkDeletion(ctx)
	if err == nil && !old.On(t.Now()) {
		err = mainstay.FieldError("for", "Bulk deletion isn't on any more. Choose for how long to switch it on.")
	}
	return old.Until, err
}

// tell leaves a sentence with the name of who used the switch for every
// Administrator. Whoever it was reads "you" in place of the name.
func tell(ctx context.Context, t *store.Tx, before string, who mainstay.BulkDeletion, after string) error {
	you := "you"
	if before == "" {
		you = "You"
	}
	_, err := t.TellAdministrators(ctx, store.Telling{Text: before + who.By + after, Of: who.UserID, ToThem: before + you + after, Link: dataProtectionPage})
	return err
}

// utc writes a moment in full for people anywhere.
func utc(t mainstay.Time) string { return t.Std().UTC().Format("2 January 2006 15:04 UTC") }

// SwitchOffBulkDeletion ends the switch before its time. Plans that rely on it
// stop at their next step, and what they did can be undone.
func (c *Changes) SwitchOffBulkDeletion(ctx context.Context, a mainstay.Actor) error {
	if err := a.Can(mainstay.ChangeSettings, 0); err != nil {
		return err
	}
	return c.Store.Write(ctx, func(t *store.Tx) error {
		if err := c.settleBulkDeletion(ctx, t); err != nil {
			return err
		}
		_, ok, err := t.TakeBulkDeletion(ctx)
		if err != nil || !ok {
			return err
		}
		if err := note(ctx, t, a, "switched off", mainstay.BulkDeletionName, ""); err != nil {
			return err
		}
		return tell(ctx, t, "", mainstay.BulkDeletion{By: a.Name, UserID: a.UserID}, " switched off bulk deletion of items that still sync.")
	})
}

// EndBulkDeletion records that the time of the switch is over, once. The switch
// works by the clock and needs no such call to be off; the scheduler makes it.
func (c *Changes) EndBulkDeletion(ctx context.Context) error {
	over := false
	err := c.Store.Read(ctx, func(t *store.Tx) error {
		b, err := t.BulkDeletion(ctx)
		over = b.Until != 0 && !b.On(t.Now())
		return err
	})
	if err != nil || !over {
		return err
	}
	return c.Store.Write(ctx, func(t *store.Tx) error { return c.settleBulkDeletion(ctx, t) })
}

func (c *Changes) settleBulkDeletion(ctx context.Context, t *store.Tx) error {
	b, err := t.HoldBulkDeletion(ctx)
	if err != nil || b.Until == 0 || b.On(t.Now()) {
		return err
	}
	if _, ok, err := t.TakeBulkDeletion(ctx); err != nil || !ok {
		return err
	}
	if err := note(ctx, t, mainstay.System("schedule"), "ended", mainstay.BulkDeletionName, "The time for which "+b.By+" switched it on is over."); err != nil {
		return err
	}
	return tell(ctx, t, "Bulk deletion of items that still sync, which ", b, " switched on, ended by itself.")
}

// mayDeleteSyncing refuses what deletes items that still sync while the switch
// is off: with one sentence, which says who can switch it on and where.
func mayDeleteSyncing(ctx context.Context, t *store.Tx) error {
	b, err := t.HoldBulkDeletion(ctx)
	if err != nil || b.On(t.Now()) {
		return err
	}
	return switchedOff(ctx, t)
}

// BulkDeletionOff is the sentence that everything answers with while the switch
// is off; nil while it is on. It changes nothing.
func BulkDeletionOff(ctx context.Context, t *store.Tx) error {
	b, err := t.BulkDeletion(ctx)
	if err != nil || b.On(t.Now()) {
		return err
	}
	return switchedOff(ctx, t)
}

// BulkDeletionOffFor is BulkDeletionOff as a page says it to one person: with
// "you" for somebody who can switch it on.
func BulkDeletionOffFor(ctx context.Context, t *store.Tx, a mainstay.Actor) error {
	err := BulkDeletionOff(ctx, t)
	if !SwitchedOff(err) || a.Can(mainstay.ChangeSettings, 0) != nil {
		return err
	}
	return sentenceOff("you")
}

func switchedOff(ctx context.Context, t *store.Tx) error {
	people, err := t.Users(ctx)
	if err != nil {
		return err
	}
	var names []string
	for _, u := range people {
		if u.Role == mainstay.Administrator && !u.Disabled {
			names = append(names, u.Name)
		}
	}
	return sentenceOff(anyOf(names))
}

func sentenceOff(who string) error {
	return mainstay.Wrap(mainstay.Held, errSwitchedOff,
		"Bulk deletion of items that still sync is switched off for this account; %s can switch it on in Account > Data protection.", who)
}

// namedMost is how many Administrators the sentence names.
const namedMost = 3

// anyOf lists names with "or".
func anyOf(names []string) string {
	last := len(names) - 1
	switch {
	case last < 0:
		return "an Administrator"
	case last == 0:
		return names[0]
	case last >= namedMost:
		return fmt.Sprintf("%s, %s or one of %d other Administrators", names[0], names[1], len(names)-2)
	case last == 1:
		return names[0] + " or " + names[1]
	}
	return names[0] + ", " + names[1] + " or " + names[2]
}

// refused records a try to delete items that still sync which was refused, by
// the switch or for want of a right, and returns why: while the switch is off
// with its sentence, whoever asked. Other errors are no refusal.
func (c *Changes) refused(ctx context.Context, a mainstay.Actor, plan mainstay.PlanID, what string, why error) error {
	if !SwitchedOff(why) && mainstay.KindOf(why) != mainstay.Forbidden {
		return why
	}
	err := c.Store.Write(ctx, func(t *store.Tx) error {
		if err := c.settleBulkDeletion(ctx, t); err != nil {
			return err
		}
		if off := BulkDeletionOff(ctx, t); SwitchedOff(off) {
			why = mainstay.Wrap(mainstay.KindOf(why), errSwitchedOff, "%s", mainstay.SafeMessage(off))
		} else if off != nil {
			return off
		}
		e := entry(t, a, "was refused")
		e.Name, e.PlanID, e.Detail = mainstay.BulkDeletionName, plan, what+": "+mainstay.SafeMessage(why)
		return t.InsertActivity(ctx, []mainstay.Activity{e})
	})
	if err != nil {
		return errors.Join(why, err)
	}
	return why
}

// RefuseSyncing is for a door that turns somebody away before anything is
// planned: it records the try to delete items that still sync, and returns what
// to answer.
func (c *Changes) RefuseSyncing(ctx context.Context, a mainstay.Actor, plan mainstay.PlanID, what string, why error) error {
	return c.refused(ctx, a, plan, what, why)
}

// stopSwitchedOff stops a plan that takes items which still sync once the switch
// is off, with the sentence. What it did stays done and can be undone; where it
// did nothing, the class that it stopped syncs again as well.
func (c *Changes) stopSwitchedOff(ctx context.Context, t *store.Tx, p mainstay.Plan) (bool, error) {
	if !p.Params.Syncing {
		return false, nil
	}
	why := mayDeleteSyncing(ctx, t)
	if !SwitchedOff(why) {
		return false, why
	}
	a, err := t.PlanActor(ctx, p.ID)
	if err != nil {
		a = mainstay.System(p.UserName)
	}
	p.State, p.Ended, p.Message = mainstay.PlanStopped, t.Now(), "Stopped: "+mainstay.SafeMessage(why)
	if p.Done > 0 {
		p.Message += " " + items(p.Done) + " had moved to Trash before and can be restored."
	} else if err := c.takeBack(ctx, t, a, &p); err != nil {
		return false, err
	}
	e := entry(t, a, "was refused")
	e.Name, e.PlanID, e.Detail = mainstay.BulkDeletionName, p.ID, p.Title()+": "+mainstay.SafeMessage(why)
	if err := t.InsertActivity(ctx, []mainstay.Activity{e}); err != nil {
		return false, err
	}
	return true, t.UpdatePlan(ctx, p)
}
