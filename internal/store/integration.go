package store

import (
	"context"
	"encoding/json"
	"strconv"

	"mainstay"
	"mainstay/internal/db"
)

const integrationColumns = "id, connector, name, options, fingerprint, failed, paused, paused_by, paused_at, settings, confirmed, confirmed_version, last_run, last_full, next_full, created_at, removed_at, removed_by, length(secret) = 0"

func scanIntegration(r db.Row) (mainstay.Integration, error) {
	var i mainstay.Integration
	var options, settings string
	var failed bool
	err := r.Scan(&i.ID, &i.Connector, &i.Name, &options, &i.Fingerprint, &failed, &i.Paused, &i.PausedBy, &i.PausedAt, &settings,
		&i.Confirmed, &i.ConfirmedVersion, &i.LastRun, &i.LastFull, &i.NextFull, &i.Created, &i.Removed, &i.RemovedBy, &i.Keyless)
	if err != nil {
		return i, err
	}
	switch {
	case i.Paused:
		i.State = mainstay.IntegrationPaused
	case failed:
		i.State = mainstay.IntegrationFailed
	default:
		i.State = mainstay.IntegrationOK
	}
	if err := json.Unmarshal([]byte(options), &i.Options); err != nil {
		return i, err
	}
	return i, json.Unmarshal([]byte(settings), &i.Settings)
}

// Integrations lists the connections in use by name.
func (t *Tx) Integrations(ctx context.Context) ([]mainstay.Integration, error) {
	return scanAll(ctx, t, scanIntegration, "SELECT "+integrationColumns+" FROM integration WHERE removed_at = 0 ORDER BY name_key")
}

// AllIntegrations lists the connections in use by name, and after them those
// that people removed, the newest first.
func (t *Tx) AllIntegrations(ctx context.Context) ([]mainstay.Integration, error) {
	return scanAll(ctx, t, scanIntegration, "SELECT "+integrationColumns+" FROM integration ORDER BY removed_at = 0 DESC, removed_at DESC, name_key, id")
}

// InUse splits a list of AllIntegrations into those that sync and those that
// people removed.
func InUse(all []mainstay.Integration) (inUse, removed []mainstay.Integration) {
	for _, i := range all {
		if i.Removed.IsZero() {
			inUse = append(inUse, i)
		} else {
			removed = append(removed, i)
		}
	}
	return inUse, removed
}

// RemovedIntegration returns the connection to a PSA that a person removed; ok
// is false where there is none.
func (t *Tx) RemovedIntegration(ctx context.Context, fingerprint string) (i mainstay.Integration, ok bool, err error) {
	i, err = scanIntegration(t.QueryRow(ctx, "SELECT "+integrationColumns+" FROM integration WHERE fingerprint = $1 AND removed_at <> 0"+t.ForUpdate(), fingerprint))
	if db.IsNoRows(err) {
		return i, false, nil
	}
	return i, err == nil, err
}

// Integration returns one connection.
func (t *Tx) Integration(ctx context.Context, id mainstay.IntegrationID) (mainstay.Integration, error) {
	return one(ctx, t, "integration", scanIntegration, "SELECT "+integrationColumns+" FROM integration WHERE id = $1", int64(id))
}

// LockIntegration is Integration for a transaction that stores the connection
// again, so that what another one stores meanwhile is not lost.
func (t *Tx) LockIntegration(ctx context.Context, id mainstay.IntegrationID) (mainstay.Integration, error) {
	return one(ctx, t, "integration", scanIntegration, "SELECT "+integrationColumns+" FROM integration WHERE id = $1"+t.ForUpdate(), int64(id))
}

// IntegrationNamed returns the connection with a name, without regard to case.
func (t *Tx) IntegrationNamed(ctx context.Context, name string) (mainstay.Integration, error) {
	i, err := one(ctx, t, "integration", scanIntegration, "SELECT "+integrationColumns+" FROM integration WHERE name_key = $1 AND removed_at = 0", mainstay.SearchKey(name))
	if mainstay.KindOf(err) == mainstay.NotFound {
		err = mainstay.Errorf(mainstay.NotFound, "There is no integration called %q.", name)
	}
	return i, err
}

// InsertIntegration stores a new connection with its sealed secrets and sets its id.
func (t *Tx) InsertIntegration(ctx context.Context, i *mainstay.Integration, secret []byte) error {
	id, err := t.NextIDs(ctx, "integration", 1)
	if err != nil {
		return err
	}
	i.ID = mainstay.IntegrationID(id)
	options, err := json.Marshal(i.Options)
	if err != nil {
		return err
	}
	settings, err := json.Marshal(i.Settings)
	if err != nil {
		return err
	}
	_, err = t.Exec(ctx, `INSERT INTO integration (id, connector, name, name_key, options, secret, fingerprint, failed, paused, paused_by, paused_at, settings,
		confirmed, confirmed_version, last_run, last_full, next_full, created_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, FALSE, $8, $9, $10, $11, 0, 0, 0, 0, $12, $13)`,
		id, i.Connector, i.Name, mainstay.SearchKey(i.Name), string(options), secret, i.Fingerprint, i.Paused, i.PausedBy, int64(i.PausedAt), string(settings),
		int64(i.NextFull), int64(i.Created))
	if db.IsUnique(err) {
		return mainstay.Errorf(mainstay.Conflict, "This PSA, or an integration with this name, is connected already. One PSA is connected once.")
	}
	return err
}

// nameKey is the name by which a connection is found. That of a removed one is
// free for another.
func nameKey(i mainstay.Integration) string {
	if !i.Removed.IsZero() {
		return "removed " + strconv.FormatInt(int64(i.ID), 10)
	}
	return mainstay.SearchKey(i.Name)
}

// UpdateIntegration stores everything but the secrets.
func (t *Tx) UpdateIntegration(ctx context.Context, i mainstay.Integration) error {
	options, err := json.Marshal(i.Options)
	if err != nil {
		return err
	}
	settings, err := json.Marshal(i.Settings)
	if err != nil {
		return err
	}
	_, err = t.Exec(ctx, `UPDATE integration SET name = $1, name_key = $2, options = $3, failed = $4, paused = $5, paused_by = $6, paused_at = $7, settings = $8,
		confirmed = $9, confirmed_version = $10, last_run = $11, last_full = $12, next_full = $13,
		removed_at = $14, removed_by = $15 WHERE id = $16`,
		i.Name, nameKey(i), string(options), i.State == mainstay.IntegrationFailed, i.Paused, i.PausedBy, int64(i.PausedAt), string(settings),
		i.Confirmed, i.ConfirmedVersion, int64(i.LastRun), int64(i.LastFull), int64(i.NextFull), int64(i.Removed), i.RemovedBy, int64(i.ID))
	if db.IsUnique(err) {
		return mainstay.FieldError("name", "Another integration has this name.")
	}
	return err
}

// IntegrationSecret returns the sealed secrets of a connection.
func (t *Tx) IntegrationSecret(ctx context.Context, id mainstay.IntegrationID) ([]byte, error) {
	var b []byte
	err := t.QueryRow(ctx, "SELECT secret FROM integration WHERE id = $1", int64(id)).Scan(&b)
	return b, err
}

// SetIntegrationSecret replaces the sealed secrets of a connection.
func (t *Tx) SetIntegrationSecret(ctx context.Context, id mainstay.IntegrationID, secret []byte) error {
	_, err := t.Exec(ctx, "UPDATE integration SET secret = $1 WHERE id = $2", secret, int64(id))
	return err
}
