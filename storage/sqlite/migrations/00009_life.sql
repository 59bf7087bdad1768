-- +goose Up
-- A long life: what is forgotten when, what a restored copy must not repeat, and finding one run among a million.

-- How far forgetting has come. Runs are forgotten in the order of their numbers, so that a place in it says it all; no
-- index by time has to be kept for every run. Those that were not over yet when it was their turn wait in overdue.
CREATE TABLE sweeps (
  class TEXT NOT NULL,                    -- 'payloads', 'history', 'words'
  flow  TEXT NOT NULL,                    -- '' for all
  upto  INTEGER NOT NULL,                 -- run number
  PRIMARY KEY (class, flow)
) STRICT, WITHOUT ROWID;

CREATE TABLE overdue (
  class TEXT NOT NULL,
  run   INTEGER NOT NULL,
  PRIMARY KEY (class, run)
) STRICT, WITHOUT ROWID;

-- Runs that were open when the backup was taken that this database was restored from. Whatever they do next may have
-- been done already, by the bot that went on after the backup.
CREATE TABLE restored (
  run INTEGER PRIMARY KEY,
  seq INTEGER NOT NULL                    -- their last entry then
) STRICT;

-- The words by which runs are found: those of the event that started them. It keeps no text of its own, and what is
-- deleted from it is overwritten. storage.Words makes them; sweeps has how far they are.
CREATE VIRTUAL TABLE run_words USING fts5(words, content = '', detail = none, columnsize = 0, tokenize = 'ascii');
INSERT INTO run_words (run_words, rank) VALUES ('secure-delete', 1);

-- Runs that did not simply get done are few: listing them must not read the many that did.
CREATE INDEX runs_ends ON runs(number, flow, status) WHERE ended > 0 AND status <> 'done';
-- An open card keeps the message it stands in.
CREATE INDEX cards_ref ON cards(ref) WHERE state = 'open';
-- What is asked of open runs is asked by their state: it must not read each of those that wait. Their end and their state
-- change together, so that this costs a change of a run no more than before.
DROP INDEX runs_open;
CREATE INDEX runs_open ON runs(number, status) WHERE ended = 0;
