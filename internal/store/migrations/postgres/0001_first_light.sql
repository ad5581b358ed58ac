-- +goose Up

-- Texts compare by their bytes, as in SQLite: lists have the same order on both
-- databases, a range of names is the range of a prefix, and indexes are filled a
-- third faster than by the rules of a language.

-- Facts about this installation by name: instance id, account settings.
CREATE TABLE setting (
  name  TEXT COLLATE "C" NOT NULL PRIMARY KEY,
  value TEXT COLLATE "C" NOT NULL
);

-- Next id of each noun. Ids are taken in blocks inside the transaction that
-- uses them, are never used twice, and so survive a delete.
CREATE TABLE sequence (
  name TEXT COLLATE "C" NOT NULL PRIMARY KEY,
  next BIGINT NOT NULL
);
INSERT INTO sequence (name, next) VALUES
  ('item', 1), ('label', 1), ('integration', 1), ('run', 1), ('plan', 1), ('backup', 1), ('person', 1), ('activity', 1);

CREATE TABLE integration (
  id                BIGINT NOT NULL PRIMARY KEY,
  connector         TEXT COLLATE "C" NOT NULL,
  name              TEXT COLLATE "C" NOT NULL,
  name_key          TEXT COLLATE "C" NOT NULL UNIQUE,
  options           TEXT COLLATE "C" NOT NULL,
  secret            BYTEA NOT NULL,
  fingerprint       TEXT COLLATE "C" NOT NULL UNIQUE,
  failed            BOOLEAN NOT NULL,
  paused            BOOLEAN NOT NULL,
  paused_by         TEXT COLLATE "C" NOT NULL,
  paused_at         BIGINT NOT NULL,
  settings          TEXT COLLATE "C" NOT NULL,
  confirmed         BIGINT NOT NULL,
  confirmed_version BIGINT NOT NULL,
  last_run          BIGINT NOT NULL,
  last_full         BIGINT NOT NULL,
  next_full         BIGINT NOT NULL,
  created_at        BIGINT NOT NULL
);

CREATE TABLE label (
  id             BIGINT NOT NULL PRIMARY KEY,
  kind           TEXT COLLATE "C" NOT NULL,
  axis           TEXT COLLATE "C" NOT NULL,
  name           TEXT COLLATE "C" NOT NULL,
  name_key       TEXT COLLATE "C" NOT NULL,
  integration_id BIGINT NOT NULL,
  external_id    TEXT COLLATE "C" NOT NULL,
  inactive       BOOLEAN NOT NULL
);
CREATE UNIQUE INDEX label_external ON label (kind, axis, integration_id, external_id) WHERE integration_id <> 0;
CREATE INDEX label_name ON label (kind, axis, name_key);

CREATE TABLE item (
  id              BIGINT NOT NULL PRIMARY KEY,
  kind            TEXT COLLATE "C" NOT NULL,
  organization_id BIGINT NOT NULL,
  parent_id       BIGINT NOT NULL,
  name            TEXT COLLATE "C" NOT NULL,
  name_key        TEXT COLLATE "C" NOT NULL,
  type_id         BIGINT NOT NULL,
  status_id       BIGINT NOT NULL,
  is_primary      BOOLEAN NOT NULL,
  archived        BOOLEAN NOT NULL,
  fields          TEXT COLLATE "C" NOT NULL,
  version         BIGINT NOT NULL,
  created_at      BIGINT NOT NULL,
  updated_at      BIGINT NOT NULL,
  sync            TEXT COLLATE "C" NOT NULL,
  reason          TEXT COLLATE "C" NOT NULL,
  since           BIGINT NOT NULL,
  sync_note       TEXT COLLATE "C" NOT NULL,
  only_here       BOOLEAN NOT NULL
);
CREATE INDEX item_name ON item (kind, name_key, id);
CREATE INDEX item_sync ON item (kind, sync, name_key, id);
CREATE INDEX item_type ON item (kind, type_id, name_key, id);
CREATE INDEX item_updated ON item (kind, updated_at, id);
CREATE INDEX item_organization ON item (organization_id, kind, name_key, id);
CREATE INDEX item_only_here ON item (organization_id) WHERE only_here;
CREATE INDEX item_parent ON item (parent_id) WHERE parent_id <> 0;

-- How many items there are of each class. Every write of items changes it in
-- the same transaction, so exact counts cost no scan.
CREATE TABLE tally (
  kind      TEXT COLLATE "C" NOT NULL,
  type_id   BIGINT NOT NULL,
  status_id BIGINT NOT NULL,
  sync      TEXT COLLATE "C" NOT NULL,
  reason    TEXT COLLATE "C" NOT NULL,
  n         BIGINT NOT NULL,
  PRIMARY KEY (kind, type_id, status_id, sync, reason)
);

-- The PSA records that were seen, by key. A row with an item is a link.
-- trashed says that the item is in the trash, where the link waits for it.
-- Every pass marks every row as seen: with half of each page left free the new
-- row stays on its page and no index has to change.
CREATE TABLE psa_record (
  integration_id BIGINT NOT NULL,
  kind           TEXT COLLATE "C" NOT NULL,
  external_id    TEXT COLLATE "C" NOT NULL,
  item_id        BIGINT,
  trashed        BOOLEAN NOT NULL,
  name           TEXT COLLATE "C" NOT NULL,
  type_ids       TEXT COLLATE "C" NOT NULL,
  status_id      TEXT COLLATE "C" NOT NULL,
  company_id     TEXT COLLATE "C" NOT NULL,
  inactive       BOOLEAN NOT NULL,
  in_scope       BOOLEAN NOT NULL,
  hash           TEXT COLLATE "C" NOT NULL,
  run_id         BIGINT NOT NULL,
  linked_at      BIGINT NOT NULL,
  PRIMARY KEY (integration_id, kind, external_id)
) WITH (fillfactor = 50);
CREATE UNIQUE INDEX psa_record_item ON psa_record (item_id) WHERE item_id IS NOT NULL;
CREATE INDEX psa_record_company ON psa_record (integration_id, company_id, kind);

CREATE TABLE run (
  id             BIGINT NOT NULL PRIMARY KEY,
  integration_id BIGINT NOT NULL,
  asked_by       TEXT COLLATE "C" NOT NULL,
  state          TEXT COLLATE "C" NOT NULL,
  stage          TEXT COLLATE "C" NOT NULL,
  settings       TEXT COLLATE "C" NOT NULL,
  counts         TEXT COLLATE "C" NOT NULL,
  expected       BIGINT NOT NULL,
  message        TEXT COLLATE "C" NOT NULL,
  cancel         BOOLEAN NOT NULL,
  lease          TEXT COLLATE "C" NOT NULL,
  cursor         TEXT COLLATE "C" NOT NULL,
  created_at     BIGINT NOT NULL,
  started_at     BIGINT NOT NULL,
  ended_at       BIGINT NOT NULL
);
CREATE INDEX run_integration ON run (integration_id, id);
-- At most one run of an integration is under way (invariant V10).
CREATE UNIQUE INDEX run_active ON run (integration_id) WHERE state IN ('queued', 'running');

CREATE TABLE run_problem (
  run_id      BIGINT NOT NULL,
  kind        TEXT COLLATE "C" NOT NULL,
  external_id TEXT COLLATE "C" NOT NULL,
  item_id     BIGINT NOT NULL,
  name        TEXT COLLATE "C" NOT NULL,
  message     TEXT COLLATE "C" NOT NULL,
  PRIMARY KEY (run_id, kind, external_id)
);

-- Items that a full run found reason to orphan; they stay while a run is held.
CREATE TABLE run_candidate (
  run_id      BIGINT NOT NULL,
  item_id     BIGINT NOT NULL,
  kind        TEXT COLLATE "C" NOT NULL,
  external_id TEXT COLLATE "C" NOT NULL,
  reason      TEXT COLLATE "C" NOT NULL,
  expected    BOOLEAN NOT NULL,
  evidence    TEXT COLLATE "C" NOT NULL,
  PRIMARY KEY (run_id, item_id)
);

CREATE TABLE plan (
  id          BIGINT NOT NULL PRIMARY KEY,
  action      TEXT COLLATE "C" NOT NULL,
  kind        TEXT COLLATE "C" NOT NULL,
  query       TEXT COLLATE "C" NOT NULL,
  seen        BIGINT NOT NULL,
  origin      BIGINT NOT NULL,
  user_id     BIGINT NOT NULL,
  user_name   TEXT COLLATE "C" NOT NULL,
  actor       TEXT COLLATE "C" NOT NULL,
  state       TEXT COLLATE "C" NOT NULL,
  fingerprint TEXT COLLATE "C" NOT NULL,
  counts      TEXT COLLATE "C" NOT NULL,
  friction    BIGINT NOT NULL,
  phrase      TEXT COLLATE "C" NOT NULL,
  backup_id   BIGINT NOT NULL,
  done        BIGINT NOT NULL,
  skipped     BIGINT NOT NULL,
  message     TEXT COLLATE "C" NOT NULL,
  lease       TEXT COLLATE "C" NOT NULL,
  cursor      BIGINT NOT NULL,
  created_at  BIGINT NOT NULL,
  expires_at  BIGINT NOT NULL,
  start_at    BIGINT NOT NULL,
  started_at  BIGINT NOT NULL,
  ended_at    BIGINT NOT NULL,
  purge_after BIGINT NOT NULL
);
CREATE INDEX plan_state ON plan (state, id);

CREATE TABLE plan_item (
  plan_id         BIGINT NOT NULL,
  item_id         BIGINT NOT NULL,
  kind            TEXT COLLATE "C" NOT NULL,
  organization_id BIGINT NOT NULL,
  version         BIGINT NOT NULL,
  root            BOOLEAN NOT NULL,
  only_here       BOOLEAN NOT NULL,
  gone            BOOLEAN NOT NULL,
  held            BOOLEAN NOT NULL,
  why             TEXT COLLATE "C" NOT NULL,
  outcome         TEXT COLLATE "C" NOT NULL,
  PRIMARY KEY (plan_id, item_id)
);
CREATE INDEX plan_item_held ON plan_item (plan_id, organization_id) WHERE held;
CREATE INDEX plan_item_skipped ON plan_item (plan_id, item_id) WHERE outcome NOT IN ('', 'done');

-- Deleted items until they are purged: a table of its own, so that no query
-- for live items can see them by mistake.
CREATE TABLE trash (
  id              BIGINT NOT NULL PRIMARY KEY,
  kind            TEXT COLLATE "C" NOT NULL,
  organization_id BIGINT NOT NULL,
  parent_id       BIGINT NOT NULL,
  name            TEXT COLLATE "C" NOT NULL,
  name_key        TEXT COLLATE "C" NOT NULL,
  type_id         BIGINT NOT NULL,
  status_id       BIGINT NOT NULL,
  is_primary      BOOLEAN NOT NULL,
  archived        BOOLEAN NOT NULL,
  fields          TEXT COLLATE "C" NOT NULL,
  version         BIGINT NOT NULL,
  created_at      BIGINT NOT NULL,
  updated_at      BIGINT NOT NULL,
  sync            TEXT COLLATE "C" NOT NULL,
  reason          TEXT COLLATE "C" NOT NULL,
  since           BIGINT NOT NULL,
  sync_note       TEXT COLLATE "C" NOT NULL,
  only_here       BOOLEAN NOT NULL,
  plan_id         BIGINT NOT NULL,
  deleted_by      TEXT COLLATE "C" NOT NULL,
  deleted_at      BIGINT NOT NULL,
  purge_after     BIGINT NOT NULL
);
CREATE INDEX trash_plan ON trash (plan_id, id);
CREATE INDEX trash_purge ON trash (purge_after);
CREATE INDEX trash_organization ON trash (organization_id);

-- Who did what. It refers to nothing by foreign key and outlives what it describes.
CREATE TABLE activity (
  id              BIGINT NOT NULL PRIMARY KEY,
  at              BIGINT NOT NULL,
  user_id         BIGINT NOT NULL,
  who             TEXT COLLATE "C" NOT NULL,
  verb            TEXT COLLATE "C" NOT NULL,
  kind            TEXT COLLATE "C" NOT NULL,
  item_id         BIGINT NOT NULL,
  organization_id BIGINT NOT NULL,
  name            TEXT COLLATE "C" NOT NULL,
  run_id          BIGINT NOT NULL,
  plan_id         BIGINT NOT NULL,
  detail          TEXT COLLATE "C" NOT NULL,
  changes         TEXT COLLATE "C" NOT NULL,
  address         TEXT COLLATE "C" NOT NULL
);
CREATE INDEX activity_item ON activity (item_id, id);
CREATE INDEX activity_organization ON activity (organization_id, id);

CREATE TABLE backup (
  id          BIGINT NOT NULL PRIMARY KEY,
  state       TEXT COLLATE "C" NOT NULL,
  asked_by    TEXT COLLATE "C" NOT NULL,
  file        TEXT COLLATE "C" NOT NULL,
  size        BIGINT NOT NULL,
  items       BIGINT NOT NULL,
  encrypted   BOOLEAN NOT NULL,
  message     TEXT COLLATE "C" NOT NULL,
  created_at  BIGINT NOT NULL,
  verified_at BIGINT NOT NULL
);

CREATE TABLE person (
  id                BIGINT NOT NULL PRIMARY KEY,
  email             TEXT COLLATE "C" NOT NULL,
  email_key         TEXT COLLATE "C" NOT NULL UNIQUE,
  name              TEXT COLLATE "C" NOT NULL,
  role              TEXT COLLATE "C" NOT NULL,
  all_organizations BOOLEAN NOT NULL,
  disabled          BOOLEAN NOT NULL,
  password          TEXT COLLATE "C" NOT NULL,
  created_at        BIGINT NOT NULL,
  last_seen_at      BIGINT NOT NULL
);

CREATE TABLE person_organization (
  person_id       BIGINT NOT NULL REFERENCES person (id) ON DELETE CASCADE,
  organization_id BIGINT NOT NULL,
  PRIMARY KEY (person_id, organization_id)
);

-- Signed-in browsers. The token is kept hashed, so the table opens no session.
CREATE TABLE session (
  token_hash TEXT COLLATE "C" NOT NULL PRIMARY KEY,
  data       BYTEA NOT NULL,
  person_id  BIGINT NOT NULL,
  expires_at BIGINT NOT NULL
);
CREATE INDEX session_expiry ON session (expires_at);

-- Failed sign-ins by account and by address, kept over a restart.
CREATE TABLE sign_in_failure (
  name     TEXT COLLATE "C" NOT NULL PRIMARY KEY,
  failures BIGINT NOT NULL,
  last_at  BIGINT NOT NULL
);

-- Processes that work on jobs. One that stops beating is dead, and its jobs go on elsewhere.
CREATE TABLE node (
  id         TEXT COLLATE "C" NOT NULL PRIMARY KEY,
  started_at BIGINT NOT NULL,
  beat_at    BIGINT NOT NULL
);
