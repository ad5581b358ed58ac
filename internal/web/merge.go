package web

import (
	"net/url"

	"mainstay"
)

// MergePage shows two organizations side by side before one moves into the other.
// Without a target it asks for one.
type MergePage struct {
	Page
	Source, Target MergeOrganization
	Find           string // what was searched for
	Found          []MergeFound
	Many           bool   // more were found than are listed
	None           string // why nothing was found
	Fields         []MergeField
	After          mainstay.MergeOutcome // what comes of the choices so far
	Renamed        string                // the new name, in a sentence; empty where the target keeps its own
	Both           bool                  // both are linked, so a person chooses the link
	PSA            string                // the name of the PSA of both; empty where it is not the same
	SourceLink     bool
	LinkText       string // what becomes of the links
	Moves          string // "42 configurations, 3 contacts and 1 document"
	Children       int
	Held           string // why nothing can move
	Doubles        []MergeDouble
	DoublesMore    int
	Gain           string // who will see more, in words; empty where nobody
	Lose           string // who can open the source only
	Grant          bool
	Error          string
}

// MergeOrganization is one of the two.
type MergeOrganization struct {
	ID    mainstay.ItemID
	Name  string
	Sync  mainstay.SyncState
	Note  string
	Items int
	// Company is the PSA's number of its record; empty without one.
	Company string
}

// MergeFound is an organization that another one can be merged into.
type MergeFound struct {
	MergeOrganization
	URL    string // of the page that shows both
	Labels string // type and status
}

// facts tells it from others of the same name.
func (f MergeFound) facts() string {
	company := ""
	if f.Company != "" {
		company = "Company " + f.Company
	}
	return join(company, f.Labels, some(f.Items, "item"))
}

// MergeField is one field of both. Side is what is chosen; Owned says that it
// follows the link.
type MergeField struct {
	Name, Label string
	Texts       [2]string // of source and target
	After       string    // as it is after the merge
	Side        mainstay.MergeSide
	Owned       bool
	Joins       bool
	Error       string
}

// MergeDouble is an item of the source that looks like one of the target.
type MergeDouble struct {
	Source, Target Link
	ID             mainstay.ItemID
	Kind           string
	Same           string
	Stays          string // why it can't go to Trash; empty where it can
	Drop           bool
}

// mergeURL leads to the page of one organization, with another to merge it into.
func mergeURL(source, target mainstay.ItemID) string {
	to := organizationURL(source) + "/merge"
	if target == 0 {
		return to
	}
	return to + "?" + url.Values{"with": {idText(target)}}.Encode()
}

// mergeLink leads from a pair to its merge: a linked one stays where the other isn't.
func (c DuplicateCard) mergeLink() string {
	if c.Sides[0].Own || c.Sides[0].Sync != mainstay.NotLinked && c.Sides[1].Sync == mainstay.NotLinked && !c.Sides[1].Own {
		return mergeURL(c.B, c.A)
	}
	return mergeURL(c.A, c.B)
}

// fieldInput is the name of the radio buttons of a field.
func (f MergeField) fieldInput() string { return fieldName(f.Name) }

// question asks for the link in the words of the PSA.
func (p MergePage) question() string {
	if p.PSA == "" {
		return "Which company does it follow?"
	}
	return "Which " + p.PSA + " company does it follow?"
}

// company names the company that one of the two follows now.
func (o MergeOrganization) company() string {
	if o.Company == "" {
		return "The company of " + o.Name
	}
	return o.Name + ", company " + o.Company
}

// from says where the fields come from that the PSA owns.
func (p MergePage) from() string {
	if !p.Both {
		return "Comes from the PSA"
	}
	o := p.Target
	if p.After.Link == mainstay.MergeSource {
		o = p.Source
	}
	if o.Company == "" {
		return "From the company of " + o.Name
	}
	return "Company " + o.Company
}

func (p MergePage) side(n int) MergeOrganization {
	if n == 0 {
		return p.Source
	}
	return p.Target
}

func mergeSideOf(n int) mainstay.MergeSide {
	if n == 0 {
		return mainstay.MergeSource
	}
	return mainstay.MergeTarget
}

// mergeLines say what comes of a plan that merges; none for others.
func mergeLines(plan mainstay.Plan) []mainstay.MergeLine {
	if plan.Action != mainstay.ActionMerge || plan.Params.Merge == nil {
		return nil
	}
	return plan.Params.Merge.Lines()
}
