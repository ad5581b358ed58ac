package storetest_test

import (
	"context"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"

	"mainstay"
	"mainstay/internal/db"
	"mainstay/internal/storetest"
)

func TestEach(t *testing.T) {
	moment := time.UnixMicro(1_700_000_000_000_000)
	var names []string
	storetest.Setup{Now: func() time.Time { return moment }}.Each(t, func(t *testing.T, d *db.DB) {
		names = append(names, string(d.Dialect()))
		if d.Now() != mainstay.TimeOf(moment) {
			t.Errorf("got clock %d, want %d", d.Now(), mainstay.TimeOf(moment))
		}
		ctx := t.Context()
		err := d.Write(ctx, func(tx *db.Tx) error {
			_, err := tx.Exec(ctx, "CREATE TABLE pet (name TEXT NOT NULL)")
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	})
	if diff := cmp.Diff([]string{"sqlite", "postgres"}, names); diff != "" {
		t.Errorf("databases (-want +got):\n%s", diff)
	}
}

func TestTemplate(t *testing.T) {
	prepared := map[db.Dialect]int{}
	template := storetest.NewTemplate(func(ctx context.Context, d *db.DB) error {
		prepared[d.Dialect()]++
		return d.Write(ctx, func(tx *db.Tx) error {
			if _, err := tx.Exec(ctx, "CREATE TABLE pet (name TEXT NOT NULL)"); err != nil {
				return err
			}
			_, err := tx.Exec(ctx, "INSERT INTO pet (name) VALUES ($1)", "Rex")
			return err
		})
	})
	for range 3 {
		storetest.Setup{Template: template}.Each(t, func(t *testing.T, d *db.DB) {
			ctx := t.Context()
			var n int
			err := d.Write(ctx, func(tx *db.Tx) error {
				if _, err := tx.Exec(ctx, "INSERT INTO pet (name) VALUES ($1)", "Tom"); err != nil {
					return err
				}
				return tx.QueryRow(ctx, "SELECT count(*) FROM pet").Scan(&n)
			})
			if err != nil || n != 2 {
				t.Fatalf("got %d pets and %v, want the prepared one and the new one", n, err)
			}
		})
	}
	if diff := cmp.Diff(map[db.Dialect]int{db.SQLite: 1, db.Postgres: 1}, prepared); diff != "" {
		t.Errorf("times prepared (-want +got):\n%s", diff)
	}
}

// A locale that sorts as people do reveals a query that forgot COLLATE "C".
func TestPostgres_sorts_as_people_do(t *testing.T) {
	ctx := t.Context()
	conn, err := pgx.Connect(ctx, storetest.Postgres(t))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(ctx)
	var less, bytewise bool
	if err := conn.QueryRow(ctx, `SELECT 'a' < 'B', 'a' COLLATE "C" < 'B' COLLATE "C"`).Scan(&less, &bytewise); err != nil {
		t.Fatal(err)
	}
	if !less || bytewise {
		t.Errorf("got 'a' < 'B' %t and bytewise %t, want true and false", less, bytewise)
	}
}

func TestSetup_Durable(t *testing.T) {
	for _, durable := range []bool{false, true} {
		ctx := t.Context()
		conn, err := pgx.Connect(ctx, storetest.Setup{Durable: durable}.Postgres(t).Config.URL)
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close(ctx)
		want := map[bool]string{false: "off", true: "on"}[durable]
		for _, name := range []string{"fsync", "synchronous_commit", "full_page_writes"} {
			var got string
			if err := conn.QueryRow(ctx, "SHOW "+name).Scan(&got); err != nil {
				t.Fatal(err)
			}
			if got != want {
				t.Errorf("got %s=%s, want %s where Durable is %t", name, got, want, durable)
			}
		}
	}
}

const killed = "MAINSTAY_TEST_KILLED"

// The server must not outlive a test process that is killed.
func TestPostgres_ends_with_the_process(t *testing.T) {
	if file := os.Getenv(killed); file != "" {
		if err := os.WriteFile(file, []byte(storetest.Postgres(t)), 0o600); err != nil {
			t.Fatal(err)
		}
		select {} // until the parent kills it
	}
	file := t.TempDir() + "/url"
	child := exec.Command(os.Args[0], "-test.run=^TestPostgres_ends_with_the_process$")
	child.Env = append(os.Environ(), killed+"="+file)
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	defer child.Process.Kill()
	var address string
	await(t, "the child to start its server", func() bool {
		b, err := os.ReadFile(file)
		address = string(b)
		return err == nil && strings.HasPrefix(address, "postgres://") && strings.HasSuffix(address, "disable")
	})
	if err := child.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	child.Wait()
	await(t, "the server to end", func() bool {
		conn, err := pgx.Connect(t.Context(), address)
		if err == nil {
			conn.Close(t.Context())
		}
		return err != nil && strings.Contains(err.Error(), "refused")
	})
}

func await(t *testing.T, what string, done func() bool) {
	t.Helper()
	for deadline := time.Now().Add(60 * time.Second); !done(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("waited too long for %s", what)
		}
	}
}
