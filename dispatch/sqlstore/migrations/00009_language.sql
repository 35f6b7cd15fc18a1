-- +goose Up
-- In which language the requester is texted: en, or nothing for Chinese.
ALTER TABLE orders ADD COLUMN language TEXT NOT NULL DEFAULT '';

-- +goose Down
ALTER TABLE orders DROP COLUMN language;
