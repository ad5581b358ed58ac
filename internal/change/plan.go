package change

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"slices"
	"strconv"
	"time"

	"mainstay"
	"mainstay/internal/store"
)

// Request asks for a plan. Exactly one of Query and IDs says what it is about:
// an empty query selects nothing unless All is set (requirement R10).
type Request struct {
	Kind  *mainstay.Kind
	Query string
	All   bool // the person chose every item of the kind on purpose
	IDs   []mainstay.ItemID
	// Organization narrows a query to the items of one; 0 does not.
	Organization mainstay.ItemID
	Seen         int // the number that the person saw when choosing
	// Syncing takes items that still sync as well, which needs the account's
	// switch for bulk deletion. It means something for deletions only.
	Syncing bool
}

func newPlan(t *store.Tx, a mainstay.Actor, action mainstay.Action, kind mainstay.KindName) mainstay.Plan {
	return mainstay.Plan{Action: action, Kind: kind, UserID: a.UserID, UserName: a.Name, State: mainstay.PlanReview,
		Created: t.Now(), Expires: t.Now().Add(mainstay.PlanLife)}
}

// ProposeDelete freezes what a deletion would touch, with versions, and counts
// all of it. It harms nothing. The set is the one that matches now, in one
// transaction; where its size differs from what the person saw, Plan.Message says so.
func (c *Changes) ProposeDelete(ctx context.Context, a mainstay.Actor, r Request) (mainstay.Plan, error) {
	p, err := c.proposeDelete(ctx, a, r)
	if err != nil && r.Syncing {
		err = c.refused(ctx, a, 0, "Plan to delete "+r.Kind.Plural+" that still sync", err)
	}
	return p, err
}

func (c *Changes) proposeDelete(ctx context.Context, a mainstay.Actor, r Request) (mainstay.Plan, error) {
	var p mainstay.Plan
	if err := a.Can(mainstay.PlanChanges, r.Organization); err != nil {
		return p, err
	}
	if r.Query == "" && !r.All && len(r.IDs) == 0 {
		return p, errNothingChosen
	}
	err := c.Store.Write(ctx, func(t *store.Tx) error {
		if r.Syncing {
			if err := mayDeleteSyncing(ctx, t); err != nil {
				return err
			}
		}
		p = newPlan(t, a, mainstay.ActionDelete, r.Kind.Name)
		p.Seen, p.Params.Syncing = r.Seen, r.Syncing
		f, err := t.Filter(ctx, r.Kind, r.Query, r.Organization)
		if err != nil {
			return err
		}
		p.Query = f.Query.String()
		if len(r.IDs) > 0 {
			p.Query = ""
		}
		if err := t.InsertPlan(ctx, &p); err != nil {
			return err
		}
		if err := c.freeze(ctx, t, a, &p, f, r); err != nil {
			return err
		}
		if err := planNote(ctx, t, a, "planned", &p, ""); err != nil {
			return err
		}
		return t.UpdatePlan(ctx, p)
	})
	return p, err
}

func (c *Changes) freeze(ctx context.Context, t *store.Tx, a mainstay.Actor, p *mainstay.Plan, f store.Filter, r Request) error {
	var roots int
	var err error
	if len(r.IDs) > 0 {
		roots, err = t.FreezeIDs(ctx, *p, r.IDs, a)
	} else {
		roots, err = t.FreezeRoots(ctx, *p, f, a)
	}
	if err != nil {
		return err
	}
	if roots == 0 {
		return mainstay.Errorf(mainstay.NotFound, "Nothing matches any more, so there is nothing to plan.")
	}
	if r.Kind.Name == mainstay.Organization.Name {
		if _, err := t.FreezeContents(ctx, *p); err != nil {
			return err
		}
	}
	if Guard("held") {
		if err := t.HoldBack(ctx, *p, len(r.IDs) > 0); err != nil {
			return err
		}
	}
	if len(r.IDs) > 0 {
		f = store.Filter{}
	}
	if err := c.count(ctx, t, a, p, f); err != nil {
		return err
	}
	p.Counts.Matched = roots + p.Counts.Of(p.Kind).Hidden
	p.Message = moved(roots, r.Seen)
	return nil
}

// count fills the numbers of a plan, and from them the friction, the phrase and
// the fingerprint.
func (c *Changes) count(ctx context.Context, t *store.Tx, a mainstay.Actor, p *mainstay.Plan, f store.Filter) error {
	matched := p.Counts.Matched
	p.Counts = mainstay.PlanCounts{Matched: matched}
	var err error
	if p.Counts.Kinds, p.Counts.Groups, err = t.PlanCounts(ctx, *p, tableOf(p.Action)); err != nil {
		return err
	}
	if f.Kind != "" {
		within := p.Kind
		if !p.Action.Inside() {
			within = ""
		}
		hidden, err := t.CountHidden(ctx, f, within, a)
		if err != nil {
			return err
		}
		p.Counts.Kinds = withHidden(p.Counts.Kinds, hidden)
	}
	if p.Action == mainstay.ActionDelete {
		if p.Counts.LinksRemoved, err = t.LinksRemoved(ctx, *p); err != nil {
			return err
		}
	}
	if p.Params.Syncing {
		if err := countReturning(ctx, t, p); err != nil {
			return err
		}
	}
	p.Friction, p.Phrase = friction(p), ""
	if p.Friction >= mainstay.FrictionPhrase {
		p.Phrase = phrase(p)
	}
	p.Fingerprint, err = fingerprint(p)
	return err
}

// tableOf names the table in which the items of a plan lie before it runs.
func tableOf(a mainstay.Action) string {
	if a.FromTrash() {
		return "trash"
	}
	return "item"
}

func withHidden(kinds []mainstay.KindCount, hidden map[mainstay.KindName]int) []mainstay.KindCount {
	for _, k := range mainstay.Kinds() {
		n := hidden[k.Name]
		if n == 0 {
			continue
		}
		found := false
		for i := range kinds {
			if kinds[i].Kind == k.Name {
				kinds[i].Hidden, found = n, true
			}
		}
		if !found {
			kinds = append(kinds, mainstay.KindCount{Kind: k.Name, Hidden: n})
		}
	}
	return kinds
}

// fingerprint names exactly this frozen list: it changes with every line that
// is added, included or kept.
func fingerprint(p *mainstay.Plan) (string, error) {
	counts, err := json.Marshal(p.Counts)
	if err != nil {
		return "", err
	}
	h := sha256.New()
	for _, part := range []string{strconv.FormatInt(int64(p.ID), 10), string(p.Action), string(p.Kind), p.Query, strconv.FormatInt(int64(p.Created), 10), p.Fingerprint, string(counts)} {
		h.Write([]byte(part))
		h.Write([]byte{0})
	}
	return hex.EncodeToString(h.Sum(nil))[:32], nil
}

// IncludeHeld lets a plan touch an organization with its contents, or one item,
// that it held back because it exists only here.
func (c *Changes) IncludeHeld(ctx context.Context, a mainstay.Actor, id mainstay.PlanID, item mainstay.ItemID) (mainstay.Plan, error) {
	return c.editPlan(ctx, a, id, func(t *store.Tx, p *mainstay.Plan) error {
		n, err := t.Include(ctx, *p, item)
		if err == nil && n == 0 {
			err = mainstay.Errorf(mainstay.Held, "%s", whyNotIncluded(p.Action))
		}
		if err != nil {
			return err
		}
		names, err := t.NamesByID(ctx, []mainstay.ItemID{item})
		p.Params.Included = append(p.Params.Included, mainstay.Inclusion{ItemID: item, Name: names[item], Items: n, By: a.Name, At: t.Now()})
		return err
	})
}

func whyNotIncluded(a mainstay.Action) string {
	if a == mainstay.ActionEdit {
		return "This one can't be included: its type and status come from the PSA. Change them there, or disconnect it first."
	}
	return "This one can't be included: it still syncs, it is protected, or it is your own organization."
}

// KeepItem makes a plan hold back an organization with its contents, or one item.
func (c *Changes) KeepItem(ctx context.Context, a mainstay.Actor, id mainstay.PlanID, item mainstay.ItemID) (mainstay.Plan, error) {
	return c.editPlan(ctx, a, id, func(t *store.Tx, p *mainstay.Plan) error {
		why := store.WhyOnlyHere
		if p.Kind == mainstay.Organization.Name {
			why = store.WhyContents
		}
		if !p.Action.Inside() {
			why = store.WhyByPerson
		}
		p.Params.Included = slices.DeleteFunc(p.Params.Included, func(i mainstay.Inclusion) bool { return i.ItemID == item })
		_, err := t.Keep(ctx, *p, item, why)
		return err
	})
}

func (c *Changes) editPlan(ctx context.Context, a mainstay.Actor, id mainstay.PlanID, fn func(*store.Tx, *mainstay.Plan) error) (mainstay.Plan, error) {
	var p mainstay.Plan
	err := c.Store.Write(ctx, func(t *store.Tx) error {
		var err error
		if p, err = c.ownPlan(ctx, t, a, id); err != nil {
			return err
		}
		if p.State != mainstay.PlanReview || p.Action.Harmless() || p.Action.FromTrash() || p.Action == mainstay.ActionPause || p.Action == mainstay.ActionMerge {
			return mainstay.Errorf(mainstay.Conflict, "This plan can't be changed any more.")
		}
		if err := fn(t, &p); err != nil {
			return err
		}
		hidden := p.Counts.Kinds
		if err := c.count(ctx, t, a, &p, store.Filter{}); err != nil {
			return err
		}
		for _, k := range hidden {
			if k.Hidden > 0 {
				p.Counts.Kinds = withHidden(p.Counts.Kinds, map[mainstay.KindName]int{k.Kind: k.Hidden})
			}
		}
		if p.Fingerprint, err = fingerprint(&p); err != nil {
			return err
		}
		return t.UpdatePlan(ctx, p)
	})
	return p, err
}

// ownPlan reads and locks a plan that the actor may work on: the own one, or
// any for people with access to all organizations.
func (c *Changes) ownPlan(ctx context.Context, t *store.Tx, a mainstay.Actor, id mainstay.PlanID) (mainstay.Plan, error) {
	if err := a.Can(mainstay.PlanChanges, 0); err != nil {
		return mainstay.Plan{}, err
	}
	p, err := t.LockPlan(ctx, id)
	if err == nil {
		err = MaySeePlan(a, p)
	}
	return p, err
}

// MaySeePlan reports whether a person may see a plan: the own one, or any for
// people with access to all organizations. Others get NotFound.
func MaySeePlan(a mainstay.Actor, p mainstay.Plan) error {
	if err := a.Can(mainstay.PlanChanges, 0); err != nil {
		return err
	}
	if !a.All && p.UserID != a.UserID {
		return mainstay.Errorf(mainstay.NotFound, "There is no such plan.")
	}
	return nil
}

// Discard ends a plan that was never confirmed.
func (c *Changes) Discard(ctx context.Context, a mainstay.Actor, id mainstay.PlanID) error {
	return c.Store.Write(ctx, func(t *store.Tx) error {
		p, err := c.ownPlan(ctx, t, a, id)
		if err != nil {
			return err
		}
		if p.State != mainstay.PlanReview {
			return mainstay.Errorf(mainstay.Conflict, "This plan was confirmed already. Stop it instead.")
		}
		p.State, p.Ended = mainstay.PlanDiscarded, t.Now()
		return t.UpdatePlan(ctx, p)
	})
}

// trashDays is how long deleted items can be restored.
func trashDays(ctx context.Context, t *store.Tx) (time.Duration, error) {
	v, err := t.Setting(ctx, SettingTrashDays, "30")
	if err != nil {
		return 0, err
	}
	n, err := strconv.Atoi(v)
	if err != nil || n < 1 || n > 365 {
		n = 30
	}
	return time.Duration(n) * 24 * time.Hour, nil
}
