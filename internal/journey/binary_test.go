package journey

import (
	"bytes"
	"flag"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"mainstay/internal/storetest"
)

// patience is how long anything may take before a test gives up. It is no
// promise about speed: the machine may be busy with other tests.
var patience = flag.Duration("patience", 4*time.Minute, "how long one step may take before its test gives up")

// tested is the binary that the tests run: the one that is named, such as that
// of a release, or one that is built for this test process.
var tested = flag.String("binary", "", "test this binary instead of building one")

func TestMain(m *testing.M) {
	flag.Parse()
	os.Exit(run(m))
}

// run builds the binary once and runs the tests.
func run(m *testing.M) int {
	if testing.Short() || *tested != "" {
		return m.Run()
	}
	dir, err := os.MkdirTemp("", "mainstay-journey-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(dir)
	*tested = filepath.Join(dir, "mainstay")
	cmd := exec.Command("go", "build", "-o", *tested, "./cmd/mainstay")
	cmd.Dir = filepath.Join("..", "..")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		fmt.Fprintf(os.Stderr, "build the binary: %v\n%s", err, out)
		return 1
	}
	return m.Run()
}

// whole leaves a journey out of the short tests.
func whole(t testing.TB) {
	t.Helper()
	if testing.Short() {
		t.Skip("a journey needs the binary, both databases and Chromium; -short leaves it out")
	}
}

// place is where an installation lives: a folder, and PostgreSQL where it is
// not SQLite.
type place struct{ dir, url string }

// places runs a journey once on each database, in an empty place.
func places(t *testing.T, walk func(t *testing.T, p place)) {
	whole(t)
	t.Run("sqlite", func(t *testing.T) { walk(t, place{dir: t.TempDir()}) })
	t.Run("postgres", func(t *testing.T) { walk(t, place{dir: t.TempDir(), url: storetest.Postgres(t)}) })
}

// environment is all that a command may learn from its surroundings.
func (p place) environment(more ...string) []string {
	env := []string{"PATH=" + os.Getenv("PATH"), "HOME=" + p.dir, "MAINSTAY_DATA=" + p.dir, "MAINSTAY_ALLOW_LOOPBACK_PSA=true", "MAINSTAY_PLAN_PAUSE=1s"}
	if p.url != "" {
		env = append(env, "MAINSTAY_DATABASE_URL="+p.url)
	}
	return append(env, more...)
}

// process is a mainstay that goes on running.
type process struct {
	t     testing.TB
	cmd   *exec.Cmd
	log   string // file with everything that it prints
	ended chan struct{}
}

// start runs the binary until the test ends or stops it. Its log is shown when
// the test fails.
func start(t testing.TB, p place, env []string, args ...string) *process {
	t.Helper()
	r := &process{t: t, cmd: exec.Command(*tested, args...), log: filepath.Join(t.TempDir(), "log"), ended: make(chan struct{})}
	log, err := os.Create(r.log)
	if err != nil {
		t.Fatal(err)
	}
	defer log.Close()
	r.cmd.Env, r.cmd.Stdout, r.cmd.Stderr = p.environment(env...), log, log
	if err := r.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() { r.cmd.Wait(); close(r.ended) }() // stop reads the exit code
	t.Cleanup(func() {
		r.stop()
		if t.Failed() {
			t.Logf("mainstay %s printed:\n%s", strings.Join(args, " "), lastLines(r.printed(), 60))
		}
	})
	return r
}

// stop asks the process to end, as systemd does, and waits for it. It may be
// called again.
func (r *process) stop() {
	r.t.Helper()
	r.cmd.Process.Signal(syscall.SIGTERM) // it may have ended
	select {
	case <-r.ended:
	case <-time.After(*patience):
		r.cmd.Process.Kill() // it may have ended
		<-r.ended
		r.t.Errorf("mainstay did not end when it was told to")
	}
}

func (r *process) printed() string {
	r.t.Helper()
	b, err := os.ReadFile(r.log)
	if err != nil {
		r.t.Fatal(err)
	}
	return string(b)
}

// await returns the rest of the first printed line that starts with lead.
func (r *process) await(lead string) string {
	r.t.Helper()
	for end := time.Now().Add(*patience); time.Now().Before(end); time.Sleep(50 * time.Millisecond) {
		for line := range strings.Lines(r.printed()) {
			if rest, ok := strings.CutPrefix(line, lead); ok && strings.HasSuffix(line, "\n") {
				return strings.TrimSpace(rest)
			}
		}
		select {
		case <-r.ended:
			r.t.Fatalf("mainstay ended (%v) before it printed %q:\n%s", r.cmd.ProcessState, lead, r.printed())
		default:
		}
	}
	r.t.Fatalf("mainstay never printed %q:\n%s", lead, r.printed())
	return ""
}

func lastLines(s string, n int) string {
	lines := strings.Split(strings.TrimSpace(s), "\n")
	return strings.Join(lines[max(0, len(lines)-n):], "\n")
}

// freeAddress is a loopback address that nobody listened on a moment ago.
func freeAddress(t testing.TB) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// demo is a running demo: the link that signs in, and the simulated PSA's page.
type demo struct {
	*process
	link, psa string
}

// startDemo runs the demo with a number of companies in the PSA; 0 is the full size.
// A confirmed plan waits for pause, so that it can be canceled.
func startDemo(t testing.TB, p place, companies int, pause time.Duration) demo {
	t.Helper()
	r := start(t, p, nil, "demo", "--companies", fmt.Sprint(companies), "--port", "0", "--pause", pause.String(), "--keep", p.dir)
	d := demo{process: r, link: r.await("Mainstay is ready:"), psa: r.await("The simulated ConnectWise:")}
	r.await("Open Integrations")
	return d
}

// command runs one command to its end and returns what it printed and its exit code.
// env adds to what it learns from its surroundings.
func (p place) command(t testing.TB, in string, env []string, args ...string) (out, problem string, code int) {
	t.Helper()
	cmd := exec.Command(*tested, args...)
	var stdout, stderr bytes.Buffer
	cmd.Env, cmd.Stdin, cmd.Stdout, cmd.Stderr = p.environment(env...), strings.NewReader(in), &stdout, &stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	stuck := time.AfterFunc(*patience, func() { cmd.Process.Kill() }) // it may have ended
	defer stuck.Stop()
	cmd.Wait() // the exit code says it
	return stdout.String(), stderr.String(), cmd.ProcessState.ExitCode()
}
