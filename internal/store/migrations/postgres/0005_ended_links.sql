-- +goose Up

-- What an action needs beyond its lines, and what a line was before, for undo.
ALTER TABLE plan ADD COLUMN params TEXT COLLATE "C" NOT NULL DEFAULT '{}';
ALTER TABLE plan_item ADD COLUMN unlinked BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE plan_item ADD COLUMN before TEXT COLLATE "C" NOT NULL DEFAULT '';
ALTER TABLE integration ADD COLUMN removed_at BIGINT NOT NULL DEFAULT 0;
ALTER TABLE integration ADD COLUMN removed_by TEXT COLLATE "C" NOT NULL DEFAULT '';

-- Links that a person ended. The record of one waits instead of becoming a new item.
CREATE TABLE tombstone (
  integration_id BIGINT NOT NULL,
  kind           TEXT COLLATE "C" NOT NULL,
  external_id    TEXT COLLATE "C" NOT NULL,
  item_id        BIGINT NOT NULL,
  plan_id        BIGINT NOT NULL,
  who            TEXT COLLATE "C" NOT NULL,
  at             BIGINT NOT NULL,
  why            TEXT COLLATE "C" NOT NULL,
  note           TEXT COLLATE "C" NOT NULL,
  sync           TEXT COLLATE "C" NOT NULL,
  reason         TEXT COLLATE "C" NOT NULL,
  since          BIGINT NOT NULL,
  sync_note      TEXT COLLATE "C" NOT NULL,
  linked_at      BIGINT NOT NULL,
  seen           TEXT COLLATE "C" NOT NULL,
  PRIMARY KEY (integration_id, kind, external_id)
);
CREATE INDEX tombstone_item ON tombstone (item_id);
CREATE INDEX tombstone_plan ON tombstone (plan_id, item_id);

-- Items that plans hold back: a keep flag and a legal hold.
CREATE TABLE protection (
  item_id    BIGINT NOT NULL PRIMARY KEY,
  keep       BOOLEAN NOT NULL,
  keep_note  TEXT COLLATE "C" NOT NULL,
  keep_by    TEXT COLLATE "C" NOT NULL,
  keep_at    BIGINT NOT NULL,
  hold_until BIGINT NOT NULL,
  hold_note  TEXT COLLATE "C" NOT NULL,
  hold_by    TEXT COLLATE "C" NOT NULL,
  hold_at    BIGINT NOT NULL
);

-- Sentences that a person has to be told.
CREATE TABLE notice (
  id        BIGINT NOT NULL PRIMARY KEY,
  person_id BIGINT NOT NULL,
  at        BIGINT NOT NULL,
  text      TEXT COLLATE "C" NOT NULL,
  link      TEXT COLLATE "C" NOT NULL,
  seen_at   BIGINT NOT NULL
);
CREATE INDEX notice_person ON notice (person_id, id) WHERE seen_at = 0;
INSERT INTO sequence (name, next) VALUES ('notice', 1);
