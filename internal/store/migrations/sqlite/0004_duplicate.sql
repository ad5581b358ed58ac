-- +goose Up

-- Pairs of organizations that a person told apart: not the same client, whatever
-- they have in common. The lower id comes first.
CREATE TABLE not_duplicate (
  organization_a INTEGER NOT NULL,
  organization_b INTEGER NOT NULL,
  user_id        INTEGER NOT NULL,
  who            TEXT NOT NULL,
  at             INTEGER NOT NULL,
  PRIMARY KEY (organization_a, organization_b),
  CHECK (organization_a < organization_b)
) STRICT, WITHOUT ROWID;
CREATE INDEX not_duplicate_b ON not_duplicate (organization_b);
