package cli

import (
	"fmt"
	"io"
	"text/tabwriter"

	"mainstay"
	"mainstay/internal/store"
)

// planView is the stable JSON form of a plan.
type planView struct {
	ID          mainstay.PlanID     `json:"id"`
	Action      mainstay.Action     `json:"action"`
	Kind        mainstay.KindName   `json:"kind"`
	Query       string              `json:"query"`
	State       mainstay.PlanState  `json:"state"`
	Fingerprint string              `json:"fingerprint"`
	Phrase      string              `json:"phrase"`
	Counts      mainstay.PlanCounts `json:"counts"`
	Done        int                 `json:"done"`
	Skipped     int                 `json:"skipped"`
	StartAt     string              `json:"start_at"` // of a confirmed plan; until then it can be stopped
	Message     string              `json:"message"`
	About       string              `json:"about"` // "Vendor of ConnectWise PSA"; empty where the items say it
	Note        string              `json:"note"`  // why it was made
	HeldBack    []heldView          `json:"held_back"`
	Sets        string              `json:"sets,omitempty"` // what an edit sets, in words
}

func planViewOf(p mainstay.Plan) planView {
	return planView{p.ID, p.Action, p.Kind, p.Query, p.State, p.Fingerprint, p.Phrase, p.Counts, p.Done, p.Skipped, machineTime(p.StartAt), p.Message, p.About(), p.Params.Note, []heldView{}, p.Params.Sets}
}

type heldView struct {
	ID       mainstay.ItemID `json:"id"`
	Name     string          `json:"name"`
	Items    int             `json:"items"`
	OnlyHere int             `json:"only_here"`
	Why      string          `json:"why"`
}

func (c *call) showPlan(a *app, id mainstay.PlanID) error {
	var p mainstay.Plan
	var held []mainstay.HeldBack
	err := a.store.Read(c.ctx, func(t *store.Tx) error {
		var err error
		if p, err = t.Plan(c.ctx, id); err != nil || p.State != mainstay.PlanReview {
			return err
		}
		held, err = t.HeldBack(c.ctx, p, 1000)
		return err
	})
	if err != nil {
		return err
	}
	v := planViewOf(p)
	for _, h := range held {
		v.HeldBack = append(v.HeldBack, heldView{h.ItemID, h.Name, h.Items, h.OnlyHere, h.Why})
	}
	nodes, err := a.queue.AliveNodes(c.ctx)
	if err != nil {
		return err
	}
	waits := len(nodes) == 0 && p.State.Active() && p.State != mainstay.PlanPaused
	return c.print(v, func(w io.Writer) {
		v.text(w, p)
		if p.State == mainstay.PlanStarting {
			fmt.Fprintln(w, startText(p, a.store.DB.Now()))
		}
		if waits {
			fmt.Fprintf(w, "No server works on this installation. The plan goes on when one does, or with: mainstay plan wait %d\n", p.ID)
		}
	})
}

// startText says when a confirmed plan starts, and how to prevent it. How long it
// waits was decided where it was confirmed.
func startText(p mainstay.Plan, now mainstay.Time) string {
	if p.StartAt <= now {
		return "It starts now."
	}
	return fmt.Sprintf("It starts at %s, %s. To prevent it: mainstay plan stop %d", peopleTime(p.StartAt), inText(p.StartAt, now), p.ID)
}

// shownHeld is how many held-back rows are printed for people.
const shownHeld = 10

func (v planView) text(w io.Writer, p mainstay.Plan) {
	fmt.Fprintf(w, "Plan %d: %s (%s)\n", p.ID, p.Title(), p.State)
	if v.About != "" {
		fmt.Fprintf(w, "About: %s\n", v.About)
	}
	if v.Note != "" {
		fmt.Fprintf(w, "Reason: %s\n", v.Note)
	}
	if p.Params.Sets != "" {
		fmt.Fprintf(w, "They get %s.\n", p.Params.Sets)
	}
	if m := p.Params.Merge; m != nil && p.Action == mainstay.ActionMerge {
		for _, l := range m.Lines() {
			fmt.Fprintf(w, "%s: %s\n", l.Label, l.Text)
		}
		if m.After != nil && m.After.Warning != "" {
			fmt.Fprintln(w, "Warning: "+m.After.Warning)
		}
	}
	if p.Message != "" {
		fmt.Fprintln(w, p.Message)
	}
	t := tabwriter.NewWriter(w, 2, 8, 2, ' ', 0)
	fmt.Fprintln(t, "KIND\tWOULD CHANGE\tHELD BACK\tHIDDEN\tONLY HERE\tGONE FROM THE PSA")
	for _, k := range p.Counts.Kinds {
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s\t%s\n", k.Kind, mainstay.Thousands(k.Apply), mainstay.Thousands(k.Held), mainstay.Thousands(k.Hidden), mainstay.Thousands(k.OnlyHere), mainstay.Thousands(k.Gone))
	}
	t.Flush() //nolint:errcheck // nowhere to report it
	fmt.Fprintf(w, "Changes in the PSA: 0\n")
	if n := p.Counts.Total().Returning; n > 0 {
		fmt.Fprintf(w, "%s of these go on syncing, so they come back as new items once Trash is emptied. To keep them away, untick their type first or use: mainstay integration delete-class\n", mainstay.Thousands(n))
	}
	if n := p.Counts.Total().Unlinked; n > 0 {
		fmt.Fprintf(w, "%s of these were disconnected, so no PSA brings them back.\n", mainstay.Thousands(n))
	}
	if p.State == mainstay.PlanReview {
		fmt.Fprint(w, stopText(p.Params))
	}
	for n, h := range v.HeldBack {
		if n == shownHeld {
			fmt.Fprintf(w, "  … and %s more held back\n", mainstay.Thousands(len(v.HeldBack)-n))
			break
		}
		fmt.Fprintf(w, "  held back: %s (id %d), %d items, %d only here: %s\n", h.Name, h.ID, h.Items, h.OnlyHere, h.Why)
	}
	switch {
	case p.State == mainstay.PlanReview && p.Phrase != "":
		fmt.Fprintf(w, "Nothing was changed. To do it: mainstay apply %d --phrase '%s' --wait\n", p.ID, p.Phrase)
	case p.State == mainstay.PlanReview:
		fmt.Fprintf(w, "Nothing was changed. To do it: mainstay apply %d --wait\n", p.ID)
	case p.State == mainstay.PlanDone || p.State == mainstay.PlanStopped:
		fmt.Fprintln(w, v.doneText(p))
		if p.Action.Undo() != "" {
			fmt.Fprintf(w, "To take it back: mainstay undo %d --wait\n", p.ID)
		}
	}
}

// stopText says what confirming a plan stops at once.
func stopText(params mainstay.PlanParams) string {
	switch {
	case params.Remove:
		return params.PSA + " is paused when the plan is confirmed, and its credentials are deleted once its links are ended. Connecting the same PSA again finds every record.\n"
	case params.Class != nil:
		return params.Class.Name + " stops syncing when the plan is confirmed, and syncs again when it is undone.\n"
	}
	return ""
}

// doneText says what a plan did.
func (v planView) doneText(p mainstay.Plan) string {
	switch {
	case p.Action == mainstay.ActionPause:
		return "They become orphaned at the next full sync."
	case p.Action == mainstay.ActionResume:
		return "They sync again at the next full sync."
	}
	text := fmt.Sprintf("%s done, %s skipped.", mainstay.Thousands(p.Done), mainstay.Thousands(p.Skipped))
	if p.Action == mainstay.ActionReconnect && p.Params.Remove {
		text += " The integration is back, paused and without credentials. Enter them with mainstay integration edit, then use mainstay integration resume."
	}
	return text
}
