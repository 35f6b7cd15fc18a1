-- +goose Up

-- Work lists read orders that somebody has to handle, in pages by deadline: the indices hold
-- these alone, however many orders have ended.
DROP INDEX orders_unit;
CREATE INDEX orders_unit ON orders (unit, due_at, number)
    WHERE state IN ('registered', 'dispatched', 'signed', 'processing', 'return_requested', 'extension_requested', 'submitted', 'redo');
CREATE INDEX orders_stage ON orders (state, due_at, number)
    WHERE state IN ('registered', 'dispatched', 'signed', 'processing', 'return_requested', 'extension_requested', 'submitted', 'redo');
CREATE INDEX orders_supervised ON orders (due_at, number)
    WHERE supervised = 1 AND state IN ('registered', 'dispatched', 'signed', 'processing', 'return_requested', 'extension_requested', 'submitted', 'redo');

-- Nobody asks when surveys were settled, the list asks when they were made.
DROP INDEX surveys_settled;
CREATE INDEX surveys_created ON surveys (created_at);

-- What belongs to one order, and calls that have not ended, for who takes them over.
CREATE INDEX reviews_order ON reviews (order_number);
CREATE INDEX calls_open ON calls (started_at) WHERE ended_at = 0;

-- +goose Down
DROP INDEX calls_open;
DROP INDEX reviews_order;
DROP INDEX surveys_created;
CREATE INDEX surveys_settled ON surveys (settled_at);
DROP INDEX orders_supervised;
DROP INDEX orders_stage;
DROP INDEX orders_unit;
CREATE INDEX orders_unit ON orders (unit, due_at, number) WHERE unit <> '';
