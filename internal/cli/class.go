package cli

import (
	"mainstay"
	"mainstay/internal/store"
)

// classFlags name one row of Manage data: a type or a status of organizations or
// configurations, or all contacts or locations.
type classFlags struct {
	Kind   string `help:"organizations, configurations, contacts or locations." default:"organizations"`
	Type   string `help:"Which type; none for what has no type." xor:"axis"`
	Status string `help:"Which status; none for what has no status." xor:"axis"`
}

// class finds the row that the options name.
func (f *classFlags) class(c *call, a *app, i mainstay.Integration) (mainstay.Class, error) {
	kind, err := mainstay.KindNamed(f.Kind)
	if err != nil {
		return mainstay.Class{}, err
	}
	class := mainstay.Class{Kind: kind.Name}
	if !kind.Types || !kind.Statuses {
		if f.Type != "" || f.Status != "" {
			return class, mainstay.Errorf(mainstay.Invalid, "All %s follow one switch. Leave out --type and --status.", kind.Plural)
		}
		class.Name = kind.Plural
		return class, nil
	}
	var labels []mainstay.Label
	if err := a.store.Read(c.ctx, func(t *store.Tx) error { labels, err = t.Labels(c.ctx); return err }); err != nil {
		return class, err
	}
	b := newBoxes(labels, i.ID, kind)
	name, among := f.Type, b.types
	class.Axis = mainstay.TypeAxis
	if f.Status != "" {
		name, among, class.Axis = f.Status, b.statuses, mainstay.StatusAxis
	}
	if name == "" {
		return class, mainstay.Errorf(mainstay.Invalid, "Say which: --type or --status.")
	}
	for _, l := range among {
		if mainstay.SearchKey(l.Name) == mainstay.SearchKey(name) {
			class.ExternalID, class.Name = l.ExternalID, l.Name
			return class, nil
		}
	}
	if mainstay.SearchKey(name) == noType {
		return class, nil
	}
	return class, mainstay.Errorf(mainstay.NotFound, "There is no %s called %q. There are: %s.", class.Axis, name, labelNames(among))
}
