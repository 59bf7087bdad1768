-- +goose Up
-- Flows that listen to failures read them in the order of their commits.

CREATE INDEX notices_failed ON notices(n) WHERE kind = 'step.failed';
