package change

import (
	"context"
	"strings"

	"mainstay"
	"mainstay/internal/store"
)

// Double is an item of the source of a merge that looks like one of the target.
type Double struct {
	Source, Target mainstay.Item
	Same           string // what they have in common: "serial number"
	// Stays says why it can't go to the trash; empty where it can.
	Stays string
}

// Doubles finds what looks double in two organizations: configurations with one
// serial number, contacts with one e-mail address, locations with one address and
// documents with one name. It reads both organizations once.
func Doubles(ctx context.Context, t *store.Tx, source, target mainstay.ItemID) ([]Double, error) {
	mine, err := t.Inside(ctx, source)
	if err != nil {
		return nil, err
	}
	theirs, err := t.Inside(ctx, target)
	if err != nil {
		return nil, err
	}
	by := map[string]*mainstay.Item{}
	for n := range theirs {
		_, keys := doubleKeys(&theirs[n])
		for _, k := range keys {
			if by[k] == nil {
				by[k] = &theirs[n]
			}
		}
	}
	named := store.Referred(mine)
	var out []Double
	for _, i := range mine {
		same, keys := doubleKeys(&i)
		for _, k := range keys {
			other := by[k]
			if other == nil {
				continue
			}
			d := Double{Source: i, Target: *other, Same: same}
			switch {
			case i.Sync == mainstay.Syncing || i.Sync == mainstay.SyncError:
				d.Stays = "it still syncs"
			case named[i.ID]:
				d.Stays = "other items name it"
			}
			out = append(out, d)
			break
		}
	}
	return out, nil
}

// doubleKeys are what an item is recognized by, folded, with the word for it.
func doubleKeys(i *mainstay.Item) (same string, keys []string) {
	add := func(key string) {
		if key != "" {
			keys = append(keys, string(i.Kind)+" "+key)
		}
	}
	switch i.Kind {
	case mainstay.Configuration.Name:
		same = "serial number"
		add(mainstay.CodeKey(i.Values.Text("serial_number")))
	case mainstay.Contact.Name:
		same = "e-mail address"
		for _, r := range i.Values["emails"].Rows {
			add(strings.ToLower(strings.TrimSpace(r["value"])))
		}
	case mainstay.Location.Name:
		same = "address"
		add(mainstay.AddressKey(i.Values.Text("address_1"), i.Values.Text("postal_code")))
	case mainstay.Document.Name:
		same = "name"
		add(mainstay.SearchKey(i.Name))
	}
	return same, keys
}
