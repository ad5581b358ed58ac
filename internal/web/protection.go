package web

import (
	"mainstay"
	"mainstay/internal/change"
)

// ProtectionCard says what keeps an item out of plans, and leads to setting and
// lifting it.
type ProtectionCard struct {
	Kind  *mainstay.Kind
	Own   mainstay.Protection
	Outer mainstay.Protection // of the organization that holds the item
	// Organization leads to that organization; empty for an organization.
	Organization Link
	Name         string
	// Addresses of confirm pages; empty for people who may not.
	ProtectURL string
	HoldURL    string
}

// shown reports whether there is anything to say or to do.
func (c ProtectionCard) shown() bool { return c.ProtectURL != "" || c.Own.Keep || c.Own.HoldUntil != 0 }

// tag is what protects the item in a few words; empty where nothing does.
func (c ProtectionCard) tag(p Page) string {
	switch {
	case c.Own.Held(p.Now):
		return "Legal hold until " + p.holdDay(c.Own)
	case c.Own.Keep:
		return "Protected"
	case c.Outer.Held(p.Now):
		return "Legal hold with its organization"
	case c.Outer.Keep:
		return "Protected with its organization"
	}
	return ""
}

// reason says why the item can't be deleted; empty where it can.
func (c ProtectionCard) reason(p Page) string {
	switch {
	case c.Own.Active(p.Now):
		return change.KeptSentence(p.Now, c.Own, c.Name, c.Name, false)
	case c.Outer.Active(p.Now):
		return change.KeptSentence(p.Now, c.Outer, c.Name, c.Organization.Label, true)
	}
	return ""
}

// holdDay is the last day of a legal hold.
func (p Page) holdDay(g mainstay.Protection) string {
	return p.day(mainstay.TimeOf(mainstay.HoldDay(g.HoldUntil, p.zone())))
}

// keptNote is the tooltip of a protected row in a list.
func (p Page) keptNote(own, outer mainstay.Protection) string {
	switch {
	case own.Held(p.Now):
		return "Under legal hold until " + p.holdDay(own)
	case own.Keep:
		return "Protected by " + own.KeepBy
	case outer.Held(p.Now):
		return "Under legal hold with its organization"
	case outer.Keep:
		return "Protected with its organization"
	}
	return ""
}
