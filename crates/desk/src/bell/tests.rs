//! Toasts of their own, and what the tests of the bell have in common.

mod cancellations;
mod digests;
mod failures;

use deskbell_protocol::Status;

use super::*;
use crate::notice::Found;
use crate::policy::{Reason, Wait};
use crate::samples::{answered, called_off, claimed, id, now, rescheduled, reservation};

fn notice(reservation: &Reservation, cause: Cause) -> Notice {
    Notice {
        seq: reservation.seq,
        cause,
        found: Found::Live,
        reservation: reservation.clone(),
    }
}

fn start() -> Instant {
    Instant::ORIGIN
}

fn listed<'a>(reservations: &'a [Reservation]) -> impl Fn(ReservationId) -> Option<&'a Reservation> {
    move |id| reservations.iter().find(|r| r.id == id)
}

fn tell(bell: &mut Bell, list: &[Reservation]) -> (Vec<Act>, Vec<Decision>) {
    let Telling { acts, settled } = bell.tell(&[], start(), now(), listed(list));
    (acts, settled)
}

/// The one toast among `acts`; it may make others outdated.
fn attempt(acts: &[Act]) -> u64 {
    match acts {
        [Act::Ring { attempt, .. }, rest @ ..] if rest.iter().all(|act| matches!(act, Act::Withdraw(_))) => {
            *attempt
        }
        _ => panic!("one toast was expected: {acts:?}"),
    }
}

fn held(numbers: &[u8]) -> (Bell, Vec<Reservation>) {
    let mut bell = Bell::default();
    let reservations: Vec<_> = numbers
        .iter()
        .map(|number| reservation(*number, u64::from(*number)))
        .collect();
    for reservation in &reservations {
        let acts = bell.take(
            &notice(reservation, Cause::Created),
            Verdict::Digest(Wait::Absence),
            start(),
        );
        assert_eq!(acts, []);
    }
    (bell, reservations)
}

#[test]
fn a_toast_decides_once_it_is_on_the_screen_and_not_before() {
    let mut bell = Bell::default();
    let acts = bell.take(
        &notice(&reservation(1, 5), Cause::Created),
        Verdict::Ring,
        start(),
    );
    assert_eq!(
        acts,
        [Act::Ring {
            attempt: 1,
            about: About::New(id(1)),
            sounds: true,
        }]
    );
    assert_eq!(bell.first_open(), Some(Seq(5)));
    let decisions = bell.shown(1);
    assert_eq!(decisions.len(), 1);
    assert_eq!(
        (decisions[0].id, decisions[0].seq, decisions[0].rung),
        (id(1), Seq(5), true)
    );
    assert_eq!(bell.first_open(), None);
    assert_eq!(bell.shown(1), [], "an answer counts once");
}

fn digest(acts: &[Act]) -> (usize, usize) {
    match acts {
        [
            Act::Ring {
                about: About::Digest { found, unhandled, .. },
                ..
            },
        ] => (*found, *unhandled),
        _ => panic!("a digest was expected: {acts:?}"),
    }
}

/// Another desk answers `list[index]`.
fn answer(bell: &mut Bell, list: &mut [Reservation], index: usize) -> Vec<Act> {
    list[index] = answered(&list[index], 90, Status::Booked).reservation;
    let taken = notice(&list[index], Cause::Taken);
    bell.take(&taken, Verdict::Quiet(Reason::ListOnly), start())
}

#[test]
fn a_taken_reservations_toast_is_withdrawn_once() {
    let mut bell = Bell::default();
    let before = reservation(1, 1);
    let acts = bell.take(&notice(&before, Cause::Created), Verdict::Ring, start());
    bell.shown(attempt(&acts));
    let taken = notice(&claimed(&before, 2).reservation, Cause::Taken);
    let quiet = Verdict::Quiet(Reason::ListOnly);
    assert_eq!(
        bell.take(&taken, quiet, start()),
        [Act::Withdraw(ToastKey::Reservation(id(1)))]
    );
    assert_eq!(bell.take(&taken, quiet, start()), []);
}

#[test]
fn a_move_while_its_first_toast_is_under_way_is_decided_by_the_second() {
    let mut bell = Bell::default();
    let before = reservation(1, 1);
    let first = attempt(&bell.take(&notice(&before, Cause::Created), Verdict::Ring, start()));
    let moved = rescheduled(&before, 2).reservation;
    let acts = bell.take(&notice(&moved, Cause::Rescheduled), Verdict::Ring, start());
    assert!(matches!(
        acts[..],
        [Act::Ring {
            about: About::Rescheduled(_),
            ..
        }]
    ));
    assert_eq!(bell.shown(first), []);
    let decisions = bell.shown(attempt(&acts));
    assert_eq!((decisions[0].seq, decisions[0].version), (Seq(2), 2));
}

#[test]
fn after_an_absence_toasts_of_answered_reservations_are_swept_away() {
    let mut bell = Bell::default();
    let list = [reservation(1, 1), reservation(2, 2), reservation(3, 3)];
    for reservation in &list {
        let acts = bell.take(&notice(reservation, Cause::Created), Verdict::Ring, start());
        bell.shown(attempt(&acts));
    }
    let list = [answered(&list[0], 8, Status::Booked).reservation, list[1].clone()];
    let mut swept = bell.sweep(now(), listed(&list));
    swept.sort_by_key(|act| format!("{act:?}"));
    let mut gone = vec![
        Act::Withdraw(ToastKey::Reservation(id(1))),
        Act::Withdraw(ToastKey::Reservation(id(3))),
    ];
    gone.sort_by_key(|act| format!("{act:?}"));
    assert_eq!(swept, gone);
}

#[test]
fn a_new_log_keeps_what_is_under_way_and_finds_the_rest_anew() {
    let (mut bell, _) = held(&[1]);
    let under_way = reservation(2, 900);
    let acts = bell.take(&notice(&under_way, Cause::Created), Verdict::Ring, start());
    bell.change_log();
    assert_eq!(bell.first_open(), None);
    assert!(!bell.is_open(id(1)) && bell.is_open(id(2)));
    let found_again = notice(&reservation(2, 4), Cause::Created);
    assert!(bell.covers(&found_again));
    bell.take(&found_again, Verdict::Quiet(Reason::Decided), start());
    assert_eq!(bell.first_open(), Some(Seq(4)));
    assert_eq!(bell.shown(attempt(&acts)).len(), 1);
}

#[test]
fn a_toast_under_way_decides_what_it_tells_and_what_came_after_it_waits() {
    let mut bell = Bell::default();
    let before = reservation(1, 1);
    let first = attempt(&bell.take(&notice(&before, Cause::Created), Verdict::Ring, start()));
    let moved = rescheduled(&before, 2).reservation;
    let waits = Verdict::Digest(Wait::Pause);
    assert_eq!(bell.take(&notice(&moved, Cause::Rescheduled), waits, start()), []);
    let decisions = bell.shown(first);
    assert_eq!(
        (decisions[0].seq, decisions[0].version, decisions[0].rung),
        (Seq(1), 1, true)
    );
    assert_eq!(bell.first_open(), Some(Seq(2)));
    let (acts, _) = tell(&mut bell, &[moved]);
    assert!(matches!(
        acts[..],
        [Act::Ring {
            about: About::Rescheduled(_),
            ..
        }]
    ));
    assert_eq!(bell.shown(attempt(&acts))[0].seq, Seq(2));
}
