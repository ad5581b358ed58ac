package web

import (
	"context"
	"net/http"
	"time"

	"github.com/a-h/templ"

	"mainstay"
	"mainstay/internal/auth"
	"mainstay/internal/change"
	"mainstay/internal/store"
)

// skippedRows is how many skipped items the page of a plan names.
const skippedRows = 50

// fillPlanRun adds everything to the page of a confirmed plan.
func (s *Web) fillPlanRun(r *http.Request, t *store.Tx, p *PlanRunPage, plan mainstay.Plan) error {
	ctx := r.Context()
	done, err := t.PlanProgress(ctx, plan.ID)
	if err != nil {
		return err
	}
	if err := s.fillPlanLive(ctx, t, p, plan, done); err != nil {
		return err
	}
	if p.Days, err = trashDays(r, t); err != nil {
		return err
	}
	undone, err := t.Successor(ctx, plan.ID)
	if err != nil {
		return err
	}
	if undone != 0 {
		by, err := t.Plan(ctx, undone)
		if err != nil {
			return err
		}
		p.Undone = &by
	}
	all, err := t.Integrations(ctx)
	if err != nil {
		return err
	}
	if p.PSA = plan.Params.PSA; p.PSA == "" && len(all) == 1 {
		p.PSA = all[0].Name
	}
	if plan.Action != mainstay.ActionDelete {
		if err := fillRestored(ctx, t, p, all); err != nil || len(p.Restored) > 0 {
			return err
		}
		if err := fillNext(ctx, t, p, all); err != nil {
			return err
		}
	}
	if p.Names, err = planNames(ctx, t, p.Page, plan, namedDone); err != nil || plan.Action != mainstay.ActionDelete {
		return err
	}
	if p.Held, err = t.CountHeldBack(ctx, plan); err != nil {
		return err
	}
	if p.Trash, err = t.CountTrash(ctx, p.Actor, store.TrashFilter{Plan: &plan.ID}); err != nil {
		return err
	}
	return fillReturned(ctx, t, p)
}

// fillPlanLive adds what moves while the plan runs. done are the lines with an
// outcome by kind.
func (s *Web) fillPlanLive(ctx context.Context, t *store.Tx, p *PlanRunPage, plan mainstay.Plan, done map[mainstay.KindName]int) error {
	p.Plan, p.Heading = plan, plan.Title()
	p.CanControl = mayControl(p.Page, plan)
	for _, k := range mainstay.Kinds() {
		if c := plan.Counts.Of(k.Name); c.Apply > 0 {
			p.Kinds = append(p.Kinds, KindProgress{Kind: k, Done: done[k.Name], Total: c.Apply})
		}
	}
	p.Rate, p.LeftSeconds = pace(p.Now, plan)
	if plan.BackupID != 0 {
		b, err := t.Backup(ctx, plan.BackupID)
		if err != nil && mainstay.KindOf(err) != mainstay.NotFound {
			return err
		}
		if err == nil {
			p.Backup = &b
		}
	}
	p.Stages = planStages(plan, int(s.Changes.Pause.Seconds()))
	var skipped []mainstay.PlanItem
	if plan.Skipped > 0 {
		var err error
		if skipped, err = t.PlanItems(ctx, plan.ID, 0, true, skippedRows); err != nil {
			return err
		}
	}
	p.Log = planLogLines(p, skipped)
	return nil
}

// mayControl reports whether the person may pause, stop and restore a plan.
func mayControl(p Page, plan mainstay.Plan) bool {
	if plan.Action == mainstay.ActionPurge {
		return p.May(mainstay.PurgeTrash)
	}
	return change.MaySeePlan(p.Actor, plan) == nil && p.May(mainstay.UseTrash)
}

// pace is how fast a running plan goes, in items a minute, and how many seconds
// it needs for the rest; 0 while unknown.
func pace(now mainstay.Time, plan mainstay.Plan) (rate, left int) {
	handled, total := plan.Done+plan.Skipped, plan.Counts.Total().Apply
	took := now.Sub(plan.Started)
	if plan.State != mainstay.PlanRunning || plan.Started == 0 || handled == 0 || took < time.Second {
		return 0, 0
	}
	perSecond := float64(handled) / took.Seconds()
	return int(perSecond * 60), int(float64(max(0, total-handled)) / perSecond)
}

// planStages are the steps of a confirmed plan.
func planStages(plan mainstay.Plan, pause int) []Stage {
	v := verbsOf(plan.Action)
	all := []Stage{{Label: "Confirmed"}}
	at := 0
	if !plan.Action.Harmless() && pause > 0 {
		all = append(all, Stage{Label: "Pause of " + some(pause, "second")})
	}
	if plan.State == mainstay.PlanStarting {
		at = len(all) - 1
	}
	if plan.Friction >= mainstay.FrictionBackup {
		all = append(all, Stage{Label: "Back up"})
		if plan.State == mainstay.PlanBackingUp {
			at = len(all) - 1
		}
	}
	all = append(all, Stage{Label: v.Do})
	if plan.State == mainstay.PlanRunning || plan.State == mainstay.PlanPaused || plan.State == mainstay.PlanStopped || plan.State == mainstay.PlanFailed {
		at = len(all) - 1
	}
	all = append(all, Stage{Label: "Done"})
	if plan.State == mainstay.PlanDone {
		at = len(all)
	}
	for i := range all {
		if i < at {
			all[i].State = "done"
		} else if i == at && plan.State.Active() {
			all[i].State = "now"
		}
	}
	return all
}

// planLogLines tells what happened so far, the skips with their reason.
func planLogLines(p *PlanRunPage, skipped []mainstay.PlanItem) []LogLine {
	plan := p.Plan
	out := []LogLine{{At: plan.Created, Text: "Plan made by " + plan.UserName + "."}}
	for _, i := range plan.Params.Included {
		if plan.Kind == mainstay.Organization.Name && !p.Actor.Sees(i.ItemID) {
			i.Name = "an organization that you can't open"
		}
		out = append(out, LogLine{At: i.At, Text: i.By + " included " + i.Name + ", " + some(i.Items, "item") + " in all."})
	}
	if by := plan.Params.ConfirmedBy; by != "" {
		out = append(out, LogLine{At: plan.Params.ConfirmedAt, Text: "Confirmed by " + by + "."})
	}
	if p.Backup != nil {
		at := p.Backup.Verified
		if at.IsZero() {
			at = p.Backup.Created
		}
		out = append(out, LogLine{At: at, Text: "Backup " + p.Backup.File + " verified, " + some(p.Backup.Items, "item") + "."})
	}
	if !plan.Started.IsZero() {
		out = append(out, LogLine{At: plan.Started, Text: "Started."})
	}
	end := plan.Ended
	if end.IsZero() {
		end = p.Now
	}
	for _, i := range skipped {
		out = append(out, LogLine{At: end, Text: "Skipped " + i.Name + ": " + string(i.Outcome) + ".", Warn: true})
	}
	if plan.Skipped > len(skipped) {
		out = append(out, LogLine{At: end, Text: num(plan.Skipped-len(skipped)) + " more were skipped. The outcomes list them all.", Warn: true})
	}
	if !plan.Ended.IsZero() {
		label, _ := planTag(plan)
		out = append(out, LogLine{At: plan.Ended, Text: label + ": " + p.result() + "."})
	}
	return out
}

// countEvery is how many lines a plan may have for its kinds to be counted at
// each look; larger ones are counted more rarely.
const countEvery = 25_000

// watchPlan makes the look at the live part of a plan. Rights are checked at
// each look, so that someone who loses them sees nothing more.
func (s *Web) watchPlan(r *http.Request) look {
	var done map[mainstay.KindName]int
	looks, state := 0, mainstay.PlanState("")
	return func(ctx context.Context) (templ.Component, bool, error) {
		p := PlanRunPage{}
		err := s.Store.Read(ctx, func(t *store.Tx) error {
			plan, err := planOf(r, t)
			if err != nil {
				return err
			}
			if every := 1 + plan.Counts.Total().Apply/countEvery; done == nil || looks%every == 0 || plan.State != state {
				if done, err = t.PlanProgress(ctx, plan.ID); err != nil {
					return err
				}
			}
			looks++
			state = plan.State
			p.Page = s.bare(r, Page{})
			return s.fillPlanLive(ctx, t, &p, plan, done)
		})
		return planLive(p), p.ended(), err
	}
}

// planEvents streams the live part of a plan.
func (s *Web) planEvents(w http.ResponseWriter, r *http.Request) error {
	return s.stream(w, r, s.watchPlan(r))
}

// planProgress answers one look at the live part of a plan.
func (s *Web) planProgress(w http.ResponseWriter, r *http.Request) error {
	return s.progress(w, r, s.watchPlan(r))
}

// planMove is one of the moves of a confirmed plan.
type planMove = func(context.Context, mainstay.Actor, mainstay.PlanID) (mainstay.Plan, error)

// movePlan makes the handler of a move that goes back to the plan.
func (s *Web) movePlan(move planMove) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		id, err := s.planID(r)
		if err != nil {
			return err
		}
		plan, err := move(r.Context(), auth.Actor(r.Context()), id)
		if mainstay.KindOf(err) == mainstay.Conflict {
			return s.showPlan(w, r, http.StatusConflict, mainstay.SafeMessage(err), "")
		}
		if err != nil {
			return err
		}
		return redirect(w, r, planURL(plan.ID))
	}
}

// confirmStop asks before a running plan ends.
func (s *Web) confirmStop(w http.ResponseWriter, r *http.Request) error {
	p := ConfirmPage{Danger: true}
	err := s.Store.Read(r.Context(), func(t *store.Tx) error {
		plan, err := planOf(r, t)
		if err != nil {
			return err
		}
		if !plan.State.Active() && plan.State != mainstay.PlanFailed {
			return mainstay.Errorf(mainstay.Conflict, "This plan has ended already.")
		}
		p.Back, p.Action = planURL(plan.ID), planURL(plan.ID)+"/stop"
		v := verbsOf(plan.Action)
		p.Heading, p.Button, p.Stay, p.Text = "Stop "+lower(v.Doing), "Stop", v.Keep, []string{v.Left}
		switch plan.Action {
		case mainstay.ActionDelete:
			p.Heading, p.Button = "Stop and restore "+some(plan.Done, "item"), "Stop and restore"
		case mainstay.ActionPurge:
			p.Heading = "Stop deleting for good"
		}
		p.Page, err = s.page(r, t, Page{Title: p.Heading, Active: "jobs", Crumbs: []Crumb{{Label: "Plan " + planNumber(plan), URL: p.Back}, {Label: "Stop"}}})
		return err
	})
	if err != nil {
		return err
	}
	return s.show(w, r, confirmView(p), confirmDialog(p))
}

// stopPlan ends a plan; a deletion is brought back by a new plan.
func (s *Web) stopPlan(w http.ResponseWriter, r *http.Request) error {
	var plan mainstay.Plan
	err := s.Store.Read(r.Context(), func(t *store.Tx) error {
		var err error
		plan, err = planOf(r, t)
		return err
	})
	if err != nil {
		return err
	}
	ctx, a := r.Context(), auth.Actor(r.Context())
	if plan.Action != mainstay.ActionDelete {
		_, err := s.Changes.StopPlan(ctx, a, plan.ID)
		if err != nil {
			return err
		}
		return redirect(w, r, planURL(plan.ID))
	}
	back, err := s.Changes.StopAndRestore(ctx, a, plan.ID)
	if mainstay.KindOf(err) == mainstay.NotFound {
		// It was stopped before it removed anything, so there is nothing to bring back.
		return redirect(w, r, planURL(plan.ID))
	}
	if err != nil {
		return err
	}
	return redirect(w, r, planURL(back.ID))
}

// undoPlan takes back everything that a plan did.
func (s *Web) undoPlan(w http.ResponseWriter, r *http.Request) error {
	id, err := s.planID(r)
	if err != nil {
		return err
	}
	plan, err := s.Changes.Undo(r.Context(), auth.Actor(r.Context()), id)
	if err != nil {
		return err
	}
	return redirect(w, r, planURL(plan.ID))
}
