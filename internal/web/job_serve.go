package web

import (
	"cmp"
	"context"
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"mainstay"
	"mainstay/internal/auth"
	"mainstay/internal/change"
	"mainstay/internal/store"
)

// shownJobs is how many of the latest jobs the page lists.
const shownJobs = 100

// jobState is one of the tabs of the jobs page with the states that belong to it.
type jobState struct {
	Name    string // in the address
	Label   string
	Runs    []mainstay.RunState
	Plans   []mainstay.PlanState
	Backups []mainstay.BackupState
}

// jobStates are the tabs. A plan under review is no job yet, but waits for the
// person who made it.
func jobStates() []jobState {
	return []jobState{
		{Name: "", Label: "All", Plans: []mainstay.PlanState{mainstay.PlanReview, mainstay.PlanStarting, mainstay.PlanBackingUp, mainstay.PlanRunning, mainstay.PlanPaused,
			mainstay.PlanDone, mainstay.PlanStopped, mainstay.PlanFailed}},
		{"running", "Running", []mainstay.RunState{mainstay.RunRunning}, []mainstay.PlanState{mainstay.PlanStarting, mainstay.PlanBackingUp, mainstay.PlanRunning},
			[]mainstay.BackupState{mainstay.BackupRunning}},
		{"waiting", "Waiting", []mainstay.RunState{mainstay.RunQueued, mainstay.RunHeld}, []mainstay.PlanState{mainstay.PlanReview, mainstay.PlanPaused}, []mainstay.BackupState{mainstay.BackupQueued}},
		{"failed", "Failed", []mainstay.RunState{mainstay.RunFailed, mainstay.RunIncomplete}, []mainstay.PlanState{mainstay.PlanFailed}, []mainstay.BackupState{mainstay.BackupFailed}},
		{"done", "Done", []mainstay.RunState{mainstay.RunComplete, mainstay.RunRejected, mainstay.RunCancelled}, []mainstay.PlanState{mainstay.PlanDone, mainstay.PlanStopped},
			[]mainstay.BackupState{mainstay.BackupVerified}},
	}
}

// jobs lists the long work: syncs, plans and backups, the running ones first.
func (s *Web) jobs(w http.ResponseWriter, r *http.Request) error {
	states := jobStates()
	at := slices.IndexFunc(states, func(j jobState) bool { return j.Name == r.FormValue("state") })
	if at < 0 {
		return mainstay.Errorf(mainstay.Invalid, "There are no jobs called %q.", r.FormValue("state"))
	}
	var p JobsPage
	for n, j := range states {
		tab := Tab{Label: j.Label, URL: "/jobs", Current: n == at}
		if j.Name != "" {
			tab.URL += "?state=" + j.Name
		}
		p.Tabs = append(p.Tabs, tab)
	}
	err := s.Store.Read(r.Context(), func(t *store.Tx) error {
		var err error
		if p.Page, err = s.page(r, t, Page{Title: "Jobs", Active: "jobs", Crumbs: []Crumb{{Label: "Jobs"}}}); err != nil {
			return err
		}
		p.Jobs, err = jobRows(r, t, p.Page, states[at])
		return err
	})
	if err != nil {
		return err
	}
	p.Pager.Total = -1
	if len(p.Jobs) == 0 {
		p.Empty = &Empty{Icon: "progress", Title: "Nothing is running.", Text: "Syncs, plans and backups appear here."}
		if states[at].Name != "" && states[at].Name != "running" {
			p.Empty.Title = "Nothing here."
		}
	}
	return s.show(w, r, jobsView(p), nil)
}

// sortedJob is a job with what puts it in order.
type sortedJob struct {
	JobRow
	active bool
	at     mainstay.Time
}

func jobRows(r *http.Request, t *store.Tx, p Page, j jobState) ([]JobRow, error) {
	var all []sortedJob
	runs, err := t.RunsIn(r.Context(), j.Runs, shownJobs)
	if err != nil {
		return nil, err
	}
	integrations, err := t.AllIntegrations(r.Context())
	if err != nil {
		return nil, err
	}
	for _, run := range runs {
		all = append(all, sortedJob{runJob(run, jobIntegration(integrations, run.IntegrationID)), !run.State.Ended(), run.Created})
	}
	plans, err := planJobs(r.Context(), t, p, j)
	if err != nil {
		return nil, err
	}
	all = append(all, plans...)
	if p.May(mainstay.UseBackups) {
		backups, err := t.Backups(r.Context(), shownJobs)
		if err != nil {
			return nil, err
		}
		for _, b := range backups {
			if len(j.Backups) == 0 || slices.Contains(j.Backups, b.State) {
				all = append(all, sortedJob{backupJob(b), b.State == mainstay.BackupQueued || b.State == mainstay.BackupRunning, b.Created})
			}
		}
	}
	slices.SortStableFunc(all, func(a, b sortedJob) int {
		if a.active != b.active {
			if a.active {
				return -1
			}
			return 1
		}
		return cmp.Compare(b.at, a.at)
	})
	rows := make([]JobRow, min(len(all), shownJobs))
	for n := range rows {
		rows[n] = all[n].JobRow
	}
	return rows, nil
}

// planJobs are the plans that this person may see, with what became of them since.
func planJobs(ctx context.Context, t *store.Tx, p Page, j jobState) ([]sortedJob, error) {
	plans, err := t.Plans(ctx, j.Plans, shownJobs)
	if err != nil {
		return nil, err
	}
	ids := make([]mainstay.PlanID, len(plans))
	for n := range plans {
		ids[n] = plans[n].ID
	}
	undone, err := t.Successors(ctx, ids)
	if err != nil {
		return nil, err
	}
	back, err := t.RestoredOneByOne(ctx, ids)
	if err != nil {
		return nil, err
	}
	var all []sortedJob
	for _, plan := range plans {
		review := plan.State == mainstay.PlanReview
		if review && !awaits(p, plan) {
			continue
		}
		if change.MaySeePlan(p.Actor, plan) == nil {
			all = append(all, sortedJob{planJob(plan, undone[plan.ID], back[plan.ID]), review || plan.State.Active(), max(plan.Created, plan.Started)})
		}
	}
	return all, nil
}

func jobIntegration(all []mainstay.Integration, id mainstay.IntegrationID) string {
	for _, i := range all {
		if i.ID == id {
			return i.Name
		}
	}
	return "a removed integration"
}

// awaits reports whether a plan under review waits for this person.
func awaits(p Page, plan mainstay.Plan) bool {
	return plan.UserID == p.Actor.UserID && !plan.Expired(p.Now)
}

// runResult says what a sync changed.
func runResult(c mainstay.RunCounts) string {
	return cmp.Or(join(c.Changes()...), "Nothing changed")
}

func runJob(run mainstay.Run, name string) JobRow {
	row := JobRow{Icon: "refresh", Label: "Sync of " + name, URL: runURL(run), Who: run.By, Percent: -1, Result: run.Message, Started: run.Started, Ended: run.Ended}
	row.State, row.Tone, _ = runTag(run.State)
	if row.Started.IsZero() {
		row.Started = run.Created
	}
	switch {
	case !run.State.Ended():
		row.Percent = share(run.Counts.Seen, run.Expected)
		row.Result = run.Stage
		if !run.Cancel {
			row.CancelURL = runURL(run) + "/cancel"
		}
	case run.State == mainstay.RunFailed || run.State == mainstay.RunIncomplete:
		row.RetryURL = integrationURL(run.IntegrationID) + "/sync"
	}
	if row.Result == "" || run.State == mainstay.RunComplete {
		row.Result = runResult(run.Counts)
	}
	return row
}

// planJob is a plan as a job; undone is the plan that took it back, 0 for none.
func planJob(plan mainstay.Plan, undone mainstay.PlanID, back store.RestoredFrom) JobRow {
	v := verbsOf(plan.Action)
	row := JobRow{Icon: v.Icon, Label: plan.Title(), URL: planURL(plan.ID), Who: plan.UserName, Percent: -1, Result: plan.Message, Started: plan.Started, Ended: plan.Ended}
	row.State, row.Tone = planTag(plan)
	if row.Started.IsZero() {
		row.Started = plan.Created
	}
	if plan.State.Active() {
		row.Percent = share(plan.Done+plan.Skipped, plan.Counts.Total().Apply)
	}
	if plan.State == mainstay.PlanReview {
		row.State, row.Tone, row.Result, row.Waits = "Waits for your confirmation", "amber", "Nothing has happened yet", true
		if plan.Idle() {
			row.State, row.Tone, row.Result = "All held back", "", "Nothing can happen until something is included"
		}
	}
	if plan.State == mainstay.PlanStarting {
		row.CancelURL = planURL(plan.ID) + "/cancel"
	}
	if row.Result == "" {
		row.Result = doneText(plan)
		if plan.Skipped > 0 {
			row.Result += ", " + num(plan.Skipped) + " skipped"
		}
	}
	if undone != 0 {
		row.Result += ", taken back by plan " + strconv.FormatInt(int64(undone), 10)
	} else if plan.Action == mainstay.ActionDelete && back.Items > 0 {
		row.Result += ", " + restoredText(plan, back)
	}
	return row
}

// restoredText says what of a deletion came back item by item.
func restoredText(plan mainstay.Plan, back store.RestoredFrom) string {
	by := "restored by plan " + strconv.FormatInt(int64(back.By), 10)
	if back.Plans > 1 {
		by = "restored by " + some(back.Plans, "plan")
	}
	if back.Items < plan.Done {
		return num(back.Items) + " of them " + by
	}
	return by
}

func backupJob(b mainstay.Backup) JobRow {
	row := JobRow{Icon: "database", Label: "Backup", URL: "/account/backups", Who: b.By, Percent: -1, Result: b.Message, Started: b.Created, Ended: b.Verified}
	switch b.State {
	case mainstay.BackupQueued:
		row.State = "Waiting"
	case mainstay.BackupRunning:
		row.State, row.Tone = "Running", "accent"
	case mainstay.BackupVerified:
		row.State, row.Tone = "Verified", "green"
		if row.Result == "" {
			row.Result = join(some(b.Items, "item"), bytesOf(b.Size))
		}
	case mainstay.BackupFailed:
		row.State, row.Tone = "Failed", "red"
		row.Ended = b.Created
	}
	return row
}

// jobPill answers the pill of the running job in the top bar. Where the job that
// the browser shows has ended, a page about what runs is asked for anew as a whole.
func (s *Web) jobPill(w http.ResponseWriter, r *http.Request) error {
	p := s.bare(r, Page{})
	err := s.Store.Read(r.Context(), func(t *store.Tx) error {
		var err error
		p.Job, _, err = runningJob(r.Context(), t, auth.Actor(r.Context()))
		return err
	})
	if err != nil {
		return err
	}
	if of := r.FormValue("of"); of != "" && (p.Job == nil || p.Job.URL != of) && showsWork(r.Header.Get("HX-Current-URL")) {
		w.Header().Set("HX-Refresh", "true")
	}
	return s.write(w, r, http.StatusOK, jobPill(p))
}

// showsWork reports whether the page at an address shows what runs and what came
// of it, and has nothing that a person types into.
func showsWork(at string) bool {
	u, err := url.Parse(at)
	return err == nil && slices.Contains([]string{"/", "/jobs", "/account/integrations"}, u.Path)
}
