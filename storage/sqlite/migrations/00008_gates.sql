-- +goose Up
-- Gates: where only so many may pass. A gate is a few numbers; whoever holds a place, waits in line or was collected is
-- a row of its own.

CREATE TABLE gates (
  n     INTEGER PRIMARY KEY AUTOINCREMENT,
  name  TEXT NOT NULL UNIQUE,
  flow  TEXT NOT NULL,
  label TEXT NOT NULL,                    -- what it is for, as people know it
  rule  TEXT NOT NULL,                    -- JSON
  state TEXT NOT NULL,                    -- JSON
  wake  INTEGER NOT NULL                  -- when it is looked at again, 0: never
) STRICT;
CREATE INDEX gates_wake ON gates(wake) WHERE wake > 0;

CREATE TABLE gate_rows (
  n      INTEGER PRIMARY KEY AUTOINCREMENT, -- the order in line
  gate   INTEGER NOT NULL,
  run    INTEGER NOT NULL,                -- 0: an event, or a place that outlives its run
  path   TEXT NOT NULL,                   -- step, '' the run as a whole
  state  INTEGER NOT NULL,                -- 0 waits, 1 holds a place, 2 neither: it only has something to tell
  until  INTEGER NOT NULL,                -- when its place becomes free by itself, 0: never
  tell   TEXT NOT NULL,                   -- what its run is to be told, '' nothing
  reason TEXT NOT NULL,
  data   TEXT,
  after  TEXT,                            -- JSON, gates to ask when it is through
  event  INTEGER NOT NULL                 -- collected, 0: none
) STRICT;
CREATE INDEX gate_rows_line ON gate_rows(gate, state, n);
CREATE INDEX gate_rows_run ON gate_rows(run) WHERE run > 0;
CREATE INDEX gate_rows_tell ON gate_rows(n) WHERE tell <> '';
CREATE INDEX gate_rows_until ON gate_rows(gate, until) WHERE until > 0;

ALTER TABLE runs ADD COLUMN gated INTEGER NOT NULL DEFAULT 0; -- 1: it asked a gate; 2: it may not begin yet

-- Flows begin their runs in turn.
DROP INDEX runs_ready;
CREATE INDEX runs_ready ON runs(flow, number) WHERE ready = 1;
