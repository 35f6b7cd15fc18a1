-- +goose Up

-- The Asterisks that all controllers work with, as they are wanted.
CREATE TABLE switches (
    name     TEXT PRIMARY KEY,
    url      TEXT NOT NULL,
    account  TEXT NOT NULL,
    password TEXT NOT NULL,
    dir      TEXT NOT NULL,
    want     TEXT NOT NULL,
    since    BIGINT NOT NULL
);

-- +goose Down
DROP TABLE switches;
