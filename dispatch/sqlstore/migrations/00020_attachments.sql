-- +goose Up
-- Files that belong to orders; their bytes are apart, so that lists do not read them.
CREATE TABLE attachments (
    id           TEXT PRIMARY KEY,
    order_number TEXT NOT NULL,
    name         TEXT NOT NULL,
    media        TEXT NOT NULL,
    size         BIGINT NOT NULL,
    sha256       TEXT NOT NULL,
    unit         TEXT NOT NULL,
    actor        TEXT NOT NULL,
    at           BIGINT NOT NULL
);
CREATE INDEX attachments_order ON attachments (order_number, at, id);

CREATE TABLE attachment_bytes (
    id      TEXT PRIMARY KEY,
    content BYTEA NOT NULL
);

-- +goose Down
DROP TABLE attachment_bytes;
DROP TABLE attachments;
