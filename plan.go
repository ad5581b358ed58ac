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
	// ActionDisconnect ends links and keeps the items; ActionReconnect takes
	// ended links up again.
	ActionDisconnect Action = "disconnect"
	ActionReconnect  Action = "reconnect"
	// ActionPause stops a class from syncing and touches no item: its lines are
	// what will become orphaned. ActionResume ticks the class again.
	ActionPause  Action = "pause"
	ActionResume Action = "resume"
	// ActionEdit sets the type or status; ActionProtect sets or lifts the keep flag
	// or a legal hold; ActionRevert gives items back what either of them changed.
	ActionEdit    Action = "edit"
	ActionProtect Action = "protect"
	ActionRevert  Action = "revert"
	// ActionMerge moves all that an organization holds into another and the
	// organization to the trash; ActionUnmerge takes that back.
	ActionMerge   Action = "merge"
	ActionUnmerge Action = "unmerge"
)

// FromTrash reports whether a plan's items lie in the trash before it runs.
func (a Action) FromTrash() bool { return a == ActionRestore || a == ActionPurge }

// Inside reports whether a plan of organizations takes in what they hold; the
// others concern the chosen items alone.
func (a Action) Inside() bool {
	switch a {
	case ActionEdit, ActionProtect, ActionRevert:
		return false
	}
	return true
}

// Harmless reports whether a plan only gives back what another one took, so
// that it asks for nothing but a click.
func (a Action) Harmless() bool {
	switch a {
	case ActionRestore, ActionReconnect, ActionResume, ActionRevert, ActionUnmerge:
		return true
	}
	return false
}

// Brings reports whether a plan puts things back into organizations, so that it
// walks the organizations before their contents and not after them.
func (a Action) Brings() bool {
	return a == ActionRestore || a == ActionReconnect || a == ActionUnmerge
}

// Undo is the action that takes a plan of this action back; empty for none.
func (a Action) Undo() Action {
	switch a {
	case ActionDelete:
		return ActionRestore
	case ActionDisconnect:
		return ActionReconnect
	case ActionReconnect:
		return ActionDisconnect
	case ActionPause:
		return ActionResume
	case ActionEdit, ActionProtect, ActionRevert:
		return ActionRevert
	case ActionMerge:
		return ActionUnmerge
	}
	return ""
}

// Class is one row of Manage data: the records of a type or of a status, or all
// contacts or locations where Axis is empty.
type Class struct {
	Kind       KindName `json:"kind"`
	Axis       Axis     `json:"axis,omitempty"`
	ExternalID string   `json:"external_id,omitempty"`
	Name       string   `json:"name"` // in words: "Vendor", "Contacts"
}

// PlanParams are what a plan needs beyond its list of items.
type PlanParams struct {
	Integration IntegrationID `json:"integration,omitempty"`
	PSA         string        `json:"psa,omitempty"` // the integration's name, for sentences
	// Class stops syncing when the plan is confirmed. Unticked is what that
	// unticked, so that canceling and undoing tick the same boxes again.
	Class    *Class `json:"class,omitempty"`
	Unticked []Pair `json:"unticked,omitempty"`
	Switched bool   `json:"switched,omitempty"` // the switch of contacts or locations was turned off
	// Remove says that the whole integration goes.
	Remove bool `json:"remove,omitempty"`
	// Syncing says that a deletion takes items that still sync, which needs the
	// account's switch for bulk deletion.
	Syncing bool   `json:"syncing,omitempty"`
	Note    string `json:"note,omitempty"` // the reason that the person gave
	// TypeID and StatusID are what an edit sets; nil leaves as it is.
	TypeID   *LabelID `json:"type_id,omitempty"`
	StatusID *LabelID `json:"status_id,omitempty"`
	Sets     string   `json:"sets,omitempty"` // the same in words: "type Former client"
	// Keep and HoldUntil are what a protect plan sets; nil leaves as it is.
	Keep      *bool        `json:"keep,omitempty"`
	HoldUntil *Time        `json:"hold_until,omitempty"`
	Merge     *MergeParams `json:"merge,omitempty"`
	// ConfirmedBy and ConfirmedAt say who confirmed the plan, and Included what
	// people took out of what it held back, in their order.
	ConfirmedBy string      `json:"confirmed_by,omitempty"`
	ConfirmedAt Time        `json:"confirmed_at,omitempty"`
	Included    []Inclusion `json:"included,omitempty"`
}

// Inclusion is an organization with its contents, or one item, that a person let
// a plan touch although it held it back.
type Inclusion struct {
	ItemID ItemID `json:"item_id"`
	Name   string `json:"name"`
	Items  int    `json:"items"` // itself included
	By     string `json:"by"`
	At     Time   `json:"at"`
}

// Unticks reports whether confirming the plan unticked something in the sync
// settings, which taking it back ticks again.
func (p *PlanParams) Unticks() bool {
	return p.Class != nil && (len(p.Unticked) > 0 || p.Switched)
}

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
	Unlinked int      `json:"unlinked"`  // of Apply: disconnected, so no sync brings it back
	// Returning, of Apply in a plan that takes items which still sync: the record
	// goes on syncing, so it comes back as a new item once the trash is emptied.
	Returning int `json:"returning,omitempty"`
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
		t.Unlinked += k.Unlinked
		t.Returning += k.Returning
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
	Params      PlanParams
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

// About names what a plan is about beside its items: "Vendor of ConnectWise PSA",
// "all of ConnectWise PSA"; empty where the items say it.
func (p *Plan) About() string {
	switch {
	case p.Params.Remove:
		return "all of " + p.Params.PSA
	case p.Params.Class != nil:
		return p.Params.Class.Name + " of " + p.Params.PSA
	}
	return ""
}

// Idle reports whether confirming a plan would do nothing: all of it is held
// back. A plan that changes settings, or removes a connection without links, has
// something to do without any item.
func (p *Plan) Idle() bool {
	t := p.Counts.Total()
	if p.Action == ActionPause || (p.Params.Remove && t.Held == 0) {
		return false
	}
	return t.Apply == 0
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
	OutcomeKept    Outcome = "protected since the plan was made"
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
	ItemID         ItemID
	OrganizationID ItemID
	Kind           KindName
	Name           string
	Items          int // items inside, itself included
	Inside         int // items inside, without itself
	OnlyHere       int // of Items: exist only here
	Why            string
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
	OwnerTrashed   bool             // its organization lies in the trash too, and comes back with it
	Inside         map[KindName]int // organizations: what the same plan deleted in it, and comes back with it
}

// verbs are how a plan's title begins.
var verbs = map[Action]string{ActionDelete: "Delete", ActionRestore: "Restore", ActionPurge: "Delete for good", ActionDisconnect: "Disconnect",
	ActionReconnect: "Reconnect", ActionPause: "Pause syncing of", ActionResume: "Resume syncing of", ActionEdit: "Change", ActionProtect: "Protect",
	ActionRevert: "Change back", ActionMerge: "Merge", ActionUnmerge: "Undo the merge of"}

// Verb returns the word with which the plan's title and button begin.
func (p *Plan) Verb() string {
	if p.Action != ActionProtect {
		return verbs[p.Action]
	}
	switch g := p.Params.Guarding(); {
	case g.HoldUntil != nil && g.Lifts():
		return "Lift the legal hold on"
	case g.HoldUntil != nil:
		return "Set a legal hold on"
	case g.Lifts():
		return "Lift the protection of"
	}
	return verbs[p.Action]
}

// Title names a plan in words: "Delete 12,387 organizations".
func (p *Plan) Title() string {
	verb := p.Verb()
	if m := p.Params.Merge; m != nil {
		return m.title(verb)
	}
	if !p.Action.FromTrash() {
		if k, err := KindNamed(string(p.Kind)); err == nil {
			if held := p.Counts.Of(p.Kind).Held; held > 0 && p.Idle() {
				return verb + " " + k.Count(held) + ", all held back"
			}
			return verb + " " + k.Count(p.Counts.Of(p.Kind).Apply)
		}
	}
	n := p.Counts.Total().Apply
	if n == 1 {
		return verb + " 1 item"
	}
	return verb + " " + Thousands(n) + " items"
}
