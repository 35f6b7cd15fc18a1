-- +goose Up

-- How an order is answered: directly, in public, or to its citizen alone (ZZ-9.2, ZZ-25).
ALTER TABLE orders ADD COLUMN reply_mode TEXT NOT NULL DEFAULT '';
CREATE INDEX orders_public ON orders (created_at, number)
    WHERE reply_mode IN ('public', 'both') AND confidential = 0 AND completed_at > 0;

-- +goose Down
DROP INDEX orders_public;
ALTER TABLE orders DROP COLUMN reply_mode;
