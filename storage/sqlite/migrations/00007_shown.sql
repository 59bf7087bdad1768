-- +goose Up
-- A button or dialog knows before whom and where it was shown: a private answer's works for nobody else, and none works
-- from another surface. '' binds to nothing: what was shown before stays as it was.

ALTER TABLE intents ADD COLUMN person TEXT NOT NULL DEFAULT '';
ALTER TABLE intents ADD COLUMN surface TEXT NOT NULL DEFAULT '';
