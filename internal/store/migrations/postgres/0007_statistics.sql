-- +goose Up

-- The lines of a plan are written at once and looked at in the same transaction.
-- A small sample tells the planner all it needs: how many lines there are, of
-- which kinds, in how many organizations.
ALTER TABLE plan_item
  ALTER COLUMN plan_id SET STATISTICS 20,
  ALTER COLUMN item_id SET STATISTICS 20,
  ALTER COLUMN kind SET STATISTICS 20,
  ALTER COLUMN organization_id SET STATISTICS 20,
  ALTER COLUMN version SET STATISTICS 20,
  ALTER COLUMN root SET STATISTICS 20,
  ALTER COLUMN only_here SET STATISTICS 20,
  ALTER COLUMN gone SET STATISTICS 20,
  ALTER COLUMN unlinked SET STATISTICS 20,
  ALTER COLUMN held SET STATISTICS 20,
  ALTER COLUMN why SET STATISTICS 20,
  ALTER COLUMN outcome SET STATISTICS 20,
  ALTER COLUMN before SET STATISTICS 20;
