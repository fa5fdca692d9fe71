//! Crowds, pauses, quiet hours and locked sessions: what waits is told once, and nothing is lost.

use std::time::Duration;

use deskbell_protocol::Status;
use deskbell_protocol::event::Replay;

use super::fake_shell::{Bench, Call};
use crate::samples::{answered, called_off, claimed, created, id, rescheduled, reservation};
use crate::update::{LinkUpdate, Update};
use crate::{DeskRequest, Notifications, PauseFor, Sound, ToastKey, TrayEntry, TrayIcon, TrayItem};

fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

/// So much later.
fn later(bench: &mut Bench, by: Duration) {
    bench.clock.advance(by);
    bench.desk.settle();
}

/// A desk that is live, with these quiet hours. It is Sunday, 11:00.
fn with_quiet(quiet: &str) -> Bench {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("config")).unwrap();
    std::fs::write(
        folder.path().join("config/settings.toml"),
        format!("[notifications]\nquiet = [\"{quiet}\"]\n"),
    )
    .unwrap();
    let mut bench = Bench::in_folder(folder);
    bench.welcome(3, Replay::None);
    bench.caught_up(3);
    bench.snapshot(3, []);
    bench.shell.take();
    bench
}

fn bodies(bench: &mut Bench) -> Vec<String> {
    bench.ring_all().into_iter().map(|toast| toast.body).collect()
}

fn sentences(bench: &Bench) -> Vec<String> {
    let recent = bench.shell.screen().bell.recent;
    recent.into_iter().map(|verdict| verdict.sentence).collect()
}

fn sounds(calls: &[Call]) -> usize {
    calls.iter().filter(|call| matches!(call, Call::Play(..))).count()
}

#[test]
fn a_burst_of_two_hundred_is_three_toasts_and_a_digest_that_grows_seldom() {
    let mut bench = Bench::live(3);
    let (mut keys, mut digests, mut heard, mut last) = (Vec::new(), Vec::new(), 0, String::new());
    // Ten seconds of it, and then nothing.
    for number in 0..600_u16 {
        if let Ok(number) = u8::try_from(number)
            && number < 200
        {
            bench.change(created(number, u64::from(number) + 4));
        }
        later(&mut bench, Duration::from_millis(50));
        heard += sounds(&bench.shell.calls());
        for toast in bench.ring_all() {
            if toast.key == ToastKey::Digest {
                digests.push(number / 20);
            }
            keys.push(toast.key);
            last = toast.body;
        }
    }
    let mut on_screen = keys.clone();
    on_screen.sort_by_key(|key| format!("{key:?}"));
    on_screen.dedup();
    assert_eq!(on_screen.len(), 4, "{on_screen:?}");
    assert_eq!((keys.len(), digests), (6, vec![2, 6, 14]), "{keys:?}");
    assert_eq!(last, "한꺼번에 들어온 예약 197건, 미처리 197건");
    assert_eq!(heard, 1, "a burst is heard once");
    assert_eq!(bench.shell.tray().icon, TrayIcon::Ringing(200));
    // After it, the next has its own toast and is heard.
    bench.change(created(250, 204));
    let calls = bench.shell.take();
    assert_eq!(sounds(&calls), 1);
    assert!(
        calls
            .iter()
            .any(|call| matches!(call, Call::Ring(toast) if toast.key == ToastKey::Reservation(id(250))))
    );
}

#[test]
fn a_single_one_too_many_gets_its_own_toast_a_moment_later() {
    let mut bench = Bench::live(3);
    for (number, seq) in (1..=4).zip(4..) {
        bench.change(created(number, seq));
    }
    assert_eq!(bench.ring_all().len(), 3);
    later(&mut bench, seconds(2));
    let toasts = bench.ring_all();
    assert_eq!(toasts.len(), 1);
    assert_eq!(toasts[0].key, ToastKey::Reservation(id(4)));
}

#[test]
fn what_a_pause_kept_quiet_is_one_digest_when_it_ends() {
    for ends_by_hand in [false, true] {
        let mut bench = Bench::live(3);
        bench.obey(DeskRequest::Pause(PauseFor::Minutes(15)));
        assert_eq!(
            bench.shell.screen().bell.paused_until,
            Some(crate::samples::now() + seconds(900))
        );
        for (number, seq) in (1..=4).zip(4..) {
            bench.change(created(number, seq));
        }
        // Handled meanwhile, called off meanwhile: nobody has to be told.
        bench.change(answered(&reservation(1, 4), 8, Status::Booked));
        bench.change(called_off(&reservation(2, 5), 9));
        later(&mut bench, seconds(899));
        assert_eq!(bodies(&mut bench), Vec::<String>::new());
        assert_eq!(sounds(&bench.shell.take()), 0);
        if ends_by_hand {
            bench.obey(DeskRequest::Pause(PauseFor::Over));
        } else {
            later(&mut bench, seconds(1));
        }
        let calls = bench.shell.calls();
        assert_eq!(sounds(&calls), 1, "the digest is heard");
        assert_eq!(bodies(&mut bench), ["알림을 쉬는 동안 예약 2건, 미처리 2건"]);
        assert_eq!(bench.shell.screen().bell.paused_until, None);
        let decided = bench.desk.ledger.as_ref().unwrap();
        assert_eq!(decided.cursor().unwrap().seq.0, 9, "nothing stays undecided");
        assert!(decided.has_rung(id(3)) && decided.has_rung(id(4)));
        assert!(!decided.has_rung(id(1)) && !decided.has_rung(id(2)));
    }
}

#[test]
fn a_lone_one_kept_quiet_has_its_own_toast_and_its_newest_time() {
    let mut bench = Bench::live(3);
    bench.obey(DeskRequest::Pause(PauseFor::Minutes(15)));
    bench.change(created(1, 4));
    bench.change(rescheduled(&reservation(1, 4), 5));
    later(&mut bench, seconds(900));
    let toasts = bench.ring_all();
    assert_eq!(toasts[0].title, "새 예약 · 한빛의원");
    assert_eq!(toasts[0].body, "김**스 님 · 11월 23일(월) 10:30 ~ 11:00");
}

#[test]
fn a_cancellation_in_a_pause_takes_the_toast_down_at_once_and_is_told_after_it() {
    let mut bench = Bench::live(3);
    bench.change(created(1, 4));
    bench.ring_all();
    bench.obey(DeskRequest::Pause(PauseFor::Minutes(15)));
    bench.change(called_off(&reservation(1, 4), 5));
    let calls = bench.shell.take();
    assert!(calls.contains(&Call::Withdraw(ToastKey::Reservation(id(1)))));
    later(&mut bench, seconds(900));
    let calls = bench.shell.calls();
    let toasts = bench.ring_all();
    assert_eq!((toasts.len(), sounds(&calls)), (1, 0));
    assert_eq!(toasts[0].title, "예약 취소 · 한빛의원");
}

#[test]
fn a_pause_until_tomorrow_ends_at_the_hospitals_midnight() {
    let mut bench = Bench::live(3);
    bench.obey(DeskRequest::Pause(PauseFor::UntilTomorrow));
    bench.change(created(1, 4));
    later(&mut bench, Duration::from_hours(13) - seconds(1));
    assert_eq!(bench.ring_all().len(), 0);
    assert_eq!(bench.desk.next_wait(), seconds(1), "the desk wakes for it");
    later(&mut bench, seconds(1));
    assert_eq!(bench.ring_all().len(), 1);
}

#[test]
fn a_crash_in_a_pause_loses_nothing_and_the_desk_rings_again() {
    let mut bench = Bench::live(3);
    bench.obey(DeskRequest::Pause(PauseFor::UntilTomorrow));
    bench.change(created(1, 4));
    bench.change(created(2, 5));
    let mut bench = bench.crash();
    let cursor = bench.desk.inbox.cursor().unwrap().seq.0;
    assert_eq!(cursor, 3, "nothing was decided");
    bench.welcome(5, Replay::Cursor);
    bench.change(created(1, 4));
    bench.change(created(2, 5));
    bench.caught_up(5);
    assert_eq!(bodies(&mut bench), ["자리 비운 사이 예약 2건, 미처리 2건"]);
}

#[test]
fn quiet_hours_keep_quiet_and_their_end_tells_it() {
    // Sunday night, and what was found after an absence in it.
    let mut bench = with_quiet("sun 20:00-08:00");
    assert!(!bench.shell.screen().bell.quiet_now);
    assert_eq!(
        bench.desk.next_wait(),
        Duration::from_hours(9),
        "the desk wakes at 20:00"
    );
    later(&mut bench, Duration::from_hours(9));
    assert!(bench.shell.screen().bell.quiet_now);
    bench.change(created(1, 4));
    let mut welcome = crate::samples::welcome(6, Replay::Cursor);
    welcome.now += Duration::from_hours(9);
    bench.hear(Update::Link(LinkUpdate::Welcomed(Box::new(welcome))));
    bench.change(created(2, 5));
    bench.change(created(3, 6));
    bench.caught_up(6);
    later(&mut bench, Duration::from_hours(12) - seconds(1));
    assert_eq!(bench.ring_all(), []);
    assert_eq!(
        sentences(&bench)[0],
        "조용한 시간이라 울리지 않았습니다. 끝나면 모아서 알립니다."
    );
    later(&mut bench, seconds(1));
    assert!(!bench.shell.screen().bell.quiet_now);
    assert_eq!(bodies(&mut bench), ["알림을 쉬는 동안 예약 3건, 미처리 3건"]);
    assert_eq!(sentences(&bench)[0], "예약 3건을 한 번에 알렸습니다.");
}

#[test]
fn what_was_claimed_in_quiet_hours_is_told_only_if_the_claim_runs_out() {
    let mut bench = with_quiet("sun");
    bench.change(created(1, 4));
    bench.change(claimed(&reservation(1, 4), 5));
    bench.obey(DeskRequest::SetNotifications(Notifications {
        sound: Some(Sound::Chime),
        volume: 30,
        repeats: true,
        quiet_hours: Vec::new(),
    }));
    assert_eq!(bench.ring_all(), [], "somebody looks after it");
    let expired = deskbell_protocol::event::ChangeKind::Released {
        reason: deskbell_protocol::event::ReleaseReason::Expired,
    };
    bench.change(crate::samples::changed(&reservation(1, 4), 6, expired, |_| {}));
    assert_eq!(
        bench
            .shell
            .calls()
            .iter()
            .filter(|call| **call == Call::Play(Sound::Chime, 30))
            .count(),
        1
    );
    assert_eq!(bench.ring_all().len(), 1);
}

#[test]
fn a_failed_toast_is_not_tried_again_in_a_pause() {
    let mut bench = Bench::live(3);
    bench.change(created(1, 4));
    let toast = bench.shell.take_toasts().remove(0);
    bench.rang(&toast, Err("no daemon".to_owned()));
    bench.obey(DeskRequest::Pause(PauseFor::Minutes(15)));
    later(&mut bench, seconds(60));
    assert_eq!(bench.ring_all(), []);
    assert!(bench.desk.next_wait() > seconds(60), "it sleeps until then");
    later(&mut bench, seconds(840));
    assert_eq!(bench.ring_all().len(), 1);
}

#[test]
fn a_locked_session_is_told_a_count_alone() {
    let mut bench = Bench::live(3);
    bench.obey(DeskRequest::SessionLocked(true));
    bench.change(created(1, 4));
    let toasts = bench.ring_all();
    assert_eq!(toasts[0].body, "예약 1건이 들어왔습니다.");
    assert_eq!(toasts[0].buttons, [], "and can be answered by nobody");
    bench.obey(DeskRequest::SessionLocked(false));
    bench.change(created(2, 5));
    assert_eq!(bodies(&mut bench), ["김**스 님 · 11월 22일(일) 10:30 ~ 11:00"]);
}

#[test]
fn sound_is_as_chosen_and_none_is_made_where_none_is_wanted() {
    for (sound, volume) in [(None, 70), (Some(Sound::Bell), 0)] {
        let mut bench = Bench::live(3);
        bench.obey(DeskRequest::SetNotifications(Notifications {
            sound,
            volume,
            repeats: true,
            quiet_hours: Vec::new(),
        }));
        bench.change(created(1, 4));
        bench.obey(DeskRequest::TestToast);
        assert_eq!(sounds(&bench.shell.calls()), 0);
        assert_eq!(bench.ring_all().len(), 2);
    }
    let mut bench = Bench::live(3);
    bench.obey(DeskRequest::TestToast);
    assert!(bench.shell.take().contains(&Call::Play(Sound::Bell, 70)));
}

#[test]
fn the_tray_pauses_says_so_and_resumes() {
    let mut bench = Bench::live(3);
    let entry = |bench: &Bench, label: &str| -> Option<TrayEntry> {
        bench.shell.tray().items.into_iter().find_map(|item| match item {
            TrayItem::Entry(entry) if entry.label == label => Some(entry),
            TrayItem::Entry(_) | TrayItem::Separator => None,
        })
    };
    let pause = entry(&bench, "알림 1시간 멈추기").unwrap().action.unwrap();
    bench.obey(pause.into());
    assert!(bench.shell.tray().tooltip.contains("알림 멈춤 · 12:00까지"));
    assert!(entry(&bench, "알림 멈춤 · 12:00까지").is_some());
    assert!(entry(&bench, "알림 1시간 멈추기").is_none());
    let resume = entry(&bench, "알림 다시 켜기").unwrap().action.unwrap();
    bench.obey(resume.into());
    assert!(!bench.shell.tray().tooltip.contains("알림 멈춤"));
}

#[test]
fn why_it_rang_or_did_not_is_on_the_screen() {
    let mut bench = Bench::live(3);
    bench.change(created(1, 4));
    bench.ring_all();
    bench.change(claimed(&reservation(1, 4), 5));
    bench.obey(DeskRequest::Pause(PauseFor::Minutes(15)));
    bench.change(created(2, 6));
    let recent = bench.shell.screen().bell.recent;
    let told: Vec<_> = recent
        .iter()
        .map(|verdict| (verdict.id, verdict.rang, verdict.sentence.as_str()))
        .collect();
    assert_eq!(
        told,
        [
            (
                Some(id(2)),
                false,
                "알림을 멈춘 동안이라 울리지 않았습니다. 다시 켜지면 모아서 알립니다."
            ),
            (Some(id(1)), true, "새 예약이라 울렸습니다."),
        ]
    );
    for number in 10..60 {
        bench.change(created(number, u64::from(number) - 3));
    }
    assert_eq!(bench.shell.screen().bell.recent.len(), 20);
}
