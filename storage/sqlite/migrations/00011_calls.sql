-- +goose Up
-- Flows that call flows: who called whom, and what one run has to tell another. A message is written with the change
-- that says it, and removed with the change of the run that takes it.

CREATE TABLE calls (
  child  INTEGER PRIMARY KEY,             -- number of the called run
  parent INTEGER NOT NULL,
  path   TEXT NOT NULL                    -- of the step that called
) STRICT;
CREATE INDEX calls_parent ON calls(parent, child);

CREATE TABLE mail (
  n    INTEGER PRIMARY KEY,               -- the order in which it was said
  run  TEXT NOT NULL,                     -- id of who is told
  id   TEXT NOT NULL,                     -- tells one from its repetition
  kind TEXT NOT NULL,                     -- of the entry that it becomes
  path TEXT NOT NULL,
  head TEXT,
  data TEXT,
  UNIQUE (run, id)
) STRICT;
