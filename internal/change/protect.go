package change

import (
	"context"
	"slices"
	"time"

	"mainstay"
	"mainstay/internal/store"
)

// checked cleans a note and refuses what makes no sense: both or neither of flag
// and hold, a hold without a reason, one that is over already.
func checked(now mainstay.Time, g mainstay.Guarding) (mainstay.Guarding, error) {
	g.Note = mainstay.CleanText(g.Note, true)
	switch {
	case (g.Keep == nil) == (g.HoldUntil == nil):
		return g, mainstay.Errorf(mainstay.Invalid, "Choose either the keep flag or a legal hold. Nothing was changed.")
	case len([]rune(g.Note)) > mainstay.MaxNote:
		return g, mainstay.FieldError("note", "Keep the note under %s characters.", mainstay.Thousands(mainstay.MaxNote))
	case g.HoldUntil != nil && *g.HoldUntil != 0 && *g.HoldUntil <= now:
		return g, mainstay.FieldError("until", "This day is over. Choose a day to come.")
	case g.HoldUntil != nil && g.Note == "":
		return g, mainstay.FieldError("note", "Write down why: the reason stays in the activity log.")
	}
	return g, nil
}

// The verbs of the log for protection that is set or lifted.
const (
	VerbKeep = "protected"
	VerbLift = "lifted the protection of"
	VerbHold = "set a legal hold on"
	VerbFree = "lifted the legal hold on"
)

// guardVerb is what the log says of a protection that is set or lifted.
func guardVerb(g mainstay.Guarding) string {
	switch {
	case g.HoldUntil != nil && g.Lifts():
		return VerbFree
	case g.HoldUntil != nil:
		return VerbHold
	case g.Lifts():
		return VerbLift
	}
	return VerbKeep
}

// guardDetail is the sentence beside it.
func guardDetail(g mainstay.Guarding) string {
	if g.HoldUntil == nil || g.Lifts() {
		return g.Note
	}
	return "Until " + lastDay(*g.HoldUntil) + ". " + g.Note
}

// lastDay names the last day of a hold, which ends with that day.
func lastDay(until mainstay.Time) string {
	return mainstay.HoldDay(until, time.UTC).Format("2 January 2006")
}

// ProposeProtect freezes the chosen items whose keep flag or legal hold would be
// set or lifted. It harms nothing. Items that are so already are left out.
func (c *Changes) ProposeProtect(ctx context.Context, a mainstay.Actor, r Request, g mainstay.Guarding) (mainstay.Plan, error) {
	return c.proposeRoots(ctx, a, r, mainstay.ActionProtect, g.Right(), func(t *store.Tx, p *mainstay.Plan) error {
		g, err := checked(t.Now(), g)
		p.Params.Keep, p.Params.HoldUntil, p.Params.Note = g.Keep, g.HoldUntil, g.Note
		return err
	}, func(t *store.Tx, p mainstay.Plan) error { return t.DropGuarded(ctx, p) })
}

// protectChunk works on a part of a protect plan.
func (c *Changes) protectChunk(ctx context.Context, t *store.Tx, chunk store.Chunk) error {
	g := chunk.Plan.Params.Guarding()
	_, _, err := t.ProtectChunk(ctx, chunk, guardVerb(g), guardDetail(g))
	return err
}

// Protect sets or lifts the keep flag or the legal hold of one item. The item
// gets a new version, so that plans made before leave it alone.
func (c *Changes) Protect(ctx context.Context, a mainstay.Actor, ref mainstay.Ref, g mainstay.Guarding) error {
	return c.Store.Write(ctx, func(t *store.Tx) error {
		i, err := t.LockItem(ctx, ref)
		if err != nil {
			return err
		}
		if err := a.Can(mainstay.PlanChanges, i.OrganizationID); err != nil {
			return err
		}
		if err := a.Can(g.Right(), i.OrganizationID); err != nil {
			return err
		}
		g, err := checked(t.Now(), g)
		if err != nil {
			return err
		}
		all, err := t.Protections(ctx, []mainstay.ItemID{i.ID})
		if err != nil {
			return err
		}
		old := all[i.ID]
		old.ItemID = i.ID
		switch {
		case !g.Lifts():
		case g.Keep != nil && !old.Keep:
			return mainstay.Errorf(mainstay.Conflict, "%s isn't protected by itself, so there is nothing to lift.", i.Name)
		case g.HoldUntil != nil && !old.Held(t.Now()):
			return mainstay.Errorf(mainstay.Conflict, "%s is under no legal hold of its own, so there is nothing to lift.", i.Name)
		}
		if err := t.PutProtections(ctx, []mainstay.Protection{g.Apply(old, a.Name, t.Now())}); err != nil {
			return err
		}
		n := i
		n.Version++
		if err := t.UpdateItems(ctx, []mainstay.Item{i}, []*mainstay.Item{&n}); err != nil {
			return err
		}
		e := itemEntry(t, a, guardVerb(g), &n)
		e.Detail = guardDetail(g)
		return t.InsertActivity(ctx, []mainstay.Activity{e})
	})
}

// protectNowLimit is the largest number of items that are protected without a
// plan page, as for deletions.
const protectNowLimit = inlineLimit

// ProtectNow sets or lifts the protection of up to 25 items in one transaction,
// as a plan that is done at once and can be undone like any other.
func (c *Changes) ProtectNow(ctx context.Context, a mainstay.Actor, r Request, g mainstay.Guarding) (mainstay.Plan, error) {
	var p mainstay.Plan
	if err := a.Can(g.Right(), r.Organization); err != nil {
		return p, err
	}
	if err := a.Can(mainstay.PlanChanges, r.Organization); err != nil {
		return p, err
	}
	switch n := len(r.IDs); {
	case n == 0:
		return p, mainstay.Errorf(mainstay.Invalid, "Nothing was chosen. Nothing was changed.")
	case n > protectNowLimit:
		return p, mainstay.Errorf(mainstay.Invalid, "More than %d items are changed through a plan.", protectNowLimit)
	}
	r.IDs = slices.Clone(r.IDs)
	slices.Sort(r.IDs)
	r.IDs = slices.Compact(r.IDs)
	err := c.Store.Write(ctx, func(t *store.Tx) error {
		g, err := checked(t.Now(), g)
		if err != nil {
			return err
		}
		p = newPlan(t, a, mainstay.ActionProtect, r.Kind.Name)
		p.Seen, p.Params.Keep, p.Params.HoldUntil, p.Params.Note = len(r.IDs), g.Keep, g.HoldUntil, g.Note
		err = c.freezeRoots(ctx, t, a, &p, r, func(t *store.Tx, p mainstay.Plan) error { return t.DropGuarded(ctx, p) })
		if err != nil {
			return err
		}
		if p.Counts.Matched != len(r.IDs) {
			return mainstay.Errorf(mainstay.NotFound, "Some of what you chose isn't there any more. Nothing was changed. Look at the list again.")
		}
		return c.inline(ctx, t, a, &p, func(chunk store.Chunk) (int, error) {
			_, skipped, err := t.ProtectChunk(ctx, chunk, guardVerb(g), guardDetail(g))
			return skipped, err
		})
	})
	return p, err
}

// keptError says why single items can't be deleted or disconnected: they or their
// organizations are protected. It ends with what was not done; nil where none is.
func keptError(ctx context.Context, t *store.Tx, items []mainstay.Item, nothing string) error {
	var ids []mainstay.ItemID
	for _, i := range items {
		ids = append(ids, i.ID, i.OrganizationID)
	}
	slices.Sort(ids)
	ids = slices.Compact(ids)
	all, err := t.Protections(ctx, ids)
	if err != nil || len(all) == 0 {
		return err
	}
	names, err := t.NamesByID(ctx, ids)
	if err != nil {
		return err
	}
	for _, i := range items {
		for _, id := range []mainstay.ItemID{i.ID, i.OrganizationID} {
			if p := all[id]; p.Active(t.Now()) {
				return mainstay.Errorf(mainstay.Held, "%s", KeptSentence(t.Now(), p, i.Name, names[id], id != i.ID)+" "+nothing)
			}
		}
	}
	return nil
}

// KeptSentence says who protects an item, or its organization, since when and
// why, and what to do about it.
func KeptSentence(now mainstay.Time, p mainstay.Protection, item, owner string, inside bool) string {
	what := item
	if inside {
		what = owner + ", which holds " + item + ","
	}
	who, at, why := p.KeepBy, p.KeepAt, p.KeepNote
	said, todo := " is protected", " Lift the protection on its page first."
	if p.Held(now) {
		who, at, why = p.HoldBy, p.HoldAt, p.HoldNote
		said, todo = " is under legal hold until "+lastDay(p.HoldUntil), " Only an Administrator can lift the hold, on its page."
	}
	text := what + said + ", set by " + who + " on " + at.Std().UTC().Format("2 January 2006")
	if why != "" {
		text += ": “" + why + "”"
	}
	return text + "." + todo
}
