-- +goose Up

-- How a person likes the pages, by name: the columns of a list.
CREATE TABLE preference (
  person_id INTEGER NOT NULL REFERENCES person (id) ON DELETE CASCADE,
  name      TEXT NOT NULL,
  value     TEXT NOT NULL,
  PRIMARY KEY (person_id, name)
) STRICT;
