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

-- +goose Down
DROP TABLE red_presses;
