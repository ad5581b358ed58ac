package web

import (
	"net/http"

	"mainstay"
	"mainstay/internal/auth"
	"mainstay/internal/store"
)

// planList sends every line of a plan as CSV: what it touches and what it holds back.
func (s *Web) planList(w http.ResponseWriter, r *http.Request) error {
	return s.exportPlan(w, r, "list", []string{"ID", "Kind", "Organization ID", "Name", "Version", "In the plan", "Why held back"}, func(i mainstay.PlanItem) []string {
		in := "yes"
		if i.Held {
			in = "held back"
		}
		return []string{idText(i.ItemID), string(i.Kind), idText(i.OrganizationID), i.Name, plain(int(i.Version)), in, i.Why}
	})
}

// planOutcomes sends what became of every line of a plan as CSV.
func (s *Web) planOutcomes(w http.ResponseWriter, r *http.Request) error {
	return s.exportPlan(w, r, "outcomes", []string{"ID", "Kind", "Organization ID", "Name", "Outcome"}, func(i mainstay.PlanItem) []string {
		outcome := string(i.Outcome)
		switch {
		case i.Held:
			outcome = "held back: " + i.Why
		case outcome == "":
			outcome = "not reached"
		}
		return []string{idText(i.ItemID), string(i.Kind), idText(i.OrganizationID), i.Name, outcome}
	})
}

// exportPlan sends the lines of a plan, a thousand at a time. Lines in
// organizations that this person can't open any more are left out.
func (s *Web) exportPlan(w http.ResponseWriter, r *http.Request, name string, head []string, cells func(mainstay.PlanItem) []string) error {
	const part = 1000
	ctx, a := r.Context(), auth.Actor(r.Context())
	id, err := s.planID(r)
	if err != nil {
		return err
	}
	file := "plan-" + planNumber(mainstay.Plan{ID: id}) + "-" + name + ".csv"
	return s.sendCSV(w, r, file, head, func(row csvRow, flush func() error) error {
		for after := mainstay.ItemID(0); ; {
			var lines []mainstay.PlanItem
			err := s.Store.Read(ctx, func(t *store.Tx) error {
				var err error
				lines, err = t.PlanItems(ctx, id, after, false, part)
				return err
			})
			if err != nil {
				return err
			}
			for _, i := range lines {
				if !a.Sees(i.OrganizationID) {
					continue
				}
				if err := row(cells(i)...); err != nil {
					return err
				}
			}
			if err := flush(); err != nil || len(lines) < part {
				return err
			}
			after = lines[len(lines)-1].ItemID
		}
	})
}
