use deskbell_protocol::{PersonName, Phone, Relationship, ReservationId, Seq};

use super::*;

const LEASE: Duration = Duration::from_secs(300);
const MINUTE: Duration = Duration::from_secs(60);

fn now() -> Timestamp {
    "2026-11-22T01:00:00Z".parse().unwrap()
}

fn desk(number: u8) -> By {
    By {
        desk: Desk {
            id: DeskId::new(now(), &[number; 10]),
            name: format!("접수 {number}"),
        },
        staff: Some(format!("staff {number}")),
    }
}

fn kept(status: Status) -> Kept {
    Kept {
        reservation: Reservation {
            id: ReservationId::new(now(), &[1; 10]),
            version: 3,
            seq: Seq(7),
            relationship: Relationship::new("본인"),
            name: PersonName::new("김크리스"),
            phone: Phone::new("010-1111-1111"),
            reservationdate: "2026-11-23".parse().unwrap(),
            reservationtime: "10:30 ~ 11:00".parse().unwrap(),
            status,
            received_at: now(),
            updated_at: now(),
            claim: None,
            handled_by: None,
        },
        undo: None,
    }
}

fn set(to: Status, by: u8) -> Wish {
    Wish::SetStatus {
        to,
        if_version: 3,
        over_claim: false,
        by: desk(by),
    }
}

/// The kinds of the steps.
fn kinds(outcome: &Outcome) -> Vec<ChangeKind> {
    outcome.steps.iter().map(|step| step.kind).collect()
}

const fn released(reason: ReleaseReason) -> ChangeKind {
    ChangeKind::Released { reason }
}

/// Grants each wish a minute after the one before, from `kept` on.
fn granted(kept: Kept, wishes: &[Wish]) -> Outcome {
    let (mut kept, mut at, mut steps) = (kept, now(), Vec::new());
    for wish in wishes {
        at += MINUTE;
        let outcome = decide(kept, wish, at, LEASE);
        assert_eq!(outcome.refusal, None);
        kept = outcome.kept;
        steps.extend(outcome.steps);
    }
    Outcome {
        kept,
        steps,
        refusal: None,
    }
}

fn refused(kept: Kept, wish: &Wish) -> Option<Refusal> {
    let before = kept.reservation.clone();
    let outcome = decide(kept, wish, now() + MINUTE, LEASE);
    if outcome.refusal.is_some() {
        assert!(outcome.steps.is_empty());
        assert!(
            outcome.kept.reservation == before,
            "what is refused changes nothing"
        );
    }
    outcome.refusal
}

#[test]
fn a_desk_moves_a_status_as_the_interface_says_and_no_other_way() {
    use Status::{
        Arrived, Booked, Cancelled, CheckedIn, EnteredInError, Fulfilled, NoShow, Pending, Waitlist,
    };
    // As it stands in the interface, to be compared with what the code says.
    let table: [(Status, &[Status]); 5] = [
        (Pending, &[Booked, Cancelled, Waitlist, EnteredInError]),
        (Waitlist, &[Pending, Booked, Cancelled]),
        (
            Booked,
            &[Arrived, CheckedIn, Fulfilled, NoShow, Cancelled, EnteredInError],
        ),
        (Arrived, &[CheckedIn, Fulfilled, NoShow, Cancelled]),
        (CheckedIn, &[Fulfilled, Cancelled]),
    ];
    for from in Status::ALL {
        let allowed = table
            .iter()
            .find(|(status, _)| *status == from)
            .map_or(&[][..], |row| row.1);
        for to in Status::ALL {
            let expected = (!allowed.contains(&to)).then_some(Refusal::NoSuchMove);
            assert_eq!(refused(kept(from), &set(to, 1)), expected, "{from:?} to {to:?}");
        }
    }
}

#[test]
fn who_answers_is_kept_and_back_to_pending_nobody_has() {
    let outcome = granted(kept(Status::Pending), &[set(Status::Waitlist, 1)]);
    let handled = outcome.kept.reservation.handled_by.clone().unwrap();
    assert_eq!((handled.desk, handled.at), (desk(1).desk, now() + MINUTE));
    assert_eq!(outcome.kept.reservation.version, 4);
    assert_eq!(outcome.steps[0].from.as_deref(), Some("pending"));
    assert_eq!(outcome.steps[0].to.as_deref(), Some("waitlist"));
    let back = Wish::SetStatus {
        to: Status::Pending,
        if_version: 4,
        over_claim: false,
        by: desk(2),
    };
    let outcome = granted(outcome.kept, &[back]);
    assert_eq!(outcome.kept.reservation.handled_by, None);
}

#[test]
fn a_claim_is_one_desks_until_it_lets_go_and_its_own_to_renew() {
    let claimed = granted(kept(Status::Pending), &[Wish::Claim(desk(1))]).kept;
    assert_eq!(claimed.reservation.version, 3, "a claim is no new version");
    assert_eq!(
        claimed.reservation.claim.as_ref().unwrap().until,
        now() + MINUTE + LEASE
    );
    assert_eq!(
        refused(claimed.clone(), &Wish::Claim(desk(2))),
        Some(Refusal::Held)
    );
    assert_eq!(
        refused(claimed.clone(), &Wish::Release(desk(2))),
        Some(Refusal::NotHeld)
    );
    assert_eq!(
        refused(claimed.clone(), &set(Status::Booked, 2)),
        Some(Refusal::Held)
    );

    let renewed = granted(claimed.clone(), &[Wish::Claim(desk(1)), Wish::Claim(desk(1))]);
    assert_eq!(kinds(&renewed), [ChangeKind::Claimed; 2]);
    assert_eq!(
        renewed.kept.reservation.claim.unwrap().until,
        now() + 2 * MINUTE + LEASE
    );

    let free = granted(claimed, &[Wish::Release(desk(1))]);
    assert_eq!(kinds(&free), [released(ReleaseReason::Released)]);
    assert_eq!(free.kept.reservation.claim, None);
    assert_eq!(
        refused(free.kept, &Wish::Release(desk(1))),
        Some(Refusal::NotHeld)
    );
}

#[test]
fn what_is_handled_cannot_be_claimed() {
    for status in Status::ALL {
        let expected = (status != Status::Pending).then_some(Refusal::Handled);
        assert_eq!(
            refused(kept(status), &Wish::Claim(desk(1))),
            expected,
            "{status:?}"
        );
    }
}

#[test]
fn handling_ends_the_claim_the_holders_own_or_over_it() {
    let over = Wish::SetStatus {
        to: Status::Booked,
        if_version: 3,
        over_claim: true,
        by: desk(2),
    };
    for answer in [set(Status::Booked, 1), over, Wish::Cancel] {
        let outcome = granted(kept(Status::Pending), &[Wish::Claim(desk(1)), answer]);
        assert_eq!(
            kinds(&outcome),
            [
                ChangeKind::Claimed,
                ChangeKind::Status,
                released(ReleaseReason::Handled)
            ]
        );
        assert!(
            outcome.steps[1].after.claim.is_none(),
            "the status already says so"
        );
        assert_eq!(outcome.kept.reservation.version, 4);
    }
}

#[test]
fn a_lease_that_ran_out_ends_once_and_first_whatever_becomes_of_the_wish() {
    let claimed = granted(kept(Status::Pending), &[Wish::Claim(desk(1))]).kept;
    let until = claimed.reservation.claim.as_ref().unwrap().until;
    let just_before = expire(claimed.clone(), until - Duration::from_millis(1));
    assert!(just_before.steps.is_empty());
    let expired = expire(claimed.clone(), until);
    assert_eq!(kinds(&expired), [released(ReleaseReason::Expired)]);
    assert_eq!(expired.steps[0].by, Actor::System);
    assert!(expire(expired.kept, until).steps.is_empty());

    let taken = decide(claimed.clone(), &Wish::Claim(desk(2)), until, LEASE);
    assert_eq!(
        kinds(&taken),
        [released(ReleaseReason::Expired), ChangeKind::Claimed]
    );
    let late = decide(claimed, &Wish::Release(desk(1)), until, LEASE);
    assert_eq!(
        (kinds(&late), late.refusal),
        (vec![released(ReleaseReason::Expired)], Some(Refusal::NotHeld))
    );
}

#[test]
fn a_signed_out_desk_holds_nothing() {
    let claimed = granted(kept(Status::Pending), &[Wish::Claim(desk(1))]).kept;
    let at = now() + 2 * MINUTE;
    assert!(revoke(claimed.clone(), desk(2).desk.id, at).steps.is_empty());
    let outcome = revoke(claimed, desk(1).desk.id, at);
    assert_eq!(kinds(&outcome), [released(ReleaseReason::Revoked)]);
    assert_eq!(outcome.kept.reservation.claim, None);
}

#[test]
fn who_looked_at_an_older_version_changes_nothing() {
    for if_version in [2, 4] {
        let wish = Wish::SetStatus {
            to: Status::Booked,
            if_version,
            over_claim: true,
            by: desk(1),
        };
        assert_eq!(refused(kept(Status::Pending), &wish), Some(Refusal::Moved));
        let undo = Wish::Undo {
            if_version,
            by: desk(1),
        };
        assert_eq!(refused(kept(Status::Booked), &undo), Some(Refusal::Moved));
    }
}

fn undo(if_version: u64) -> Wish {
    Wish::Undo {
        if_version,
        by: desk(2),
    }
}

#[test]
fn the_last_answer_is_taken_back_once_by_any_desk() {
    let booked = granted(
        kept(Status::Pending),
        &[Wish::Claim(desk(1)), set(Status::Booked, 1)],
    )
    .kept;
    let outcome = granted(booked, &[undo(4)]);
    let reservation = &outcome.kept.reservation;
    assert_eq!(kinds(&outcome), [ChangeKind::Status]);
    assert_eq!((reservation.status, reservation.version), (Status::Pending, 5));
    assert_eq!((&reservation.handled_by, &reservation.claim), (&None, &None));
    assert_eq!(refused(outcome.kept, &undo(5)), Some(Refusal::NothingToUndo));
}

#[test]
fn undo_brings_back_who_had_answered_before_also_from_a_final_status() {
    let mut before = kept(Status::Booked);
    before.reservation.handled_by = Some(HandledBy {
        desk: desk(1).desk,
        staff: None,
        at: now(),
    });
    let handled_by = before.reservation.handled_by.clone();
    let outcome = granted(before, &[set(Status::NoShow, 2), undo(4)]);
    assert_eq!(outcome.kept.reservation.status, Status::Booked);
    assert_eq!(outcome.kept.reservation.handled_by, handled_by);
}

#[test]
fn nothing_is_taken_back_after_ten_minutes_or_after_something_else() {
    let booked = granted(kept(Status::Pending), &[set(Status::Booked, 1)]).kept;
    let changed_at = now() + MINUTE;
    let at = |after| decide(booked.clone(), &undo(4), changed_at + after, LEASE).refusal;
    assert_eq!(at(10 * MINUTE), None);
    assert_eq!(
        at(10 * MINUTE + Duration::from_millis(1)),
        Some(Refusal::NothingToUndo)
    );

    let moved = Wish::Reschedule {
        date: Some("2026-11-24".parse().unwrap()),
        time: None,
    };
    let rescheduled = granted(booked.clone(), &[moved]).kept;
    assert_eq!(rescheduled.reservation.status, Status::Booked, "it stays handled");
    assert_eq!(refused(rescheduled, &undo(5)), Some(Refusal::NothingToUndo));
    let cancelled = granted(booked, &[Wish::Cancel]).kept;
    assert_eq!(
        refused(cancelled, &undo(5)),
        Some(Refusal::NothingToUndo),
        "the site's is no desk's"
    );
    let on_the_list = granted(
        kept(Status::Waitlist),
        &[set(Status::Pending, 1), Wish::Claim(desk(2))],
    )
    .kept;
    assert_eq!(refused(on_the_list, &undo(4)), Some(Refusal::NothingToUndo));
}

#[test]
fn the_site_moves_and_cancels_what_is_not_finished() {
    let move_it = Wish::Reschedule {
        date: None,
        time: Some("14:00 ~ 14:30".parse().unwrap()),
    };
    for status in Status::ALL {
        let expected = status.is_final().then_some(Refusal::Finished);
        assert_eq!(refused(kept(status), &move_it), expected);
        assert_eq!(refused(kept(status), &Wish::Cancel), expected);
    }
    let outcome = granted(kept(Status::Pending), &[Wish::Claim(desk(1)), move_it.clone()]);
    let step = &outcome.steps[1];
    assert_eq!((step.kind, &step.by), (ChangeKind::Rescheduled, &Actor::Site));
    assert_eq!(step.from.as_deref(), Some("2026-11-23 10:30 ~ 11:00"));
    assert_eq!(step.to.as_deref(), Some("2026-11-23 14:00 ~ 14:30"));
    assert_eq!(outcome.kept.reservation.version, 4);
    assert!(
        outcome.kept.reservation.claim.is_some(),
        "who is at it stays at it"
    );
    let again = granted(outcome.kept, &[move_it]);
    assert!(again.steps.is_empty(), "sent again, nothing is new");
}
