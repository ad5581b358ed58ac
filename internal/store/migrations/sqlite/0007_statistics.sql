-- +goose Up

-- Samples of the planner's statistics are PostgreSQL's own; the versions of both
-- databases go together.
SELECT 1;
