package store

import (
	"context"
	"strconv"

	"mainstay"
)

// DropSame takes the items out of an edit plan that have what it sets already.
func (t *Tx) DropSame(ctx context.Context, p mainstay.Plan) error {
	typ, status := setLabels(p.Params, "i")
	_, err := t.Exec(ctx, "DELETE FROM plan_item WHERE plan_id = $1 AND EXISTS (SELECT 1 FROM item i WHERE i.id = plan_item.item_id AND i.type_id = "+typ+" AND i.status_id = "+status+")", int64(p.ID))
	return err
}

// HoldOwned holds back the items of an edit plan whose type and status a PSA
// owns: every one with a link.
func (t *Tx) HoldOwned(ctx context.Context, p mainstay.Plan) error {
	_, err := t.Exec(ctx, "UPDATE plan_item SET held = TRUE, why = '"+WhyOwned+"' WHERE plan_id = $1 AND EXISTS (SELECT 1 FROM item i WHERE i.id = plan_item.item_id AND i.sync <> 'not_linked')", int64(p.ID))
	return err
}

// setLabels are the expressions for the type and the status that an edit gives
// an item under an alias.
func setLabels(p mainstay.PlanParams, alias string) (typ, status string) {
	set := func(column string, id *mainstay.LabelID) string {
		if id == nil {
			return alias + "." + column
		}
		return strconv.FormatInt(int64(*id), 10)
	}
	return set("type_id", p.TypeID), set("status_id", p.StatusID)
}

// changesOf is the expression for the log's changes of an item under the alias i
// that gets another type and status: JSON made of numbers alone.
func changesOf(p mainstay.PlanParams) string {
	typ, status := setLabels(p, "i")
	number := func(id string) string { return "CASE WHEN " + id + " = 0 THEN '' ELSE CAST(" + id + " AS TEXT) END" }
	field := func(column, to string) string {
		return `CASE WHEN i.` + column + ` <> ` + to + ` THEN '"` + column + `":{"before":"' || ` + number("i."+column) + ` || '","after":"' || ` + number(to) + ` || '"}' ELSE '' END`
	}
	both := "CASE WHEN i.type_id <> " + typ + " AND i.status_id <> " + status + " THEN ',' ELSE '' END"
	return `'{' || ` + field("status_id", status) + ` || ` + both + ` || ` + field("type_id", typ) + ` || '}'`
}

// EditChunk gives the items of a chunk the type and the status of the plan, and
// keeps in each line what the item had.
func (t *Tx) EditChunk(ctx context.Context, c Chunk) (done, skipped int, err error) {
	typ, status := setLabels(c.Plan.Params, "item")
	if err := t.look(ctx, c, "item", "", " WHEN i.sync <> 'not_linked' THEN 'no longer matches'"); err != nil {
		return 0, 0, err
	}
	err = t.each(ctx, c, `UPDATE plan_item SET before = (SELECT '{"type_id":' || CAST(i.type_id AS TEXT) || ',"status_id":' || CAST(i.status_id AS TEXT) || '}'
		FROM item i WHERE i.id = plan_item.item_id) WHERE `+c.between())
	if err != nil {
		return 0, 0, err
	}
	if err := t.recordWith(ctx, c, "item", "updated", "", changesOf(c.Plan.Params)); err != nil {
		return 0, 0, err
	}
	if err := t.tallyChunk(ctx, c, "item", "-"); err != nil {
		return 0, 0, err
	}
	_, err = t.Exec(ctx, "UPDATE item SET type_id = "+typ+", status_id = "+status+", version = version + 1, updated_at = $4 WHERE id IN "+c.items(), c.args(int64(t.Now()))...)
	if err != nil {
		return 0, 0, err
	}
	if err := t.tallyChunk(ctx, c, "item", ""); err != nil {
		return 0, 0, err
	}
	return t.FinishChunk(ctx, c)
}
