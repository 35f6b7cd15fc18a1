-- +goose Up

-- What a request is about beside its type (XZ-9, KF-2.2), and what a higher office calls it
-- and when it wants it done (ZZ-3.3, SQ-2.3).
ALTER TABLE orders ADD COLUMN category TEXT NOT NULL DEFAULT '';
ALTER TABLE orders ADD COLUMN upper_number TEXT NOT NULL DEFAULT '';
ALTER TABLE orders ADD COLUMN upper_due BIGINT NOT NULL DEFAULT 0;

-- +goose Down
ALTER TABLE orders DROP COLUMN upper_due;
ALTER TABLE orders DROP COLUMN upper_number;
ALTER TABLE orders DROP COLUMN category;
