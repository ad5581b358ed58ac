package connectwise

import (
	"context"
	"net/url"
	"strconv"
	"strings"
	"sync"

	"mainstay"
	"mainstay/internal/connect"
)

// The lists that are read.
const (
	pathCompanies             = "company/companies"
	pathCompanyStatuses       = "company/companies/statuses"
	pathCompanyTypes          = "company/companies/types"
	pathTypeAssociations      = "company/companyTypeAssociations"
	pathSites                 = "company/sites"
	pathContacts              = "company/contacts"
	pathContactTypes          = "company/contacts/types"
	pathConfigurations        = "company/configurations"
	pathConfigurationStatuses = "company/configurations/statuses"
	pathConfigurationTypes    = "company/configurations/types"
)

// connector reads one ConnectWise. It is safe for concurrent use.
type connector struct {
	client        *connect.Client
	host          *url.URL // scheme and host as entered
	company       string
	clientID      string
	authorization string
	redact        *strings.Replacer // takes secrets out of what ConnectWise says

	mu        sync.Mutex
	info      *companyInfo
	sizes     map[string]int     // page size by path, where not full
	canaries  map[string][]int64 // ids seen lately, by path
	closed    map[int64]bool     // configuration statuses that mean inactive
	byCompany bool               // sites are found below their company only
}

// Streams lists companies first, for everything else lies below them.
func (c *connector) Streams() []connect.Stream {
	return []connect.Stream{
		{Kind: mainstay.Organization.Name, Label: "companies"},
		{Kind: mainstay.Location.Name, Label: "sites"},
		{Kind: mainstay.Contact.Name, Label: "contacts"},
		{Kind: mainstay.Configuration.Name, Label: "configurations"},
	}
}

func pathOf(s connect.Stream) (string, error) {
	switch s.Kind {
	case mainstay.Organization.Name:
		return pathCompanies, nil
	case mainstay.Location.Name:
		return pathSites, nil
	case mainstay.Contact.Name:
		return pathContacts, nil
	case mainstay.Configuration.Name:
		return pathConfigurations, nil
	}
	return "", mainstay.Errorf(mainstay.Invalid, "ConnectWise has no list of %s.", s.Kind)
}

// Count asks for the number of records, deleted and inactive ones included.
func (c *connector) Count(ctx context.Context, s connect.Stream) (int, error) {
	path, err := pathOf(s)
	if err != nil {
		return 0, err
	}
	if path == pathSites {
		return c.countSites(ctx)
	}
	return c.count(ctx, path)
}

func (c *connector) count(ctx context.Context, path string) (int, error) {
	resp, err := c.get(ctx, path+"/count", nil, nil)
	if err != nil {
		return 0, err
	}
	n, err := decodeCount(resp.Body)
	if err != nil {
		return 0, odd(path+"/count", err)
	}
	return n, nil
}

// Pull reads one page, whatever the types and statuses of its records.
func (c *connector) Pull(ctx context.Context, s connect.Stream, from string) (connect.Page, error) {
	switch s.Kind {
	case mainstay.Organization.Name:
		return c.pullCompanies(ctx, from)
	case mainstay.Location.Name:
		return c.pullSites(ctx, from)
	case mainstay.Contact.Name:
		return c.pullContacts(ctx, from)
	case mainstay.Configuration.Name:
		return c.pullConfigurations(ctx, from)
	}
	_, err := pathOf(s)
	return connect.Page{}, err
}

// pull reads one page of a list and maps its records.
func pull[T record](ctx context.Context, c *connector, path, from string, kind mainstay.KindName,
	prepare func([]row[T]) error, turn func(T) mainstay.Observation) (connect.Page, error) {
	cur, err := parseCursor(from)
	if err != nil {
		return connect.Page{}, err
	}
	p, err := fetch[T](ctx, c, path, cur)
	if err != nil {
		return connect.Page{}, err
	}
	if err := prepare(p.rows); err != nil {
		return connect.Page{}, err
	}
	out := connect.Page{Records: observe(p.rows, kind, turn), Last: p.last}
	if !p.last {
		out.Next = p.next.String()
	}
	remember(c, path, p.rows)
	return out, nil
}

// observe maps rows; one that could not be decoded is reported with its id.
func observe[T record](rows []row[T], kind mainstay.KindName, turn func(T) mainstay.Observation) []mainstay.Observation {
	out := make([]mainstay.Observation, 0, len(rows))
	for _, r := range rows {
		if r.bad != nil {
			out = append(out, badRecord(kind, r.id, "a field has an unexpected form"))
			continue
		}
		out = append(out, turn(r.rec))
	}
	return out
}

func nothing[T record]([]row[T]) error { return nil }

func (c *connector) pullCompanies(ctx context.Context, from string) (connect.Page, error) {
	prepare := func(rows []row[company]) error { return c.addTypes(ctx, rows) }
	return pull(ctx, c, pathCompanies, from, mainstay.Organization.Name, prepare, mapCompany)
}

func (c *connector) pullContacts(ctx context.Context, from string) (connect.Page, error) {
	prepare := func(rows []row[contact]) error { return c.addCommunications(ctx, rows) }
	return pull(ctx, c, pathContacts, from, mainstay.Contact.Name, prepare, mapContact)
}

func (c *connector) pullConfigurations(ctx context.Context, from string) (connect.Page, error) {
	closed := map[int64]bool{}
	prepare := func(rows []row[configuration]) (err error) {
		closed, err = c.closedStatuses(ctx, from == "", rows)
		return err
	}
	turn := func(k configuration) mainstay.Observation { return mapConfiguration(k, closed) }
	return pull(ctx, c, pathConfigurations, from, mainstay.Configuration.Name, prepare, turn)
}

// closedStatuses returns which configuration statuses mean inactive. They are
// read anew at the start of a walk and when a status turns up that is not known.
func (c *connector) closedStatuses(ctx context.Context, fresh bool, rows []row[configuration]) (map[int64]bool, error) {
	c.mu.Lock()
	closed := c.closed
	c.mu.Unlock()
	fresh = fresh || closed == nil
	for _, r := range rows {
		if s := r.rec.Status; s != nil && !fresh {
			_, known := closed[s.ID]
			fresh = !known
		}
	}
	if !fresh {
		return closed, nil
	}
	labels, err := all[label](ctx, c, pathConfigurationStatuses)
	if err != nil {
		return nil, err
	}
	closed = map[int64]bool{}
	for _, l := range labels {
		closed[l.ID] = l.ClosedFlag
	}
	c.mu.Lock()
	c.closed = closed
	c.mu.Unlock()
	return closed, nil
}

// addTypes fills in the types of companies from a version that does not tell
// them with the company: from its one older field, else from the associations.
func (c *connector) addTypes(ctx context.Context, rows []row[company]) error {
	at := map[int64]int{}
	var ids []string
	for i, r := range rows {
		switch {
		case r.bad != nil || r.rec.Types != nil:
		case r.rec.Type.key() != "":
			rows[i].rec.Types = &[]ref{*r.rec.Type}
		default:
			at[r.id] = i
			ids = append(ids, strconv.FormatInt(r.id, 10))
			rows[i].rec.Types = &[]ref{}
		}
	}
	for len(ids) > 0 {
		n := min(len(ids), batch)
		found, err := c.associations(ctx, ids[:n])
		if err != nil {
			return err
		}
		for _, a := range found {
			i, ok := at[a.Company.ID]
			if ok {
				types := append(*rows[i].rec.Types, *a.Type)
				rows[i].rec.Types = &types
			}
		}
		ids = ids[n:]
	}
	return nil
}

// associations reads the type associations of companies. Where this version has
// no list of all, each company is asked.
func (c *connector) associations(ctx context.Context, ids []string) ([]association, error) {
	var out []association
	condition := "company/id in (" + strings.Join(ids, ",") + ")"
	for after := int64(0); ; {
		query := url.Values{"conditions": {condition + " and id>" + strconv.FormatInt(after, 10)}, "orderBy": {"id asc"}}
		rows, _, err := list[association](ctx, c, pathTypeAssociations, query, nil)
		if isMissingEndpoint(err) {
			return c.associationsOneByOne(ctx, ids)
		}
		if err != nil {
			return nil, err
		}
		if out, err = appendAssociations(out, rows); err != nil {
			return nil, err
		}
		last, ok := ascending(rows, after)
		if !ok {
			return nil, odd(pathTypeAssociations, errUnordered)
		}
		if len(rows) == 0 {
			return out, nil
		}
		after = last
	}
}

func (c *connector) associationsOneByOne(ctx context.Context, ids []string) ([]association, error) {
	var out []association
	for _, id := range ids {
		path := pathCompanies + "/" + id + "/typeAssociations"
		rows, _, err := list[association](ctx, c, path, url.Values{}, nil)
		if err != nil {
			return nil, err
		}
		if out, err = appendAssociations(out, rows); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func appendAssociations(out []association, rows []row[association]) ([]association, error) {
	for _, r := range rows {
		if r.bad != nil || r.rec.Company.key() == "" || r.rec.Type.key() == "" {
			return nil, odd(pathTypeAssociations, errNoID)
		}
		out = append(out, r.rec)
	}
	return out, nil
}

// addCommunications fills in the emails and phones of contacts from a version
// that does not tell them with the contact.
func (c *connector) addCommunications(ctx context.Context, rows []row[contact]) error {
	for i, r := range rows {
		if r.bad != nil || r.rec.CommunicationItems != nil {
			continue
		}
		path := pathContacts + "/" + strconv.FormatInt(r.id, 10) + "/communications"
		items, err := c.communications(ctx, path)
		if isMissingEndpoint(err) {
			return nil // the default phone of the contact is all there is
		}
		if err != nil {
			if said := refusalOf(err); said != nil && said.Code == "NotFound" {
				continue // the contact went away meanwhile
			}
			return err
		}
		rows[i].rec.CommunicationItems = &items
		// Each such contact costs a request: shorter pages keep the progress moving.
		c.setPageSize(pathContacts, 100)
	}
	return nil
}

// Labels lists the types and statuses of companies, configurations and contacts.
func (c *connector) Labels(ctx context.Context) ([]connect.Label, error) {
	var out []connect.Label
	for _, l := range []struct {
		path string
		kind mainstay.KindName
		axis mainstay.Axis
	}{
		{pathCompanyTypes, mainstay.Organization.Name, mainstay.TypeAxis},
		{pathCompanyStatuses, mainstay.Organization.Name, mainstay.StatusAxis},
		{pathConfigurationTypes, mainstay.Configuration.Name, mainstay.TypeAxis},
		{pathConfigurationStatuses, mainstay.Configuration.Name, mainstay.StatusAxis},
		{pathContactTypes, mainstay.Contact.Name, mainstay.TypeAxis},
	} {
		labels, err := all[label](ctx, c, l.path)
		if err != nil {
			return nil, err
		}
		for _, k := range labels {
			out = append(out, mapLabel(k, l.kind, l.axis))
		}
	}
	return out, nil
}

// RecordURL opens the record in ConnectWise itself. Sites have no page of their own.
func (c *connector) RecordURL(kind mainstay.KindName, externalID string) string {
	screen := ""
	switch kind {
	case mainstay.Organization.Name:
		screen = "CompanyFV"
	case mainstay.Contact.Name:
		screen = "ContactFV"
	case mainstay.Configuration.Name:
		screen = "ConfigFV"
	default:
		return ""
	}
	query := url.Values{"locale": {"en_US"}, "recordType": {screen}, "recid": {externalID}, "companyName": {c.company}}
	u := url.URL{Scheme: c.host.Scheme, Host: personHost(c.host.Host),
		Path: "/" + defaultCodebase + "services/system_io/router/openrecord.rails", RawQuery: query.Encode()}
	return u.String()
}
