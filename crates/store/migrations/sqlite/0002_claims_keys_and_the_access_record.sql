-- The last seq that may be gone from the log, as it is older than what is retained.
ALTER TABLE hospitals ADD COLUMN pruned INTEGER NOT NULL DEFAULT 0;
-- Grows when a desk is signed out, so that every gateway notices and puts its sockets out.
ALTER TABLE hospitals ADD COLUMN sign_outs INTEGER NOT NULL DEFAULT 0;

-- Claim, last answer, and how the status was before a desk changed it last: as JSON.
ALTER TABLE reservations ADD COLUMN claim TEXT;
ALTER TABLE reservations ADD COLUMN claim_until INTEGER;
ALTER TABLE reservations ADD COLUMN handled_by TEXT;
ALTER TABLE reservations ADD COLUMN undo TEXT;

CREATE INDEX reservations_claimed ON reservations (claim_until) WHERE claim_until IS NOT NULL;

CREATE TABLE enrolment_keys (
    id         BLOB PRIMARY KEY CHECK (length(id) = 16),
    hospital   BLOB NOT NULL REFERENCES hospitals (id),
    key        BLOB NOT NULL CHECK (length(key) = 32),
    -- How many desks it still makes.
    uses_left  INTEGER NOT NULL CHECK (uses_left >= 0),
    expires_at INTEGER NOT NULL,
    revoked_at INTEGER
) STRICT, WITHOUT ROWID;

-- Who was at whose data. Reservations may be forgotten before their accesses are.
CREATE TABLE access_record (
    number      INTEGER PRIMARY KEY AUTOINCREMENT,
    at          INTEGER NOT NULL,
    hospital    BLOB NOT NULL REFERENCES hospitals (id),
    -- Who, as JSON.
    who         TEXT NOT NULL,
    -- The address, where there is one.
    origin      TEXT,
    reservation BLOB,
    what        TEXT NOT NULL,
    detail      TEXT
) STRICT;

CREATE INDEX access_record_of_reservation ON access_record (reservation, number) WHERE reservation IS NOT NULL;

CREATE TRIGGER access_record_is_not_changed BEFORE UPDATE ON access_record
BEGIN SELECT RAISE(ABORT, 'the access record is only added to'); END;
CREATE TRIGGER access_record_is_not_deleted BEFORE DELETE ON access_record
BEGIN SELECT RAISE(ABORT, 'the access record is only added to'); END;
