-- +goose Up
-- What a refusal is called by, since a number may be in no address, and the text that said so.
ALTER TABLE opt_outs ADD COLUMN id TEXT NOT NULL DEFAULT '';
ALTER TABLE opt_outs ADD COLUMN text_id TEXT NOT NULL DEFAULT '';
UPDATE opt_outs SET id = 'before-' || b.n FROM (SELECT phone, ROW_NUMBER() OVER (ORDER BY phone) AS n FROM opt_outs) AS b WHERE b.phone = opt_outs.phone;
CREATE UNIQUE INDEX opt_outs_id ON opt_outs (id) WHERE id <> '';

-- What people did to texts.
CREATE TABLE audit (
    id      TEXT PRIMARY KEY,
    at      BIGINT NOT NULL,
    actor   TEXT NOT NULL,
    act     TEXT NOT NULL,
    subject TEXT NOT NULL,
    words   TEXT NOT NULL
);
CREATE INDEX audit_subject ON audit (subject, at);

-- The texts of one phone.
CREATE INDEX inbound_from ON inbound (from_number, received_at);

-- +goose Down
DROP INDEX inbound_from; DROP TABLE audit; DROP INDEX opt_outs_id;
ALTER TABLE opt_outs DROP COLUMN text_id; ALTER TABLE opt_outs DROP COLUMN id;
