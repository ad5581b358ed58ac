package storetest

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strconv"
	"time"

	"mainstay"
	"mainstay/internal/store"
)

// Size says how much Seed makes. Equal sizes give equal contents but for times.
type Size struct {
	Organizations   int
	PerOrganization int // items inside each, over all kinds
	// Orphaned is the share of organizations that are orphaned, with everything
	// inside them that came from the PSA.
	Orphaned float64
	// OnlyHere is the share of organizations that hold something that no PSA has:
	// a document, and a quick note on the organization itself.
	OnlyHere float64
	// Activity adds one entry to the log for each item.
	Activity bool
	// Random chooses among equally likely contents.
	Random uint64
}

// Seeded is what Seed made.
type Seeded struct {
	Integration   mainstay.Integration
	Items         int
	Organizations []mainstay.ItemID
	Orphaned      int // organizations
}

// seedBatch is how many items one transaction makes.
const seedBatch = 5000

// The labels that Seed makes. The first organization types sync, and the others
// are what orphaned organizations have.
var (
	seedTypes    = []string{"Client", "Prospect", "Lead", "Former client", "Vendor"}
	seedStatuses = []string{"Active", "Inactive", "Imported", "Not approved", "Credit hold", "Delinquent"}
	seedDevices  = []string{"Workstation", "Server", "Switch", "Firewall", "Printer"}
	seedRoles    = []string{"Technical contact", "Billing contact", "Approver"}
)

// seeding is the state of one Seed.
type seeding struct {
	Seeded
	size     Size
	rand     *rand.Rand
	now      mainstay.Time
	external int
	labels   map[mainstay.KindName][]mainstay.Label
	statuses []mainstay.Label
	log      []mainstay.Activity
}

// Seed fills a migrated store with an integration, labels, and organizations
// with everything inside, in all sync states, through the same methods that sync
// uses. It makes some tens of thousands of items a second and may be called
// again for more.
func Seed(ctx context.Context, s *store.Store, size Size) (Seeded, error) {
	g := &seeding{size: size, rand: rand.New(rand.NewPCG(size.Random, 1)), now: s.DB.Now(), labels: map[mainstay.KindName][]mainstay.Label{}} // contents of tests
	if err := s.Write(ctx, g.begin(ctx)); err != nil {
		return Seeded{}, err
	}
	for made := 0; made < size.Organizations; {
		n := min(max(seedBatch/(size.PerOrganization+1), 1), size.Organizations-made)
		// A transaction may run again, so it starts from a copy each time.
		var after *seeding
		state := g.rand.Uint64()
		err := s.Write(ctx, func(t *store.Tx) error {
			c := *g
			c.rand = rand.New(rand.NewPCG(state, 2)) // see above
			c.log = nil
			after = &c
			return c.batch(ctx, t, made, n)
		})
		if err != nil {
			return Seeded{}, err
		}
		after.rand, g = g.rand, after
		made += n
	}
	return g.Seeded, nil
}

// begin makes the integration and the labels.
func (g *seeding) begin(ctx context.Context) func(*store.Tx) error {
	return func(t *store.Tx) error {
		list, err := t.Integrations(ctx)
		if err != nil {
			return err
		}
		name := "ConnectWise PSA"
		if len(list) > 0 {
			name += " " + strconv.Itoa(len(list)+1)
		}
		g.Integration = mainstay.Integration{Connector: "connectwise", Name: name, Fingerprint: "seed " + name, State: mainstay.IntegrationOK, Created: g.now,
			Options: map[string]string{"company": "acme", "url": "https://psa.example.com"}}
		g.Integration.Settings = mainstay.Settings{Version: 1, Contacts: true, Locations: true, Organizations: map[mainstay.Pair]bool{}, Configurations: map[mainstay.Pair]bool{}}
		for i := range seedStatuses {
			g.Integration.Settings.Organizations[mainstay.Pair{Type: "1", Status: strconv.Itoa(i + 1)}] = true
		}
		if err := t.InsertIntegration(ctx, &g.Integration, []byte("sealed")); err != nil {
			return err
		}
		for _, l := range []struct {
			kind  mainstay.KindName
			axis  mainstay.Axis
			names []string
		}{
			{mainstay.Organization.Name, mainstay.TypeAxis, seedTypes}, {mainstay.Organization.Name, mainstay.StatusAxis, seedStatuses},
			{mainstay.Configuration.Name, mainstay.TypeAxis, seedDevices}, {mainstay.Contact.Name, mainstay.TypeAxis, seedRoles},
		} {
			labels := make([]mainstay.Label, len(l.names))
			for i, n := range l.names {
				labels[i] = mainstay.Label{Kind: l.kind, Axis: l.axis, Name: n, IntegrationID: g.Integration.ID, ExternalID: strconv.Itoa(i + 1), Inactive: n == "Inactive"}
			}
			if err := t.InsertLabels(ctx, labels); err != nil {
				return err
			}
			if l.axis == mainstay.StatusAxis {
				g.statuses = labels
			} else {
				g.labels[l.kind] = labels
			}
		}
		return nil
	}
}

// batch makes n organizations, the first being number made, and what is inside.
func (g *seeding) batch(ctx context.Context, t *store.Tx, made, n int) error {
	orgs := make([]*mainstay.Item, n)
	for i := range orgs {
		orgs[i] = g.organization(made + i)
	}
	if err := t.InsertItems(ctx, orgs); err != nil {
		return err
	}
	var inside []*mainstay.Item
	g.Organizations = append([]mainstay.ItemID(nil), g.Organizations...)
	for _, o := range orgs {
		g.Organizations = append(g.Organizations, o.ID)
		if o.Sync == mainstay.Orphaned {
			g.Orphaned++
		}
		for range g.size.PerOrganization {
			inside = append(inside, g.inside(o, len(inside)))
		}
	}
	if err := t.InsertItems(ctx, inside); err != nil {
		return err
	}
	all := append(orgs, inside...)
	if err := g.link(ctx, t, orgs, all); err != nil {
		return err
	}
	g.Items += len(all)
	return t.InsertActivity(ctx, g.log)
}

// share reports whether the i-th of many belongs to a share of them, evenly spread.
func share(i int, of float64) bool { return int(float64(i+1)*of) > int(float64(i)*of) }

func (g *seeding) organization(i int) *mainstay.Item {
	item := g.item(mainstay.Organization.Name, seedName(g.rand)+" "+strconv.Itoa(i+1))
	item.TypeID, item.StatusID = g.labels[item.Kind][0].ID, g.statuses[g.rand.IntN(len(g.statuses))].ID
	item.Values.SetText("short_name", "C"+strconv.Itoa(100_000+i))
	item.Values.SetText("phone", fmt.Sprintf("555-%04d", g.rand.IntN(10_000)))
	item.Values.SetText("website", fmt.Sprintf("https://www.client%d.example", i+1))
	if share(i, g.size.OnlyHere) {
		item.Values.SetText("quick_notes", "Call the office first.\n\n- Key at the front desk\n- Alarm code with **Ann**")
	}
	if share(i, g.size.Orphaned) {
		item.Sync, item.Reason = mainstay.Orphaned, mainstay.ReasonType
		item.TypeID = g.labels[item.Kind][1+g.rand.IntN(len(seedTypes)-1)].ID
		if g.rand.IntN(10) == 0 {
			item.Reason, item.SyncNote = mainstay.ReasonDeleted, "ConnectWise answered that company "+strconv.Itoa(i+1)+" doesn't exist."
		}
	}
	item.SettleOnlyHere()
	return item
}

// inside makes the n-th item of a batch, inside an organization.
func (g *seeding) inside(o *mainstay.Item, n int) *mainstay.Item {
	var item *mainstay.Item
	switch n % 5 {
	case 0, 1:
		item = g.contact()
	case 2:
		item = g.item(mainstay.Location.Name, "Office "+strconv.Itoa(n))
		item.Values.SetText("address_1", strconv.Itoa(1+g.rand.IntN(999))+" Main Street")
		item.Values.SetText("city", pick(g.rand, seedCities))
	default:
		item = g.configuration(n)
	}
	if n%g.size.PerOrganization == 0 && !o.Values["quick_notes"].Empty() {
		item = g.item(mainstay.Document.Name, "Runbook "+strconv.Itoa(n))
		item.Values.SetText("body", "# Backup\n\nRestore into an empty folder first, then compare. Größe, 漢字, שלום and 🙂 stay as they are.")
		item.Sync = mainstay.NotLinked
	}
	item.OrganizationID = o.ID
	if o.Sync == mainstay.Orphaned && item.Sync == mainstay.Syncing {
		item.Sync, item.Reason = mainstay.Orphaned, mainstay.ReasonParent
	}
	item.SettleOnlyHere()
	return item
}

func (g *seeding) contact() *mainstay.Item {
	first, last := pick(g.rand, seedFirst), pick(g.rand, seedLast)
	item := g.item(mainstay.Contact.Name, first+" "+last)
	item.TypeID = g.labels[item.Kind][g.rand.IntN(len(seedRoles))].ID
	item.Values.SetText("first_name", first)
	item.Values.SetText("last_name", last)
	item.Values.SetRows("emails", []mainstay.Row{{"value": first + "." + last + "@example.com", "label": "Work", "primary": "true"}})
	item.Values.SetRows("phones", []mainstay.Row{{"value": fmt.Sprintf("555-%04d", g.rand.IntN(10_000)), "label": "Mobile"}})
	return item
}

func (g *seeding) configuration(n int) *mainstay.Item {
	device := g.rand.IntN(len(seedDevices))
	item := g.item(mainstay.Configuration.Name, fmt.Sprintf("%s-%05d", seedDevices[device][:2], g.rand.IntN(100_000)))
	item.TypeID, item.StatusID = g.labels[item.Kind][device].ID, 0
	item.Values.SetText("serial_number", fmt.Sprintf("SN%08X", g.rand.Uint32()))
	item.Values.SetText("primary_ip", fmt.Sprintf("10.%d.%d.%d", g.rand.IntN(256), g.rand.IntN(256), 1+g.rand.IntN(254)))
	item.Values.SetText("model", "Model "+strconv.Itoa(n%40))
	return item
}

// item makes an item that syncs, with what all kinds have.
func (g *seeding) item(kind mainstay.KindName, name string) *mainstay.Item {
	at := g.now.Add(-time.Duration(g.rand.IntN(100*24)) * time.Hour)
	return &mainstay.Item{Kind: kind, Name: name, Values: mainstay.Values{}, Version: 1, Created: at, Updated: at, Sync: mainstay.Syncing, Since: at}
}

// link ties the items that came from the PSA to their records, and writes the log.
func (g *seeding) link(ctx context.Context, t *store.Tx, orgs, all []*mainstay.Item) error {
	company := map[mainstay.ItemID]string{}
	var records []store.Record
	for n, i := range all {
		if g.size.Activity {
			g.log = append(g.log, mainstay.Activity{At: i.Created, Who: "sync", Verb: "created", Kind: i.Kind, ItemID: i.ID, OrganizationID: i.OrganizationID, Name: i.Name})
		}
		if i.Sync == mainstay.NotLinked {
			continue
		}
		g.external++
		r := store.Record{IntegrationID: g.Integration.ID, Kind: i.Kind, ExternalID: strconv.Itoa(g.external), ItemID: i.ID, Name: i.Name, InScope: i.Sync == mainstay.Syncing,
			Hash: fmt.Sprintf("%016x", g.rand.Uint64()), Linked: i.Created}
		if n < len(orgs) {
			company[i.ID] = r.ExternalID
		} else {
			r.CompanyID = company[i.OrganizationID]
		}
		for _, l := range g.labels[i.Kind] {
			if l.ID == i.TypeID {
				r.TypeIDs = []string{l.ExternalID}
			}
		}
		for _, l := range g.statuses {
			if l.ID == i.StatusID {
				r.StatusID = l.ExternalID
			}
		}
		records = append(records, r)
	}
	return t.UpsertRecords(ctx, records)
}

func pick(r *rand.Rand, from []string) string { return from[r.IntN(len(from))] }

func seedName(r *rand.Rand) string {
	return pick(r, seedAdjectives) + " " + pick(r, seedNouns) + " " + pick(r, seedForms)
}

// The words of names. None is meant to be a real company or person.
var (
	seedAdjectives = []string{"Blue", "Northern", "Bright", "Silver", "Harbor", "Green", "Summit", "Quiet", "Maple", "Golden", "Iron", "River"}
	seedNouns      = []string{"Peak", "Valley", "Lantern", "Orchard", "Bridge", "Anchor", "Meadow", "Stone", "Harvest", "Compass", "Mill", "Field"}
	seedForms      = []string{"Dental", "Logistics", "Legal", "Foods", "Architects", "Clinic", "Motors", "Press", "Schools", "Partners"}
	seedFirst      = []string{"Ann", "Ben", "Chloé", "Dmitri", "Eva", "Farid", "Grace", "Hiro", "Inés", "Jonas", "Käthe", "Liam"}
	seedLast       = []string{"Adams", "Brandt", "Costa", "Duval", "Eriksen", "Fischer", "Gómez", "Haddad", "Ito", "Jensen", "Kowalski", "O'Neil"}
	seedCities     = []string{"Springfield", "Riverton", "Lakeside", "Fairview", "Georgetown", "Ashland"}
)
