package store

import (
	"context"

	"mainstay"
	"mainstay/internal/db"
)

const labelColumns = "id, kind, axis, name, integration_id, external_id, inactive"

func scanLabel(r db.Row) (mainstay.Label, error) {
	var l mainstay.Label
	err := r.Scan(&l.ID, &l.Kind, &l.Axis, &l.Name, &l.IntegrationID, &l.ExternalID, &l.Inactive)
	return l, err
}

// Labels lists every type and status, by kind, axis and name.
func (t *Tx) Labels(ctx context.Context) ([]mainstay.Label, error) {
	return scanAll(ctx, t, scanLabel, "SELECT "+labelColumns+" FROM label ORDER BY kind, axis, name_key, id")
}

// InsertLabels stores new labels and sets their ids.
func (t *Tx) InsertLabels(ctx context.Context, labels []mainstay.Label) error {
	if len(labels) == 0 {
		return nil
	}
	id, err := t.NextIDs(ctx, "label", len(labels))
	if err != nil {
		return err
	}
	var rows [][]any
	for i := range labels {
		l := &labels[i]
		l.ID = mainstay.LabelID(id + int64(i))
		rows = append(rows, []any{int64(l.ID), string(l.Kind), string(l.Axis), l.Name, mainstay.SearchKey(l.Name), int64(l.IntegrationID), l.ExternalID, l.Inactive})
	}
	_, err = t.InsertRows(ctx, "INSERT INTO label (id, kind, axis, name, name_key, integration_id, external_id, inactive)", "", rows)
	return err
}

// UpdateLabel stores the name, the origin and the inactive flag of a label.
func (t *Tx) UpdateLabel(ctx context.Context, l mainstay.Label) error {
	_, err := t.Exec(ctx, "UPDATE label SET name = $1, name_key = $2, inactive = $3, integration_id = $4, external_id = $5 WHERE id = $6",
		l.Name, mainstay.SearchKey(l.Name), l.Inactive, int64(l.IntegrationID), l.ExternalID, int64(l.ID))
	return err
}
