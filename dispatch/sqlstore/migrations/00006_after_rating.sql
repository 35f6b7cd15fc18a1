-- +goose Up

-- What follows on a rating: calls back, corrections, redos, exceptions (ZQ-15, ZQ-16).
ALTER TABLE orders ADD COLUMN redos INTEGER NOT NULL DEFAULT 0;
ALTER TABLE orders ADD COLUMN redone_at BIGINT NOT NULL DEFAULT 0;
ALTER TABLE orders ADD COLUMN exception TEXT NOT NULL DEFAULT '';
CREATE INDEX orders_completed ON orders (completed_at) WHERE outcome = 'rated';

-- The rating as the citizen gave it, where it was corrected.
ALTER TABLE surveys ADD COLUMN original INTEGER NOT NULL DEFAULT 0;

ALTER TABLE callbacks ADD COLUMN attempt INTEGER NOT NULL DEFAULT 1;
ALTER TABLE callbacks ADD COLUMN days INTEGER NOT NULL DEFAULT 0;
ALTER TABLE callbacks ADD COLUMN tried_at BIGINT NOT NULL DEFAULT 0;
ALTER TABLE callbacks ADD COLUMN next_at BIGINT NOT NULL DEFAULT 0;
ALTER TABLE callbacks ADD COLUMN due_at BIGINT NOT NULL DEFAULT 0;
ALTER TABLE callbacks ADD COLUMN claimed_by TEXT NOT NULL DEFAULT '';
ALTER TABLE callbacks ADD COLUMN claimed_until BIGINT NOT NULL DEFAULT 0;
CREATE UNIQUE INDEX callbacks_attempt ON callbacks (order_number, attempt);

-- An order is sent back once per attempt, whoever asks.
CREATE TABLE redos (
    id           TEXT PRIMARY KEY,
    order_number TEXT NOT NULL,
    attempt      INTEGER NOT NULL,
    rule         TEXT NOT NULL,
    actor        TEXT NOT NULL,
    reason       TEXT NOT NULL,
    at           BIGINT NOT NULL,
    result       TEXT NOT NULL,
    completed_at BIGINT NOT NULL,
    due_at       BIGINT NOT NULL,
    outcome      TEXT NOT NULL,
    rating       INTEGER NOT NULL,
    exception    TEXT NOT NULL,
    UNIQUE (order_number, attempt)
);

-- What one person asks for and another decides.
CREATE TABLE reviews (
    id           TEXT PRIMARY KEY,
    order_number TEXT NOT NULL,
    attempt      INTEGER NOT NULL,
    kind         TEXT NOT NULL,
    rule         TEXT NOT NULL,
    rating       INTEGER NOT NULL,
    fact         TEXT NOT NULL,
    reason       TEXT NOT NULL,
    evidence     TEXT NOT NULL,
    asked_by     TEXT NOT NULL,
    asked_at     BIGINT NOT NULL,
    approved     INTEGER NOT NULL,
    opinion      TEXT NOT NULL,
    decided_by   TEXT NOT NULL,
    decided_at   BIGINT NOT NULL
);
CREATE UNIQUE INDEX reviews_waiting ON reviews (order_number, attempt, kind) WHERE decided_at = 0;
CREATE INDEX reviews_asked ON reviews (asked_at);

-- +goose Down
DROP TABLE reviews;
DROP TABLE redos;
DROP INDEX callbacks_attempt;
DROP INDEX orders_completed;
ALTER TABLE callbacks DROP COLUMN claimed_until;
ALTER TABLE callbacks DROP COLUMN claimed_by;
ALTER TABLE callbacks DROP COLUMN due_at;
ALTER TABLE callbacks DROP COLUMN next_at;
ALTER TABLE callbacks DROP COLUMN tried_at;
ALTER TABLE callbacks DROP COLUMN days;
ALTER TABLE callbacks DROP COLUMN attempt;
ALTER TABLE surveys DROP COLUMN original;
ALTER TABLE orders DROP COLUMN exception;
ALTER TABLE orders DROP COLUMN redone_at;
ALTER TABLE orders DROP COLUMN redos;
