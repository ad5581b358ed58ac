package storetest

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// postgresStart is how long a server may take until it answers.
const postgresStart = 60 * time.Second

// server is one private PostgreSQL of this test process. It listens on a random
// loopback port and on a socket in its own folder, and ends with the process,
// whichever way that ends.
type server struct {
	port     int
	password string
	dir      string
	alive    *os.File // while this end is open the server lives
}

// servers holds the running servers of this process: one that skips fsync, and
// one that does not. They cannot belong to a test, because all tests share them.
var servers struct {
	sync.Mutex
	fast, durable *server
}

// Postgres returns the URL of a fresh, empty PostgreSQL database, which is
// dropped when the test ends. The server does not wait for the disk; use
// Setup.Durable where a test cuts the power.
func Postgres(t testing.TB) string {
	t.Helper()
	return createDatabase(t, postgresServer(t, false), "template1")
}

// postgresServer returns the server of this process and starts it when it is
// asked for the first time.
func postgresServer(t testing.TB, durable bool) *server {
	t.Helper()
	servers.Lock()
	defer servers.Unlock()
	slot := &servers.fast
	if durable {
		slot = &servers.durable
	}
	if *slot == nil {
		s, err := startPostgres(durable)
		if err != nil {
			t.Fatal(err)
		}
		*slot = s
	}
	return *slot
}

func createDatabase(t testing.TB, s *server, template string) string {
	t.Helper()
	name := "test_" + token()
	s.exec(t, "CREATE DATABASE "+name+" TEMPLATE "+template)
	t.Cleanup(func() { s.exec(t, "DROP DATABASE "+name+" WITH (FORCE)") })
	return s.url(name)
}

// token returns letters and digits that serve as a password or as part of a name.
func token() string { return "x" + string(bytes.ToLower([]byte(rand.Text()))) }

func (s *server) url(database string) string {
	u := url.URL{
		Scheme: "postgres", User: url.UserPassword("postgres", s.password),
		Host: net.JoinHostPort("127.0.0.1", strconv.Itoa(s.port)), Path: database,
		RawQuery: "sslmode=disable",
	}
	return u.String()
}

func (s *server) exec(t testing.TB, query string) {
	t.Helper()
	ctx := context.Background()
	conn, err := pgx.Connect(ctx, s.url("postgres"))
	if err != nil {
		t.Fatalf("connect to the PostgreSQL of the tests: %v", err)
	}
	defer conn.Close(ctx) //nolint:errcheck // nothing is lost with it
	if _, err := conn.Exec(ctx, query); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
}

// startPostgres makes a cluster in a folder of its own and starts it. Another
// process may take the chosen port first, so it tries a few.
func startPostgres(durable bool) (*server, error) {
	bin, err := findPostgres()
	if err != nil {
		return nil, err
	}
	for try := 1; ; try++ {
		s, err := startOnce(bin, durable)
		if err == nil || try == 3 {
			return s, err
		}
	}
}

// findPostgres returns the folder that holds the newest installed postgres and initdb.
func findPostgres() (string, error) {
	dirs, err := filepath.Glob("/usr/lib/postgresql/*/bin")
	if err != nil {
		return "", err
	}
	version := func(dir string) int {
		n, _ := strconv.Atoi(filepath.Base(filepath.Dir(dir))) // a folder that is no number comes last
		return n
	}
	slices.SortFunc(dirs, func(a, b string) int { return version(b) - version(a) })
	if p, err := exec.LookPath("initdb"); err == nil {
		dirs = append(dirs, filepath.Dir(p))
	}
	for _, dir := range dirs {
		if isFile(filepath.Join(dir, "initdb")) && isFile(filepath.Join(dir, "postgres")) {
			return dir, nil
		}
	}
	return "", errors.New("PostgreSQL is not installed, and these tests run on it as well as on SQLite. Install PostgreSQL 15 or newer; ./check does it on Debian and Ubuntu")
}

func isFile(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode().IsRegular()
}

func startOnce(bin string, durable bool) (*server, error) {
	dir, err := os.MkdirTemp("", "mainstay-postgres-")
	if err != nil {
		return nil, err
	}
	owner, err := unprivileged(dir)
	if err != nil {
		return nil, errors.Join(err, os.RemoveAll(dir))
	}
	s := &server{password: token(), dir: dir}
	if err := s.initdb(bin, owner); err != nil {
		return nil, errors.Join(err, os.RemoveAll(dir))
	}
	if err := s.start(bin, owner, durable); err != nil {
		return nil, errors.Join(err, os.RemoveAll(dir))
	}
	if err := s.await(); err != nil {
		s.alive.Close() //nolint:errcheck // the watchdog stops the server and removes the folder
		return nil, err
	}
	return s, nil
}

// unprivileged returns whose rights the server gets, because PostgreSQL refuses
// to run as root: nil for those of the test, else the user postgres or nobody,
// who then owns dir.
func unprivileged(dir string) (*syscall.Credential, error) {
	if os.Geteuid() != 0 {
		return nil, nil
	}
	u, err := user.Lookup("postgres")
	if err != nil {
		if u, err = user.Lookup("nobody"); err != nil {
			return nil, fmt.Errorf("PostgreSQL does not run as root, and there is no other user to run it as: %w", err)
		}
	}
	uid, err := strconv.ParseUint(u.Uid, 10, 32)
	if err != nil {
		return nil, err
	}
	gid, err := strconv.ParseUint(u.Gid, 10, 32)
	if err != nil {
		return nil, err
	}
	return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}, os.Chown(dir, int(uid), int(gid))
}

// initdb makes the cluster. Its default collation sorts as people do, so that a
// query that relies on the order of bytes without saying so fails in the tests.
func (s *server) initdb(bin string, owner *syscall.Credential) error {
	secret := filepath.Join(s.dir, "password")
	if err := os.WriteFile(secret, []byte(s.password), 0o600); err != nil {
		return err
	}
	if owner != nil {
		if err := os.Chown(secret, int(owner.Uid), int(owner.Gid)); err != nil {
			return err
		}
	}
	cmd := exec.Command(filepath.Join(bin, "initdb"), "--no-sync", "--no-instructions",
		"--pgdata="+filepath.Join(s.dir, "data"), "--username=postgres", "--pwfile="+secret, "--auth=password",
		"--encoding=UTF8", "--locale=C", "--locale-provider=icu", "--icu-locale=en-US")
	cmd.Dir = s.dir
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: owner}
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("initdb: %w\n%s", err, out)
	}
	return nil
}

// watchdog runs the server as its child, stops it when standard input ends, and
// removes the folder. Standard input is a pipe whose other end only the test
// process holds, so the server also ends when that is killed or panics.
const watchdog = `
"$@" </dev/null &
server=$!
while read -r line; do :; done
kill -QUIT "$server" 2>/dev/null
wait "$server"
cd /
rm -rf "$FOLDER"
`

func (s *server) start(bin string, owner *syscall.Credential, durable bool) error {
	port, err := freePort()
	if err != nil {
		return err
	}
	s.port = port
	args := []string{"-c", watchdog, "watchdog", filepath.Join(bin, "postgres"), "-D", filepath.Join(s.dir, "data"), "-p", strconv.Itoa(port)}
	settings := []string{"listen_addresses=127.0.0.1", "unix_socket_directories=" + s.dir, "max_connections=300",
		"shared_buffers=64MB", "log_min_messages=fatal", "jit=off"}
	if !durable {
		settings = append(settings, "fsync=off", "synchronous_commit=off", "full_page_writes=off")
	}
	for _, v := range settings {
		args = append(args, "-c", v)
	}
	// What the server says goes to a file: a pipe would keep "go test" waiting for it.
	log, err := os.OpenFile(s.logFile(), os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer log.Close() //nolint:errcheck // the server has its own handle
	read, write, err := os.Pipe()
	if err != nil {
		return err
	}
	defer read.Close() //nolint:errcheck // the watchdog has its own handle
	cmd := exec.Command("/bin/sh", args...)
	cmd.Dir, cmd.Stdin, cmd.Stdout, cmd.Stderr = s.dir, read, log, log
	cmd.Env = append(os.Environ(), "FOLDER="+s.dir)
	// A session of its own keeps an interrupt at the terminal away from the
	// watchdog, which would otherwise die before it cleans up.
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: owner, Setsid: true}
	if err := cmd.Start(); err != nil {
		write.Close() //nolint:errcheck // the first error counts
		return fmt.Errorf("start PostgreSQL: %w", err)
	}
	s.alive = write
	return nil
}

func (s *server) logFile() string { return filepath.Join(s.dir, "log") }

// freePort returns a loopback port that nobody listened on a moment ago.
func freePort() (int, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	port := l.Addr().(*net.TCPAddr).Port
	return port, l.Close()
}

// await returns when the server answers with our password, so that a stranger
// on the same port is not taken for it.
func (s *server) await() error {
	ctx, cancel := context.WithTimeout(context.Background(), postgresStart)
	defer cancel()
	for {
		conn, err := pgx.Connect(ctx, s.url("postgres"))
		if err == nil {
			return conn.Close(ctx)
		}
		select {
		case <-ctx.Done():
			log, _ := os.ReadFile(s.logFile()) // what could be read is shown
			return fmt.Errorf("PostgreSQL did not start within %s: %w\n%s", postgresStart, err, log)
		case <-time.After(20 * time.Millisecond):
		}
	}
}
