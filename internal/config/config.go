// Package config reads how an installation runs from the environment. No other
// package reads the environment; everything else gets a Config, or a part of it.
package config

import (
	"log/slog"
	"net/netip"
	"net/url"
	"os"
	"time"
)

// Config is how an installation runs. Load gives one that is complete and checked.
type Config struct {
	// Data is the folder that holds the SQLite database, the key file and the backups.
	Data string
	// DatabaseURL is the PostgreSQL to use; empty for SQLite in Data. It may hold
	// a password: String and LogValue leave it out.
	DatabaseURL string
	// Listen is the address of the web server, host:port.
	Listen string
	// MetricsListen is the address of the metrics; empty for none.
	MetricsListen string
	// PublicURL is how people reach the server, without a slash at the end.
	PublicURL string
	// TrustedProxies are the machines whose X-Forwarded-For is believed; none by default.
	// Addresses and networks, separated by commas; see Proxies.
	TrustedProxies string
	// KeyFile is the file of the keys that seal secrets.
	KeyFile string
	// LogLevel is the lowest level that is logged.
	LogLevel slog.Level
	// LogFormat is "text" or "json".
	LogFormat string
	// PlanPause is how long a confirmed plan waits, and can be canceled, before
	// it starts; 0 starts it at once.
	PlanPause time.Duration
	// BackupDir is the folder of the backups.
	BackupDir string
	// BackupRecipient is the age public key that backups are encrypted for;
	// empty for backups that are not encrypted.
	BackupRecipient string
	// AllowLoopbackPSA lets an integration reach addresses of this machine.
	AllowLoopbackPSA bool
}

// FromEnvironment loads the Config of this process.
func FromEnvironment() (Config, error) { return Load(os.LookupEnv) }

// Proxies are the TrustedProxies, parsed.
func (c Config) Proxies() []netip.Prefix {
	out, _ := parseProxies(c.TrustedProxies)
	return out
}

// Postgres reports whether the installation runs on PostgreSQL.
func (c Config) Postgres() bool { return c.DatabaseURL != "" }

// Database names the database without its password.
func (c Config) Database() string {
	if !c.Postgres() {
		return "sqlite in " + c.Data
	}
	u, err := url.Parse(c.DatabaseURL)
	if err != nil {
		return "postgres"
	}
	return "postgres " + u.Host + u.Path
}

// String describes the Config without secrets.
func (c Config) String() string { return c.LogValue().String() }

// GoString is String, so that no verb of fmt prints a secret.
func (c Config) GoString() string { return c.String() }

// LogValue describes the Config without secrets.
func (c Config) LogValue() slog.Value {
	return slog.GroupValue(
		slog.String("database", c.Database()),
		slog.String("listen", c.Listen),
		slog.String("metrics", c.MetricsListen),
		slog.String("public_url", c.PublicURL),
		slog.String("key_file", c.KeyFile),
		slog.String("log_level", c.LogLevel.String()),
		slog.String("log_format", c.LogFormat),
		slog.Duration("plan_pause", c.PlanPause),
		slog.String("backup_dir", c.BackupDir),
		slog.Bool("backups_encrypted", c.BackupRecipient != ""),
		slog.Bool("loopback_psa", c.AllowLoopbackPSA),
	)
}
