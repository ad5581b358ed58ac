package bench

import (
	"context"
	"strconv"
	"strings"
	"time"

	"mainstay"
	"mainstay/internal/db"
)

// floorChunk is how many rows one transaction of the plain SQL moves.
const floorChunk = 500

// The tables that a first load fills, with the rows of a range of items.
var floorTables = []struct{ name, where, columns string }{
	{"item", "id BETWEEN $1 AND $2", "id, kind, organization_id, parent_id, name, name_key, type_id, status_id, is_primary, archived, fields, version, created_at, updated_at, sync, reason, since, sync_note, only_here"},
	{"psa_record", "item_id BETWEEN $1 AND $2", "integration_id, kind, external_id, item_id, trashed, name, type_ids, status_id, company_id, inactive, in_scope, hash, run_id, linked_at"},
	{"activity", "item_id BETWEEN $1 AND $2 AND verb = 'created'", "id, at, user_id, who, verb, kind, item_id, organization_id, name, run_id, plan_id, detail, changes, address"},
}

// floorLoad writes the rows that the first load wrote, page by page, into an
// installation without any, and returns the seconds of the writing.
func floorLoad(ctx context.Context, from, to *install) (float64, error) {
	var spent time.Duration
	for low := int64(1); ; low += pageSize {
		rows := make([][][]any, len(floorTables))
		err := from.store.DB.Read(ctx, func(t *db.Tx) error {
			for n, table := range floorTables {
				var err error
				if rows[n], err = readRows(ctx, t, "SELECT "+table.columns+" FROM "+table.name+" WHERE "+table.where+" ORDER BY 1",
					strings.Count(table.columns, ",")+1, low, low+pageSize-1); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil || len(rows[0]) == 0 {
			return spent.Seconds(), err
		}
		began := time.Now()
		err = to.store.DB.Write(ctx, func(t *db.Tx) error {
			for n, table := range floorTables {
				if _, err := t.InsertRows(ctx, "INSERT INTO "+table.name+" ("+table.columns+")", "", rows[n]); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return 0, err
		}
		spent += time.Since(began)
	}
}

func readRows(ctx context.Context, t *db.Tx, query string, width int, args ...any) ([][]any, error) {
	rows, err := t.Query(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out [][]any
	for rows.Next() {
		row, dest := make([]any, width), make([]any, width)
		for n := range row {
			dest[n] = &row[n]
		}
		if err := rows.Scan(dest...); err != nil {
			return nil, err
		}
		out = append(out, row)
	}
	return out, rows.Err()
}

// floorPass marks the records of every page as seen, which is all that an
// unchanged pass has to write, and returns the seconds.
func floorPass(ctx context.Context, in *install) (float64, error) {
	began := time.Now()
	for _, stream := range in.psa.Streams() {
		for first := 0; first < in.psa.size(stream.Kind); first += pageSize {
			args := []any{int64(1) << 40, int64(in.id), string(stream.Kind)}
			for n := first; n < min(first+pageSize, in.psa.size(stream.Kind)); n++ {
				args = append(args, strconv.Itoa(n+1))
			}
			err := in.store.DB.Write(ctx, func(t *db.Tx) error {
				_, err := t.Exec(ctx, "UPDATE psa_record SET run_id = $1 WHERE integration_id = $2 AND kind = $3 AND external_id IN ("+db.In(4, len(args)-3)+")", args...)
				return err
			})
			if err != nil {
				return 0, err
			}
		}
	}
	return time.Since(began).Seconds(), nil
}

// The statements that move the items between two ids to the trash and back, with
// their links and an entry of the log each: what has to be there afterwards.
var (
	floorTrash = []string{
		"INSERT INTO trash (" + floorTables[0].columns + ", plan_id, deleted_by, deleted_at, purge_after) SELECT " + floorTables[0].columns + ", 1, 'bench', 1, 2 FROM item WHERE id BETWEEN $1 AND $2",
		"INSERT INTO activity (" + floorTables[2].columns + ") SELECT 10000000 + id, 1, 0, 'bench', 'deleted', kind, id, organization_id, name, 0, 1, '', '', '' FROM item WHERE id BETWEEN $1 AND $2",
		"UPDATE psa_record SET trashed = TRUE WHERE item_id BETWEEN $1 AND $2",
		"DELETE FROM item WHERE id BETWEEN $1 AND $2",
	}
	floorBack = []string{
		"INSERT INTO item (" + floorTables[0].columns + ") SELECT " + floorTables[0].columns + " FROM trash WHERE id BETWEEN $1 AND $2",
		"INSERT INTO activity (" + floorTables[2].columns + ") SELECT 20000000 + id, 1, 0, 'bench', 'restored', kind, id, organization_id, name, 0, 1, '', '', '' FROM trash WHERE id BETWEEN $1 AND $2",
		"UPDATE psa_record SET trashed = FALSE WHERE item_id BETWEEN $1 AND $2",
		"DELETE FROM trash WHERE id BETWEEN $1 AND $2",
	}
)

// floorMove moves everything to the trash and back, and returns the seconds of each.
func floorMove(ctx context.Context, in *install) (toTrash, back float64, err error) {
	if err := in.settle(ctx); err != nil {
		return 0, 0, err
	}
	var low, high int64
	if err := in.store.DB.Read(ctx, func(t *db.Tx) error { return t.QueryRow(ctx, "SELECT min(id), max(id) FROM item").Scan(&low, &high) }); err != nil {
		return 0, 0, err
	}
	if toTrash, err = move(ctx, in, floorTrash, low, high); err != nil {
		return 0, 0, err
	}
	back, err = move(ctx, in, floorBack, low, high)
	return toTrash, back, err
}

func move(ctx context.Context, in *install, statements []string, low, high int64) (float64, error) {
	began := time.Now()
	for at := low; at <= high; at += floorChunk {
		err := in.store.DB.Write(ctx, func(t *db.Tx) error {
			for _, s := range statements {
				if _, err := t.Exec(ctx, s, at, at+floorChunk-1); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return 0, err
		}
	}
	return time.Since(began).Seconds(), nil
}

// floorPlan writes the frozen lines of a plan by one statement for the
// organizations and one for what they hold, counts them by kind, removes them
// again, and returns the seconds of the first two.
func floorPlan(ctx context.Context, in *install) (float64, error) {
	const plan = int64(1) << 40
	lines := "INSERT INTO plan_item (plan_id, item_id, kind, organization_id, version, root, only_here, gone, held, why, outcome) SELECT " + strconv.FormatInt(plan, 10) +
		", c.id, c.kind, c.organization_id, c.version, FALSE, c.only_here, FALSE, FALSE, '', '' FROM item c"
	began := time.Now()
	err := in.store.DB.Write(ctx, func(t *db.Tx) error {
		if _, err := t.Exec(ctx, lines+" WHERE c.kind = 'organization' AND c.sync = $1", string(mainstay.Orphaned)); err != nil {
			return err
		}
		if _, err := t.Exec(ctx, lines+" JOIN plan_item p ON p.plan_id = $1 AND p.item_id = c.organization_id WHERE c.id <> c.organization_id", plan); err != nil {
			return err
		}
		_, err := readRows(ctx, t, "SELECT kind, count(*) FROM plan_item WHERE plan_id = $1 GROUP BY kind", 2, plan)
		return err
	})
	spent := time.Since(began).Seconds()
	if err != nil {
		return 0, err
	}
	return spent, in.store.DB.Write(ctx, func(t *db.Tx) error {
		_, err := t.Exec(ctx, "DELETE FROM plan_item WHERE plan_id = $1", plan)
		return err
	})
}
