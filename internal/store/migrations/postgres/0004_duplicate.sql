-- +goose Up

-- Pairs of organizations that a person told apart: not the same client, whatever
-- they have in common. The lower id comes first.
CREATE TABLE not_duplicate (
  organization_a BIGINT NOT NULL,
  organization_b BIGINT NOT NULL,
  user_id        BIGINT NOT NULL,
  who            TEXT COLLATE "C" NOT NULL,
  at             BIGINT NOT NULL,
  PRIMARY KEY (organization_a, organization_b),
  CHECK (organization_a < organization_b)
);
CREATE INDEX not_duplicate_b ON not_duplicate (organization_b);
