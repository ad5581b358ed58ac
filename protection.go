package mainstay

// MaxNote is the longest note of a person beside a decision, in runes.
const MaxNote = 1000

// Protection keeps an item, and all that an organization holds, out of every
// plan that deletes, disconnects or merges. The keep flag is lifted by whoever
// may make plans; a legal hold by an Administrator only, and ends on its day.
type Protection struct {
	ItemID   ItemID
	Keep     bool
	KeepNote string
	KeepBy   string
	KeepAt   Time
	// HoldUntil is the moment when a legal hold ends by itself; 0 for none.
	HoldUntil Time
	HoldNote  string
	HoldBy    string
	HoldAt    Time
}

// Held reports whether a legal hold stands.
func (p *Protection) Held(now Time) bool { return p.HoldUntil > now }

// Active reports whether the item is kept now, for either reason.
func (p *Protection) Active(now Time) bool { return p.Keep || p.Held(now) }
