package connectwise

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"mainstay"
	"mainstay/internal/connect"
)

// longestMAC is the length of one address; a longer text holds several and is
// not taken over, as in the original.
const longestMAC = 17

// badRecord is a record that is there and cannot be read.
func badRecord(kind mainstay.KindName, id int64, why string) mainstay.Observation {
	return mainstay.Observation{Kind: kind, ExternalID: strconv.FormatInt(id, 10),
		Bad: fmt.Sprintf("ConnectWise record %d can't be read: %s. Open it in ConnectWise and check it; its item stays as it is.", id, why)}
}

// one is t on one line, clean and trimmed.
func one(t text) string {
	return strings.Join(strings.Fields(mainstay.CleanText(string(t), false)), " ")
}

// cut shortens s to at most n runes.
func cut(s string, n int) string {
	if utf8.RuneCountInString(s) <= n {
		return s
	}
	return strings.TrimSpace(string([]rune(s)[:n]))
}

// filler collects the values of a kind, each in the form that its field keeps.
// What a field cannot hold, such as a word in place of an IP address, is left out.
type filler struct {
	kind   *mainstay.Kind
	values mainstay.Values
}

func fill(k *mainstay.Kind) filler { return filler{k, mainstay.Values{}} }

func (f filler) set(name string, t text) {
	field := f.kind.Field(name)
	s := ""
	if long := field.Type == mainstay.LongText; long {
		s = strings.TrimSpace(mainstay.CleanText(strings.ReplaceAll(string(t), "\r\n", "\n"), true))
		s = cut(s, limit(field, 100_000))
	} else {
		s = cut(one(t), limit(field, 255))
	}
	if kept, err := field.CheckText(s); err == nil {
		f.values.SetText(name, kept)
	}
}

func limit(f *mainstay.Field, otherwise int) int {
	if f.Max > 0 {
		return f.Max
	}
	return otherwise
}

// setRef stores the PSA's id of another record.
func (f filler) setRef(name string, r *ref) { f.values.SetText(name, r.key()) }

// setDate stores the day of a ConnectWise time, which may hold stray spaces. A
// day before 1900 stands for none.
func (f filler) setDate(name string, t text) {
	s := strings.ReplaceAll(string(t), " ", "")
	if len(s) < 10 {
		return
	}
	if d, err := time.Parse(time.DateOnly, s[:10]); err == nil && d.Year() >= 1900 {
		f.values.SetText(name, s[:10])
	}
}

// updated is ConnectWise's own time of the last change, without stray spaces.
func updated(i info) string {
	return cut(strings.ReplaceAll(one(i.LastUpdated), " ", ""), 40)
}

// keys returns the ids of references in ascending order, so that the order in
// which a version happens to tell them changes nothing.
func keys(refs []ref) []string {
	var ids []int64
	for _, r := range refs {
		if r.ID > 0 {
			ids = append(ids, r.ID)
		}
	}
	slices.Sort(ids)
	var out []string
	for _, id := range slices.Compact(ids) {
		out = append(out, strconv.FormatInt(id, 10))
	}
	return out
}

// observation starts the observation of a record.
func observation(kind *mainstay.Kind, id int64, i info) mainstay.Observation {
	return mainstay.Observation{Kind: kind.Name, ExternalID: strconv.FormatInt(id, 10), Updated: updated(i)}
}

// mapCompany needs Types: see addTypes. A company without a name or a status
// cannot be judged by the sync settings, so it is left as it is.
func mapCompany(c company) mainstay.Observation {
	o := observation(&mainstay.Organization, c.ID, c.Info)
	o.Name = cut(one(c.Name), mainstay.MaxName)
	switch {
	case o.Name == "":
		return badRecord(o.Kind, c.ID, "it has no name")
	case c.Status.key() == "":
		return badRecord(o.Kind, c.ID, "it has no status")
	}
	o.StatusID, o.ParentID, o.Deleted = c.Status.key(), c.ParentCompany.key(), c.DeletedFlag
	if c.Types != nil {
		o.TypeIDs = keys(*c.Types)
	}
	f := fill(&mainstay.Organization)
	f.set("short_name", c.Identifier)
	f.set("phone", c.PhoneNumber)
	f.set("fax", c.FaxNumber)
	f.set("website", c.Website)
	o.Values = f.values
	return o
}

// mapSite needs the company: every site has one.
func mapSite(s site) mainstay.Observation {
	o := observation(&mainstay.Location, s.ID, s.Info)
	o.Name = cut(one(s.Name), mainstay.MaxName)
	switch {
	case o.Name == "":
		return badRecord(o.Kind, s.ID, "it has no name")
	case s.Company.key() == "":
		return badRecord(o.Kind, s.ID, "it names no company")
	}
	o.CompanyID, o.Primary, o.Inactive = s.Company.key(), s.PrimaryAddressFlag, s.InactiveFlag || s.Inactive
	f := fill(&mainstay.Location)
	f.set("address_1", s.AddressLine1)
	f.set("address_2", s.AddressLine2)
	f.set("city", s.City)
	region := s.StateReference
	if region == "" {
		region = s.State
	}
	f.set("region", region)
	f.set("postal_code", s.Zip)
	f.set("country", s.Country)
	phone := s.PhoneNumber
	if phone != "" && s.PhoneNumberExt != "" {
		phone += " x" + s.PhoneNumberExt
	}
	f.set("phone", phone)
	f.set("fax", s.FaxNumber)
	o.Values = f.values
	return o
}

// mapContact takes the emails and phones from the communication items.
func mapContact(k contact) mainstay.Observation {
	o := observation(&mainstay.Contact, k.ID, k.Info)
	o.CompanyID, o.Inactive, o.TypeIDs = k.Company.key(), k.InactiveFlag, keys(k.Types)
	f := fill(&mainstay.Contact)
	f.set("first_name", k.FirstName)
	f.set("last_name", k.LastName)
	f.set("title", k.Title)
	f.setRef("location_id", k.Site)
	emails, phones := mapCommunications(k)
	f.values.SetRows("emails", emails)
	f.values.SetRows("phones", phones)
	o.Values, o.Name = f.values, cut(mainstay.Contact.NameOf(f.values), mainstay.MaxName)
	if o.Name == "" {
		return badRecord(o.Kind, k.ID, "it has no name")
	}
	return o
}

// mapCommunications sorts what reaches a contact into emails and phones. Fax
// numbers are phones with their label; a kind that is new here is judged by its look.
func mapCommunications(k contact) (emails, phones []mainstay.Row) {
	if k.CommunicationItems == nil {
		if n := one(k.DefaultPhoneNbr); n != "" {
			phones = append(phones, cells(k.DefaultPhoneNbr, k.DefaultPhoneExt, k.DefaultPhoneType, true))
		}
		return nil, phones
	}
	for _, i := range *k.CommunicationItems {
		value := one(i.Value)
		if value == "" {
			continue
		}
		var name text
		if i.Type != nil {
			name = i.Type.Name
		}
		switch kind := strings.ToLower(one(i.CommunicationType)); {
		case kind == "email" || kind != "phone" && kind != "fax" && strings.Contains(value, "@"):
			emails = append(emails, cells(i.Value, "", name, i.DefaultFlag))
		default:
			phones = append(phones, cells(i.Value, i.Extension, name, i.DefaultFlag && kind != "fax"))
		}
	}
	return emails, phones
}

func cells(value, extension, label text, primary bool) mainstay.Row {
	r := mainstay.Row{"value": cut(one(value), 255)}
	if s := cut(one(extension), 255); s != "" {
		r["extension"] = s
	}
	if s := cut(one(label), 255); s != "" {
		r["label"] = s
	}
	if primary {
		r["primary"] = "true"
	}
	return r
}

// mapConfiguration needs to know which statuses mean inactive. A configuration
// without a type, status or company cannot be judged, so it is left as it is.
func mapConfiguration(k configuration, closed map[int64]bool) mainstay.Observation {
	o := observation(&mainstay.Configuration, k.ID, k.Info)
	o.Name = cut(one(k.Name), mainstay.MaxName)
	switch {
	case o.Name == "":
		return badRecord(o.Kind, k.ID, "it has no name")
	case k.Type.key() == "":
		return badRecord(o.Kind, k.ID, "it has no type")
	case k.Status.key() == "":
		return badRecord(o.Kind, k.ID, "it has no status")
	case k.Company.key() == "":
		return badRecord(o.Kind, k.ID, "it names no company")
	}
	o.TypeIDs, o.StatusID, o.CompanyID = []string{k.Type.key()}, k.Status.key(), k.Company.key()
	o.Inactive = closed[k.Status.ID] || k.ActiveFlag != nil && !*k.ActiveFlag
	f := fill(&mainstay.Configuration)
	f.set("primary_ip", k.IPAddress)
	if mac := one(k.MacAddress); len(mac) <= longestMAC {
		f.set("mac_address", text(mac))
	}
	f.set("default_gateway", k.DefaultGateway)
	f.set("serial_number", k.SerialNumber)
	f.set("asset_tag", k.TagNumber)
	f.set("manufacturer", k.Manufacturer)
	f.set("model", k.ModelNumber)
	f.set("operating_system", k.OSType)
	f.setRef("location_id", k.Site)
	f.setRef("contact_id", k.Contact)
	f.setDate("installed_at", k.InstallationDate)
	f.set("installed_by", k.InstalledBy)
	f.setDate("purchased_at", k.PurchaseDate)
	f.setDate("warranty_expires_at", k.WarrantyExpirationDate)
	f.set("notes", k.Notes)
	o.Values = f.values
	return o
}

func mapLabel(l label, kind mainstay.KindName, axis mainstay.Axis) connect.Label {
	name := one(l.Name)
	if name == "" {
		name = one(l.Description)
	}
	if name == "" {
		name = "Unnamed " + strconv.FormatInt(l.ID, 10)
	}
	return connect.Label{Kind: kind, Axis: axis, ExternalID: strconv.FormatInt(l.ID, 10), Name: cut(name, mainstay.MaxName),
		Inactive: axis == mainstay.StatusAxis && (l.InactiveFlag || l.ClosedFlag)}
}
