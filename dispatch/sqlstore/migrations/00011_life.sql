-- +goose Up

-- The life of an order with its units.
ALTER TABLE orders ADD COLUMN unit TEXT NOT NULL DEFAULT '';
ALTER TABLE orders ADD COLUMN source TEXT NOT NULL DEFAULT '';
ALTER TABLE orders ADD COLUMN owner TEXT NOT NULL DEFAULT '';
ALTER TABLE orders ADD COLUMN enterprise INTEGER NOT NULL DEFAULT 0;
ALTER TABLE orders ADD COLUMN tier INTEGER NOT NULL DEFAULT 0;
ALTER TABLE orders ADD COLUMN points INTEGER NOT NULL DEFAULT 0;
ALTER TABLE orders ADD COLUMN parent TEXT NOT NULL DEFAULT '';
ALTER TABLE orders ADD COLUMN repeats INTEGER NOT NULL DEFAULT 0;
ALTER TABLE orders ADD COLUMN no_reply TEXT NOT NULL DEFAULT '';
ALTER TABLE orders ADD COLUMN withdrawn INTEGER NOT NULL DEFAULT 0;
ALTER TABLE orders ADD COLUMN supervised INTEGER NOT NULL DEFAULT 0;
ALTER TABLE orders ADD COLUMN returns INTEGER NOT NULL DEFAULT 0;
ALTER TABLE orders ADD COLUMN contacted_at BIGINT NOT NULL DEFAULT 0;
ALTER TABLE orders ADD COLUMN submitted_at BIGINT NOT NULL DEFAULT 0;
CREATE INDEX orders_work ON orders (due_at, number)
    WHERE state IN ('registered', 'dispatched', 'signed', 'processing', 'return_requested', 'extension_requested', 'submitted', 'redo');
CREATE INDEX orders_unit ON orders (unit, due_at, number) WHERE unit <> '';

-- Each unit's part in each handling.
CREATE TABLE assignments (
    id            TEXT PRIMARY KEY,
    order_number  TEXT NOT NULL,
    attempt       INTEGER NOT NULL,
    unit          TEXT NOT NULL,
    lead          INTEGER NOT NULL,
    copied        TEXT NOT NULL,
    coordinated   INTEGER NOT NULL,
    way           TEXT NOT NULL,
    words         TEXT NOT NULL,
    given_by      TEXT NOT NULL,
    dispatched_at BIGINT NOT NULL,
    first_at      BIGINT NOT NULL,
    sign_by       BIGINT NOT NULL,
    signed_at     BIGINT NOT NULL,
    signed_by     TEXT NOT NULL,
    due_at        BIGINT NOT NULL,
    provisional   INTEGER NOT NULL,
    due_rule      TEXT NOT NULL,
    extensions    INTEGER NOT NULL,
    submitted_at  BIGINT NOT NULL,
    answer        TEXT NOT NULL,
    ended_at      BIGINT NOT NULL,
    ended         TEXT NOT NULL
);
CREATE INDEX assignments_order ON assignments (order_number);
CREATE INDEX assignments_unit ON assignments (unit, due_at) WHERE ended_at = 0;
CREATE INDEX assignments_due ON assignments (due_at, id) WHERE ended_at = 0;
CREATE UNIQUE INDEX assignments_lead ON assignments (order_number) WHERE lead = 1 AND ended_at = 0;

CREATE TABLE links (
    order_number TEXT NOT NULL,
    kind         TEXT NOT NULL,
    other        TEXT NOT NULL,
    actor        TEXT NOT NULL,
    at           BIGINT NOT NULL,
    PRIMARY KEY (order_number, kind, other)
);
CREATE INDEX links_other ON links (other);

-- What was commanded by a key is done once.
CREATE TABLE command_keys (
    command_key TEXT PRIMARY KEY,
    what        TEXT NOT NULL,
    at          BIGINT NOT NULL
);

-- Requests of units, their decisions, and opinions.
ALTER TABLE reviews ADD COLUMN unit TEXT NOT NULL DEFAULT '';
ALTER TABLE reviews ADD COLUMN basis TEXT NOT NULL DEFAULT '';
ALTER TABLE reviews ADD COLUMN suggestion TEXT NOT NULL DEFAULT '';
ALTER TABLE reviews ADD COLUMN signed INTEGER NOT NULL DEFAULT 0;
ALTER TABLE reviews ADD COLUMN due_at BIGINT NOT NULL DEFAULT 0;
ALTER TABLE reviews ADD COLUMN code TEXT NOT NULL DEFAULT '';

-- +goose Down
ALTER TABLE reviews DROP COLUMN code;
ALTER TABLE reviews DROP COLUMN due_at;
ALTER TABLE reviews DROP COLUMN signed;
ALTER TABLE reviews DROP COLUMN suggestion;
ALTER TABLE reviews DROP COLUMN basis;
ALTER TABLE reviews DROP COLUMN unit;
DROP TABLE command_keys;
DROP TABLE links;
DROP TABLE assignments;
DROP INDEX orders_unit;
DROP INDEX orders_work;
ALTER TABLE orders DROP COLUMN submitted_at;
ALTER TABLE orders DROP COLUMN contacted_at;
ALTER TABLE orders DROP COLUMN returns;
ALTER TABLE orders DROP COLUMN supervised;
ALTER TABLE orders DROP COLUMN withdrawn;
ALTER TABLE orders DROP COLUMN no_reply;
ALTER TABLE orders DROP COLUMN repeats;
ALTER TABLE orders DROP COLUMN parent;
ALTER TABLE orders DROP COLUMN points;
ALTER TABLE orders DROP COLUMN tier;
ALTER TABLE orders DROP COLUMN enterprise;
ALTER TABLE orders DROP COLUMN owner;
ALTER TABLE orders DROP COLUMN source;
ALTER TABLE orders DROP COLUMN unit;
