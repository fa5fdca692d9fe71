-- Instants are milliseconds since 1970 (UTC), ids the 16 bytes of a UUID, digests the 32 bytes of a SHA-256.

-- Keys the server made for itself: whoever has this file can make watch tokens.
CREATE TABLE server_secrets (
    name  TEXT PRIMARY KEY,
    value BLOB NOT NULL CHECK (length(value) = 32)
) STRICT, WITHOUT ROWID;

CREATE TABLE hospitals (
    id            BLOB PRIMARY KEY CHECK (length(id) = 16),
    slug          TEXT NOT NULL UNIQUE,
    name          TEXT NOT NULL,
    timezone      TEXT NOT NULL,
    hours         TEXT,
    claim_minutes INTEGER NOT NULL CHECK (claim_minutes BETWEEN 1 AND 30),
    intake_key    BLOB NOT NULL CHECK (length(intake_key) = 32),
    -- Names this life of the log; a cursor of another life is noticed.
    epoch         TEXT NOT NULL,
    -- The seq of the last change; grows by 1 in the transaction of each change.
    head          INTEGER NOT NULL DEFAULT 0,
    added_at      INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE desks (
    id          BLOB PRIMARY KEY CHECK (length(id) = 16),
    hospital    BLOB NOT NULL REFERENCES hospitals (id),
    name        TEXT NOT NULL,
    token       BLOB NOT NULL CHECK (length(token) = 32),
    paired_at   INTEGER NOT NULL,
    -- Up to where the desk said that it decided.
    shown_epoch TEXT,
    shown_seq   INTEGER,
    revoked_at  INTEGER
) STRICT, WITHOUT ROWID;

CREATE INDEX desks_of_hospital ON desks (hospital, paired_at);

-- A row is deleted when its code is redeemed: that is what makes it work once.
CREATE TABLE pairing_codes (
    digest     BLOB PRIMARY KEY CHECK (length(digest) = 32),
    hospital   BLOB NOT NULL REFERENCES hospitals (id),
    desk_name  TEXT,
    expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE reservations (
    id              BLOB PRIMARY KEY CHECK (length(id) = 16),
    hospital        BLOB NOT NULL REFERENCES hospitals (id),
    seq             INTEGER NOT NULL,
    version         INTEGER NOT NULL,
    relationship    TEXT NOT NULL,
    name            TEXT NOT NULL,
    phone           TEXT NOT NULL,
    reservationdate TEXT NOT NULL,
    reservationtime TEXT NOT NULL,
    status          TEXT NOT NULL,
    received_at     INTEGER NOT NULL,
    updated_at      INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX reservations_of_day ON reservations (hospital, reservationdate);
CREATE INDEX reservations_pending ON reservations (hospital, reservationdate) WHERE status = 'pending';
CREATE INDEX reservations_received ON reservations (hospital, received_at);

-- The truth: every change of every reservation, with the reservation as it stood after it.
CREATE TABLE log (
    hospital    BLOB NOT NULL REFERENCES hospitals (id),
    seq         INTEGER NOT NULL,
    reservation BLOB NOT NULL REFERENCES reservations (id),
    at          INTEGER NOT NULL,
    kind        TEXT NOT NULL,
    from_value  TEXT,
    to_value    TEXT,
    -- Who did it, as JSON.
    actor       TEXT NOT NULL,
    -- The event as desks receive it, as JSON.
    change      TEXT NOT NULL,
    PRIMARY KEY (hospital, seq)
) STRICT, WITHOUT ROWID;

CREATE INDEX log_of_reservation ON log (reservation, seq);

CREATE TABLE idempotency_keys (
    hospital   BLOB NOT NULL REFERENCES hospitals (id),
    -- Keyed hashes: of the header, and of the five fields it came with.
    key        BLOB NOT NULL CHECK (length(key) = 32),
    fields     BLOB NOT NULL CHECK (length(fields) = 32),
    seq        INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    PRIMARY KEY (hospital, key)
) STRICT, WITHOUT ROWID;

CREATE INDEX idempotency_keys_expiry ON idempotency_keys (expires_at);
