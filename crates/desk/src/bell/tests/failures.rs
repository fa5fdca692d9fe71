//! Toasts that do not come through.

use super::*;

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
