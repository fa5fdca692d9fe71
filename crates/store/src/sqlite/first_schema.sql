-- What a program of the first schema wrote.
INSERT INTO server_secrets VALUES ('watch', zeroblob(32));
INSERT INTO hospitals (id, slug, name, timezone, hours, claim_minutes, intake_key, epoch, head, added_at)
VALUES (x'019a0000000070008000000000000001', 'haneul', '하늘병원', 'Asia/Seoul', NULL, 7, zeroblob(32), 'first life', 1, 1795309200250);
INSERT INTO desks (id, hospital, name, token, paired_at, shown_epoch, shown_seq, revoked_at)
VALUES (x'019a0000000070008000000000000002', x'019a0000000070008000000000000001', '접수 1', zeroblob(32), 1795309200250, 'first life', 1, NULL);
INSERT INTO pairing_codes VALUES (zeroblob(32), x'019a0000000070008000000000000001', NULL, 1795309800250);
INSERT INTO reservations (id, hospital, seq, version, relationship, name, phone, reservationdate, reservationtime, status,
                          received_at, updated_at)
VALUES (x'019a0000000070008000000000000003', x'019a0000000070008000000000000001', 1, 1, '본인', '김크리스', '010-1111-1111', '2026-11-23',
        '10:30 ~ 11:00', 'pending', 1795309200250, 1795309200250);
INSERT INTO log (hospital, seq, reservation, at, kind, from_value, to_value, actor, change)
VALUES (x'019a0000000070008000000000000001', 1, x'019a0000000070008000000000000003', 1795309200250, 'created', NULL, 'pending',
        '{"kind":"site"}',
        '{"id":"019a0000-0000-7000-8000-000000000003","version":1,"seq":1,"relationship":"본인","name":"김크리스","phone":"010-1111-1111","reservationdate":"2026-11-23","reservationtime":"10:30 ~ 11:00","status":"pending","received_at":"2026-11-22T01:00:00.25Z","updated_at":"2026-11-22T01:00:00.25Z","claim":null,"handled_by":null,"kind":"created"}');
INSERT INTO idempotency_keys (hospital, key, fields, seq, expires_at)
VALUES (x'019a0000000070008000000000000001', x'0505050505050505050505050505050505050505050505050505050505050505',
        x'0606060606060606060606060606060606060606060606060606060606060606', 1, 1795395600250);
