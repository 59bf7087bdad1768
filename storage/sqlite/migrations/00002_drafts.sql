-- +goose Up
-- What a draft was begun on, and what a flow can be tried with.

ALTER TABLE flows ADD COLUMN draft_at   INTEGER NOT NULL DEFAULT 0;
ALTER TABLE flows ADD COLUMN draft_base INTEGER NOT NULL DEFAULT 0; -- version that was live then, 0: none

CREATE TABLE answers (
  flow TEXT NOT NULL,
  step TEXT NOT NULL,
  data TEXT NOT NULL,                     -- JSON: what the step is taken to give when the flow is tried
  by   TEXT NOT NULL,
  at   INTEGER NOT NULL,
  PRIMARY KEY (flow, step)
) STRICT, WITHOUT ROWID;

CREATE INDEX events_samples ON events(flow, n) WHERE outcome = 'sample';
