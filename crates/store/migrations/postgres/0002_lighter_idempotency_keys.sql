-- Once an hour a day's rows can be read through, while this would be written to for each of them.
DROP INDEX idempotency_keys_expiry;
