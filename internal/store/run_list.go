package store

import (
	"context"
	"slices"

	"mainstay"
)

// NewerRuns lists the limit runs of an integration that follow one, newest first.
func (t *Tx) NewerRuns(ctx context.Context, integration mainstay.IntegrationID, after mainstay.RunID, limit int) ([]mainstay.Run, error) {
	runs, err := scanAll(ctx, t, scanRun, "SELECT "+runColumns+" FROM run WHERE integration_id = $1 AND id > $2 ORDER BY id LIMIT $3",
		int64(integration), int64(after), limit)
	slices.Reverse(runs)
	return runs, err
}

// LastRuns lists the limit newest runs of each of the integrations, newest first.
func (t *Tx) LastRuns(ctx context.Context, integrations []mainstay.Integration, limit int) (map[mainstay.IntegrationID][]mainstay.Run, error) {
	out := map[mainstay.IntegrationID][]mainstay.Run{}
	if len(integrations) == 0 {
		return out, nil
	}
	w := &where{}
	in := list(w, integrations, func(i mainstay.Integration) any { return int64(i.ID) })
	runs, err := scanAll(ctx, t, scanRun, "SELECT "+runColumns+" FROM (SELECT "+runColumns+
		", row_number() OVER (PARTITION BY integration_id ORDER BY id DESC) AS place FROM run WHERE integration_id IN "+in+
		") q WHERE place <= "+w.arg(limit)+" ORDER BY id DESC", w.args...)
	for _, r := range runs {
		out[r.IntegrationID] = append(out[r.IntegrationID], r)
	}
	return out, err
}

// HeldRuns lists the newest run of each integration where it is held for a person.
func (t *Tx) HeldRuns(ctx context.Context) ([]mainstay.Run, error) {
	return scanAll(ctx, t, scanRun, "SELECT "+runColumns+" FROM run WHERE state = 'held' AND id IN (SELECT last_run FROM integration WHERE removed_at = 0) ORDER BY id DESC")
}

// RunsIn lists runs in one of the states, newest first; no state lists all.
func (t *Tx) RunsIn(ctx context.Context, states []mainstay.RunState, limit int) ([]mainstay.Run, error) {
	w := &where{}
	if len(states) > 0 {
		w.conds = append(w.conds, "state IN "+list(w, states, func(s mainstay.RunState) any { return string(s) }))
	}
	return scanAll(ctx, t, scanRun, "SELECT "+runColumns+" FROM run WHERE "+w.sql()+" ORDER BY id DESC LIMIT "+w.arg(limit), w.args...)
}
