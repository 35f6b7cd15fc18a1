-- +goose Up
-- Which process has claimed a text, so that its claims end with it.
ALTER TABLE texts ADD COLUMN held_by TEXT NOT NULL DEFAULT '';

-- +goose Down
ALTER TABLE texts DROP COLUMN held_by;
