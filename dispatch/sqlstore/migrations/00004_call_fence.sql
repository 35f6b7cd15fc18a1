-- +goose Up
-- Which controller a call is: what one that was replaced writes late does not count.
ALTER TABLE calls ADD COLUMN fence BIGINT NOT NULL DEFAULT 0;

-- +goose Down
ALTER TABLE calls DROP COLUMN fence;
