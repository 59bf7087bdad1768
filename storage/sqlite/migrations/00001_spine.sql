-- +goose Up
-- Times are integer milliseconds UTC. Runs are known by their number inside (short keys, rows in order) and by
-- their id outside. What holds people's data (payloads, event_payloads, notices.data) stands apart from what is
-- kept for good, so that it can be erased.

CREATE TABLE flows (
  name      TEXT PRIMARY KEY,
  title     TEXT NOT NULL,
  state     TEXT NOT NULL,
  live      INTEGER NOT NULL,             -- number of the published version, 0: none
  place     TEXT NOT NULL,
  thread    TEXT NOT NULL,
  owner     TEXT NOT NULL,
  trigger   TEXT NOT NULL,
  changed   INTEGER NOT NULL,
  draft     TEXT,                         -- NULL: none
  draft_rev INTEGER NOT NULL,             -- 0: none
  draft_by  TEXT NOT NULL,
  revision  INTEGER NOT NULL              -- of the last draft there ever was: revisions never come twice
) STRICT;

CREATE TABLE versions (
  flow      TEXT NOT NULL REFERENCES flows(name),
  number    INTEGER NOT NULL,
  source    TEXT NOT NULL,
  by        TEXT NOT NULL,
  at        INTEGER NOT NULL,
  contracts TEXT NOT NULL,
  PRIMARY KEY (flow, number)
) STRICT;

CREATE TABLE runs (
  number  INTEGER PRIMARY KEY AUTOINCREMENT,
  id      TEXT NOT NULL UNIQUE,
  flow    TEXT NOT NULL,
  version INTEGER NOT NULL,
  status  TEXT NOT NULL,
  ready   INTEGER NOT NULL,               -- 1: queued, and its flow is not paused
  seq     INTEGER NOT NULL,               -- last entry
  state   BLOB,                           -- snapshot after it; NULL: entry 1 is not applied yet
  trigger TEXT NOT NULL,
  key     TEXT NOT NULL,
  by      TEXT NOT NULL,
  started INTEGER NOT NULL,
  ended   INTEGER NOT NULL,               -- 0: not yet
  reason  TEXT NOT NULL
) STRICT;
CREATE INDEX runs_flow ON runs(flow, number);
CREATE INDEX runs_ready ON runs(number) WHERE ready = 1;
CREATE INDEX runs_open ON runs(number) WHERE ended = 0;

CREATE TABLE entries (
  run     INTEGER NOT NULL,
  seq     INTEGER NOT NULL,
  at      INTEGER NOT NULL,
  kind    TEXT NOT NULL,
  path    TEXT NOT NULL,
  attempt INTEGER NOT NULL,
  by      TEXT NOT NULL,
  format  INTEGER NOT NULL,
  head    TEXT,
  PRIMARY KEY (run, seq)
) STRICT, WITHOUT ROWID;

CREATE TABLE payloads (
  run  INTEGER NOT NULL,
  seq  INTEGER NOT NULL,
  data TEXT,
  blob TEXT,                              -- name of the file under blobs/ instead of data
  PRIMARY KEY (run, seq)
) STRICT, WITHOUT ROWID;
CREATE INDEX payloads_blob ON payloads(blob) WHERE blob IS NOT NULL;

CREATE TABLE events (
  n       INTEGER PRIMARY KEY,
  id      TEXT NOT NULL,
  flow    TEXT NOT NULL,
  trigger TEXT NOT NULL,                  -- trigger id
  kind    TEXT NOT NULL,
  key     TEXT NOT NULL,
  at      INTEGER NOT NULL,
  outcome TEXT NOT NULL,
  reason  TEXT NOT NULL,
  source  TEXT NOT NULL,                  -- who or what offered it
  run     INTEGER                         -- its entry 1 then holds the payload
) STRICT;
CREATE INDEX events_flow ON events(flow, n);

CREATE TABLE event_payloads (
  event INTEGER PRIMARY KEY,
  data  TEXT,
  blob  TEXT
) STRICT;
CREATE INDEX event_payloads_blob ON event_payloads(blob) WHERE blob IS NOT NULL;

CREATE TABLE trigger_keys (
  trigger TEXT NOT NULL,
  key     TEXT NOT NULL,
  event   TEXT NOT NULL,
  run     INTEGER,
  at      INTEGER NOT NULL,
  PRIMARY KEY (trigger, key)
) STRICT, WITHOUT ROWID;

CREATE TABLE cursors (
  trigger TEXT PRIMARY KEY,
  cursor  TEXT NOT NULL
) STRICT;

CREATE TABLE tasks (
  run     INTEGER NOT NULL,
  path    TEXT NOT NULL,
  attempt INTEGER NOT NULL,
  probe   INTEGER NOT NULL,
  started INTEGER NOT NULL,
  task    TEXT NOT NULL,
  thread  TEXT NOT NULL,
  PRIMARY KEY (run, path, attempt)
) STRICT, WITHOUT ROWID;

CREATE TABLE timers (
  run INTEGER NOT NULL,
  id  TEXT NOT NULL,
  at  INTEGER NOT NULL,
  PRIMARY KEY (run, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX timers_at ON timers(at);

CREATE TABLE cleared (
  flow    TEXT NOT NULL,
  version INTEGER NOT NULL,
  step    TEXT NOT NULL,
  PRIMARY KEY (flow, version, step)
) STRICT, WITHOUT ROWID;

CREATE TABLE notices (
  n       INTEGER PRIMARY KEY,
  id      TEXT NOT NULL UNIQUE,
  at      INTEGER NOT NULL,
  kind    TEXT NOT NULL,
  topic   TEXT NOT NULL,
  flow    TEXT NOT NULL,
  run     TEXT NOT NULL,
  number  INTEGER NOT NULL,
  path    TEXT NOT NULL,
  place   TEXT NOT NULL,
  thread  TEXT NOT NULL,
  data    TEXT,
  settled INTEGER NOT NULL,               -- 0: not yet, else when
  later   INTEGER NOT NULL,               -- not before
  outcome TEXT NOT NULL                   -- printable
) STRICT;
CREATE INDEX notices_open ON notices(n) WHERE settled = 0;
CREATE INDEX notices_run ON notices(run) WHERE run <> '';

CREATE TABLE cards (
  n       INTEGER PRIMARY KEY,
  id      TEXT NOT NULL UNIQUE,
  key     TEXT NOT NULL,
  place   TEXT NOT NULL,
  thread  TEXT NOT NULL,
  ref     TEXT NOT NULL,
  state   TEXT NOT NULL,
  hash    TEXT NOT NULL,
  card    TEXT,
  updated INTEGER NOT NULL,
  UNIQUE (key, place, thread)
) STRICT;
CREATE INDEX cards_open ON cards(n) WHERE state = 'open';

CREATE TABLE intents (
  token   TEXT PRIMARY KEY,
  card    TEXT NOT NULL,
  key     TEXT NOT NULL,
  verb    TEXT NOT NULL,
  run     TEXT NOT NULL,
  path    TEXT NOT NULL,
  plan    TEXT NOT NULL,
  flow    TEXT NOT NULL,
  data    TEXT,
  expires INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE alerts (
  fingerprint TEXT PRIMARY KEY,
  flow        TEXT NOT NULL,
  place       TEXT NOT NULL,
  thread      TEXT NOT NULL,
  since       INTEGER NOT NULL,
  count       INTEGER NOT NULL,
  runs        TEXT NOT NULL,
  state       TEXT NOT NULL,
  muted_until INTEGER NOT NULL,
  muted_by    TEXT NOT NULL,
  last        TEXT,
  resolved_by TEXT NOT NULL,
  resolved_at INTEGER NOT NULL,
  edition     INTEGER NOT NULL
) STRICT;

CREATE TABLE deliveries (
  n       INTEGER PRIMARY KEY,
  surface TEXT NOT NULL,
  id      TEXT NOT NULL,
  at      INTEGER NOT NULL,
  payload TEXT,
  done    INTEGER NOT NULL,
  UNIQUE (surface, id)
) STRICT;
CREATE INDEX deliveries_open ON deliveries(surface, n) WHERE done = 0;

CREATE TABLE messages (
  n            INTEGER PRIMARY KEY,
  id           TEXT NOT NULL UNIQUE,
  change       INTEGER NOT NULL UNIQUE,
  place        TEXT NOT NULL,
  place_thread TEXT NOT NULL,
  thread       TEXT NOT NULL,
  within       TEXT NOT NULL,             -- thread it stands in, whichever of the two says so
  by           TEXT NOT NULL,
  reader       TEXT NOT NULL,
  text         TEXT NOT NULL,
  card         TEXT,
  at           INTEGER NOT NULL,
  edited       INTEGER NOT NULL
) STRICT;
CREATE INDEX messages_place ON messages(place, n);

CREATE TABLE persons (
  id       TEXT PRIMARY KEY,
  name     TEXT NOT NULL,
  folded   TEXT NOT NULL UNIQUE,          -- the name without case
  role     TEXT NOT NULL,
  lang     TEXT NOT NULL,
  timezone TEXT NOT NULL,
  created  INTEGER NOT NULL
) STRICT;

CREATE TABLE identities (
  surface   TEXT NOT NULL,
  workspace TEXT NOT NULL,
  user_id   TEXT NOT NULL,
  person    TEXT NOT NULL REFERENCES persons(id),
  PRIMARY KEY (surface, workspace, user_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX identities_person ON identities(person);

CREATE TABLE groups (
  name TEXT PRIMARY KEY
) STRICT;

CREATE TABLE members (
  name   TEXT NOT NULL REFERENCES groups(name),
  person TEXT NOT NULL REFERENCES persons(id),
  PRIMARY KEY (name, person)
) STRICT, WITHOUT ROWID;

CREATE TABLE channels (
  place TEXT PRIMARY KEY,
  lang  TEXT NOT NULL,
  roles TEXT NOT NULL
) STRICT;

CREATE TABLE tickets (
  hash    TEXT PRIMARY KEY,
  kind    TEXT NOT NULL,
  person  TEXT NOT NULL,
  expires INTEGER NOT NULL
) STRICT;

CREATE TABLE sessions (
  hash    TEXT PRIMARY KEY,
  person  TEXT NOT NULL,
  expires INTEGER NOT NULL
) STRICT;

CREATE TABLE settings (
  key   TEXT PRIMARY KEY,
  value TEXT NOT NULL
) STRICT;

CREATE TABLE secrets (
  name    TEXT PRIMARY KEY,
  version INTEGER NOT NULL,
  origin  TEXT NOT NULL,
  header  TEXT NOT NULL,
  wrapped BLOB,                           -- NULL: deleted; the version is kept, it never comes again
  sealed  BLOB,
  at      INTEGER NOT NULL
) STRICT;

CREATE TABLE audit (
  row    INTEGER PRIMARY KEY,
  at     INTEGER NOT NULL,
  actor  TEXT NOT NULL,
  what   TEXT NOT NULL,
  object TEXT NOT NULL,
  detail TEXT NOT NULL,
  hash   BLOB NOT NULL                    -- over the hash before and this row
) STRICT;

CREATE TABLE audit_head (                 -- tells when rows at the end are missing
  one  INTEGER PRIMARY KEY CHECK (one = 1),
  row  INTEGER NOT NULL,
  hash BLOB
) STRICT;
INSERT INTO audit_head (one, row, hash) VALUES (1, 0, NULL);
