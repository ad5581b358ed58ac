package web

import (
	"net/http"
	"slices"
	"strings"

	"mainstay"
	"mainstay/internal/auth"
	"mainstay/internal/change"
	"mainstay/internal/store"
)

// heldRows is how many held back organizations or items a plan page names.
const heldRows = 100

// planOf reads the plan of the address. One that this person may not see is not
// there.
func planOf(r *http.Request, t *store.Tx) (mainstay.Plan, error) {
	id, err := pathID(r, "id")
	if err != nil {
		return mainstay.Plan{}, err
	}
	p, err := t.Plan(r.Context(), mainstay.PlanID(id))
	if err == nil {
		err = change.MaySeePlan(auth.Actor(r.Context()), p)
	}
	if mainstay.KindOf(err) == mainstay.NotFound {
		return mainstay.Plan{}, errMissing()
	}
	return p, err
}

// planID is the plan of the address for a change of it; change checks whether
// this person may.
func (s *Web) planID(r *http.Request) (mainstay.PlanID, error) {
	var p mainstay.Plan
	err := s.Store.Read(r.Context(), func(t *store.Tx) error {
		var err error
		p, err = planOf(r, t)
		return err
	})
	return p.ID, err
}

// plan is the page of a plan: for review until it is confirmed, its progress
// and result afterwards.
func (s *Web) plan(w http.ResponseWriter, r *http.Request) error {
	return s.showPlan(w, r, http.StatusOK, "", "")
}

// showPlan draws the page; problem says why the last confirmation did not go
// through, and typed is what was typed then.
func (s *Web) showPlan(w http.ResponseWriter, r *http.Request, status int, problem, typed string) error {
	review, run := PlanPage{Error: problem, Typed: typed}, PlanRunPage{}
	inReview := false
	err := s.Store.Read(r.Context(), func(t *store.Tx) error {
		p, err := planOf(r, t)
		if err != nil {
			return err
		}
		tallies, err := t.Tallies(r.Context(), auth.Actor(r.Context()))
		if err != nil {
			return err
		}
		page, under, err := s.pageAndWork(r, t, Page{Title: p.Title(), Active: "jobs", Crumbs: []Crumb{{Label: "Jobs", URL: "/jobs"}, {Label: "Plan " + planNumber(p)}}}, tallies)
		if err != nil {
			return err
		}
		if inReview = p.State == mainstay.PlanReview; inReview {
			review.Page, review.Plan, review.Back = page, p, fromOf(r)
			return s.fillPlan(r, t, &review, under)
		}
		run.Page, run.Back = page, fromOf(r)
		return s.fillPlanRun(r, t, &run, p)
	})
	if err != nil {
		return err
	}
	if inReview {
		return s.write(w, r, status, planView(review))
	}
	return s.write(w, r, status, planRunView(run))
}

func (s *Web) fillPlan(r *http.Request, t *store.Tx, p *PlanPage, under work) error {
	ctx, plan := r.Context(), p.Plan
	p.Heading = plan.Title()
	p.By = "type"
	if r.URL.Query().Get("by") == "reason" {
		p.By = "reason"
	}
	if !plan.Action.Harmless() && plan.Action != mainstay.ActionPause {
		p.Pause = int(s.Changes.Pause.Seconds())
	}
	if plan.Seen > 0 {
		p.Drifted = plan.Counts.Matched - plan.Counts.Of(plan.Kind).Hidden - plan.Seen
	}
	var err error
	if p.Days, err = trashDays(r, t); err != nil {
		return err
	}
	all, err := t.Integrations(ctx)
	if err != nil {
		return err
	}
	if len(all) == 1 {
		p.PSA = all[0].Name
	}
	if plan.Params.PSA != "" {
		p.PSA = plan.Params.PSA
	}
	if !plan.Action.FromTrash() {
		if err := fillHeld(r, t, p); err != nil {
			return err
		}
		if f, ok := flashOf(r); ok {
			p.sayIncluded(f)
		}
		if err := fillSyncing(r, t, p); err != nil {
			return err
		}
	}
	if p.Names, err = planNames(ctx, t, p.Page, plan, namedRows); err != nil {
		return err
	}
	if plan.Action == mainstay.ActionDelete {
		if p.Fitting, err = change.ReturningOrphans(ctx, t, &plan, all); err != nil {
			return err
		}
	}
	return fillChecks(r, t, p, under)
}

// fillHeld lists what the plan holds back, and what a person included.
func fillHeld(r *http.Request, t *store.Tx, p *PlanPage) error {
	ctx := r.Context()
	var err error
	if p.Held, err = t.HeldBack(ctx, p.Plan, heldRows); err != nil {
		return err
	}
	n, err := t.CountHeldBack(ctx, p.Plan)
	if err != nil {
		return err
	}
	hidden := func(h mainstay.HeldBack) bool { return !p.Actor.Sees(h.OrganizationID) }
	p.Held = slices.DeleteFunc(p.Held, hidden)
	p.HeldMore = max(0, n-len(p.Held))
	// Rows that a person ticked one by one are no surprise in the plan.
	if p.Plan.Action != mainstay.ActionMerge && (p.Plan.Query != "" || p.Plan.Kind == mainstay.Organization.Name) {
		if p.Included, err = t.Included(ctx, p.Plan, heldRows); err != nil {
			return err
		}
		p.Included = slices.DeleteFunc(p.Included, hidden)
	}
	return fillHeldDetails(ctx, t, p)
}

// fillChecks says what stands between the plan and its start.
func fillChecks(r *http.Request, t *store.Tx, p *PlanPage, under work) error {
	plan := p.Plan
	table := "item"
	if plan.Action.FromTrash() {
		table = "trash"
	}
	stale, err := t.CountStale(r.Context(), plan, table)
	if err != nil {
		return err
	}
	current := Check{State: "ok", Label: "The plan is current", Detail: "Nothing in it changed since it was made."}
	if stale > 0 {
		current = Check{State: "bad", Label: "The plan is out of date", Detail: some(stale, "item") + " changed after it was made. Make it again to see what's different."}
		p.Blocked = current.Detail
	}
	p.Checks = append(p.Checks, current)
	if plan.Friction >= mainstay.FrictionBackup {
		c, err := backupCheck(r, t, p)
		if err != nil {
			return err
		}
		p.Checks = append(p.Checks, c)
	}
	p.Checks = append(p.Checks, syncCheck(under))
	switch {
	case plan.Params.Syncing && p.SwitchedOff != "":
		p.Blocked = p.SwitchedOff
	case plan.Expired(p.Now):
		p.Blocked = "Plans last 24 hours. Make it again; nothing was done."
	case plan.Idle():
		p.Blocked = p.allHeld()
	case plan.Action == mainstay.ActionPurge && !p.May(mainstay.PurgeTrash):
		p.Blocked = "Only an Administrator can delete for good."
	}
	return nil
}

// backupCheck says which backup the plan relies on.
func backupCheck(r *http.Request, t *store.Tx, p *PlanPage) (Check, error) {
	after, need := p.Now.Add(-mainstay.BackupFresh), "younger than 24 hours"
	if p.Plan.Action == mainstay.ActionPurge {
		after, need = p.Plan.Created, "newer than this plan"
	}
	b, ok, err := t.FreshBackup(r.Context(), after)
	if err != nil || !ok {
		return Check{State: "wait", Label: "A backup comes first", Detail: "It needs a verified backup that is " + need + ". One is taken before anything is deleted."}, err
	}
	return Check{State: "ok", Label: "Backup verified", Detail: "Taken " + p.ago(b.Created) + ", " + some(b.Items, "item") + "."}, nil
}

func syncCheck(under work) Check {
	if len(under.runs) > 0 {
		return Check{State: "wait", Label: "A sync is under way", Detail: "This plan starts when it's done.", Link: Link{"View", runURL(under.runs[0])}}
	}
	return Check{State: "ok", Label: "No sync is under way"}
}

// confirmPlan says yes to a plan.
func (s *Web) confirmPlan(w http.ResponseWriter, r *http.Request) error {
	if err := form(r); err != nil {
		return err
	}
	id, err := s.planID(r)
	if err != nil {
		return err
	}
	typed := r.PostForm.Get("phrase")
	_, err = s.Changes.Confirm(r.Context(), auth.Actor(r.Context()), id, change.Proof{Fingerprint: r.PostForm.Get("fingerprint"), Phrase: typed})
	switch mainstay.KindOf(err) {
	case mainstay.Invalid, mainstay.Stale, mainstay.Conflict, mainstay.Held:
		return s.showPlan(w, r, auth.Status(err), mainstay.SafeMessage(err), shortened(typed))
	case mainstay.Internal, mainstay.Unauthorized, mainstay.Forbidden, mainstay.NotFound, mainstay.Unavailable, mainstay.TooLarge, mainstay.RateLimited:
		return err
	}
	return redirect(w, r, withFrom(planURL(id), fromOf(r)))
}

// shortened cuts what was typed to the length of any phrase.
func shortened(s string) string {
	const longest = 200
	if len(s) > longest {
		return strings.ToValidUTF8(s[:longest], "")
	}
	return s
}

// discardPlan ends a plan that was never confirmed and goes back to where it was
// made.
func (s *Web) discardPlan(w http.ResponseWriter, r *http.Request) error {
	var p mainstay.Plan
	err := s.Store.Read(r.Context(), func(t *store.Tx) error {
		var err error
		p, err = planOf(r, t)
		return err
	})
	if err != nil {
		return err
	}
	if err := s.Changes.Discard(r.Context(), auth.Actor(r.Context()), p.ID); err != nil {
		return err
	}
	withFlash(w, flash{Code: flashDiscarded, ID: int64(p.ID)})
	if from := fromOf(r); from != "" {
		return redirect(w, r, from)
	}
	return redirect(w, r, planOrigin(p))
}

// confirmInclude asks before a plan touches what it holds back.
func (s *Web) confirmInclude(w http.ResponseWriter, r *http.Request) error {
	p := ConfirmPage{Stay: "Keep it", Danger: true}
	err := s.Store.Read(r.Context(), func(t *store.Tx) error {
		plan, err := planOf(r, t)
		if err != nil {
			return err
		}
		id, err := mainstay.ParseItemID(r.URL.Query().Get("item"))
		if err != nil {
			return errMissing()
		}
		only, n, err := t.PlanHeldKinds(r.Context(), plan, id)
		if err != nil {
			return err
		}
		items, err := t.ItemsByID(r.Context(), []mainstay.ItemID{id})
		if err != nil {
			return err
		}
		if n == 0 || len(items) == 0 || !auth.Actor(r.Context()).Sees(items[0].OrganizationID) {
			return errMissing()
		}
		p.Heading, p.Action, p.Back = "Include "+itemName(items[0]), planURL(plan.ID)+"/include", planURL(plan.ID)
		p.Fields = []Hidden{{"item", idText(id)}}
		p.Button = "Include " + heldItems(items[0].Kind, n)
		if total, _ := kindsText(only); total > 0 && plan.Action == mainstay.ActionDelete {
			inside, err := t.PlanOnlyHere(r.Context(), plan, []mainstay.ItemID{id})
			if err != nil {
				return err
			}
			text := ""
			if o := inside[id]; len(o.Kinds) > 0 {
				text = ": " + onlyNamed(items[0], o)
			}
			p.Text = []string{num(total) + " of these " + existOrExists(total) + " only here" + text + ". No PSA could bring that back."}
		}
		p.Page, err = s.page(r, t, Page{Title: p.Heading, Active: "jobs", Crumbs: []Crumb{{Label: "Plan " + planNumber(plan), URL: p.Back}, {Label: "Include"}}})
		return err
	})
	if err != nil {
		return err
	}
	return s.show(w, r, confirmView(p), confirmDialog(p))
}

// includeHeld takes one out of what a plan holds back.
func (s *Web) includeHeld(w http.ResponseWriter, r *http.Request) error {
	return s.editPlan(w, r, flashIncluded, func(id mainstay.PlanID, item mainstay.ItemID) error {
		_, err := s.Changes.IncludeHeld(r.Context(), auth.Actor(r.Context()), id, item)
		return err
	})
}

// keepItem takes one out of what a plan touches.
func (s *Web) keepItem(w http.ResponseWriter, r *http.Request) error {
	return s.editPlan(w, r, flashExcluded, func(id mainstay.PlanID, item mainstay.ItemID) error {
		_, err := s.Changes.KeepItem(r.Context(), auth.Actor(r.Context()), id, item)
		return err
	})
}

func (s *Web) editPlan(w http.ResponseWriter, r *http.Request, said flashCode, fn func(mainstay.PlanID, mainstay.ItemID) error) error {
	if err := form(r); err != nil {
		return err
	}
	id, err := s.planID(r)
	if err != nil {
		return err
	}
	item, err := mainstay.ParseItemID(r.PostForm.Get("item"))
	if err != nil {
		return err
	}
	if err := fn(id, item); err != nil {
		return err
	}
	withFlash(w, flash{Code: said, N: int(item), ID: int64(id)})
	return redirect(w, r, planURL(id))
}
