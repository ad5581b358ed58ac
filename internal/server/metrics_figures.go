package server

import (
	"context"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"mainstay"
	"mainstay/internal/jobs"
	"mainstay/internal/store"
)

// scrapeTime is how long reading the figures may take.
const scrapeTime = 5 * time.Second

// maxJobs is how many unfinished jobs are counted one by one.
const maxJobs = 10_000

// figures reads the figures of the installation from the database each time
// somebody asks for them.
type figures struct{ s *Server }

// The figures. Their labels are few by nature: kinds, states, reasons and the
// names of integrations.
type figure struct {
	desc   *prometheus.Desc
	value  float64
	labels []string
}

func describe(name, help string, labels ...string) *prometheus.Desc {
	return prometheus.NewDesc("mainstay_"+name, help, labels, nil)
}

// Describe implements prometheus.Collector: the figures are not known beforehand.
func (figures) Describe(chan<- *prometheus.Desc) {}

// Collect implements prometheus.Collector.
func (f figures) Collect(out chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), scrapeTime)
	defer cancel()
	up := 1.0
	for _, read := range []func(context.Context) ([]figure, error){f.account, f.jobs} {
		list, err := read(ctx)
		if err != nil {
			up = 0
			out <- prometheus.NewInvalidMetric(describe("figures", "Figures from the database."), err)
			continue
		}
		for _, g := range list {
			out <- prometheus.MustNewConstMetric(g.desc, prometheus.GaugeValue, g.value, g.labels...)
		}
	}
	out <- prometheus.MustNewConstMetric(describe("up", "1 where the database could be read for these figures."), prometheus.GaugeValue, up)
	for _, g := range f.connections() {
		out <- prometheus.MustNewConstMetric(g.desc, prometheus.GaugeValue, g.value, g.labels...)
	}
}

// account reads what the store keeps: items, runs, plans and backups.
func (f figures) account(ctx context.Context) ([]figure, error) {
	var out []figure
	err := f.s.Store.Read(ctx, func(t *store.Tx) error {
		out = nil
		for _, part := range []func(context.Context, *store.Tx) ([]figure, error){itemFigures, runFigures, planFigures, backupFigures} {
			list, err := part(ctx, t)
			if err != nil {
				return err
			}
			out = append(out, list...)
		}
		return nil
	})
	return out, err
}

// sums adds up numbers by labels, in the order in which the labels came.
type sums struct {
	order [][2]string
	n     map[[2]string]float64
}

func (s *sums) add(a, b string, n float64) {
	key := [2]string{a, b}
	if s.n == nil {
		s.n = map[[2]string]float64{}
	}
	if _, known := s.n[key]; !known {
		s.order = append(s.order, key)
	}
	s.n[key] += n
}

// figures gives one figure per pair of labels; a desc of one label drops the second.
func (s *sums) figures(desc *prometheus.Desc, width int) []figure {
	var out []figure
	for _, key := range s.order {
		out = append(out, figure{desc, s.n[key], key[:width]})
	}
	return out
}

func itemFigures(ctx context.Context, t *store.Tx) ([]figure, error) {
	tallies, err := t.Tallies(ctx, mainstay.System("metrics"))
	if err != nil {
		return nil, err
	}
	var items, orphans sums
	for _, y := range tallies {
		items.add(string(y.Kind), string(y.Sync), float64(y.N))
		if y.Sync == mainstay.Orphaned {
			orphans.add(string(y.Kind), string(y.Reason), float64(y.N))
		}
	}
	return append(items.figures(describe("items", "Live items by kind and sync state.", "kind", "state"), 2),
		orphans.figures(describe("orphaned_items", "Orphaned items by kind and reason.", "kind", "reason"), 2)...), nil
}

func runFigures(ctx context.Context, t *store.Tx) ([]figure, error) {
	all, err := t.Integrations(ctx)
	if err != nil {
		return nil, err
	}
	var runs sums
	var out []figure
	full := describe("last_full_sync_timestamp_seconds", "When an integration last had a complete full sync.", "integration")
	for _, i := range all {
		if i.LastFull != 0 {
			out = append(out, figure{full, float64(i.LastFull.Std().Unix()), []string{i.Name}})
		}
		if i.LastRun == 0 {
			continue
		}
		r, err := t.Run(ctx, i.LastRun)
		if err != nil {
			return nil, err
		}
		runs.add(string(r.State), "", 1)
	}
	return append(out, runs.figures(describe("runs", "The latest run of each integration, by state.", "state"), 1)...), nil
}

func planFigures(ctx context.Context, t *store.Tx) ([]figure, error) {
	list, err := t.Plans(ctx, []mainstay.PlanState{mainstay.PlanStarting, mainstay.PlanBackingUp, mainstay.PlanRunning, mainstay.PlanPaused, mainstay.PlanFailed}, 1000)
	if err != nil {
		return nil, err
	}
	var plans sums
	for _, p := range list {
		plans.add(string(p.State), "", 1)
	}
	return plans.figures(describe("plans", "Confirmed plans that have not ended well, by state.", "state"), 1), nil
}

func backupFigures(ctx context.Context, t *store.Tx) ([]figure, error) {
	b, ok, err := t.FreshBackup(ctx, 0)
	if err != nil || !ok {
		return nil, err
	}
	age := t.Now().Sub(b.Created).Seconds()
	return []figure{{describe("verified_backup_age_seconds", "Age of the newest verified backup; missing where there is none."), age, nil}}, nil
}

func (f figures) jobs(ctx context.Context) ([]figure, error) {
	if f.s.Jobs == nil {
		return nil, nil
	}
	list, err := f.s.Jobs.List(ctx, jobs.Filter{Unfinished: true, Limit: maxJobs})
	if err != nil {
		return nil, err
	}
	var waiting sums
	for _, j := range list {
		waiting.add(string(j.Kind), string(j.State), 1)
	}
	nodes, err := f.s.Jobs.AliveNodes(ctx)
	out := waiting.figures(describe("jobs", "Unfinished jobs by kind and state.", "kind", "state"), 2)
	return append(out, figure{describe("nodes", "Processes that work on jobs."), float64(len(nodes)), nil}), err
}

// connections tells how busy the connections to the database are.
func (f figures) connections() []figure {
	desc := describe("database_connections", "Connections to the database; of SQLite the one that writes.", "state")
	d := f.s.Store.DB
	if pool := d.Pool(); pool != nil {
		p := pool.Stat()
		return []figure{{desc, float64(p.AcquiredConns()), []string{"in use"}}, {desc, float64(p.IdleConns()), []string{"idle"}}, {desc, float64(p.MaxConns()), []string{"max"}}}
	}
	w := d.Writer().Stats()
	return []figure{{desc, float64(w.InUse), []string{"in use"}}, {desc, float64(w.Idle), []string{"idle"}}, {desc, float64(w.MaxOpenConnections), []string{"max"}}}
}
