-- +goose Up

-- How the red button was pressed. The last row counts; rows stay.
CREATE TABLE red_presses (
    seq     BIGINT PRIMARY KEY,
    at      BIGINT NOT NULL,
    route   TEXT NOT NULL,
    prompt  TEXT NOT NULL,
    text    TEXT NOT NULL,
    reason  TEXT NOT NULL,
    made_by TEXT NOT NULL
);

-- Leaders are called for major matters until one confirms.
CREATE INDEX events_major ON events (at) WHERE kind = 'major';

-- +goose Down
DROP INDEX events_major;
DROP TABLE red_presses;
