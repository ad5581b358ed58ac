package connectwise

import (
	"context"
	"strconv"
	"strings"

	"mainstay"
	"mainstay/internal/connect"
)

// errOneSite says that sites are found below their company only.
var errOneSite = mainstay.Errorf(mainstay.Unavailable, "This version of ConnectWise can't be asked for a single site. Nothing was changed; the next full sync reads it.")

// Fetch reads records by id. They are mapped as Pull maps them, so a record that
// is fetched equals the one of the list.
func (c *connector) Fetch(ctx context.Context, s connect.Stream, ids []string) ([]mainstay.Observation, error) {
	switch ask := numbers(ids); s.Kind {
	case mainstay.Organization.Name:
		prepare := func(rows []row[company]) error { return c.addTypes(ctx, rows) }
		return fetchNamed(ctx, c, pathCompanies, ask, s.Kind, prepare, mapCompany)
	case mainstay.Location.Name:
		if c.sitesByCompany() {
			return nil, errOneSite
		}
		out, err := fetchNamed(ctx, c, pathSites, ask, s.Kind, nothing, mapSite)
		if isMissingEndpoint(err) {
			c.setSitesByCompany()
			return nil, errOneSite
		}
		return out, err
	case mainstay.Contact.Name:
		prepare := func(rows []row[contact]) error { return c.addCommunications(ctx, rows) }
		return fetchNamed(ctx, c, pathContacts, ask, s.Kind, prepare, mapContact)
	case mainstay.Configuration.Name:
		closed := map[int64]bool{}
		prepare := func(rows []row[configuration]) (err error) {
			closed, err = c.closedStatuses(ctx, true, rows)
			return err
		}
		return fetchNamed(ctx, c, pathConfigurations, ask, s.Kind, prepare, func(k configuration) mainstay.Observation { return mapConfiguration(k, closed) })
	}
	_, err := pathOf(s)
	return nil, err
}

// fetchNamed reads records by id, a batch at a time, and maps them.
func fetchNamed[T record](ctx context.Context, c *connector, path string, ids []int64, kind mainstay.KindName,
	prepare func([]row[T]) error, turn func(T) mainstay.Observation) ([]mainstay.Observation, error) {
	var out []mainstay.Observation
	for len(ids) > 0 {
		n := min(len(ids), batch)
		rows, err := named[T](ctx, c, path, ids[:n])
		if err != nil {
			return nil, err
		}
		if err := prepare(rows); err != nil {
			return nil, err
		}
		out = append(out, observe(rows, kind, turn)...)
		ids = ids[n:]
	}
	return out, nil
}

// named asks for several records at once and returns those that came. A server
// that gives shorter pages is asked again for the rest.
func named[T record](ctx context.Context, c *connector, path string, ids []int64) ([]row[T], error) {
	words := make([]string, len(ids))
	wanted := make(map[int64]bool, len(ids))
	for i, id := range ids {
		words[i], wanted[id] = strconv.FormatInt(id, 10), true
	}
	var out []row[T]
	condition := "id in (" + strings.Join(words, ",") + ")"
	for after := int64(0); ; {
		query := behind(after)
		query.Set("conditions", condition)
		if after > 0 {
			query.Set("conditions", condition+" and id>"+strconv.FormatInt(after, 10))
		}
		rows, resp, err := list[T](ctx, c, path, query, nil)
		if err != nil {
			return nil, err
		}
		last, ok := ascending(rows, after)
		if !ok {
			return nil, odd(path, errUnordered)
		}
		for _, r := range rows {
			if !wanted[r.id] {
				return nil, odd(path, errUnasked)
			}
		}
		out = append(out, rows...)
		if _, more := nextPageID(resp.Header.Values("Link")); !more || len(rows) == 0 {
			return out, nil
		}
		after = last
	}
}
