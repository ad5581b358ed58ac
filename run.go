package mainstay

// RunID identifies one sync.
type RunID int64

// RunState is where a sync stands.
type RunState string

// The states of a run. Only RunComplete may have orphaned anything.
const (
	RunQueued     RunState = "queued"
	RunRunning    RunState = "running"
	RunComplete   RunState = "complete"
	RunIncomplete RunState = "incomplete" // something could not be read: items were updated, nothing was orphaned
	RunHeld       RunState = "held"       // a guard stopped the orphaning; a person decides
	RunFailed     RunState = "failed"     // nothing could be read
	RunCancelled  RunState = "cancelled"
	RunRejected   RunState = "rejected" // a held run whose candidates a person kept
)

// Ended reports whether a run in this state does no more work by itself.
func (s RunState) Ended() bool { return s != RunQueued && s != RunRunning }

// Looked reports whether a run in this state saw everything, so that it followed
// its settings as far as a person lets it.
func (s RunState) Looked() bool { return s == RunComplete || s == RunHeld || s == RunRejected }

// RunCounts are the tallies of a run.
type RunCounts struct {
	Pages      int `json:"pages"`
	Seen       int `json:"seen"`
	Created    int `json:"created"`
	Updated    int `json:"updated"`
	Unchanged  int `json:"unchanged"`
	Matched    int `json:"matched"` // linked to items that were already here
	Healed     int `json:"healed"`  // orphans that sync again
	OutOfScope int `json:"out_of_scope"`
	// Of those out of scope: with an item here, without one, and out only because
	// the organization around them waits. A run that told none of them apart has
	// three zeros.
	OutLinked  int `json:"out_linked"`
	OutNew     int `json:"out_new"`
	OutWaiting int `json:"out_waiting"`
	InTrash    int `json:"in_trash"` // records whose item lies in the trash, left alone
	Waiting    int `json:"waiting"`  // records that were disconnected and wait to be matched again
	Errors     int `json:"errors"`
	Candidates int `json:"candidates"`
	Orphaned   int `json:"orphaned"`
	Kept       int `json:"kept"` // candidates that the PSA still has
}

// Changes says in words what a sync changed, what a person has to look at first:
// "2 orphaned", "3 new". It is empty for nothing.
func (c RunCounts) Changes() []string {
	var out []string
	for _, n := range []struct {
		n    int
		what string
	}{{c.Orphaned, "orphaned"}, {c.Errors, "not taken over"}, {c.Created, "new"}, {c.Updated, "changed"}, {c.Healed, "came back"}, {c.Matched, "matched"}, {c.Waiting, "to be matched again"}} {
		if n.n > 0 {
			out = append(out, Thousands(n.n)+" "+n.what)
		}
	}
	return out
}

// Told reports whether a run told apart what is out of scope.
func (c RunCounts) Told() bool { return c.OutLinked+c.OutNew+c.OutWaiting == c.OutOfScope }

// Unmatched is how many records don't match the settings. What lies inside an
// organization that waits is none of them.
func (c RunCounts) Unmatched() int { return c.OutOfScope - c.OutWaiting }

// Run is one sync with an immutable snapshot of the settings.
type Run struct {
	ID            RunID
	IntegrationID IntegrationID
	By            string // who asked for it; "schedule" for the clock
	State         RunState
	Stage         string // what it is doing now, in words
	Settings      Settings
	Counts        RunCounts
	Expected      int // records that the PSA announced, 0 while unknown
	Message       string
	Cancel        bool // a person asked it to stop
	Created       Time
	Started       Time
	Ended         Time
}

// RunProblem is one record that a run could not take over.
type RunProblem struct {
	RunID      RunID
	Kind       KindName
	ExternalID string
	ItemID     ItemID // 0 where no item exists
	Name       string
	Message    string // what happened and what to do
}

// Candidate is a linked item that a full run found reason to orphan.
type Candidate struct {
	ItemID     ItemID
	Kind       KindName
	ExternalID string
	Name       string
	TypeID     LabelID
	Reason     Reason
	// Expected says that a person agreed to this change when saving the settings.
	Expected bool
	Evidence string
}
