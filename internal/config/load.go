package config

import (
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"net/url"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"time"

	"mainstay"
)

// maxPlanPause is the longest pause before a confirmed plan starts.
const maxPlanPause = time.Hour

// Load makes a Config of the variables that lookup knows, fills in the defaults
// and checks everything. The error is Invalid and names every variable that
// makes no sense, never a value that may be secret. It touches no file.
func Load(lookup func(name string) (string, bool)) (Config, error) {
	l := loader{lookup: lookup}
	c := Config{
		Data:             l.text(data, l.dataFolder()),
		DatabaseURL:      l.database(),
		Listen:           l.address(listen, defaultListen),
		MetricsListen:    l.address(metricsListen, ""),
		TrustedProxies:   l.proxies(),
		LogLevel:         l.level(),
		LogFormat:        l.oneOf(logFormat, defaultLogFormat, "text", "json"),
		PlanPause:        l.pause(),
		BackupRecipient:  l.recipient(),
		AllowLoopbackPSA: l.oneOf(allowLoopback, "false", "true", "false") == "true",
	}
	c.KeyFile = l.text(keyFile, filepath.Join(c.Data, "key.json"))
	c.BackupDir = l.text(backupDir, filepath.Join(c.Data, "backups"))
	c.PublicURL = l.public(c.Listen)
	if c.MetricsListen != "" && c.MetricsListen == c.Listen {
		l.wrong(metricsListen, "is the address of %s. Metrics need one of their own.", listen)
	}
	if len(l.problems) > 0 {
		return Config{}, mainstay.Errorf(mainstay.Invalid, "%s", strings.Join(l.problems, "\n"))
	}
	return c, nil
}

type loader struct {
	lookup   func(string) (string, bool)
	problems []string
}

func (l *loader) wrong(name, format string, args ...any) {
	l.problems = append(l.problems, name+" "+fmt.Sprintf(format, args...))
}

func (l *loader) text(name, def string) string {
	if v, ok := l.lookup(name); ok && strings.TrimSpace(v) != "" {
		return strings.TrimSpace(v)
	}
	return def
}

// dataFolder is the default of the data folder. A relative XDG_DATA_HOME does
// not count, as its specification says.
func (l *loader) dataFolder() string {
	if home := l.text(xdgDataHome, ""); filepath.IsAbs(home) {
		return filepath.Join(home, "mainstay")
	}
	return defaultData
}

func (l *loader) database() string {
	v := l.text(databaseURL, "")
	if v == "" {
		return ""
	}
	u, err := url.Parse(v)
	if err != nil || (u.Scheme != "postgres" && u.Scheme != "postgresql") || (u.Host == "" && u.Query().Get("host") == "") {
		l.wrong(databaseURL, "must look like postgres://user:password@host:5432/name. Leave it out to use SQLite.")
	}
	return v
}

func (l *loader) address(name, def string) string {
	v := l.text(name, def)
	if v == "" {
		return ""
	}
	_, port, err := net.SplitHostPort(v)
	if n, bad := strconv.Atoi(port); err != nil || bad != nil || n < 0 || n > 65535 {
		l.wrong(name, "is %q, but must be an address and a port such as %s.", v, defaultListen)
	}
	return v
}

func (l *loader) public(listen string) string {
	v := strings.TrimRight(l.text(publicURL, "http://"+browsable(listen)), "/")
	u, err := url.Parse(v)
	if err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Host == "" || u.User != nil || u.Path != "" || u.RawQuery != "" || u.Fragment != "" {
		l.wrong(publicURL, "must be how a browser reaches the server, such as https://docs.example.com, without a path.")
	}
	return v
}

func (l *loader) proxies() string {
	v := l.text(trustedProxies, "")
	if _, bad := parseProxies(v); bad != "" {
		l.wrong(trustedProxies, "contains %q. Use addresses or networks such as 127.0.0.1 or 10.0.0.0/8, separated by commas.", bad)
	}
	return v
}

// parseProxies reads addresses and networks; bad is the first part that is neither.
func parseProxies(list string) (out []netip.Prefix, bad string) {
	for _, part := range strings.Split(list, ",") {
		part = strings.TrimSpace(part)
		if part == "" {
			continue
		}
		if p, err := netip.ParsePrefix(part); err == nil {
			out = append(out, p.Masked())
		} else if a, err := netip.ParseAddr(part); err == nil {
			out = append(out, netip.PrefixFrom(a, a.BitLen()))
		} else {
			return out, part
		}
	}
	return out, ""
}

// browsable turns an address to listen on into one that a browser can open.
func browsable(listen string) string {
	host, port, err := net.SplitHostPort(listen)
	if err != nil {
		return defaultListen
	}
	if ip := net.ParseIP(host); host == "" || (ip != nil && ip.IsUnspecified()) {
		host = "localhost"
	}
	return net.JoinHostPort(host, port)
}

func (l *loader) level() slog.Level {
	levels := map[string]slog.Level{"debug": slog.LevelDebug, "info": slog.LevelInfo, "warn": slog.LevelWarn, "error": slog.LevelError}
	return levels[l.oneOf(logLevel, defaultLogLevel, "debug", "info", "warn", "error")]
}

func (l *loader) oneOf(name, def string, allowed ...string) string {
	v := strings.ToLower(l.text(name, def))
	for _, a := range allowed {
		if v == a {
			return v
		}
	}
	last := len(allowed) - 1
	l.wrong(name, "is %q. Use %s or %s.", v, strings.Join(allowed[:last], ", "), allowed[last])
	return def
}

func (l *loader) pause() time.Duration {
	v := l.text(planPause, defaultPlanPause)
	d, err := time.ParseDuration(v)
	if err != nil || d < 0 || d > maxPlanPause {
		l.wrong(planPause, "is %q. Use a time from 0s to 1h, such as 60s or 5m.", v)
	}
	return d
}

var recipientForm = regexp.MustCompile(`^age1[0-9a-z]{20,}$`)

func (l *loader) recipient() string {
	v := l.text(backupRecipient, "")
	switch {
	case v == "" || recipientForm.MatchString(v):
		return v
	case strings.HasPrefix(strings.ToUpper(v), "AGE-SECRET-KEY"):
		l.wrong(backupRecipient, "holds a private key. Use the public one, which starts with age1, and keep the private one away from this machine.")
	default:
		l.wrong(backupRecipient, "must be an age public key, which starts with age1.")
	}
	return ""
}
