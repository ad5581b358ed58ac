package store

import (
	"context"
	"encoding/base64"
	"encoding/json"

	"mainstay"
	"mainstay/internal/db"
)

// PlanLine is a line of a plan with its item as it is today.
type PlanLine struct {
	mainstay.PlanItem
	Organization string // the name of the organization around it
	TypeID       mainstay.LabelID
	StatusID     mainstay.LabelID
	Sync         mainstay.SyncState // empty unless it is live
	Reason       mainstay.Reason
	Trashed      bool
	// Before is what an edit found, as JSON with type_id and status_id; empty until then.
	Before string
}

// Live reports whether the item is neither in the trash nor gone for good.
func (l PlanLine) Live() bool { return l.Sync != "" }

// PlanLineFilter says which lines of a plan to list; zero fields do not narrow.
type PlanLineFilter struct {
	Kind  mainstay.KindName
	Held  bool // those that the plan holds back, and else those that it touches
	Words string
	After string // from PlanLinePlace; empty for the first page
	Any   bool   // any of them, by name: looks at no more lines than it has to
	Limit int
}

// planLinePlace marks a place between two lines; it is read back only as parameters.
type planLinePlace struct {
	Name string `json:"n"`
	ID   int64  `json:"i"`
}

// PlanLinePlace is the place of a line in the order of PlanLines.
func PlanLinePlace(l PlanLine) string {
	b, err := json.Marshal(planLinePlace{Name: mainstay.SearchKey(l.Name), ID: int64(l.ItemID)})
	if err != nil {
		return ""
	}
	return base64.RawURLEncoding.EncodeToString(b)
}

// lineName is the key of the name of a line: of the live item, or of that in the trash.
const lineName = "COALESCE(i.name_key, d.name_key, '')"

func (f *PlanLineFilter) conditions(w *where, p mainstay.Plan, a mainstay.Actor) {
	w.add("p.plan_id = ?", int64(p.ID))
	w.conds = append(w.conds, map[bool]string{true: "p.held", false: "NOT p.held"}[f.Held])
	if f.Kind != "" {
		w.add("p.kind = ?", string(f.Kind))
	}
	if f.Words != "" {
		w.add(lineName+` LIKE ? ESCAPE '\'`, "%"+escapeLike(mainstay.SearchKey(f.Words))+"%")
	}
	w.visible(a, "p.organization_id")
}

// PlanLines lists lines of a plan that the actor sees, by name. Unless any will do
// it sorts all lines that match.
func (t *Tx) PlanLines(ctx context.Context, a mainstay.Actor, p mainstay.Plan, f PlanLineFilter) ([]PlanLine, error) {
	w := &where{}
	f.conditions(w, p, a)
	if f.After != "" {
		var at planLinePlace
		b, err := base64.RawURLEncoding.DecodeString(f.After)
		if err == nil {
			err = json.Unmarshal(b, &at)
		}
		if err != nil {
			return nil, mainstay.Errorf(mainstay.Invalid, "This page link is damaged. Open the plan again.")
		}
		w.add("("+lineName+", p.item_id) > (?, ?)", at.Name, at.ID)
	}
	order := lineName + ", p.item_id"
	if f.Any {
		order = "p.item_id"
	}
	return scanAll(ctx, t, func(r db.Row) (PlanLine, error) {
		var l PlanLine
		err := r.Scan(&l.ItemID, &l.Kind, &l.OrganizationID, &l.Name, &l.Version, &l.Held, &l.Why, &l.Outcome, &l.Organization, &l.TypeID, &l.StatusID, &l.Sync, &l.Reason, &l.Trashed, &l.Before)
		return l, err
	}, `SELECT l.item_id, l.kind, l.organization_id, l.name, l.version, l.held, l.why, l.outcome, COALESCE(o.name, q.name, ''), l.type_id, l.status_id, l.sync, l.reason, l.trashed, l.before
		FROM (SELECT p.item_id, p.kind, p.organization_id, COALESCE(i.name, d.name, '') AS name, p.version, p.held, p.why, p.outcome, `+lineName+` AS name_key,
				COALESCE(i.type_id, d.type_id, 0) AS type_id, COALESCE(i.status_id, d.status_id, 0) AS status_id, COALESCE(i.sync, '') AS sync, COALESCE(i.reason, '') AS reason,
				d.id IS NOT NULL AS trashed, p.before
			FROM plan_item p LEFT JOIN item i ON i.id = p.item_id LEFT JOIN trash d ON d.id = p.item_id WHERE `+w.sql()+" ORDER BY "+order+" LIMIT "+w.arg(f.Limit)+`) l
		LEFT JOIN item o ON o.id = l.organization_id LEFT JOIN trash q ON q.id = l.organization_id ORDER BY l.name_key, l.item_id`, w.args...)
}

// CountPlanLines counts the lines of a plan that match and that the actor sees. It
// reads every line of the plan.
func (t *Tx) CountPlanLines(ctx context.Context, a mainstay.Actor, p mainstay.Plan, f PlanLineFilter) (int, error) {
	w := &where{}
	f.conditions(w, p, a)
	var n int
	err := t.QueryRow(ctx, "SELECT count(*) FROM plan_item p LEFT JOIN item i ON i.id = p.item_id LEFT JOIN trash d ON d.id = p.item_id WHERE "+w.sql(), w.args...).Scan(&n)
	return n, err
}
