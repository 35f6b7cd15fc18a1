-- +goose Up

-- What the clock does about orders. look_at is when an order is to be looked at next, 0
-- after every change of it: nothing that is due lives in memory.
ALTER TABLE orders ADD COLUMN look_at BIGINT NOT NULL DEFAULT 0;
CREATE INDEX orders_look ON orders (look_at, number)
    WHERE state IN ('registered', 'dispatched', 'signed', 'processing', 'return_requested', 'extension_requested', 'submitted', 'redo');

CREATE TABLE acts (
    id           TEXT PRIMARY KEY,
    order_number TEXT NOT NULL,
    attempt      INTEGER NOT NULL,
    kind         TEXT NOT NULL,
    unit         TEXT NOT NULL,
    about        BIGINT NOT NULL,
    step         INTEGER NOT NULL,
    serial       TEXT NOT NULL,
    rule         TEXT NOT NULL,
    actor        TEXT NOT NULL,
    mode         TEXT NOT NULL,
    words        TEXT NOT NULL,
    due_at       BIGINT NOT NULL,
    at           BIGINT NOT NULL,
    answer_by    BIGINT NOT NULL,
    answer       TEXT NOT NULL,
    answered_by  TEXT NOT NULL,
    answered_at  BIGINT NOT NULL,
    UNIQUE (order_number, attempt, kind, unit, about, step)
);
CREATE INDEX acts_at ON acts (at);
CREATE INDEX acts_kind ON acts (kind, at);

-- What a sweep leaves for the next: by what rules it looked, and when it was there.
CREATE TABLE marks (
    name TEXT PRIMARY KEY,
    word TEXT NOT NULL,
    at   BIGINT NOT NULL
);

-- +goose Down
DROP TABLE marks;
DROP TABLE acts;
DROP INDEX orders_look;
ALTER TABLE orders DROP COLUMN look_at;
