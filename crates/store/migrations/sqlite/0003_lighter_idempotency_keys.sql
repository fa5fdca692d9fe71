-- With a rowid the keys, which come in any order, are all that is written all over the file; and once an hour a day's rows
-- can be read through, while an index of when they expire would be written to for each of them.
CREATE TABLE keys (
    hospital   BLOB NOT NULL REFERENCES hospitals (id),
    -- Keyed hashes: of the header, and of the five fields it came with.
    key        BLOB NOT NULL CHECK (length(key) = 32),
    fields     BLOB NOT NULL CHECK (length(fields) = 32),
    seq        INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    PRIMARY KEY (hospital, key)
) STRICT;
INSERT INTO keys SELECT hospital, key, fields, seq, expires_at FROM idempotency_keys;
DROP TABLE idempotency_keys;
ALTER TABLE keys RENAME TO idempotency_keys;
