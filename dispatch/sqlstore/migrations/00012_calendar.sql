-- +goose Up

-- What a deadline is counted from and how far, so that it can be counted again.
ALTER TABLE orders ADD COLUMN due_from BIGINT NOT NULL DEFAULT 0;
ALTER TABLE orders ADD COLUMN due_span TEXT NOT NULL DEFAULT '';
ALTER TABLE assignments ADD COLUMN due_from BIGINT NOT NULL DEFAULT 0;
ALTER TABLE assignments ADD COLUMN due_span TEXT NOT NULL DEFAULT '';

-- The yearly files of the calendar as they came; the last edition of a year is in force.
CREATE TABLE calendar_years (
    year     INTEGER NOT NULL,
    edition  INTEGER NOT NULL,
    digest   TEXT NOT NULL,
    source   TEXT NOT NULL,
    at       BIGINT NOT NULL,
    given_by TEXT NOT NULL,
    PRIMARY KEY (year, edition),
    UNIQUE (year, digest)
);

-- +goose Down
DROP TABLE calendar_years;
ALTER TABLE assignments DROP COLUMN due_span;
ALTER TABLE assignments DROP COLUMN due_from;
ALTER TABLE orders DROP COLUMN due_span;
ALTER TABLE orders DROP COLUMN due_from;
