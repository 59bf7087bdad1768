-- +goose Up
-- The journal has one row for each commit instead of two for each entry: its entries packed, so that the same words do
-- not stand in each of a million runs (package pack). What an earlier version wrote stays in entries and payloads, where
-- it is read; of new runs only the names of large payloads' files stand in payloads.
CREATE TABLE journal (
  id    INTEGER PRIMARY KEY,              -- number of the run * 2^24 + that of the row's first entry
  heads BLOB NOT NULL,
  data  BLOB                              -- NULL: erased, or nothing
) STRICT;

-- An event that became a run at once stands in no list of its own: the run has all that is to be known of it.
ALTER TABLE runs ADD COLUMN listed INTEGER NOT NULL DEFAULT 1;   -- 1: its event is in events
ALTER TABLE events ADD COLUMN after INTEGER NOT NULL DEFAULT 0;  -- greatest number of a run when it came
UPDATE events SET after = m.last FROM (SELECT n, coalesce(max(run) OVER (ORDER BY n), 0) AS last FROM events) m WHERE m.n = events.n;

-- The long names of triggers stand once, and the event of a key that made a run is the run's.
CREATE TABLE triggers (
  n  INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE
) STRICT;
INSERT INTO triggers (id) SELECT DISTINCT trigger FROM trigger_keys ORDER BY trigger;
ALTER TABLE trigger_keys RENAME TO old_keys;
CREATE TABLE trigger_keys (
  trigger INTEGER NOT NULL,               -- number in triggers
  key     TEXT NOT NULL,
  event   TEXT,                           -- NULL: the run's
  run     INTEGER,
  at      INTEGER NOT NULL,
  PRIMARY KEY (trigger, key)
) STRICT, WITHOUT ROWID;
INSERT INTO trigger_keys (trigger, key, event, run, at)
  SELECT t.n, k.key, k.event, k.run, k.at FROM old_keys k JOIN triggers t ON t.id = k.trigger;
DROP TABLE old_keys;
