-- +goose Up
-- What runs wait for by key, and what came. A reply may come before the run waits for it: it is kept for a while.

CREATE TABLE waits (
  run   INTEGER NOT NULL,
  path  TEXT NOT NULL,
  key   TEXT NOT NULL,
  asked TEXT NOT NULL,                    -- JSON: groups whose members may answer; empty: anybody
  PRIMARY KEY (run, path)
) STRICT, WITHOUT ROWID;
CREATE INDEX waits_key ON waits(key);

CREATE TABLE arrivals (
  n    INTEGER PRIMARY KEY,
  key  TEXT NOT NULL,
  id   TEXT NOT NULL,                     -- of what came: the same one is kept once
  by   TEXT NOT NULL,
  at   INTEGER NOT NULL,
  data TEXT,                              -- NULL: erased, or nothing
  UNIQUE (key, id)
) STRICT;
CREATE INDEX arrivals_at ON arrivals(at);

CREATE TABLE taken (                      -- which run an arrival has answered: never twice the same
  run     INTEGER NOT NULL,
  arrival INTEGER NOT NULL,
  PRIMARY KEY (run, arrival)
) STRICT, WITHOUT ROWID;
CREATE INDEX taken_arrival ON taken(arrival);
