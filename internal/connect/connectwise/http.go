package connectwise

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"regexp"
	"strings"

	"mainstay"
	"mainstay/internal/connect"
)

// defaultCodebase is where the API of a self-hosted server lies that does not
// say so itself.
const defaultCodebase = "v4_6_release/"

var codebaseForm = regexp.MustCompile(`^[A-Za-z0-9_.]{1,40}/$`)

var cloudHost = regexp.MustCompile(`^(?:api-)?((?:na|eu|au|aus|za)\.myconnectwise\.net)$`)

// apiHost is the host that answers the API for the host that people open.
func apiHost(host, siteURL string) string {
	if m := cloudHost.FindStringSubmatch(host); m != nil {
		return "api-" + m[1]
	}
	// A site of the cloud may be named by the server; nobody else may send the
	// keys elsewhere.
	if strings.HasSuffix(host, ".myconnectwise.net") && strings.HasSuffix(siteURL, ".myconnectwise.net") {
		return siteURL
	}
	return host
}

// personHost is the host that people open.
func personHost(host string) string {
	if m := cloudHost.FindStringSubmatch(host); m != nil {
		return m[1]
	}
	return host
}

// request makes a GET request to this PSA.
func (c *connector) request(ctx context.Context, host, path string, query url.Values) (*http.Request, error) {
	u := url.URL{Scheme: c.host.Scheme, Host: host, Path: path, RawQuery: query.Encode()}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, u.String(), nil)
	if err != nil {
		return nil, mainstay.Wrap(mainstay.Internal, err, "The request could not be made.")
	}
	req.Header.Set("Accept", "application/json")
	return req, nil
}

// discover asks which code base serves this company, once per connector or
// again where fresh is true.
func (c *connector) discover(ctx context.Context, fresh bool) (companyInfo, error) {
	c.mu.Lock()
	known := c.info
	c.mu.Unlock()
	if known != nil && !fresh {
		return *known, nil
	}
	req, err := c.request(ctx, c.host.Host, "/login/companyinfo/"+c.company, nil)
	if err != nil {
		return companyInfo{}, err
	}
	resp, err := c.client.Do(ctx, req)
	if err != nil {
		return companyInfo{}, err
	}
	var found *companyInfo
	switch {
	case resp.Status == http.StatusNotFound:
		found = &companyInfo{Codebase: defaultCodebase}
	case resp.Status != http.StatusOK:
		return companyInfo{}, c.refuse("login/companyinfo", resp)
	case json.Unmarshal(resp.Body, &found) != nil:
		return companyInfo{}, mainstay.Errorf(mainstay.Unavailable, "%s did not answer like a ConnectWise server. Check the address.", c.host.Host)
	case found == nil:
		return companyInfo{}, &mainstay.Error{Kind: mainstay.Invalid, Field: "company",
			Message: "ConnectWise at " + c.host.Host + " doesn't know this company. Enter it as on the log-in page."}
	}
	if !strings.HasSuffix(found.Codebase, "/") {
		found.Codebase += "/"
	}
	if !codebaseForm.MatchString(found.Codebase) {
		return companyInfo{}, mainstay.Errorf(mainstay.Unavailable, "%s did not answer like a ConnectWise server. Check the address.", c.host.Host)
	}
	c.mu.Lock()
	c.info = found
	c.mu.Unlock()
	return *found, nil
}

// get asks for a path below the API and returns an answer of 2xx. An upgrade of
// ConnectWise moves the API: after an unexpected 404 the code base is asked for
// again, and where it has changed, so is the question.
func (c *connector) get(ctx context.Context, path string, query url.Values, header http.Header) (*connect.Response, error) {
	info, err := c.discover(ctx, false)
	if err != nil {
		return nil, err
	}
	resp, err := c.send(ctx, info, path, query, header)
	if err != nil {
		return nil, err
	}
	if resp.Status == http.StatusNotFound && c.readRefusal(resp).Code != "NotFound" {
		again, err := c.discover(ctx, true)
		if err != nil {
			return nil, err
		}
		if again.Codebase != info.Codebase {
			if resp, err = c.send(ctx, again, path, query, header); err != nil {
				return nil, err
			}
		}
	}
	if resp.Status < 200 || resp.Status > 299 {
		return nil, c.refuse(path, resp)
	}
	return resp, nil
}

func (c *connector) send(ctx context.Context, info companyInfo, path string, query url.Values, header http.Header) (*connect.Response, error) {
	req, err := c.request(ctx, apiHost(c.host.Host, strings.ToLower(string(info.SiteURL))), "/"+info.Codebase+"apis/3.0/"+path, query)
	if err != nil {
		return nil, err
	}
	for k, v := range header {
		req.Header[k] = v
	}
	req.Header.Set("Authorization", c.authorization)
	req.Header.Set("clientId", c.clientID)
	return c.client.Do(ctx, req)
}

// readRefusal reads the body of a failure, as far as it is one.
func (c *connector) readRefusal(resp *connect.Response) *refusal {
	r := &refusal{}
	_ = json.Unmarshal(resp.Body, r)
	r.Status = resp.Status
	r.Code = c.quote(r.Code, 40)
	r.Message = c.quote(r.Message, 200)
	return r
}

// quote makes words of the PSA fit to show: clean, short, without a secret.
func (c *connector) quote(s string, most int) string {
	s = c.redact.Replace(mainstay.CleanText(s, false))
	if r := []rune(s); len(r) > most {
		s = string(r[:most]) + "…"
	}
	return s
}

// refuse turns an answer that is no success into an error that says what to do.
func (c *connector) refuse(path string, resp *connect.Response) error {
	r := c.readRefusal(resp)
	switch r.Status {
	case http.StatusUnauthorized:
		return mainstay.Wrap(mainstay.Unauthorized, r, "ConnectWise refused the keys. Check the company, both keys and the client ID, and that the API member is active.")
	case http.StatusForbidden:
		return mainstay.Wrap(mainstay.Forbidden, r, "The API member lacks a right in ConnectWise: %s. Add it to the member's security role.", rightFor(path))
	case http.StatusNotFound:
		return mainstay.Wrap(mainstay.Unavailable, r, "ConnectWise has nothing at %s. Nothing was changed. Check the address and the version of ConnectWise.", path)
	}
	said := ""
	if r.Message != "" {
		said = " It says: " + strings.TrimSuffix(r.Message, ".") + "."
	}
	return mainstay.Wrap(mainstay.Unavailable, r, "ConnectWise refused to list %s (status %d).%s", path, r.Status, said)
}

// refusalOf returns the PSA's own refusal in err, or nil.
func refusalOf(err error) *refusal {
	var r *refusal
	if errors.As(err, &r) {
		return r
	}
	return nil
}

// isMissingEndpoint reports whether err says that this version of ConnectWise
// does not have the path at all.
func isMissingEndpoint(err error) bool {
	r := refusalOf(err)
	return r != nil && r.Status == http.StatusNotFound && r.Code != "NotFound"
}

// odd is the error for an answer that makes no sense.
func odd(path string, cause error) error {
	return mainstay.Wrap(mainstay.Unavailable, cause, "The answer of ConnectWise to %s can't be used: %s. Nothing was changed; try again later.", path, cause)
}

// queryValue returns a parameter of an address, empty where there is none.
func queryValue(address, name string) string {
	_, query, _ := strings.Cut(address, "?")
	v, err := url.ParseQuery(query)
	if err != nil {
		return ""
	}
	return v.Get(name)
}
