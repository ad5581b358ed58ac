package connect

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"syscall"
	"time"

	"code.dny.dev/ssrf"

	"mainstay"
)

var (
	errRefused  = errors.New("address refused")
	errRedirect = errors.New("redirect to another host")
)

// newTransport returns a transport that looks at the address of every
// connection at dial time, after the name was resolved, so no name can lead
// into our own network. It uses no proxy, which would undo the check.
func newTransport(cfg ClientConfig) *http.Transport {
	v4, v6 := openPrefixes(cfg)
	guard := ssrf.New(ssrf.WithAnyPort(), ssrf.WithAllowedV4Prefixes(v4...), ssrf.WithAllowedV6Prefixes(v6...))
	dialer := &net.Dialer{
		Timeout:   min(10*time.Second, cfg.Timeout),
		KeepAlive: 30 * time.Second,
		Control: func(network, address string, conn syscall.RawConn) error {
			if err := guard.Safe(network, address, conn); err != nil {
				return fmt.Errorf("%w: %w", errRefused, err)
			}
			return nil
		},
	}
	return &http.Transport{
		DialContext:            dialer.DialContext,
		TLSClientConfig:        &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: cfg.RootCAs},
		ForceAttemptHTTP2:      true,
		TLSHandshakeTimeout:    10 * time.Second,
		IdleConnTimeout:        90 * time.Second,
		MaxIdleConnsPerHost:    4,
		MaxResponseHeaderBytes: 1 << 20,
	}
}

func openPrefixes(cfg ClientConfig) (v4, v6 []netip.Prefix) {
	open := cfg.AllowNetworks
	if cfg.AllowLoopback {
		open = append([]netip.Prefix{netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("::1/128")}, open...)
	}
	for _, p := range open {
		if p.Addr().Is4() {
			v4 = append(v4, p)
		} else {
			v6 = append(v6, p)
		}
	}
	return v4, v6
}

// checkRedirect follows a redirect only on the same scheme, host and port, so
// credentials never leave the PSA.
func checkRedirect(req *http.Request, via []*http.Request) error {
	first := via[0].URL
	if len(via) > 3 || req.URL.Scheme != first.Scheme || req.URL.Host != first.Host {
		return errRedirect
	}
	return nil
}

// checkRequest refuses what must never be sent.
func (c *Client) checkRequest(req *http.Request) error {
	if req.Method != http.MethodGet && req.Method != http.MethodHead {
		return mainstay.Errorf(mainstay.Invalid, "Nothing is ever written to a PSA: a %s request was stopped.", req.Method)
	}
	if req.URL.User != nil {
		return mainstay.Errorf(mainstay.Invalid, "The address of the PSA must not contain a user name or a password.")
	}
	return c.CheckURL(req.URL)
}

// CheckURL reports whether a PSA may be asked at u: https everywhere, http on
// this machine only and only where loopback is allowed. The error belongs to
// the field url.
func (c *Client) CheckURL(u *url.URL) error {
	switch {
	case u.Hostname() == "":
		return mainstay.FieldError("url", "Enter the address of the PSA, for example https://na.myconnectwise.net.")
	case u.Scheme == "https":
		return nil
	case u.Scheme == "http" && c.cfg.AllowLoopback && isLoopback(u.Hostname()):
		return nil
	case u.Scheme == "http":
		return mainstay.FieldError("url", "The address must start with https://, so that the keys travel encrypted.")
	}
	return mainstay.FieldError("url", "The address must start with https://.")
}

func isLoopback(host string) bool {
	if host == "localhost" {
		return true
	}
	ip, err := netip.ParseAddr(host)
	return err == nil && ip.IsLoopback()
}

func isCertificateError(err error) bool {
	var verify *tls.CertificateVerificationError
	var name x509.HostnameError
	var authority x509.UnknownAuthorityError
	var invalid x509.CertificateInvalidError
	return errors.As(err, &verify) || errors.As(err, &name) || errors.As(err, &authority) || errors.As(err, &invalid)
}

// cause strips the request's address from err: a query may hold what a log should not.
func cause(err error) error {
	var u *url.Error
	if errors.As(err, &u) {
		return u.Err
	}
	return err
}
