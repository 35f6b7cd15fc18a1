-- +goose Up
-- The calls that are still to be made to one phone.
CREATE INDEX callbacks_phone ON callbacks (phone) WHERE done_at = 0;

-- +goose Down
DROP INDEX callbacks_phone;
