//! What waits and is told together.

use super::*;

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
