package web

import (
	"net/http"

	"mainstay"
	"mainstay/internal/auth"
	"mainstay/internal/change"
)

// fewRows is up to how many ticked rows are protected at once, without a plan to
// review; undoing is one click.
const fewRows = 25

// makePlan makes a plan from a selection: ticked rows, or everything that
// matches a query.
func (s *Web) makePlan(w http.ResponseWriter, r *http.Request) error {
	if err := form(r); err != nil {
		return err
	}
	ids, err := formIDs(r, "id")
	if err != nil {
		return err
	}
	ctx, a, in := r.Context(), auth.Actor(r.Context()), r.PostForm
	var plan mainstay.Plan
	switch action := mainstay.Action(in.Get("action")); action {
	case mainstay.ActionRestore:
		plan, err = s.Changes.Restore(ctx, a, ids)
	case mainstay.ActionPurge:
		plan, err = s.Changes.ProposePurge(ctx, a, 0, ids)
	case mainstay.ActionDelete, mainstay.ActionEdit, mainstay.ActionProtect, mainstay.ActionDisconnect:
		return s.planChoice(w, r, action)
	default:
		err = mainstay.Errorf(mainstay.Invalid, "A plan deletes, disconnects, changes, protects, restores or deletes for good. Nothing was planned.")
	}
	if err != nil {
		return err
	}
	return redirect(w, r, planURL(plan.ID))
}

// planChoice makes a plan of what was chosen in a list.
func (s *Web) planChoice(w http.ResponseWriter, r *http.Request, action mainstay.Action) error {
	ctx, a, in := r.Context(), auth.Actor(r.Context()), r.PostForm
	k, err := mainstay.KindNamed(in.Get("kind"))
	if err != nil {
		return err
	}
	c, err := readChoice(r, k)
	if err != nil {
		return err
	}
	var plan mainstay.Plan
	switch action {
	case mainstay.ActionEdit:
		var typ, status *mainstay.LabelID
		if typ, err = labelChoice(in, "type_id"); err != nil {
			return err
		}
		if status, err = labelChoice(in, "status_id"); err != nil {
			return err
		}
		plan, err = s.Changes.ProposeEdit(ctx, a, c.request(), typ, status)
	case mainstay.ActionProtect:
		return s.planProtection(w, r, c)
	case mainstay.ActionDisconnect:
		plan, err = s.Changes.ProposeDisconnect(ctx, a, change.Unlink{Request: c.request(), Note: in.Get("note")})
	default:
		plan, err = s.Changes.ProposeDelete(ctx, a, c.request())
	}
	if err != nil {
		return s.askAgain(w, r, c, string(action), err)
	}
	return redirect(w, r, c.planURL(plan))
}

// planURL is the page of a plan that was made of the choice, which leads back to
// the list that the form named.
func (c choice) planURL(p mainstay.Plan) string {
	if !c.named {
		return planURL(p.ID)
	}
	return withFrom(planURL(p.ID), c.from)
}

// planProtection protects a few ticked rows at once and goes back to the list,
// or makes a plan for more.
func (s *Web) planProtection(w http.ResponseWriter, r *http.Request, c choice) error {
	ctx, a := r.Context(), auth.Actor(r.Context())
	g, err := guardingOf(r.PostForm, s.bare(r, Page{}))
	if err != nil {
		return s.askAgain(w, r, c, doProtect, err)
	}
	if c.all || len(c.ids) > fewRows {
		plan, err := s.Changes.ProposeProtect(ctx, a, c.request(), g)
		if err != nil {
			return s.askAgain(w, r, c, doProtect, err)
		}
		return redirect(w, r, c.planURL(plan))
	}
	plan, err := s.Changes.ProtectNow(ctx, a, c.request(), g)
	if err != nil {
		return s.askAgain(w, r, c, doProtect, err)
	}
	withFlash(w, flash{Code: guardFlash(g), Kind: c.kind.Name, N: plan.Done, ID: int64(plan.ID)})
	return redirect(w, r, c.from)
}

func guardFlash(g mainstay.Guarding) flashCode {
	switch {
	case g.HoldUntil != nil && g.Lifts():
		return flashFreed
	case g.HoldUntil != nil:
		return flashHeld
	case g.Lifts():
		return flashLifted
	}
	return flashKept
}
