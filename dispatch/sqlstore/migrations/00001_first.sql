-- The record of a hotline. One schema for SQLite and PostgreSQL: times are
-- microseconds since 1970 UTC (0: none), truths are 0 and 1.

-- +goose Up
CREATE TABLE orders (
    number       TEXT PRIMARY KEY,
    digits       TEXT NOT NULL UNIQUE,
    pin          TEXT NOT NULL,
    type         TEXT NOT NULL,
    channel      TEXT NOT NULL,
    state        TEXT NOT NULL,
    phone        TEXT NOT NULL,
    name         TEXT NOT NULL,
    summary      TEXT NOT NULL,
    result       TEXT NOT NULL,
    urgent       INTEGER NOT NULL,
    confidential INTEGER NOT NULL,
    call_id      TEXT NOT NULL,
    due_at       BIGINT NOT NULL,
    provisional  INTEGER NOT NULL,
    due_rule     TEXT NOT NULL,
    outcome      TEXT NOT NULL,
    rating       INTEGER NOT NULL,
    created_at   BIGINT NOT NULL,
    completed_at BIGINT NOT NULL,
    archived_at  BIGINT NOT NULL,
    version      INTEGER NOT NULL
);
CREATE INDEX orders_created ON orders (created_at);
CREATE INDEX orders_phone ON orders (phone);
CREATE INDEX orders_state ON orders (state, created_at);

-- What was registered by a key is registered once.
CREATE TABLE intake_keys (
    intake_key   TEXT PRIMARY KEY,
    order_number TEXT NOT NULL
);

-- How many orders a day has had.
CREATE TABLE serials (
    day  TEXT PRIMARY KEY,
    last INTEGER NOT NULL
);

CREATE TABLE events (
    order_number TEXT NOT NULL,
    seq          INTEGER NOT NULL,
    at           BIGINT NOT NULL,
    actor        TEXT NOT NULL,
    kind         TEXT NOT NULL,
    rule         TEXT NOT NULL,
    words        TEXT NOT NULL,
    PRIMARY KEY (order_number, seq)
);

CREATE TABLE callbacks (
    id           TEXT PRIMARY KEY,
    order_number TEXT NOT NULL,
    phone        TEXT NOT NULL,
    rating       INTEGER NOT NULL,
    opened_at    BIGINT NOT NULL,
    attempts     INTEGER NOT NULL,
    reason       TEXT NOT NULL,
    done_at      BIGINT NOT NULL,
    done_by      TEXT NOT NULL
);
CREATE INDEX callbacks_opened ON callbacks (opened_at);

CREATE TABLE voicemails (
    id           TEXT PRIMARY KEY,
    call_id      TEXT NOT NULL,
    order_number TEXT NOT NULL,
    phone        TEXT NOT NULL,
    file         TEXT NOT NULL,
    duration     BIGINT NOT NULL, -- nanoseconds
    urgent       INTEGER NOT NULL,
    reason       TEXT NOT NULL,
    at           BIGINT NOT NULL,
    heard_at     BIGINT NOT NULL,
    heard_by     TEXT NOT NULL
);
CREATE INDEX voicemails_at ON voicemails (at);

CREATE TABLE surveys (
    id           TEXT PRIMARY KEY,
    order_number TEXT NOT NULL,
    attempt      INTEGER NOT NULL,
    phone        TEXT NOT NULL,
    slot         TEXT NOT NULL,
    message_id   TEXT NOT NULL,
    outcome      TEXT NOT NULL,
    rating       INTEGER NOT NULL,
    invalid      INTEGER NOT NULL,
    opened_at    BIGINT NOT NULL,
    deadline     BIGINT NOT NULL,
    settled_at   BIGINT NOT NULL,
    created_at   BIGINT NOT NULL,
    version      INTEGER NOT NULL,
    UNIQUE (order_number, attempt) -- one question per attempt, whatever happens
);
CREATE INDEX surveys_phone ON surveys (phone, created_at);
CREATE INDEX surveys_open ON surveys (deadline) WHERE outcome = '';
CREATE INDEX surveys_settled ON surveys (settled_at);

-- The slot each phone's last question was sent from.
CREATE TABLE slots (
    phone TEXT PRIMARY KEY,
    last  INTEGER NOT NULL
);

-- The outbox.
CREATE TABLE texts (
    id          TEXT PRIMARY KEY,
    text_key    TEXT NOT NULL UNIQUE,
    kind        TEXT NOT NULL,
    ref         TEXT NOT NULL,
    to_number   TEXT NOT NULL,
    ext         TEXT NOT NULL,
    body        TEXT NOT NULL,
    priority    INTEGER NOT NULL,
    not_before  BIGINT NOT NULL,
    valid_until BIGINT NOT NULL,
    created_at  BIGINT NOT NULL,
    status      TEXT NOT NULL,
    attempts    INTEGER NOT NULL,
    next_try    BIGINT NOT NULL,
    link        TEXT NOT NULL,
    carrier_ids TEXT NOT NULL,
    segments    INTEGER NOT NULL,
    raw         TEXT NOT NULL,
    maybe_twice INTEGER NOT NULL,
    sent_at     BIGINT NOT NULL,
    done_at     BIGINT NOT NULL,
    held_until  BIGINT NOT NULL DEFAULT 0,       -- claimed by a gateway until then
    told        TEXT NOT NULL DEFAULT 'queued'   -- the last status the office was told of
);
CREATE INDEX texts_due ON texts (priority, created_at) WHERE status = 'queued';
CREATE INDEX texts_created ON texts (created_at);
CREATE INDEX texts_ref ON texts (ref);
CREATE INDEX texts_untold ON texts (id) WHERE told <> status;

-- One line per segment that a carrier took.
CREATE TABLE carrier_ids (
    link       TEXT NOT NULL,
    carrier_id TEXT NOT NULL,
    text_id    TEXT NOT NULL,
    PRIMARY KEY (link, carrier_id, text_id)
);

-- The inbox.
CREATE TABLE inbound (
    id          TEXT PRIMARY KEY,
    text_key    TEXT NOT NULL UNIQUE,
    link        TEXT NOT NULL,
    from_number TEXT NOT NULL,
    to_number   TEXT NOT NULL,
    ext         TEXT NOT NULL,
    body        TEXT NOT NULL,
    event_at    BIGINT NOT NULL,
    received_at BIGINT NOT NULL,
    handled_as  TEXT NOT NULL
);
CREATE INDEX inbound_received ON inbound (received_at);
CREATE INDEX inbound_unhandled ON inbound (from_number) WHERE handled_as = '';

-- Phones that want no more texts.
CREATE TABLE opt_outs (
    phone TEXT PRIMARY KEY,
    at    BIGINT NOT NULL
);

CREATE TABLE calls (
    id           TEXT PRIMARY KEY,
    channel      TEXT NOT NULL,
    from_number  TEXT NOT NULL,
    to_number    TEXT NOT NULL,
    class        TEXT NOT NULL,
    outcome      TEXT NOT NULL,
    detail       TEXT NOT NULL,
    order_number TEXT NOT NULL,
    emergency    INTEGER NOT NULL,
    missed       INTEGER NOT NULL,
    started_at   BIGINT NOT NULL,
    answered_at  BIGINT NOT NULL,
    ended_at     BIGINT NOT NULL,
    hangup       TEXT NOT NULL,
    steps        TEXT NOT NULL
);
CREATE INDEX calls_started ON calls (started_at);

-- Wrong query codes since the last right one.
CREATE TABLE code_fails (
    digits  TEXT PRIMARY KEY,
    count   INTEGER NOT NULL,
    last_at BIGINT NOT NULL
);
CREATE INDEX code_fails_last ON code_fails (last_at);

-- +goose Down
DROP TABLE orders; DROP TABLE intake_keys; DROP TABLE serials; DROP TABLE events; DROP TABLE callbacks;
DROP TABLE voicemails; DROP TABLE surveys; DROP TABLE slots; DROP TABLE texts;
DROP TABLE carrier_ids; DROP TABLE inbound; DROP TABLE opt_outs; DROP TABLE calls;
DROP TABLE code_fails;
