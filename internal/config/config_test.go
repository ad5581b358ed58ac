package config

import (
	"flag"
	"fmt"
	"log/slog"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"mainstay"
)

var update = flag.Bool("update", false, "write docs/configuration.md anew")

func load(env map[string]string) (Config, error) {
	return Load(func(name string) (string, bool) { v, ok := env[name]; return v, ok })
}

// plain hides the String method, so that cmp looks at the fields.
type plain Config

func TestLoad(t *testing.T) {
	defaults := plain{
		Data: "mainstay-data", Listen: "127.0.0.1:8080", PublicURL: "http://127.0.0.1:8080", KeyFile: "mainstay-data/key.json",
		LogFormat: "text", PlanPause: time.Minute, BackupDir: "mainstay-data/backups",
	}
	for _, c := range []struct {
		name string
		env  map[string]string
		want func(*plain)
	}{
		{"nothing set", nil, func(*plain) {}},
		{"empty counts as unset", map[string]string{listen: "", data: "  "}, func(*plain) {}},
		{"relative XDG folder does not count", map[string]string{xdgDataHome: "share"}, func(*plain) {}},
		{"XDG folder", map[string]string{xdgDataHome: "/home/ann/.local/share"}, func(c *plain) {
			c.Data, c.KeyFile, c.BackupDir = "/home/ann/.local/share/mainstay", "/home/ann/.local/share/mainstay/key.json", "/home/ann/.local/share/mainstay/backups"
		}},
		{"data folder moves what lies in it", map[string]string{data: "/srv/m", xdgDataHome: "/x"}, func(c *plain) {
			c.Data, c.KeyFile, c.BackupDir = "/srv/m", "/srv/m/key.json", "/srv/m/backups"
		}},
		{"all addresses", map[string]string{listen: ":9000"}, func(c *plain) { c.Listen, c.PublicURL = ":9000", "http://localhost:9000" }},
		{"IPv6", map[string]string{listen: "[::]:9000"}, func(c *plain) { c.Listen, c.PublicURL = "[::]:9000", "http://localhost:9000" }},
		{"everything", map[string]string{
			databaseURL: "postgres://m:secret@db:5432/mainstay", listen: "10.0.0.5:80", metricsListen: "127.0.0.1:9090", publicURL: "https://docs.example.com/",
			keyFile: "/etc/mainstay/key.json", logLevel: "DEBUG", logFormat: "json", planPause: "0s", backupDir: "/backups",
			backupRecipient: "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p", allowLoopback: "true",
		}, func(c *plain) {
			*c = plain{Data: "mainstay-data", DatabaseURL: "postgres://m:secret@db:5432/mainstay", Listen: "10.0.0.5:80", MetricsListen: "127.0.0.1:9090",
				PublicURL: "https://docs.example.com", KeyFile: "/etc/mainstay/key.json", LogLevel: slog.LevelDebug, LogFormat: "json", BackupDir: "/backups",
				BackupRecipient: "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p", AllowLoopbackPSA: true}
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			want := defaults
			c.want(&want)
			got, err := load(c.env)
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(plain(got), want); d != "" {
				t.Errorf("got -, want +:\n%s", d)
			}
		})
	}
}

func TestLoad_refuses(t *testing.T) {
	for name, values := range map[string][]string{
		databaseURL:     {"mysql://m:secret@db/x", "secret", "postgres://", "postgres://%zz:secret@x/"},
		listen:          {"8080", "localhost", "localhost:http", "1.2.3.4:70000"},
		metricsListen:   {"9090", "127.0.0.1:8080"},
		trustedProxies:  {"everybody", "10.0.0.0/64"},
		publicURL:       {"docs.example.com", "ftp://x", "https://x/path", "https://u:secret@x", "https://x?secret"},
		logLevel:        {"loud"},
		logFormat:       {"xml"},
		planPause:       {"60", "-1s", "2h", "soon"},
		backupRecipient: {"ssh-rsa AAAA", "AGE-SECRET-KEY-1SECRET"},
		allowLoopback:   {"yes", "1"},
	} {
		for _, v := range values {
			got, err := load(map[string]string{name: v})
			if mainstay.KindOf(err) != mainstay.Invalid || !strings.Contains(err.Error(), name+" ") {
				t.Errorf("%s=%s gives %v", name, v, err)
				continue
			}
			if strings.Contains(strings.ToLower(err.Error()), "secret@") || strings.Contains(err.Error(), "SECRET-KEY") {
				t.Errorf("%s: the error tells the secret: %v", name, err)
			}
			if got != (Config{}) {
				t.Errorf("%s=%s gives a Config beside the error", name, v)
			}
		}
	}
}

func TestLoad_namesEveryProblemAtOnce(t *testing.T) {
	_, err := load(map[string]string{listen: "x", logLevel: "y", planPause: "z"})
	for _, name := range []string{listen, logLevel, planPause} {
		if err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%s is missing in %v", name, err)
		}
	}
}

func TestConfig_printsNoSecret(t *testing.T) {
	c, err := load(map[string]string{databaseURL: "postgres://m:hunter2@db/mainstay"})
	if err != nil {
		t.Fatal(err)
	}
	var log strings.Builder
	slog.New(slog.NewTextHandler(&log, nil)).Info("start", "config", c)
	for _, out := range []string{log.String(), fmt.Sprint(c), fmt.Sprintf("%+v", c), fmt.Sprintf("%#v", c)} {
		if strings.Contains(out, "hunter2") || !strings.Contains(out, "db/mainstay") {
			t.Errorf("prints %s", out)
		}
	}
}

// TestOptions_areTheOnesLoadReads fails when a variable is read but not
// described, or described but not read.
func TestOptions_areTheOnesLoadReads(t *testing.T) {
	read := map[string]bool{}
	if _, err := Load(func(name string) (string, bool) { read[name] = true; return "", false }); err != nil {
		t.Fatal(err)
	}
	delete(read, xdgDataHome)
	want := map[string]bool{}
	for _, o := range Options() {
		want[o.Name] = true
		if o.Help == "" {
			t.Errorf("%s has no help", o.Name)
		}
	}
	if d := cmp.Diff(read, want); d != "" {
		t.Errorf("read by Load -, listed in Options +:\n%s", d)
	}
}

func TestMarkdown_isTheDocumentation(t *testing.T) {
	const page = "../../docs/configuration.md"
	if *update {
		if err := os.WriteFile(page, []byte(Markdown()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(string(got), Markdown()); d != "" {
		t.Errorf("docs/configuration.md differs from Options (file -, code +); run go test ./internal/config -update:\n%s", d)
	}
}
