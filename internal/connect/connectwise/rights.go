package connectwise

import (
	"context"
	"net/url"
	"slices"
	"strings"

	"mainstay"
	"mainstay/internal/connect"
)

// The rights of a security role, as ConnectWise names them.
const (
	rightCompanies      = "Companies > Company Maintenance, Inquire Level All"
	rightContacts       = "Companies > Contacts, Inquire Level All"
	rightConfigurations = "Companies > Configurations, Inquire Level All"
	rightTables         = "System > Table Setup, Inquire Level All"
	rightMyCompany      = "System > My Company, Inquire Level All"
)

// probe is one list that must be readable.
type probe struct{ path, right string }

func probes() []probe {
	return []probe{
		{"system/info", rightMyCompany},
		{pathCompanies, rightCompanies}, {pathSites, rightCompanies},
		{pathContacts, rightContacts}, {pathConfigurations, rightConfigurations},
		{pathCompanyTypes, rightTables}, {pathCompanyStatuses, rightTables}, {pathContactTypes, rightTables},
		{pathConfigurationTypes, rightTables}, {pathConfigurationStatuses, rightTables},
	}
}

// rightFor names the right that a path needs.
func rightFor(path string) string {
	for _, p := range probes() {
		if p.path == path {
			return p.right
		}
	}
	switch {
	case strings.HasPrefix(path, pathContacts):
		return rightContacts
	case strings.HasPrefix(path, pathConfigurations):
		return rightConfigurations
	}
	return rightCompanies
}

// Test asks for one record of every list that a sync reads, and names all
// rights that are missing in one error.
func (c *connector) Test(ctx context.Context) (connect.Instance, error) {
	info, err := c.discover(ctx, true)
	if err != nil {
		return connect.Instance{}, err
	}
	var missing []string
	for _, p := range probes() {
		lacks, err := c.probe(ctx, p)
		if err != nil {
			return connect.Instance{}, err
		}
		if lacks && !slices.Contains(missing, p.right) {
			missing = append(missing, p.right)
		}
	}
	if len(missing) > 0 {
		return connect.Instance{}, mainstay.Errorf(mainstay.Forbidden,
			"The API member lacks rights in ConnectWise: %s. Add them to the member's security role.", strings.Join(missing, "; "))
	}
	return c.instance(info), nil
}

// probe asks for one record and reports whether the right to it is missing.
func (c *connector) probe(ctx context.Context, p probe) (lacks bool, err error) {
	path := p.path
	if path == pathSites && c.sitesByCompany() {
		return false, nil
	}
	resp, err := c.get(ctx, path, url.Values{"pageSize": {"1"}}, nil)
	switch {
	case mainstay.KindOf(err) == mainstay.Forbidden:
		return true, nil
	case path == pathSites && isMissingEndpoint(err):
		c.setSitesByCompany()
		return false, nil
	case err != nil:
		return false, err
	case path == "system/info":
		return false, nil
	}
	rows, err := decodeRows[trace](resp.Body)
	if err != nil {
		return false, odd(path, err)
	}
	// Every ConnectWise has at least its owner's company, so a key that sees
	// none has been narrowed.
	return path == pathCompanies && len(rows) == 0, nil
}

// instance identifies the PSA: the same for every address that leads to it.
func (c *connector) instance(info companyInfo) connect.Instance {
	host := strings.ToLower(string(info.SiteURL))
	if _, after, ok := strings.Cut(host, "://"); ok {
		host = after
	}
	host, _, _ = strings.Cut(host, "/")
	if host == "" {
		host = c.host.Host
	}
	id := string(info.CompanyID)
	if id == "" {
		id = c.company
	}
	name := mainstay.CleanText(string(info.CompanyName), false)
	if name == "" {
		name = c.company
	}
	if v := mainstay.CleanText(string(info.VersionCode), false); v != "" {
		name += " (" + v + ")"
	}
	return connect.Instance{Fingerprint: "connectwise:" + personHost(host) + ":" + strings.ToLower(id), Name: name}
}
