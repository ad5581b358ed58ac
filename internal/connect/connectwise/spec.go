// Package connectwise reads ConnectWise PSA (Manage) over its REST API. It
// sends GET requests only. Vendor words end here: api.go holds the wire,
// map.go turns it into observations, and the rest walks lists and asks by id.
package connectwise

import (
	"encoding/base64"
	"net/url"
	"strings"

	"mainstay"
	"mainstay/internal/connect"
)

// DefaultClientID is what Mainstay calls itself to ConnectWise. ConnectWise
// hands such ids to registered developers and refuses unknown ones, so an
// installation may enter its own.
const DefaultClientID = "7f0c6f2e-5b0d-4c39-9a57-2d1f4be8a9c3"

// Spec registers the connector.
func Spec() connect.Spec {
	return connect.Spec{
		Name: "connectwise", Label: "ConnectWise PSA",
		Options: []connect.Option{
			{Name: "url", Label: "Address", Required: true,
				Help: "Where you open ConnectWise, for example https://na.myconnectwise.net or your own server."},
			{Name: "company", Label: "Company", Required: true, Help: "The company you enter when you log in to ConnectWise."},
			{Name: "client-id", Label: "Client ID", Default: DefaultClientID,
				Help: "Your own ID from developer.connectwise.com, if you have one. ConnectWise refuses IDs that it doesn't know."},
			{Name: "public-key", Label: "Public key", Required: true, Help: "Of an API member: System > Members > API Members > API Keys."},
			{Name: "private-key", Label: "Private key", Required: true, Secret: true, Help: "Shown once, when the key is made. It is kept encrypted."},
		},
		New: func(cfg connect.Config) (connect.Connector, error) { return newConnector(cfg) },
	}
}

// newConnector checks the settings and asks nothing yet.
func newConnector(cfg connect.Config) (*connector, error) {
	c := &connector{client: cfg.Client, sizes: map[string]int{}, canaries: map[string][]int64{}}
	text := func(name string) string { return strings.TrimSpace(cfg.Options[name]) }
	address := text("url")
	if address != "" && !strings.Contains(address, "://") {
		address = "https://" + address
	}
	u, err := url.Parse(address)
	if err != nil {
		return nil, mainstay.FieldError("url", "The address can't be read. Enter one like https://na.myconnectwise.net.")
	}
	if u.User != nil {
		return nil, mainstay.FieldError("url", "The address must not contain a user name or a password.")
	}
	if err := cfg.Client.CheckURL(u); err != nil {
		return nil, err
	}
	c.host = &url.URL{Scheme: u.Scheme, Host: strings.ToLower(u.Host)}
	c.company, c.clientID = text("company"), text("client-id")
	if c.clientID == "" {
		c.clientID = DefaultClientID
	}
	public, private := text("public-key"), strings.TrimSpace(cfg.Secrets["private-key"])
	switch {
	case c.company == "" || strings.ContainsAny(c.company, "/?#+:"):
		return nil, mainstay.FieldError("company", "Enter the company as on the ConnectWise log-in page.")
	case public == "":
		return nil, mainstay.FieldError("public-key", "Enter the public key of the API member.")
	case private == "":
		return nil, mainstay.FieldError("private-key", "Enter the private key of the API member.")
	}
	token := base64.StdEncoding.EncodeToString([]byte(c.company + "+" + public + ":" + private))
	c.authorization = "Basic " + token
	c.redact = strings.NewReplacer(token, "…", private, "…")
	return c, nil
}
