-- +goose Up

-- What an action needs beyond its lines, and what a line was before, for undo.
ALTER TABLE plan ADD COLUMN params TEXT NOT NULL DEFAULT '{}';
ALTER TABLE plan_item ADD COLUMN unlinked INTEGER NOT NULL DEFAULT FALSE;
ALTER TABLE plan_item ADD COLUMN before TEXT NOT NULL DEFAULT '';
ALTER TABLE integration ADD COLUMN removed_at INTEGER NOT NULL DEFAULT 0;
ALTER TABLE integration ADD COLUMN removed_by TEXT NOT NULL DEFAULT '';

-- Links that a person ended. The record of one waits instead of becoming a new item.
CREATE TABLE tombstone (
  integration_id INTEGER NOT NULL,
  kind           TEXT NOT NULL,
  external_id    TEXT NOT NULL,
  item_id        INTEGER NOT NULL,
  plan_id        INTEGER NOT NULL,
  who            TEXT NOT NULL,
  at             INTEGER NOT NULL,
  why            TEXT NOT NULL,
  note           TEXT NOT NULL,
  sync           TEXT NOT NULL,
  reason         TEXT NOT NULL,
  since          INTEGER NOT NULL,
  sync_note      TEXT NOT NULL,
  linked_at      INTEGER NOT NULL,
  seen           TEXT NOT NULL,
  PRIMARY KEY (integration_id, kind, external_id)
) STRICT;
CREATE INDEX tombstone_item ON tombstone (item_id);
CREATE INDEX tombstone_plan ON tombstone (plan_id, item_id);

-- Items that plans hold back: a keep flag and a legal hold.
CREATE TABLE protection (
  item_id    INTEGER NOT NULL PRIMARY KEY,
  keep       INTEGER NOT NULL,
  keep_note  TEXT NOT NULL,
  keep_by    TEXT NOT NULL,
  keep_at    INTEGER NOT NULL,
  hold_until INTEGER NOT NULL,
  hold_note  TEXT NOT NULL,
  hold_by    TEXT NOT NULL,
  hold_at    INTEGER NOT NULL
) STRICT;

-- Sentences that a person has to be told.
CREATE TABLE notice (
  id        INTEGER NOT NULL PRIMARY KEY,
  person_id INTEGER NOT NULL,
  at        INTEGER NOT NULL,
  text      TEXT NOT NULL,
  link      TEXT NOT NULL,
  seen_at   INTEGER NOT NULL
) STRICT;
CREATE INDEX notice_person ON notice (person_id, id) WHERE seen_at = 0;
INSERT INTO sequence (name, next) VALUES ('notice', 1);
