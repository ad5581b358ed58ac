-- +goose Up

-- How a person likes the pages, by name: the columns of a list.
CREATE TABLE preference (
  person_id BIGINT NOT NULL REFERENCES person (id) ON DELETE CASCADE,
  name      TEXT COLLATE "C" NOT NULL,
  value     TEXT COLLATE "C" NOT NULL,
  PRIMARY KEY (person_id, name)
);
