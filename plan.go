package mainstay

import "time"

// PlanID identifies a plan.
type PlanID int64

// Action is what a plan does to its items.
type Action string

// The actions. Each later issue adds its own at the end.
const (
	ActionDelete  Action = "delete"  // live to trash
	ActionRestore Action = "restore" // trash to live
	ActionPurge   Action = "purge"   // trash to nothing; cannot be undone
)

// PlanState is where a plan stands.
type PlanState string

// The states of a plan.
const (
	PlanReview    PlanState = "review"   // made; harms nothing
	PlanStarting  PlanState = "starting" // confirmed; starts at Plan.StartAt and can be cancelled until then
	PlanBackingUp PlanState = "backing_up"
	PlanRunning   PlanState = "running"
	PlanPaused    PlanState = "paused"
	PlanDone      PlanState = "done"
	PlanStopped   PlanState = "stopped"
	PlanDiscarded PlanState = "discarded"
	PlanFailed    PlanState = "failed"
)

// Active reports whether a plan in this state is confirmed and not ended.
func (s PlanState) Active() bool {
	return s == PlanStarting || s == PlanBackingUp || s == PlanRunning || s == PlanPaused
}

// PlanLife is how long a plan can be confirmed after it was made.
const PlanLife = 24 * time.Hour

// Friction is how much a plan asks of the person who confirms it
// (ui.md section 4.3).
type Friction int

// The levels.
const (
	FrictionButton Friction = 2 // one button
	FrictionPhrase Friction = 3 // a typed phrase with the number
	FrictionBackup Friction = 4 // a phrase and a verified backup younger than 24 hours
)

// KindCount is one line of a plan's tree.
type KindCount struct {
	Kind     KindName `json:"kind"`
	Apply    int      `json:"apply"`     // items that the action will touch
	Held     int      `json:"held"`      // matched or contained, but kept
	Hidden   int      `json:"hidden"`    // in organizations this person may not see; never touched
	OnlyHere int      `json:"only_here"` // of Apply: no PSA has a copy
	Gone     int      `json:"gone"`      // of Apply: came from a PSA that no longer has the record
}

// GroupCount is one cell of a plan's treemap.
type GroupCount struct {
	By    string   `json:"by"`    // "type" or "reason"
	Group string   `json:"group"` // the label in words
	Kind  KindName `json:"kind"`
	Apply int      `json:"apply"`
}

// PlanCounts are the exact numbers of a plan.
type PlanCounts struct {
	Matched int          `json:"matched"` // rows that the query matched, hidden ones included
	Kinds   []KindCount  `json:"kinds"`
	Groups  []GroupCount `json:"groups"`
	// LinksRemoved counts relations from items that stay to items that go.
	LinksRemoved int `json:"links_removed"`
}

// Of returns the line of a kind, zero where there is none.
func (c *PlanCounts) Of(kind KindName) KindCount {
	for _, k := range c.Kinds {
		if k.Kind == kind {
			return k
		}
	}
	return KindCount{Kind: kind}
}

// Total adds up the lines of all kinds.
func (c *PlanCounts) Total() KindCount {
	var t KindCount
	for _, k := range c.Kinds {
		t.Apply += k.Apply
		t.Held += k.Held
		t.Hidden += k.Hidden
		t.OnlyHere += k.OnlyHere
		t.Gone += k.Gone
	}
	return t
}

// Plan is a frozen list of items with their versions, the action, the counts
// and the checks: the only road for anything large or destructive.
type Plan struct {
	ID          PlanID
	Action      Action
	Kind        KindName
	Query       string // canonical; empty where the person chose ids
	Seen        int    // the count that the person saw when choosing
	Origin      PlanID // the plan that this one undoes; 0 for none
	UserID      UserID
	UserName    string
	State       PlanState
	Fingerprint string // changes whenever the frozen list does
	Counts      PlanCounts
	Friction    Friction
	Phrase      string // what must be typed; empty below FrictionPhrase
	BackupID    BackupID
	Done        int // items that the action touched
	Skipped     int // items that had changed since and were left alone
	Message     string
	Created     Time
	Expires     Time
	StartAt     Time
	Started     Time
	Ended       Time
	PurgeAfter  Time // when the trash of a delete plan ends
}

// Expired reports whether a plan under review can no longer be confirmed.
func (p *Plan) Expired(now Time) bool { return p.State == PlanReview && now > p.Expires }

// Outcome is what became of one item of a plan.
type Outcome string

// The outcomes.
const (
	OutcomePending Outcome = ""
	OutcomeDone    Outcome = "done"
	OutcomeStale   Outcome = "changed since the plan was made"
	OutcomeGone    Outcome = "no longer there"
	OutcomeNoMatch Outcome = "no longer matches"
	OutcomeDenied  Outcome = "no longer permitted"
)

// PlanItem is one frozen line of a plan.
type PlanItem struct {
	ItemID         ItemID
	Kind           KindName
	OrganizationID ItemID
	Name           string
	Version        int64
	Held           bool
	Why            string // why it is held back
	Outcome        Outcome
}

// HeldBack is one organization or item that a plan keeps, with what it holds.
type HeldBack struct {
	ItemID   ItemID
	Kind     KindName
	Name     string
	Items    int // items inside, itself included
	OnlyHere int // of these: exist only here
	Why      string
}

// TrashEntry is one item in the trash.
type TrashEntry struct {
	ItemID         ItemID
	Kind           KindName
	OrganizationID ItemID
	Organization   string
	Name           string
	PlanID         PlanID // 0 for a single delete
	DeletedBy      string
	Deleted        Time
	PurgeAfter     Time
}

// Title names a plan in words: "Delete 12,387 organizations".
func (p *Plan) Title() string {
	verb := map[Action]string{ActionDelete: "Delete", ActionRestore: "Restore", ActionPurge: "Delete for good"}[p.Action]
	if p.Action == ActionDelete {
		if k, err := KindNamed(string(p.Kind)); err == nil {
			return verb + " " + k.Count(p.Counts.Of(p.Kind).Apply)
		}
	}
	n := p.Counts.Total().Apply
	if n == 1 {
		return verb + " 1 item"
	}
	return verb + " " + Thousands(n) + " items"
}
