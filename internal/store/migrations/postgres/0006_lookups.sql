-- +goose Up

-- What was done as a whole: a plan or a sync has one entry here, however many
-- items it has entries for.
CREATE INDEX activity_whole ON activity (id) WHERE item_id = 0 OR (plan_id = 0 AND run_id = 0);

-- What took a plan back.
CREATE INDEX plan_origin ON plan (origin);
