package mainstay

import "strings"

// MergeOutcome is what the target is once the source is in it. A plan keeps it,
// for the two items are others after the merge.
type MergeOutcome struct {
	Name   string    `json:"name"`
	Sync   SyncState `json:"sync"`
	Reason Reason    `json:"reason,omitempty"`
	// Link is the side whose link stays, Company the PSA's number of its record.
	Link    MergeSide `json:"link,omitempty"`
	Company string    `json:"company,omitempty"`
	// Taken and Joined are the labels of the fields that come from the source and
	// of those that keep both texts.
	Taken  []string `json:"taken,omitempty"`
	Joined []string `json:"joined,omitempty"`
	// Warning says what the choice of the link breaks; empty for nothing.
	Warning string `json:"warning,omitempty"`
}

// MergeLine is one line of what comes of a merge.
type MergeLine struct{ Label, Text string }

// Foresee is what comes of the choices for the two. company is the number of the
// record whose link stays, empty where it is unknown.
func (m *MergeParams) Foresee(source, target *Item, company string) MergeOutcome {
	n := m.Merge(source, target)
	o := MergeOutcome{Name: n.Name, Sync: n.Sync, Reason: n.Reason, Link: MergeLink(source, target, m.SourceLink), Company: company}
	for _, f := range append(MergeLabels(), Organization.Fields...) {
		if mergeText(f.Name, source) == "" && mergeText(f.Name, target) == "" {
			continue
		}
		switch m.Side(f.Name, source, target) {
		case MergeSource:
			o.Taken = append(o.Taken, f.Label)
		case MergeBoth:
			o.Joined = append(o.Joined, f.Label)
		case MergeTarget:
		}
	}
	if n.Sync == Orphaned && (source.Sync == Syncing || target.Sync == Syncing) {
		o.Warning = orphaning(source, target, n.Reason, o.Link)
	}
	return o
}

// orphaning warns of a merge that leaves a client orphaned although one of the
// two syncs.
func orphaning(source, target *Item, reason Reason, link MergeSide) string {
	orphan, syncs, is := target, source, "stays orphaned"
	if link == MergeSource {
		orphan, syncs, is = source, target, "is orphaned too"
	}
	why := ""
	if l := reason.Label(); l != "" {
		why = " (" + strings.ToLower(l[:1]) + l[1:] + ")"
	}
	return orphan.Name + " is orphaned" + why + ". After the merge, " + target.Name + " " + is +
		", and a deletion of all orphans takes it. To prevent that, let it follow the company of " + syncs.Name + ", which syncs."
}

// Lines say what comes of a merge, as it was foreseen when the plan was made.
func (m *MergeParams) Lines() []MergeLine {
	o := m.After
	if o == nil {
		return nil
	}
	name := o.Name
	if o.Name != m.TargetName {
		name += " (" + m.TargetName + " until then)"
	}
	sync := o.Sync.Label()
	if l := o.Reason.Label(); l != "" {
		sync += ": " + l
	}
	out := []MergeLine{{"Name after the merge", name}, {"Follows", m.follows()}, {"Sync state after", sync}}
	if len(o.Taken) > 0 {
		out = append(out, MergeLine{"Taken from " + m.SourceName, strings.Join(o.Taken, ", ")})
	}
	if len(o.Joined) > 0 {
		out = append(out, MergeLine{"Kept from both", strings.Join(o.Joined, ", ")})
	}
	return out
}

// follows names the company in the PSA whose link stays.
func (m *MergeParams) follows() string {
	of := m.TargetName
	switch m.After.Link {
	case "":
		return "no company in the PSA"
	case MergeSource:
		of = m.SourceName
	}
	if m.After.Company == "" {
		return "the company of " + of
	}
	return "company " + m.After.Company + ", the one of " + of
}
