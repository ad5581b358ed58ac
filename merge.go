package mainstay

// MergeSide says from which of two organizations a field is taken.
type MergeSide string

// The sides.
const (
	MergeSource MergeSide = "source"
	MergeTarget MergeSide = "target"
	MergeBoth   MergeSide = "both" // one text after the other, each under the name of its organization
)

// MergeParams say how two organizations become one.
type MergeParams struct {
	Source     ItemID `json:"source"` // goes to the trash
	Target     ItemID `json:"target"` // stays
	SourceName string `json:"source_name"`
	TargetName string `json:"target_name"`
	// TargetVersion is the target that the person saw; the source is a line of the plan.
	TargetVersion int64 `json:"target_version"`
	// Fields maps "name", "type_id", "status_id" or a field to the side that it is
	// taken from. What is missing follows MergeDefault.
	Fields map[string]MergeSide `json:"fields,omitempty"`
	// SourceLink says that the link of the source stays where both have one.
	SourceLink bool `json:"source_link,omitempty"`
	// Grant lets the people who see the source only see the target.
	Grant bool `json:"grant,omitempty"`
	// Doubles is how many items of the source go to the trash as doubles.
	Doubles int `json:"doubles,omitempty"`
	// After is what comes of it; nil in plans that were made before it was kept.
	After *MergeOutcome `json:"after,omitempty"`
}

func (m *MergeParams) title(verb string) string {
	return verb + " " + m.SourceName + " into " + m.TargetName
}

// MergeLabels are the fields of a merge that are no Field of the kind.
func MergeLabels() []Field {
	return []Field{{Name: "name", Label: "Name"}, {Name: "type_id", Label: "Type"}, {Name: "status_id", Label: "Status"}}
}

// MergeLink names the side whose link stays: the only one that there is, or the
// chosen one of two. It is empty where neither is linked.
func MergeLink(source, target *Item, sourceLink bool) MergeSide {
	s, t := source.Sync != NotLinked, target.Sync != NotLinked
	switch {
	case s && (!t || sourceLink):
		return MergeSource
	case t:
		return MergeTarget
	}
	return ""
}

// MergeOwned reports whether the PSA owns a field of a linked organization, so
// that it follows the link and nobody chooses.
func MergeOwned(field string) bool {
	f := Organization.Field(field)
	return f == nil || f.Synced
}

// MergeJoins reports whether both texts of a field can be kept, one after the other.
func MergeJoins(field string) bool {
	f := Organization.Field(field)
	return f != nil && (f.Type == LongText || f.Type == RichText)
}

// MergeDefault is the side of a field where the person says nothing: the one that
// has something, both for texts that exist only here, and else the target.
func MergeDefault(field string, source, target *Item) MergeSide {
	s, t := mergeText(field, source), mergeText(field, target)
	f := Organization.Field(field)
	switch {
	case s == "" || s == t:
		return MergeTarget
	case t == "":
		return MergeSource
	case f != nil && f.OnlyHere && MergeJoins(field):
		return MergeBoth
	}
	return MergeTarget
}

// Side is where a field is taken from.
func (m *MergeParams) Side(field string, source, target *Item) MergeSide {
	if link := MergeLink(source, target, m.SourceLink); link != "" && MergeOwned(field) {
		return link
	}
	if s := m.Fields[field]; s != "" {
		return s
	}
	return MergeDefault(field, source, target)
}

// mergeText is what decides whether a side has something in a field.
func mergeText(field string, i *Item) string {
	switch field {
	case "name":
		return i.Name
	case "type_id":
		return labelText(i.TypeID)
	case "status_id":
		return labelText(i.StatusID)
	}
	return i.Values.Text(field)
}

func labelText(id LabelID) string {
	if id == 0 {
		return ""
	}
	return "label"
}

// Merge is the target as it is once the source is in it. The link of a side takes
// the sync state with it, and the fields that the PSA owns.
func (m *MergeParams) Merge(source, target *Item) Item {
	n := *target
	n.Values = target.Values.Clone()
	if m.Side("name", source, target) == MergeSource {
		n.Name = source.Name
	}
	if m.Side("type_id", source, target) == MergeSource {
		n.TypeID = source.TypeID
	}
	if m.Side("status_id", source, target) == MergeSource {
		n.StatusID = source.StatusID
	}
	for _, f := range Organization.Fields {
		s, t := source.Values.Text(f.Name), target.Values.Text(f.Name)
		switch m.Side(f.Name, source, target) {
		case MergeSource:
			n.Values.SetText(f.Name, s)
		case MergeBoth:
			n.Values.SetText(f.Name, mergeJoin(f, source.Name, s, target.Name, t))
		}
	}
	link := MergeLink(source, target, m.SourceLink)
	if link == MergeSource {
		n.Sync, n.Reason, n.Since, n.SyncNote = source.Sync, source.Reason, source.Since, source.SyncNote
	}
	if (link == MergeSource || link == "" && n.ParentID == 0) && source.ParentID != target.ID {
		n.ParentID = source.ParentID
	}
	n.SettleOnlyHere()
	return n
}

// mergeJoin keeps both texts, the one of the organization that stays first.
func mergeJoin(f Field, source, s, target, t string) string {
	switch {
	case s == "" || s == t:
		return t
	case t == "":
		return s
	case f.Type == RichText:
		return "**" + target + "**\n\n" + t + "\n\n**" + source + "**\n\n" + s
	}
	return target + ":\n" + t + "\n\n" + source + ":\n" + s
}

// Check refuses choices that make no sense for the two, one error per field.
func (m *MergeParams) Check(source, target *Item) []*Error {
	var errs []*Error
	for field, side := range m.Fields {
		f := Organization.Field(field)
		if f == nil && field != "name" && field != "type_id" && field != "status_id" {
			errs = append(errs, FieldError(field, "An organization has no field called %q.", field))
			continue
		}
		switch {
		case side != MergeSource && side != MergeTarget && side != MergeBoth:
			errs = append(errs, FieldError(field, "Choose source, target or both for %s.", field))
		case side == MergeBoth && !MergeJoins(field):
			errs = append(errs, FieldError(field, "Only texts of several lines can keep both. Choose one for %s.", field))
		case MergeOwned(field) && side != m.Side(field, source, target):
			errs = append(errs, FieldError(field, "The PSA owns %s, so it follows the link that stays. Leave it out, or keep the other link.", field))
		}
	}
	n := m.Merge(source, target)
	for _, f := range Organization.Fields {
		if m.Side(f.Name, source, target) != MergeBoth {
			continue
		}
		if _, err := f.CheckText(n.Values.Text(f.Name)); err != nil {
			errs = append(errs, FieldError(f.Name, "Both texts of %s together are too long. Choose one of them.", f.Label))
		}
	}
	return errs
}
