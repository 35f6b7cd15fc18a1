-- +goose Up
-- Open surveys are read in pages, by deadline and id: a million may end in one second.
DROP INDEX surveys_open;
CREATE INDEX surveys_open ON surveys (deadline, id) WHERE outcome = '';

-- +goose Down
DROP INDEX surveys_open;
CREATE INDEX surveys_open ON surveys (deadline) WHERE outcome = '';
