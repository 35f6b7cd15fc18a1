-- +goose Up
-- What was completed in a month, for its volume (KF-3.7.1).
CREATE INDEX orders_done ON orders (completed_at, number) WHERE completed_at > 0;

-- +goose Down
DROP INDEX orders_done;
