package change

import (
	"context"
	"encoding/json"

	"mainstay"
	"mainstay/internal/store"
)

// undoEdit plans to give items back what an edit, a protection or an undo of one
// of them changed. It starts at once, and gives back only what still is as the
// other plan left it.
func (c *Changes) undoEdit(ctx context.Context, a mainstay.Actor, old mainstay.Plan) (mainstay.Plan, error) {
	var p mainstay.Plan
	if old.Params.HoldUntil != nil {
		if err := a.Can(mainstay.LegalHold, 0); err != nil {
			return p, err
		}
	}
	err := c.Store.Write(ctx, func(t *store.Tx) error {
		after, err := t.Successor(ctx, old.ID)
		if err == nil && after != 0 {
			err = mainstay.Errorf(mainstay.Conflict, "Plan %d took this back already. Undo that one to make the change again.", after)
		}
		if err != nil {
			return err
		}
		p = newPlan(t, a, mainstay.ActionRevert, old.Kind)
		p.Origin, p.Params = old.ID, old.Params
		if err := t.InsertPlan(ctx, &p); err != nil {
			return err
		}
		n, err := t.FreezeDone(ctx, p, old.ID, a)
		if err == nil && n == 0 {
			err = mainstay.Errorf(mainstay.NotFound, "Nothing that this plan changed is there any more.")
		}
		if err == nil {
			err = c.count(ctx, t, a, &p, store.Filter{})
		}
		if err != nil {
			return err
		}
		p.Counts.Matched = n
		return c.startNow(ctx, t, a, &p)
	})
	return p, err
}

// labelsBefore is what a line of an edit keeps.
type labelsBefore struct {
	TypeID   mainstay.LabelID `json:"type_id"`
	StatusID mainstay.LabelID `json:"status_id"`
}

// reverting is the work on a chunk of a plan that takes back another one.
type reverting struct {
	t           *store.Tx
	chunk       store.Chunk
	origin      mainstay.Plan
	items       map[mainstay.ItemID]mainstay.Item
	protections map[mainstay.ItemID]mainstay.Protection

	outcomes   map[mainstay.Outcome][]mainstay.ItemID
	before     map[mainstay.ItemID]string // what the items are until now
	olds       []mainstay.Item
	news       []*mainstay.Item
	guards     []mainstay.Protection
	activities []mainstay.Activity
}

// revertChunk takes back a chunk line by line. Of an item that somebody changed
// since, in what the other plan set, it says so and leaves it alone.
func (c *Changes) revertChunk(ctx context.Context, t *store.Tx, chunk store.Chunk) error {
	lines, err := t.RevertLines(ctx, chunk)
	if err != nil {
		return err
	}
	w := reverting{t: t, chunk: chunk, items: map[mainstay.ItemID]mainstay.Item{}, outcomes: map[mainstay.Outcome][]mainstay.ItemID{}, before: map[mainstay.ItemID]string{}}
	if w.origin, err = t.Plan(ctx, chunk.Plan.Origin); err != nil {
		return err
	}
	ids := make([]mainstay.ItemID, len(lines))
	for n, l := range lines {
		ids[n] = l.ItemID
	}
	items, err := t.ItemsByID(ctx, ids)
	if err != nil {
		return err
	}
	for _, i := range items {
		w.items[i.ID] = i
	}
	if w.protections, err = t.Protections(ctx, ids); err != nil {
		return err
	}
	for _, l := range lines {
		outcome, err := w.line(l)
		if err != nil {
			return err
		}
		w.outcomes[outcome] = append(w.outcomes[outcome], l.ItemID)
	}
	return w.store(ctx)
}

func (w *reverting) store(ctx context.Context) error {
	if err := w.t.PutBefore(ctx, w.chunk.Plan.ID, w.before); err != nil {
		return err
	}
	if err := w.t.PutOutcomes(ctx, w.chunk.Plan.ID, w.outcomes); err != nil {
		return err
	}
	if err := w.t.UpdateItems(ctx, w.olds, w.news); err != nil {
		return err
	}
	if err := w.t.PutProtections(ctx, w.guards); err != nil {
		return err
	}
	if err := w.t.InsertActivity(ctx, w.activities); err != nil {
		return err
	}
	_, _, err := w.t.FinishChunk(ctx, w.chunk)
	return err
}

// line decides about one item.
func (w *reverting) line(l store.RevertLine) (mainstay.Outcome, error) {
	i, ok := w.items[l.ItemID]
	switch {
	case !ok:
		return mainstay.OutcomeGone, nil
	case i.Version != l.Version:
		return mainstay.OutcomeStale, nil
	case w.chunk.Plan.Params.Keep != nil || w.chunk.Plan.Params.HoldUntil != nil:
		return w.protection(i, l)
	}
	return w.labels(i, l)
}

// labels gives an item its type and status back.
func (w *reverting) labels(i mainstay.Item, l store.RevertLine) (mainstay.Outcome, error) {
	var back, set labelsBefore
	if err := json.Unmarshal([]byte(l.Before), &back); err != nil {
		return "", err
	}
	p := w.chunk.Plan.Params
	if w.origin.Action == mainstay.ActionRevert {
		if err := json.Unmarshal([]byte(l.Set), &set); err != nil {
			return "", err
		}
	} else {
		set = back
		if p.TypeID != nil {
			set.TypeID = *p.TypeID
		}
		if p.StatusID != nil {
			set.StatusID = *p.StatusID
		}
	}
	n := i
	if i.Sync != mainstay.NotLinked {
		return mainstay.OutcomeNoMatch, nil
	}
	if p.TypeID != nil {
		n.TypeID = back.TypeID
	}
	if p.StatusID != nil {
		n.StatusID = back.StatusID
	}
	if (p.TypeID != nil && i.TypeID != set.TypeID) || (p.StatusID != nil && i.StatusID != set.StatusID) {
		return mainstay.OutcomeStale, nil
	}
	n.Version, n.Updated = i.Version+1, w.t.Now()
	return mainstay.OutcomeDone, w.put(i, n, labelsBefore{i.TypeID, i.StatusID}, "updated", "")
}

// protection gives an item the keep flag or the legal hold back that it had.
func (w *reverting) protection(i mainstay.Item, l store.RevertLine) (mainstay.Outcome, error) {
	back, err := protectionOf(l.Before)
	if err != nil {
		return "", err
	}
	g := w.chunk.Plan.Params.Guarding()
	set := g.Apply(back, "", w.origin.Started)
	if w.origin.Action == mainstay.ActionRevert {
		if set, err = protectionOf(l.Set); err != nil {
			return "", err
		}
	}
	now := w.protections[i.ID]
	if !g.Same(now, set) {
		return mainstay.OutcomeStale, nil
	}
	next := g.Take(now, back)
	next.ItemID = i.ID
	w.guards = append(w.guards, next)
	n := i
	n.Version++
	verb, detail := guardVerb(given(g, next)), guardDetail(given(g, next))
	return mainstay.OutcomeDone, w.put(i, n, now, verb, detail)
}

// given is what an undo does to the part that g sets, as if a person did it.
func given(g mainstay.Guarding, next mainstay.Protection) mainstay.Guarding {
	if g.Keep != nil {
		return mainstay.Guarding{Keep: &next.Keep, Note: next.KeepNote}
	}
	return mainstay.Guarding{HoldUntil: &next.HoldUntil, Note: next.HoldNote}
}

func protectionOf(text string) (p mainstay.Protection, err error) {
	if text == "" {
		return p, nil
	}
	return p, json.Unmarshal([]byte(text), &p)
}

// put notes down what becomes of one item. before is what its line keeps, for an
// undo of the undo.
func (w *reverting) put(old, n mainstay.Item, before any, verb, detail string) error {
	b, err := json.Marshal(before)
	if err != nil {
		return err
	}
	w.before[old.ID] = string(b)
	w.olds, w.news = append(w.olds, old), append(w.news, &n)
	e := itemEntry(w.t, w.chunk.Actor, verb, &n)
	e.PlanID, e.Changes, e.Detail = w.chunk.Plan.ID, Diff(&old, &n), detail
	w.activities = append(w.activities, e)
	return nil
}
