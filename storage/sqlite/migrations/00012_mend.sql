-- +goose Up
-- What a person says to several runs at once is written in one transaction, and told to each of them afterwards: who said
-- it goes with it.
ALTER TABLE mail ADD COLUMN person TEXT NOT NULL DEFAULT '';
