-- +goose Up

-- How often a citizen did not understand the answer (SQ-5.3).
ALTER TABLE orders ADD COLUMN rounds INTEGER NOT NULL DEFAULT 0;

-- +goose Down
ALTER TABLE orders DROP COLUMN rounds;
