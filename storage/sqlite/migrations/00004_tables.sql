-- +goose Up
-- Tables of the bot: small typed lists that flows and people keep. What a row holds is one JSON object; its key is
-- the values of the unique columns, so that one row stands for one thing.

ALTER TABLE messages ADD COLUMN reactions TEXT; -- JSON, how many by emoji; NULL: none
ALTER TABLE secrets ADD COLUMN user TEXT NOT NULL DEFAULT '';

CREATE TABLE tables (
  name    TEXT PRIMARY KEY,
  columns TEXT NOT NULL,                  -- JSON list, in the order people see them
  by      TEXT NOT NULL,                  -- person id; "" a flow
  at      INTEGER NOT NULL
) STRICT;

CREATE TABLE table_rows (
  n       INTEGER PRIMARY KEY AUTOINCREMENT,
  tab     TEXT NOT NULL REFERENCES tables(name),
  data    TEXT NOT NULL,                  -- canonical JSON object
  by      TEXT NOT NULL,                  -- person id, or the key of the step
  changed INTEGER NOT NULL
) STRICT;
CREATE INDEX table_rows_tab ON table_rows(tab, n);

CREATE TABLE table_keys (                 -- one for each value in a unique column
  tab   TEXT NOT NULL,
  col   TEXT NOT NULL,
  value TEXT NOT NULL,                    -- canonical JSON
  n     INTEGER NOT NULL,
  PRIMARY KEY (tab, col, value)
) STRICT, WITHOUT ROWID;
CREATE INDEX table_keys_row ON table_keys(n);
