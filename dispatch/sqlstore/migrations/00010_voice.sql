-- +goose Up

-- Calls that the hotline itself makes, to ask for a rating where no text can.
ALTER TABLE callbacks ADD COLUMN voice INTEGER NOT NULL DEFAULT 0;
CREATE INDEX callbacks_voice ON callbacks (next_at) WHERE voice = 1 AND done_at = 0;

-- A question that did not arrive was sent again.
ALTER TABLE surveys ADD COLUMN resent INTEGER NOT NULL DEFAULT 0;

-- +goose Down
ALTER TABLE surveys DROP COLUMN resent;
DROP INDEX callbacks_voice;
ALTER TABLE callbacks DROP COLUMN voice;
