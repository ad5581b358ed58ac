package jobs

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"time"

	"mainstay"
	"mainstay/internal/db"
)

// pulse keeps a node alive in the eyes of the others and watches over theirs.
//
// Whether another node is silent, it judges by its own steady clock since it
// last saw the beat change. Wall clocks that differ between machines, or jump,
// therefore kill nobody.
type pulse struct {
	*Runner
	w    *worker
	seen map[string]sighting // other nodes
	idle map[int64]time.Time // jobs that we own but do not work on, since when
}

type sighting struct {
	beat mainstay.Time
	at   time.Time
}

func newPulse(r *Runner, w *worker) *pulse {
	return &pulse{Runner: r, w: w, seen: map[string]sighting{}, idle: map[int64]time.Time{}}
}

// join enters this node, and takes over at once from processes of this machine
// that are gone.
func (p *pulse) join(ctx context.Context) error {
	err := p.db.Write(ctx, func(tx *db.Tx) error {
		_, err := tx.Exec(ctx, "INSERT INTO node (id, started_at, beat_at) VALUES ($1, $2, $2)", p.w.node, int64(tx.Now()))
		return err
	})
	if err != nil {
		return err
	}
	return p.watch(ctx)
}

// leave removes this node and gives back whatever it still owns.
func (p *pulse) leave(ctx context.Context) error {
	_, err := takeOver(ctx, p.db, []string{p.w.node})
	return err
}

// keep beats and watches until ctx ends, which gives nil, or until this node has
// been declared dead.
func (p *pulse) keep(ctx context.Context) error {
	tick := time.NewTicker(p.o.Beat)
	defer tick.Stop()
	last := time.Now()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
		err := p.beat(ctx)
		if err == nil {
			last = time.Now()
			err = p.watch(ctx)
		}
		switch {
		case err == nil, ctx.Err() != nil:
		case errors.Is(err, errDeclaredDead), time.Since(last) > p.o.Dead:
			return errors.Join(errDeclaredDead, err)
		default:
			p.o.Log.WarnContext(ctx, "job node could not give or look for signs of life", slog.Any("error", err))
		}
	}
}

// beat gives a sign of life. The value always changes, whatever the clock does.
func (p *pulse) beat(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, p.o.Dead)
	defer cancel()
	return p.db.Write(ctx, func(tx *db.Tx) error {
		n, err := tx.Exec(ctx, "UPDATE node SET beat_at = CASE WHEN beat_at < $2 THEN $2 ELSE beat_at + 1 END WHERE id = $1",
			p.w.node, int64(tx.Now()))
		if err == nil && n == 0 {
			return errDeclaredDead
		}
		return err
	})
}

// running is a job under way and the node that owns it.
type running struct {
	id   int64
	node string
}

// watch takes over the jobs of nodes that are dead or not there, and gives back
// jobs that we own but do not work on.
func (p *pulse) watch(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, p.o.Dead)
	defer cancel()
	var all []Node
	var jobs []running
	err := p.db.Read(ctx, func(tx *db.Tx) (err error) {
		if all, err = nodes(ctx, tx); err != nil {
			return err
		}
		jobs, err = runningJobs(ctx, tx)
		return err
	})
	if err != nil {
		return err
	}
	dead := p.deadNodes(all)
	for _, j := range jobs {
		known := slices.ContainsFunc(all, func(n Node) bool { return n.ID == j.node })
		if !known && j.node != p.w.node && !slices.Contains(dead, j.node) {
			dead = append(dead, j.node)
		}
	}
	if len(dead) > 0 {
		n, err := takeOver(ctx, p.db, dead)
		if err != nil {
			return err
		}
		p.o.Log.WarnContext(ctx, "took over from dead job nodes", slog.Any("nodes", dead), slog.Int("jobs", n))
	}
	return p.giveBack(ctx, jobs)
}

func runningJobs(ctx context.Context, tx *db.Tx) ([]running, error) {
	rows, err := tx.Query(ctx, "SELECT id, "+dialectOf(tx.Dialect()).owner+" FROM river_job WHERE state = 'running' ORDER BY id")
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var list []running
	for rows.Next() {
		var j running
		if err := rows.Scan(&j.id, &j.node); err != nil {
			return nil, err
		}
		list = append(list, j)
	}
	return list, rows.Err()
}

// deadNodes returns the ids of nodes whose process is gone or that have been
// silent for too long, and remembers what it saw.
func (p *pulse) deadNodes(all []Node) []string {
	now := time.Now()
	var dead []string
	seen := map[string]sighting{}
	for _, n := range all {
		if n.ID == p.w.node {
			continue
		}
		s, known := p.seen[n.ID]
		if !known || s.beat != n.Beat {
			s = sighting{beat: n.Beat, at: now}
		}
		seen[n.ID] = s
		if now.Sub(s.at) >= p.o.Dead || gone(n.ID) {
			dead = append(dead, n.ID)
		}
	}
	p.seen = seen
	return dead
}

// giveBack returns jobs to the queue that this node owns but has not worked on
// for a while: the database took the fetch but the answer was lost, or it could
// not be reached when the job ended.
func (p *pulse) giveBack(ctx context.Context, jobs []running) error {
	now := time.Now()
	idle := map[int64]time.Time{}
	for _, j := range jobs {
		if j.node != p.w.node || p.w.isActive(j.id) {
			continue
		}
		since, known := p.idle[j.id]
		if !known {
			since = now
		}
		if now.Sub(since) < p.o.Dead {
			idle[j.id] = since
			continue
		}
		if err := p.release(ctx, j.id); err != nil {
			return err
		}
	}
	p.idle = idle
	return nil
}

func (p *pulse) release(ctx context.Context, id int64) error {
	sql := dialectOf(p.db.Dialect())
	return p.db.Write(ctx, func(tx *db.Tx) error {
		_, err := tx.Exec(ctx, "UPDATE river_job SET state = 'available', scheduled_at = $3 WHERE id = $1 AND state = 'running' AND "+sql.owner+" = $2",
			id, p.w.node, sql.moment(p.db.Now().Std()))
		return err
	})
}
