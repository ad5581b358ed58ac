package mainstay

import (
	"strings"
	"time"
)

// MaxNote is the longest note of a person beside a decision, in runes.
const MaxNote = 1000

// Protection keeps an item, and all that an organization holds, out of every
// plan that deletes, disconnects or merges. The keep flag is lifted by whoever
// may make plans; a legal hold by an Administrator only, and ends on its day.
type Protection struct {
	ItemID   ItemID `json:"-"`
	Keep     bool   `json:"keep,omitempty"`
	KeepNote string `json:"keep_note,omitempty"`
	KeepBy   string `json:"keep_by,omitempty"`
	KeepAt   Time   `json:"keep_at,omitempty"`
	// HoldUntil is the moment when a legal hold ends by itself; 0 for none.
	HoldUntil Time   `json:"hold_until,omitempty"`
	HoldNote  string `json:"hold_note,omitempty"`
	HoldBy    string `json:"hold_by,omitempty"`
	HoldAt    Time   `json:"hold_at,omitempty"`
}

// Held reports whether a legal hold stands.
func (p *Protection) Held(now Time) bool { return p.HoldUntil > now }

// Active reports whether the item is kept now, for either reason.
func (p *Protection) Active(now Time) bool { return p.Keep || p.Held(now) }

// Guarding is what a person sets on items: the keep flag, or a legal hold.
// Exactly one of Keep and HoldUntil is set.
type Guarding struct {
	Keep      *bool
	HoldUntil *Time // when the hold ends; 0 lifts it
	Note      string
}

// Lifts reports whether it takes protection away.
func (g Guarding) Lifts() bool {
	return (g.Keep != nil && !*g.Keep) || (g.HoldUntil != nil && *g.HoldUntil == 0)
}

// Right is what a person needs to set it.
func (g Guarding) Right() Right {
	if g.HoldUntil != nil {
		return LegalHold
	}
	return PlanChanges
}

// Apply returns the protection with the keep flag or the hold as set, by whom
// and when. The other of the two stays as it is.
func (g Guarding) Apply(p Protection, who string, at Time) Protection {
	switch {
	case g.Keep != nil && *g.Keep:
		p.Keep, p.KeepNote, p.KeepBy, p.KeepAt = true, g.Note, who, at
	case g.Keep != nil:
		p.Keep, p.KeepNote, p.KeepBy, p.KeepAt = false, "", "", 0
	case g.HoldUntil != nil && *g.HoldUntil != 0:
		p.HoldUntil, p.HoldNote, p.HoldBy, p.HoldAt = *g.HoldUntil, g.Note, who, at
	case g.HoldUntil != nil:
		p.HoldUntil, p.HoldNote, p.HoldBy, p.HoldAt = 0, "", "", 0
	}
	return p
}

// Same reports whether two protections agree in the part that g sets.
func (g Guarding) Same(p, q Protection) bool {
	if g.Keep != nil {
		return p.Keep == q.Keep && p.KeepAt == q.KeepAt && p.KeepNote == q.KeepNote
	}
	return p.HoldUntil == q.HoldUntil && p.HoldAt == q.HoldAt && p.HoldNote == q.HoldNote
}

// Take returns p with the part that g sets taken from q.
func (g Guarding) Take(p, q Protection) Protection {
	if g.Keep != nil {
		p.Keep, p.KeepNote, p.KeepBy, p.KeepAt = q.Keep, q.KeepNote, q.KeepBy, q.KeepAt
		return p
	}
	p.HoldUntil, p.HoldNote, p.HoldBy, p.HoldAt = q.HoldUntil, q.HoldNote, q.HoldBy, q.HoldAt
	return p
}

// Guarding returns what a protect plan sets.
func (p *PlanParams) Guarding() Guarding {
	return Guarding{Keep: p.Keep, HoldUntil: p.HoldUntil, Note: p.Note}
}

// HoldEnd reads the last day of a legal hold, such as 2026-06-12, and returns the
// moment when it ends: the end of that day in a time zone.
func HoldEnd(day string, zone *time.Location) (Time, error) {
	at, err := time.ParseInLocation(time.DateOnly, strings.TrimSpace(day), zone)
	if err != nil {
		return 0, FieldError("until", "Write the last day of the hold like 2026-06-12.")
	}
	return TimeOf(at.AddDate(0, 0, 1)), nil
}

// HoldDay is the last day of a legal hold in a time zone; see HoldEnd.
func HoldDay(until Time, zone *time.Location) time.Time {
	return until.Add(-time.Microsecond).Std().In(zone)
}
