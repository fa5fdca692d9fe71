//! What the booking site calls off.

use super::*;

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
