-- +goose Up
-- Each entry of the audit seals the one before it. What is there already is numbered here
-- and sealed when the store is opened, which -1 asks for.
ALTER TABLE audit ADD COLUMN rule TEXT NOT NULL DEFAULT '';
ALTER TABLE audit ADD COLUMN seq BIGINT NOT NULL DEFAULT 0;
ALTER TABLE audit ADD COLUMN hash TEXT NOT NULL DEFAULT '';
UPDATE audit SET seq = b.n FROM (SELECT id, ROW_NUMBER() OVER (ORDER BY at, id) AS n FROM audit) AS b WHERE b.id = audit.id;
CREATE UNIQUE INDEX audit_seq ON audit (seq);
CREATE INDEX audit_at ON audit (at, id);

-- The end of the chain: one row, held by who appends.
CREATE TABLE audit_head (
    one  INTEGER PRIMARY KEY CHECK (one = 1),
    seq  BIGINT NOT NULL,
    hash TEXT NOT NULL
);
INSERT INTO audit_head (one, seq, hash) VALUES (1, -1, '');

-- +goose Down
DROP TABLE audit_head; DROP INDEX audit_at; DROP INDEX audit_seq;
ALTER TABLE audit DROP COLUMN hash; ALTER TABLE audit DROP COLUMN seq; ALTER TABLE audit DROP COLUMN rule;
