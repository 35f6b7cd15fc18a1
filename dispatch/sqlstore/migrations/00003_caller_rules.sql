-- +goose Up

-- Who is blocked, or allowed whatever blocks them, and until when. Rows stay.
CREATE TABLE caller_rules (
    id         TEXT PRIMARY KEY,
    number     TEXT NOT NULL,
    prefix     INTEGER NOT NULL,
    allow      INTEGER NOT NULL,
    reason     TEXT NOT NULL,
    made_by    TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    until      BIGINT NOT NULL,
    lifted_at  BIGINT NOT NULL,
    lifted_by  TEXT NOT NULL
);
CREATE INDEX caller_rules_open ON caller_rules (until) WHERE lifted_at = 0;

-- +goose Down
DROP TABLE caller_rules;
