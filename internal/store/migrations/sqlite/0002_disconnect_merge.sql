-- +goose Up

-- A plan is walked in two passes, contents and organizations, in the order that
-- its action needs; pass counts them from 0, and cursor is where the pass stands.
ALTER TABLE plan ADD COLUMN pass INTEGER NOT NULL DEFAULT 0;
