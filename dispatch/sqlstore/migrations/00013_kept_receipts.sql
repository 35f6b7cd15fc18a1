-- +goose Up
-- Receipts that do not move their text yet: it is not known (text_id is empty), or they speak
-- of one segment of several.
CREATE TABLE kept_receipts (
    link       TEXT NOT NULL,
    carrier_id TEXT NOT NULL,
    text_id    TEXT NOT NULL,
    phone      TEXT NOT NULL,
    status     TEXT NOT NULL,
    raw        TEXT NOT NULL,
    done_at    BIGINT NOT NULL,
    at         BIGINT NOT NULL,
    PRIMARY KEY (link, carrier_id)
);
CREATE INDEX kept_receipts_text ON kept_receipts (text_id, at);
CREATE INDEX kept_receipts_at ON kept_receipts (at);

-- +goose Down
DROP TABLE kept_receipts;
