package jobs

import (
	"bytes"
	"cmp"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"syscall"
	"time"

	"mainstay"
	"mainstay/internal/db"
)

// DefaultDead is how long a node may be silent before it counts as dead, unless
// Options say otherwise.
const DefaultDead = 15 * time.Second

// Node is a process that works on jobs.
type Node struct {
	ID      string
	Name    string // as the operator called it
	Started mainstay.Time
	Beat    mainstay.Time // last sign of life, by the clock of that node
}

// AliveNodes lists the processes that work on jobs now. A process of this
// machine that is gone is left out at once, others when they have been silent
// for DefaultDead.
func (q *Queue) AliveNodes(ctx context.Context) ([]Node, error) {
	var alive []Node
	err := q.db.Read(ctx, func(tx *db.Tx) error {
		all, err := nodes(ctx, tx)
		alive = nil
		for _, n := range all {
			if q.db.Now().Sub(n.Beat) < DefaultDead && !gone(n.ID) {
				alive = append(alive, n)
			}
		}
		return err
	})
	return alive, err
}

func nodes(ctx context.Context, tx *db.Tx) ([]Node, error) {
	rows, err := tx.Query(ctx, "SELECT id, started_at, beat_at FROM node ORDER BY started_at, id")
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var list []Node
	for rows.Next() {
		var n Node
		if err := rows.Scan(&n.ID, &n.Started, &n.Beat); err != nil {
			return nil, err
		}
		n.Name, _, _ = strings.Cut(n.ID, "/")
		list = append(list, n)
	}
	return list, rows.Err()
}

// A node id reads name/space/pid/start/random. space stands for the boot of the
// machine and the process namespace, start is when the process started in that
// boot; so the four name one process for all time, and whoever shares the space
// can see whether it still exists. Where the machine does not tell, they are
// empty and only silence counts.
func newNodeID(name string) string {
	if name == "" {
		name, _ = os.Hostname() // the name is for people only
	}
	name = strings.Map(func(r rune) rune {
		if r == '/' || r < ' ' || r > '~' {
			return '-'
		}
		return r
	}, cmp.Or(name, "node"))
	pid := os.Getpid()
	start, _ := processStart(pid)
	random := strings.ToLower(rand.Text()[:8])
	return fmt.Sprintf("%.24s/%s/%d/%s/%s", name, processSpace(), pid, start, random)
}

// gone reports whether a node is certainly no more: its process belonged to our
// space, and there is none with its number and start any more.
func gone(id string) bool {
	part := strings.Split(id, "/")
	if len(part) != 5 || part[1] == "" || part[3] == "" || part[1] != processSpace() {
		return false
	}
	pid, err := strconv.Atoi(part[2])
	if err != nil {
		return false
	}
	start, dead := processStart(pid)
	if start != "" {
		return dead || start != part[3]
	}
	// The table of processes may be hidden from us; a signal tells for certain.
	p, err := os.FindProcess(pid)
	if err != nil {
		return false
	}
	err = p.Signal(syscall.Signal(0))
	return errors.Is(err, os.ErrProcessDone) || errors.Is(err, syscall.ESRCH)
}

// processSpace names what process numbers are unique in; empty where unknown.
func processSpace() string {
	boot, err := os.ReadFile("/proc/sys/kernel/random/boot_id")
	if err != nil {
		return ""
	}
	space, err := os.Readlink("/proc/self/ns/pid")
	if err != nil {
		return ""
	}
	sum := sha256.Sum256([]byte(string(boot) + space))
	return hex.EncodeToString(sum[:6])
}

// processStart returns when a process started, in ticks since boot, and whether
// it has ended and only waits for its parent; empty where unknown.
func processStart(pid int) (start string, dead bool) {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return "", false
	}
	// The second field is the name in parentheses and may hold anything, so the
	// rest begins after the last one. It starts with field 3, the state.
	_, rest, ok := bytes.Cut(stat[max(bytes.LastIndexByte(stat, ')'), 0):], []byte(" "))
	field := strings.Fields(string(rest))
	if !ok || len(field) < 20 {
		return "", false
	}
	return field[19], field[0] == "Z" || field[0] == "X"
}
