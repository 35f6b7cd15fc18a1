-- +goose Up

-- An order's page and its evidence ask for the calls it came of: not by reading all calls.
CREATE INDEX calls_order ON calls (order_number) WHERE order_number <> '';

-- +goose Down
DROP INDEX calls_order;
