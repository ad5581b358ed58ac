package web

import (
	"maps"
	"strings"

	"mainstay"
	"mainstay/internal/store"
)

// shownNote is how much of a note stands in a row of what is held back, in runes.
const shownNote = 160

// heldWhy says why a row is held back, with what of it and by whom.
func (p PlanPage) heldWhy(h mainstay.HeldBack) string {
	why := h.Why
	if why == "" { // a person included it
		why = num(h.OnlyHere) + " of these " + existOrExists(h.OnlyHere) + " only here"
	}
	if more := p.Details[h.ItemID]; more != "" {
		return why + ": " + more
	}
	return why
}

// heldItems counts an organization with what is inside, or one item.
func heldItems(kind mainstay.KindName, items int) string {
	if kind == mainstay.Organization.Name {
		if items == 1 {
			return "the organization"
		}
		return "the organization and " + some(items-1, "item")
	}
	return some(items, "item")
}

// onlyNamed says what of an organization exists only here, and names a few.
func onlyNamed(i mainstay.Item, o store.OnlyInside) string {
	_, text := onlyHereText(i, o.Kinds)
	inside := maps.Clone(o.Kinds)
	delete(inside, mainstay.Organization.Name)
	n, counted := kindsText(inside)
	if len(o.Names) == 0 || counted == "" {
		return text
	}
	names := o.Names
	if more := n - len(names); more > 0 {
		names = append(names[:len(names):len(names)], num(more)+" more")
	}
	return strings.Replace(text, counted, counted+" ("+andList(names)+")", 1)
}

// keptText says who protects an item, until when and why. It names the item
// where that is not the row itself.
func (p Page) keptText(k store.KeptItem, row mainstay.ItemID) string {
	text, who, at, note := "", k.KeepBy, k.KeepAt, k.KeepNote
	if k.Held(p.Now) {
		who, at, note = k.HoldBy, k.HoldAt, k.HoldNote
		text = "until " + mainstay.HoldDay(k.HoldUntil, p.zone()).Format("2 Jan 2006") + ", "
	}
	text += "set by " + who + " on " + p.day(at)
	if note != "" {
		if r := []rune(note); len(r) > shownNote {
			note = string(r[:shownNote]) + "…"
		}
		text += ", “" + note + "”"
	}
	if k.ItemID != row {
		return k.Name + " " + text
	}
	return text
}

// allHeld says what to do about a plan of which nothing can happen.
func (p PlanPage) allHeld() string {
	const all = "Everything in this plan is held back. "
	for _, h := range p.Held {
		if includable(h) {
			return all + "Include what should go, one by one; or discard the plan, and disconnect or protect what should stay."
		}
	}
	return all + "Each row says why. Nothing can be confirmed."
}
