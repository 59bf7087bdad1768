-- +goose Up
-- A card is to stand in several places: each copy waits, fails and is posted by itself, in the order of its channel.
-- A row is here only while something is still to be shown there.

CREATE TABLE copies (
  n        INTEGER PRIMARY KEY AUTOINCREMENT, -- the order in a channel
  rev      INTEGER NOT NULL,              -- one more each time the draft is replaced while it waits
  key      TEXT NOT NULL,                 -- of the card
  place    TEXT NOT NULL,
  thread   TEXT NOT NULL,
  run      TEXT NOT NULL,                 -- '' when it is about none
  draft    TEXT NOT NULL,                 -- JSON, what is to be shown
  at       INTEGER NOT NULL,              -- first wanted
  due      INTEGER NOT NULL,              -- not before
  tries    INTEGER NOT NULL,
  since    INTEGER NOT NULL,              -- fails since, 0: does not
  alone    INTEGER NOT NULL,              -- 1: what is wrong is its own, the next ones do not wait for it
  reason   TEXT NOT NULL,                 -- why it failed last
  spare    TEXT NOT NULL,                 -- where it goes when it can be posted nowhere, '' nowhere
  over     INTEGER NOT NULL,              -- when it goes there, 0: never
  UNIQUE (key, place, thread)
) STRICT;
-- All that a look at every channel reads, so that it reads no drafts.
CREATE INDEX copies_place ON copies(place, n, alone, due, since);
CREATE INDEX copies_failing ON copies(place) WHERE since > 0;
CREATE INDEX copies_over ON copies(over) WHERE over > 0;
CREATE INDEX copies_run ON copies(run) WHERE run <> '';
