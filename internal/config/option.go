package config

import "strings"

// Option describes one environment variable.
type Option struct {
	Name    string
	Default string // as it is shown; DATA stands for the data folder; empty for none
	Help    string
}

// The environment variables.
const (
	data            = "MAINSTAY_DATA"
	databaseURL     = "MAINSTAY_DATABASE_URL"
	listen          = "MAINSTAY_LISTEN"
	metricsListen   = "MAINSTAY_METRICS_LISTEN"
	publicURL       = "MAINSTAY_PUBLIC_URL"
	trustedProxies  = "MAINSTAY_TRUSTED_PROXIES"
	keyFile         = "MAINSTAY_KEY_FILE"
	logLevel        = "MAINSTAY_LOG_LEVEL"
	logFormat       = "MAINSTAY_LOG_FORMAT"
	planPause       = "MAINSTAY_PLAN_PAUSE"
	backupDir       = "MAINSTAY_BACKUP_DIR"
	backupRecipient = "MAINSTAY_BACKUP_AGE_RECIPIENT"
	allowLoopback   = "MAINSTAY_ALLOW_LOOPBACK_PSA"
	xdgDataHome     = "XDG_DATA_HOME"
)

// The defaults that are plain values.
const (
	defaultListen    = "127.0.0.1:8080"
	defaultLogLevel  = "info"
	defaultLogFormat = "text"
	defaultPlanPause = "60s"
	defaultData      = "mainstay-data"
)

// Options lists every variable in the order of the documentation.
func Options() []Option {
	return []Option{
		{data, "$XDG_DATA_HOME/mainstay where XDG_DATA_HOME is set, else ./mainstay-data",
			"The data folder. It holds the SQLite database and, unless they are moved, the key file and the backups."},
		{databaseURL, "",
			"Run on this PostgreSQL instead of SQLite: postgres://user:password@host:5432/name. Several nodes can share one database; they need the same key file."},
		{listen, defaultListen,
			"The address of the web server. Keep it on loopback behind a proxy that does TLS."},
		{metricsListen, "",
			"The address of the Prometheus metrics, for example 127.0.0.1:9090. Without it there are none. Never open it to the world."},
		{publicURL, "http:// and the address of MAINSTAY_LISTEN",
			"How people reach the server, for example https://docs.example.com. With https, cookies travel over TLS only."},
		{trustedProxies, "",
			"The proxies in front of the server, as addresses or networks separated by commas, for example 127.0.0.1. Their X-Forwarded-For is believed, so that the limit of sign-ins counts each visitor apart."},
		{keyFile, "DATA/key.json",
			"The keys that seal secrets such as PSA credentials. Made at the first start. Keep a copy apart from the database: without it the secrets can't be read."},
		{logLevel, defaultLogLevel, "What is logged: debug, info, warn or error."},
		{logFormat, defaultLogFormat, "How it is logged: text or json."},
		{planPause, defaultPlanPause,
			"How long a confirmed plan waits before it starts, and can still be canceled: 0s to 1h. It counts where the plan is confirmed: in the server for its pages, in the command for mainstay apply."},
		{backupDir, "DATA/backups", "The folder of the backups."},
		{backupRecipient, "",
			"An age public key (age1…). Backups are encrypted for it and can only be restored with its private key."},
		{allowLoopback, "false",
			"Let an integration reach addresses of this machine. Only for the demo and for tests."},
	}
}

// Markdown returns the page of the documentation that lists every variable.
func Markdown() string {
	var b strings.Builder
	b.WriteString(`# Configuration

Mainstay reads its configuration from environment variables, once, at the start. None is needed to try it.
An empty variable counts as unset. A value that makes no sense stops the start with a sentence that names the variable.

| variable | default | what it does |
|---|---|---|
`)
	for _, o := range Options() {
		def := "none"
		if o.Default != "" {
			def = o.Default
		}
		b.WriteString("| `" + o.Name + "` | " + def + " | " + o.Help + " |\n")
	}
	b.WriteString(`
DATA stands for the data folder. Everything else, such as integrations, sync settings and users, is set in the application and kept in the database.
`)
	return b.String()
}
