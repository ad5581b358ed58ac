package connectwise

import (
	"context"
	"encoding/json"
	"net/url"
	"strconv"
	"strings"

	"mainstay"
	"mainstay/internal/connect"
)

// companiesAtATime is how many companies one page of sites covers where sites
// are found below their company only.
const companiesAtATime = 25

func (c *connector) sitesByCompany() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.byCompany
}

func (c *connector) setSitesByCompany() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.byCompany = true
}

// pullSites reads the list of all sites, or company by company in a version
// that has no such list.
func (c *connector) pullSites(ctx context.Context, from string) (connect.Page, error) {
	after, byCompany := strings.CutPrefix(from, "company:")
	if !byCompany && (from != "" || !c.sitesByCompany()) {
		p, err := pull(ctx, c, pathSites, from, mainstay.Location.Name, nothing, mapSite)
		if from != "" || !isMissingEndpoint(err) {
			return p, err
		}
		c.setSitesByCompany()
	}
	last := int64(0)
	if byCompany {
		var err error
		if last, err = strconv.ParseInt(after, 10, 64); err != nil || last < 0 {
			return connect.Page{}, mainstay.Errorf(mainstay.Invalid, "%q is no place in a ConnectWise list. Start the sync again from the beginning.", from)
		}
	}
	return c.pullSitesBehind(ctx, last)
}

// pullSitesBehind reads the sites of the next few companies.
func (c *connector) pullSitesBehind(ctx context.Context, company int64) (connect.Page, error) {
	ids, err := c.companiesBehind(ctx, company)
	if err != nil {
		return connect.Page{}, err
	}
	if len(ids) == 0 {
		return connect.Page{Last: true}, nil
	}
	var out connect.Page
	for _, id := range ids {
		sites, err := all[rawSite](ctx, c, sitesOf(id))
		if said := refusalOf(err); said != nil && said.Code == "NotFound" {
			continue // the company went away meanwhile
		}
		if err != nil {
			return connect.Page{}, err
		}
		for _, s := range sites {
			out.Records = append(out.Records, s.observe(id))
		}
	}
	out.Next = "company:" + strconv.FormatInt(ids[len(ids)-1], 10)
	return out, nil
}

// rawSite is a site below a company, decoded late: there a record may leave
// its company out.
type rawSite struct {
	ID  int64
	raw json.RawMessage
}

func (s rawSite) id() int64 { return s.ID }

// UnmarshalJSON keeps the record for later.
func (s *rawSite) UnmarshalJSON(b []byte) error {
	var known struct {
		ID int64 `json:"id"`
	}
	if err := json.Unmarshal(b, &known); err != nil {
		return err
	}
	s.ID, s.raw = known.ID, append(json.RawMessage(nil), b...)
	return nil
}

func (s rawSite) observe(company int64) mainstay.Observation {
	var rec site
	if json.Unmarshal(s.raw, &rec) != nil {
		return badRecord(mainstay.Location.Name, s.ID, "a field has an unexpected form")
	}
	if rec.Company.key() == "" {
		rec.Company = &ref{ID: company}
	}
	return mapSite(rec)
}

func sitesOf(company int64) string {
	return pathCompanies + "/" + strconv.FormatInt(company, 10) + "/sites"
}

// companiesBehind returns the ids of the next few companies.
func (c *connector) companiesBehind(ctx context.Context, after int64) ([]int64, error) {
	query := behind(after)
	query.Set("pageSize", strconv.Itoa(companiesAtATime))
	query.Set("fields", "id")
	resp, err := c.get(ctx, pathCompanies, query, nil)
	if err != nil {
		return nil, err
	}
	rows, err := decodeRows[trace](resp.Body)
	if err != nil {
		return nil, odd(pathCompanies, err)
	}
	if _, ok := ascending(rows, after); !ok {
		return nil, odd(pathCompanies, errUnordered)
	}
	ids := make([]int64, len(rows))
	for i, r := range rows {
		ids[i] = r.id
	}
	return ids, nil
}

// countSites counts all sites at once, or company by company.
func (c *connector) countSites(ctx context.Context) (int, error) {
	if !c.sitesByCompany() {
		n, err := c.count(ctx, pathSites)
		if !isMissingEndpoint(err) {
			return n, err
		}
		// The list may be missing, or only its count: the list decides.
		_, err = c.get(ctx, pathSites, url.Values{"pageSize": {"1"}}, nil)
		if !isMissingEndpoint(err) {
			return 0, err
		}
		c.setSitesByCompany()
	}
	total := 0
	for after := int64(0); ; {
		ids, err := c.companiesBehind(ctx, after)
		if err != nil || len(ids) == 0 {
			return total, err
		}
		for _, id := range ids {
			n, err := c.count(ctx, sitesOf(id))
			if said := refusalOf(err); said != nil && said.Code == "NotFound" {
				continue
			}
			if err != nil {
				return 0, err
			}
			total += n
		}
		after = ids[len(ids)-1]
	}
}

// communications reads the emails and phones of one contact.
func (c *connector) communications(ctx context.Context, path string) ([]communication, error) {
	resp, err := c.get(ctx, path, url.Values{"pageSize": {strconv.Itoa(fullPage)}}, nil)
	if err != nil {
		return nil, err
	}
	var items *[]communication
	if json.Unmarshal(resp.Body, &items) != nil || items == nil {
		return nil, odd(path, errNoList)
	}
	return *items, nil
}
