-- +goose Up
-- Who citizens showed to be; the numbers of their papers are sealed (XZ-12.1).
CREATE TABLE identities (
    order_number TEXT PRIMARY KEY,
    kind         TEXT NOT NULL,
    sealed       BYTEA NOT NULL,
    verified     INTEGER NOT NULL,
    actor        TEXT NOT NULL,
    at           BIGINT NOT NULL
);

-- +goose Down
DROP TABLE identities;
