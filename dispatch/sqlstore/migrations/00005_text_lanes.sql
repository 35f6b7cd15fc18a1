-- +goose Up
-- The row a text waits in (its class, then its priority), when a claim may have it (the
-- latest of not_before, next_try and held_until), and the link that it must not take.
ALTER TABLE texts ADD COLUMN lane INTEGER NOT NULL DEFAULT 10;
ALTER TABLE texts ADD COLUMN due_at BIGINT NOT NULL DEFAULT 0;
ALTER TABLE texts ADD COLUMN avoid TEXT NOT NULL DEFAULT '';
UPDATE texts SET
    lane = CASE kind WHEN 'duty' THEN 0 WHEN 'survey' THEN 20 ELSE 10 END + CASE WHEN priority > 9 THEN 9 ELSE priority END,
    due_at = CASE WHEN held_until > next_try AND held_until > not_before THEN held_until
                  WHEN next_try > not_before THEN next_try ELSE not_before END;
DROP INDEX texts_due;
CREATE INDEX texts_due ON texts (lane, due_at, id) WHERE status = 'queued';
-- What a receiver was sent of late.
CREATE INDEX texts_to ON texts (to_number, sent_at);

-- Phones that took their number to another carrier: the link that reaches them, and the
-- one whose carrier says that they are not its any more.
CREATE TABLE ported (
    phone    TEXT PRIMARY KEY,
    link     TEXT NOT NULL,
    not_link TEXT NOT NULL,
    at       BIGINT NOT NULL
);
CREATE INDEX ported_at ON ported (at);

-- +goose Down
DROP TABLE ported;
DROP INDEX texts_to;
DROP INDEX texts_due;
CREATE INDEX texts_due ON texts (priority, created_at) WHERE status = 'queued';
ALTER TABLE texts DROP COLUMN lane;
ALTER TABLE texts DROP COLUMN due_at;
ALTER TABLE texts DROP COLUMN avoid;
