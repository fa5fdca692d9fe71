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

#[test]
fn what_waits_becomes_one_digest() {
    let (mut bell, mut list) = held(&[1, 2, 3]);
    list[1] = answered(&list[1], 9, Status::Booked).reservation;
    let (acts, quiet) = tell(&mut bell, &list);
    assert_eq!(
        acts,
        [Act::Ring {
            attempt: 1,
            about: About::Digest {
                occasion: Occasion::Absence,
                found: 3,
                unhandled: 2,
                called_off: 0,
            },
            sounds: true,
        }]
    );
    assert_eq!(quiet, []);
    assert_eq!(bell.first_open(), Some(Seq(1)));
    assert_eq!(bell.shown(1).len(), 3);
}

#[test]
fn one_that_waits_gets_its_own_toast_and_the_handled_ones_none() {
    let (mut bell, mut list) = held(&[1, 2]);
    list[0] = answered(&list[0], 9, Status::Booked).reservation;
    let (acts, quiet) = tell(&mut bell, &list);
    assert_eq!(
        acts,
        [Act::Ring {
            attempt: 1,
            about: About::New(id(2)),
            sounds: true,
        }]
    );
    assert_eq!(quiet.len(), 1);
    assert_eq!((quiet[0].id, quiet[0].rung), (id(1), false));
}

#[test]
fn nothing_rings_when_everybody_was_looked_after() {
    let (mut bell, list) = held(&[1, 2]);
    let list = [
        claimed(&list[0], 8).reservation,
        answered(&list[1], 9, Status::Booked).reservation,
    ];
    let (acts, quiet) = tell(&mut bell, &list);
    assert_eq!(acts, []);
    assert_eq!(quiet.len(), 2);
    assert_eq!(bell.first_open(), None);
}

/// What came while the desk was away becomes a toast; `list` grows by it.
fn after_absence(bell: &mut Bell, list: &mut Vec<Reservation>, numbers: &[u8]) -> Vec<Act> {
    for number in numbers {
        let next = reservation(*number, u64::from(*number));
        bell.take(
            &notice(&next, Cause::Created),
            Verdict::Digest(Wait::Absence),
            start(),
        );
        list.push(next);
    }
    tell(bell, list).0
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
fn a_digest_that_replaces_an_unread_one_counts_that_ones_too_and_decides_only_its_own() {
    let (mut bell, mut list) = (Bell::default(), Vec::new());
    let acts = after_absence(&mut bell, &mut list, &[1, 2, 3, 4, 5]);
    assert_eq!(digest(&acts), (5, 5));
    assert_eq!(bell.shown(attempt(&acts)).len(), 5);
    assert_eq!(answer(&mut bell, &mut list, 0), []);
    let acts = after_absence(&mut bell, &mut list, &[6, 7]);
    assert_eq!(digest(&acts), (7, 6));
    assert_eq!(bell.shown(attempt(&acts)).len(), 2);
}

#[test]
fn a_digest_that_was_seen_is_not_counted_again() {
    let (mut bell, mut list) = (Bell::default(), Vec::new());
    let acts = after_absence(&mut bell, &mut list, &[1, 2]);
    bell.shown(attempt(&acts));
    assert_eq!(bell.seen(ToastKey::Digest), Some(Act::Withdraw(ToastKey::Digest)));
    let acts = after_absence(&mut bell, &mut list, &[3, 4]);
    assert_eq!(digest(&acts), (2, 2));
}

#[test]
fn a_digest_that_left_because_all_were_looked_after_is_not_counted_again() {
    let (mut bell, mut list) = (Bell::default(), Vec::new());
    let acts = after_absence(&mut bell, &mut list, &[1, 2]);
    bell.shown(attempt(&acts));
    answer(&mut bell, &mut list, 0);
    assert_eq!(answer(&mut bell, &mut list, 1), [Act::Withdraw(ToastKey::Digest)]);
    let acts = after_absence(&mut bell, &mut list, &[3, 4]);
    assert_eq!(digest(&acts), (2, 2));
}

#[test]
fn a_reservation_told_of_again_is_counted_once() {
    let (mut bell, mut list) = (Bell::default(), Vec::new());
    let acts = after_absence(&mut bell, &mut list, &[1, 2]);
    bell.shown(attempt(&acts));
    let moved = rescheduled(&list[0], 8).reservation;
    bell.take(
        &notice(&moved, Cause::Rescheduled),
        Verdict::Digest(Wait::Absence),
        start(),
    );
    list[0] = moved;
    let acts = after_absence(&mut bell, &mut list, &[3]);
    assert_eq!(digest(&acts), (3, 3));
    assert_eq!(bell.shown(attempt(&acts)).len(), 2);
}

#[test]
fn one_with_a_toast_of_its_own_is_in_no_digest() {
    let (mut bell, mut list) = (Bell::default(), Vec::new());
    let acts = after_absence(&mut bell, &mut list, &[1, 2]);
    bell.shown(attempt(&acts));
    let moved = rescheduled(&list[0], 8).reservation;
    bell.take(&notice(&moved, Cause::Rescheduled), Verdict::Ring, start());
    list[0] = moved;
    let acts = after_absence(&mut bell, &mut list, &[3, 4]);
    assert_eq!(digest(&acts), (3, 3));
}

#[test]
fn a_single_one_after_an_absence_leaves_the_unread_digest_for_its_own_toast() {
    let (mut bell, mut list) = (Bell::default(), Vec::new());
    let acts = after_absence(&mut bell, &mut list, &[1, 2]);
    bell.shown(attempt(&acts));
    for index in [0, 1] {
        let moved = rescheduled(&list[index], 8).reservation;
        bell.take(
            &notice(&moved, Cause::Rescheduled),
            Verdict::Digest(Wait::Absence),
            start(),
        );
        list[index] = moved;
        let (acts, _) = tell(&mut bell, &list);
        let withdrawn = acts.contains(&Act::Withdraw(ToastKey::Digest));
        assert_eq!(withdrawn, index == 1, "{acts:?}");
    }
}

#[test]
fn a_digest_that_fails_is_counted_whole_when_it_comes_back() {
    let (mut bell, mut list) = (Bell::default(), Vec::new());
    let acts = after_absence(&mut bell, &mut list, &[1, 2]);
    bell.shown(attempt(&acts));
    let acts = after_absence(&mut bell, &mut list, &[3, 4]);
    bell.failed(attempt(&acts), start());
    let (acts, _) = tell(&mut bell, &list);
    assert_eq!(digest(&acts), (4, 4));
    assert_eq!(bell.shown(attempt(&acts)).len(), 2);
}

#[test]
fn a_digest_leaves_with_the_last_that_waited_though_it_counts_answered_ones() {
    let (mut bell, mut list) = held(&[1, 2, 3]);
    list[2] = answered(&list[2], 9, Status::Booked).reservation;
    let (acts, _) = tell(&mut bell, &list);
    assert_eq!(digest(&acts), (3, 2));
    bell.shown(attempt(&acts));
    assert_eq!(answer(&mut bell, &mut list, 0), []);
    assert_eq!(answer(&mut bell, &mut list, 1), [Act::Withdraw(ToastKey::Digest)]);
}

#[test]
fn an_unread_digest_whose_successor_fails_leaves_once_its_own_are_looked_after() {
    let (mut bell, mut list) = (Bell::default(), Vec::new());
    let acts = after_absence(&mut bell, &mut list, &[1, 2]);
    bell.shown(attempt(&acts));
    let acts = after_absence(&mut bell, &mut list, &[3, 4]);
    assert_eq!(answer(&mut bell, &mut list, 0), []);
    assert_eq!(answer(&mut bell, &mut list, 1), []);
    assert_eq!(
        bell.failed(attempt(&acts), start()),
        Some(Act::Withdraw(ToastKey::Digest))
    );
    let (acts, _) = tell(&mut bell, &list);
    assert_eq!(digest(&acts), (2, 2));
}

#[test]
fn toasts_that_fail_wait_and_come_back_as_one() {
    let mut bell = Bell::default();
    let list = [reservation(1, 1), reservation(2, 2)];
    let attempts: Vec<u64> = list
        .iter()
        .map(|r| attempt(&bell.take(&notice(r, Cause::Created), Verdict::Ring, start())))
        .collect();
    for attempt in attempts {
        bell.failed(attempt, start());
    }
    assert_eq!(bell.fault(), Some(Fault::Retrying));
    assert_eq!(bell.due(false), Some(start() + RETRY_FIRST));
    assert_eq!(bell.first_open(), Some(Seq(1)), "nothing is decided");
    let (acts, _) = tell(&mut bell, &list);
    assert!(matches!(
        acts[..],
        [
            Act::Ring {
                about: About::Digest {
                    occasion: Occasion::Several,
                    found: 2,
                    unhandled: 2,
                    called_off: 0,
                },
                ..
            },
            ..
        ]
    ));
    assert_eq!(bell.shown(attempt(&acts)).len(), 2);
    assert_eq!(bell.fault(), None);
}

#[test]
fn the_wait_between_failures_is_bounded() {
    let mut bell = Bell::default();
    let list = [reservation(1, 1)];
    let mut acts = bell.take(&notice(&list[0], Cause::Created), Verdict::Ring, start());
    let mut waits = Vec::new();
    for _ in 0..100 {
        bell.failed(attempt(&acts), start());
        waits.push(bell.due(false).unwrap().saturating_since(start()));
        acts = tell(&mut bell, &list).0;
    }
    assert_eq!(waits[..3], [5, 10, 20].map(Duration::from_secs));
    assert_eq!(waits.last(), Some(&RETRY_CAP));
}

#[test]
fn a_failed_toast_of_a_reservation_that_was_answered_is_not_tried_again() {
    let mut bell = Bell::default();
    let before = reservation(1, 1);
    let acts = bell.take(&notice(&before, Cause::Created), Verdict::Ring, start());
    bell.failed(attempt(&acts), start());
    let list = [answered(&before, 2, Status::Booked).reservation];
    let (acts, quiet) = tell(&mut bell, &list);
    assert_eq!(acts, []);
    assert_eq!(quiet.len(), 1);
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
fn a_digest_leaves_the_screen_with_its_last_reservation() {
    let (mut bell, list) = held(&[1, 2]);
    let (acts, _) = tell(&mut bell, &list);
    bell.shown(attempt(&acts));
    let quiet = Verdict::Quiet(Reason::ListOnly);
    let taken = |r: &Reservation| notice(&answered(r, 9, Status::Booked).reservation, Cause::Taken);
    assert_eq!(bell.take(&taken(&list[0]), quiet, start()), []);
    assert_eq!(
        bell.take(&taken(&list[1]), quiet, start()),
        [Act::Withdraw(ToastKey::Digest)]
    );
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
fn a_cancellation_replaces_the_toast_and_rings_quietly_as_itself() {
    let mut bell = Bell::default();
    let before = reservation(1, 1);
    let acts = bell.take(&notice(&before, Cause::Created), Verdict::Ring, start());
    bell.shown(attempt(&acts));
    let off = called_off(&before, 2).reservation;
    let acts = bell.take(&notice(&off, Cause::CalledOff), Verdict::Ring, start());
    assert!(matches!(
        acts[..],
        [Act::Ring {
            about: About::CalledOff(_),
            ..
        }]
    ));
}

/// A reservation came in and was called off, and neither could be shown.
fn called_off_unseen() -> (Bell, Reservation) {
    let mut bell = Bell::default();
    let before = reservation(1, 1);
    let acts = bell.take(&notice(&before, Cause::Created), Verdict::Ring, start());
    bell.failed(attempt(&acts), start());
    let off = called_off(&before, 2).reservation;
    let acts = bell.take(&notice(&off, Cause::CalledOff), Verdict::Ring, start());
    bell.failed(attempt(&acts), start());
    (bell, off)
}

#[test]
fn one_that_was_called_off_before_anybody_saw_it_is_never_told_as_new() {
    let (mut bell, off) = called_off_unseen();
    let (acts, quiet) = tell(&mut bell, &[off]);
    assert!(matches!(
        acts[..],
        [Act::Ring {
            about: About::CalledOff(_),
            ..
        }]
    ));
    assert_eq!(quiet, []);
    let decisions = bell.shown(attempt(&acts));
    assert_eq!((decisions[0].seq, decisions[0].version), (Seq(2), 2));
}

#[test]
fn a_digest_counts_cancellations_apart() {
    let (mut bell, off) = called_off_unseen();
    let mut list = vec![off];
    for number in [3, 4] {
        let next = reservation(number, number.into());
        bell.take(
            &notice(&next, Cause::Created),
            Verdict::Digest(Wait::Absence),
            start(),
        );
        list.push(next);
    }
    let (acts, _) = tell(&mut bell, &list);
    assert!(matches!(
        acts[..],
        [
            Act::Ring {
                about: About::Digest {
                    occasion: Occasion::Several,
                    found: 2,
                    unhandled: 2,
                    called_off: 1,
                },
                ..
            },
            ..
        ]
    ));
    assert_eq!(bell.shown(attempt(&acts)).len(), 3);
}

#[test]
fn a_cancellation_taken_back_leaves_a_new_one() {
    let (mut bell, off) = called_off_unseen();
    let mut back = off;
    (back.version, back.seq, back.status) = (3, Seq(3), Status::Pending);
    bell.take(
        &notice(&back, Cause::Listed),
        Verdict::Quiet(Reason::ListOnly),
        start(),
    );
    let (acts, _) = tell(&mut bell, &[back]);
    assert!(matches!(
        acts[..],
        [Act::Ring {
            about: About::New(_),
            ..
        }]
    ));
}

#[test]
fn one_that_was_answered_and_then_moved_is_told_as_moved() {
    let mut bell = Bell::default();
    let before = reservation(1, 1);
    let acts = bell.take(&notice(&before, Cause::Created), Verdict::Ring, start());
    bell.failed(attempt(&acts), start());
    let moved = rescheduled(&answered(&before, 2, Status::Booked).reservation, 3).reservation;
    let acts = bell.take(&notice(&moved, Cause::Rescheduled), Verdict::Ring, start());
    bell.failed(attempt(&acts), start());
    let (acts, _) = tell(&mut bell, &[moved]);
    assert!(matches!(
        acts[..],
        [Act::Ring {
            about: About::Rescheduled(_),
            ..
        }]
    ));
}

#[test]
fn a_toast_that_could_not_be_replaced_is_still_withdrawn() {
    let mut bell = Bell::default();
    let before = reservation(1, 1);
    let acts = bell.take(&notice(&before, Cause::Created), Verdict::Ring, start());
    bell.shown(attempt(&acts));
    let moved = rescheduled(&before, 2).reservation;
    let acts = bell.take(&notice(&moved, Cause::Rescheduled), Verdict::Ring, start());
    bell.failed(attempt(&acts), start());
    let taken = notice(&answered(&moved, 3, Status::Booked).reservation, Cause::Taken);
    assert_eq!(
        bell.take(&taken, Verdict::Quiet(Reason::ListOnly), start()),
        [Act::Withdraw(ToastKey::Reservation(id(1)))]
    );
}

#[test]
fn a_test_toast_that_fails_shows_and_is_not_repeated() {
    let mut bell = Bell::default();
    let act = bell.test();
    bell.failed(attempt(&[act]), start());
    assert_eq!(bell.fault(), Some(Fault::Shut));
    assert_eq!(bell.due(false), None);
    let act = bell.test();
    bell.shown(attempt(&[act]));
    assert_eq!(bell.fault(), None);
}

#[test]
fn a_test_toast_that_fails_lengthens_no_wait() {
    let mut bell = Bell::default();
    let act = bell.test();
    bell.failed(attempt(&[act]), start());
    let acts = bell.take(
        &notice(&reservation(1, 1), Cause::Created),
        Verdict::Ring,
        start(),
    );
    bell.failed(attempt(&acts), start());
    assert_eq!(bell.due(false), Some(start() + RETRY_FIRST));
    assert_eq!(bell.fault(), Some(Fault::Retrying));
}

#[test]
fn nothing_is_promised_where_nothing_waits_any_more() {
    let mut bell = Bell::default();
    let before = reservation(1, 1);
    let acts = bell.take(&notice(&before, Cause::Created), Verdict::Ring, start());
    bell.failed(attempt(&acts), start());
    let list = [answered(&before, 2, Status::Booked).reservation];
    tell(&mut bell, &list);
    assert_eq!(bell.fault(), Some(Fault::Shut));
}

#[test]
fn a_bell_that_forgets_forgets_its_failures_and_hears_of_no_old_toast() {
    let mut bell = Bell::default();
    let acts: Vec<_> = [1, 2]
        .map(|number| {
            let new = notice(&reservation(number, number.into()), Cause::Created);
            attempt(&bell.take(&new, Verdict::Ring, start()))
        })
        .into();
    bell.failed(acts[0], start());
    bell.forget();
    assert_eq!((bell.fault(), bell.due(false)), (None, None));
    bell.failed(acts[1], start());
    assert_eq!((bell.fault(), bell.due(false)), (None, None));
    let next = attempt(&[bell.test()]);
    assert!(
        !acts.contains(&next),
        "an old toast's answer meets no new question"
    );
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

#[test]
fn what_came_and_went_in_a_pause_is_told_to_nobody() {
    let mut bell = Bell::default();
    let before = reservation(1, 1);
    let waits = Verdict::Digest(Wait::Pause);
    bell.take(&notice(&before, Cause::Created), waits, start());
    let off = called_off(&before, 2).reservation;
    bell.take(&notice(&off, Cause::CalledOff), waits, start());
    let (acts, settled) = tell(&mut bell, &[off]);
    assert_eq!(acts, []);
    assert_eq!((settled.len(), settled[0].rung), (1, false));
}

#[test]
fn cancellations_alone_are_a_quiet_digest() {
    let mut bell = Bell::default();
    let mut list = Vec::new();
    for number in [1, 2] {
        let before = reservation(number, number.into());
        let acts = bell.take(&notice(&before, Cause::Created), Verdict::Ring, start());
        bell.shown(attempt(&acts));
        let off = called_off(&before, u64::from(number) + 4).reservation;
        let acts = bell.take(
            &notice(&off, Cause::CalledOff),
            Verdict::Digest(Wait::QuietHours),
            start(),
        );
        assert_eq!(acts, [Act::Withdraw(ToastKey::Reservation(id(number)))]);
        list.push(off);
    }
    let (acts, _) = tell(&mut bell, &list);
    let about = About::Digest {
        occasion: Occasion::Hush,
        found: 0,
        unhandled: 0,
        called_off: 2,
    };
    assert_eq!(
        acts,
        [Act::Ring {
            attempt: 3,
            about,
            sounds: false
        }]
    );
    assert!(about.is_quiet());
}

#[test]
fn what_is_due_again_joins_what_waits_and_decides_nothing() {
    let mut bell = Bell::default();
    let told = reservation(1, 1);
    let acts = bell.take(&notice(&told, Cause::Created), Verdict::Ring, start());
    bell.shown(attempt(&acts));
    let new = reservation(2, 2);
    bell.take(
        &notice(&new, Cause::Created),
        Verdict::Digest(Wait::Pause),
        start(),
    );
    let list = [told, new];
    let Telling { acts, settled } = bell.tell(&[id(1)], start(), now(), listed(&list));
    assert_eq!(digest(&acts), (2, 2));
    assert_eq!(settled, []);
    let decided: Vec<_> = bell
        .shown(attempt(&acts))
        .iter()
        .map(|decision| decision.id)
        .collect();
    assert_eq!(decided, [id(2)]);
}
