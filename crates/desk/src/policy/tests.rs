use deskbell_protocol::{Seq, Status};

use super::*;
use crate::hush::Hush;
use crate::samples::{answered, called_off, claimed, hospital, id, now, position, rescheduled, reservation};

fn verdict(found: Found, cause: Cause, change: deskbell_protocol::Reservation, decided: bool) -> Verdict {
    let mut ledger = Ledger::new(hospital().id, position(0));
    if decided {
        ledger.decide(id(1), Seq(u64::MAX), u64::MAX, true);
    }
    let notice = Notice {
        seq: change.seq,
        cause,
        found,
        reservation: change,
    };
    let policy = Policy {
        ledger: &ledger,
        bell: &Bell::default(),
        hush: None,
        crowded: false,
    };
    should_ring(&notice, &policy, now())
}

#[test]
fn every_change_has_its_verdict() {
    let new = || reservation(1, 1);
    let booked = || answered(&new(), 2, Status::Booked).reservation;
    let held = || claimed(&new(), 2).reservation;
    let moved = || rescheduled(&new(), 2).reservation;
    let moved_booked = || rescheduled(&booked(), 3).reservation;
    let off = || called_off(&new(), 2).reservation;
    let quiet = Verdict::Quiet;
    use {Cause as C, Found as F, Reason as R};
    for (found, cause, change, expected) in [
        (F::Live, C::Created, new(), Verdict::Ring),
        (F::Live, C::Rescheduled, moved(), Verdict::Ring),
        (F::Live, C::Rescheduled, moved_booked(), Verdict::Ring),
        (F::Live, C::CalledOff, off(), Verdict::Ring),
        (F::Live, C::LeaseExpired, new(), Verdict::Ring),
        (F::Live, C::LeaseExpired, held(), quiet(R::Claimed)),
        (F::Live, C::LeaseExpired, booked(), quiet(R::Handled)),
        (F::Live, C::Taken, held(), quiet(R::ListOnly)),
        (F::Live, C::Listed, new(), quiet(R::ListOnly)),
        (F::Absence, C::Created, new(), Verdict::Digest(Wait::Absence)),
        (
            F::Absence,
            C::Rescheduled,
            moved(),
            Verdict::Digest(Wait::Absence),
        ),
        (F::Absence, C::Rescheduled, moved_booked(), quiet(R::Handled)),
        (F::Absence, C::CalledOff, off(), quiet(R::Handled)),
        (F::Absence, C::LeaseExpired, new(), Verdict::Digest(Wait::Absence)),
        (F::Absence, C::Taken, held(), quiet(R::ListOnly)),
        (F::FirstFill, C::Created, new(), quiet(R::FirstFill)),
    ] {
        let seen = format!("{found:?} {cause:?} {:?}", change.status);
        assert_eq!(verdict(found, cause, change, false), expected, "{seen}");
    }
}

#[test]
fn what_would_ring_waits_while_nothing_may_ring_or_too_much_does() {
    let ledger = Ledger::new(hospital().id, position(0));
    let bell = Bell::default();
    let verdict = |found, cause, reservation: &deskbell_protocol::Reservation, hush, crowded| {
        let notice = Notice {
            seq: reservation.seq,
            cause,
            found,
            reservation: reservation.clone(),
        };
        let policy = Policy {
            ledger: &ledger,
            bell: &bell,
            hush,
            crowded,
        };
        should_ring(&notice, &policy, now())
    };
    let new = reservation(1, 1);
    let booked = answered(&new, 2, Status::Booked).reservation;
    let off = called_off(&new, 2).reservation;
    use {Cause as C, Found as F, Reason as R, Verdict::Digest as Waits, Verdict::Quiet};
    for (found, cause, reservation, hush, crowded, expected) in [
        (F::Live, C::Created, &new, None, true, Waits(Wait::Crowd)),
        (F::Live, C::CalledOff, &off, None, true, Waits(Wait::Crowd)),
        (F::Absence, C::Created, &new, None, true, Waits(Wait::Absence)),
        (
            F::Live,
            C::Created,
            &new,
            Some(Hush::Pause),
            true,
            Waits(Wait::Pause),
        ),
        (
            F::Live,
            C::LeaseExpired,
            &new,
            Some(Hush::QuietHours),
            false,
            Waits(Wait::QuietHours),
        ),
        (
            F::Absence,
            C::Created,
            &new,
            Some(Hush::QuietHours),
            false,
            Waits(Wait::QuietHours),
        ),
        (
            F::Absence,
            C::Created,
            &booked,
            Some(Hush::Pause),
            false,
            Quiet(R::Handled),
        ),
        (
            F::FirstFill,
            C::Created,
            &new,
            Some(Hush::Pause),
            false,
            Quiet(R::FirstFill),
        ),
        (
            F::Live,
            C::Listed,
            &new,
            Some(Hush::Pause),
            false,
            Quiet(R::ListOnly),
        ),
    ] {
        let seen = format!("{found:?} {cause:?} {hush:?} {crowded}");
        assert_eq!(
            verdict(found, cause, reservation, hush, crowded),
            expected,
            "{seen}"
        );
    }
}

#[test]
fn what_is_decided_never_rings_again() {
    for found in [Found::Live, Found::Absence, Found::FirstFill] {
        for cause in [
            Cause::Created,
            Cause::Rescheduled,
            Cause::CalledOff,
            Cause::LeaseExpired,
        ] {
            assert_eq!(
                verdict(found, cause, reservation(1, 1), true),
                Verdict::Quiet(Reason::Decided)
            );
        }
    }
}
