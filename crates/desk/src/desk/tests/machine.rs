//! Sleep, clocks, trays, and the doctor in the window.

use std::time::Duration;

use deskbell_clock::Clock;
use deskbell_protocol::event::Replay;
use jiff::ToSpan;
use jiff::civil::date;
use tokio::sync::oneshot;

use super::fake_shell::{Bench, Call, FakeShell};
use super::wire::App;
use crate::samples::{created, id, now, welcome};
use crate::update::{LinkFault, LinkUpdate, Update};
use crate::{DeskRequest, Outcome, Step, ToastKey};

const HOUR: Duration = Duration::from_secs(3_600);

/// Whether the window says that there is no tray.
fn warned(shell: &FakeShell) -> bool {
    shell.sees(|screen| {
        screen
            .warnings
            .iter()
            .any(|warning| warning.contains("트레이가 없어"))
    })
}

fn opened(shell: &FakeShell) -> usize {
    shell
        .take()
        .iter()
        .filter(|call| **call == Call::OpenWindow)
        .count()
}

#[test]
fn without_a_tray_the_window_shows_and_says_so_until_there_is_one() {
    let mut bench = Bench::live(3);
    bench.shell.take();
    bench.obey(DeskRequest::TrayHost(false));
    assert_eq!((opened(&bench.shell), warned(&bench.shell)), (0, false));
    bench.clock.advance(Duration::from_secs(5));
    bench.desk.settle();
    assert_eq!((opened(&bench.shell), warned(&bench.shell)), (1, true));
    // Whoever closes it has read it.
    bench.shell.lose_window();
    bench.obey(DeskRequest::WindowClosed);
    bench.obey(DeskRequest::TrayHost(false));
    bench.clock.advance(HOUR);
    bench.desk.settle();
    assert_eq!((opened(&bench.shell), warned(&bench.shell)), (0, true));
    bench.obey(DeskRequest::TrayHost(true));
    assert!(!warned(&bench.shell));
}

#[test]
fn a_tray_that_comes_a_little_late_opens_nothing() {
    let mut bench = Bench::live(3);
    bench.shell.take();
    bench.obey(DeskRequest::TrayHost(false));
    bench.clock.advance(Duration::from_secs(4));
    bench.obey(DeskRequest::TrayHost(true));
    bench.clock.advance(HOUR);
    bench.desk.settle();
    assert_eq!((opened(&bench.shell), warned(&bench.shell)), (0, false));
}

#[test]
fn the_settings_that_the_tray_was_asked_for_wait_for_a_page_that_still_loads() {
    let mut bench = Bench::live(3);
    bench.obey(DeskRequest::OpenSettings);
    assert!(opened(&bench.shell) == 1 && bench.shell.screen().on_settings);
    bench.obey(DeskRequest::CloseSettings);
    assert!(!bench.shell.screen().on_settings);
    bench.obey(DeskRequest::OpenSettings);
    bench.shell.lose_window();
    bench.obey(DeskRequest::WindowClosed);
    assert!(!bench.shell.screen().on_settings);
}

#[test]
fn at_the_hospital_it_is_as_late_as_before_when_somebody_sets_the_pcs_clock() {
    let mut bench = Bench::live(3);
    let mut days = 0;
    for set in [30, -60, 40] {
        bench
            .clock
            .set_wall(bench.clock.now() + (24 * i64::from(set)).hours());
        bench.desk.settle();
        days += set;
        assert_eq!(bench.shell.screen().minutes_ahead, -days * 24 * 60);
        assert_eq!(bench.shell.screen().today, Some(date(2026, 11, 22)));
        // And time goes on.
        bench.clock.advance(Duration::from_secs(1));
        bench.desk.settle();
        assert_eq!(bench.shell.screen().today, Some(date(2026, 11, 22)));
    }
    // It is past 11:00 in Seoul.
    bench.clock.set_wall(now() - 48.hours());
    bench.desk.settle();
    bench.clock.advance(13 * HOUR);
    bench.desk.settle();
    assert_eq!(bench.shell.screen().today, Some(date(2026, 11, 23)));
}

#[test]
fn an_outage_began_when_it_began_whatever_the_pcs_clock_says_since() {
    let mut bench = Bench::live(3);
    bench.hear(Update::Link(LinkUpdate::Lost(LinkFault::Cut)));
    let told = bench.shell.tray().tooltip;
    assert!(told.contains("11:00부터"), "{told}");
    bench.clock.set_wall(now() + 5.hours());
    bench.desk.settle();
    assert_eq!(bench.shell.tray().tooltip, told);
}

#[test]
fn what_came_in_three_hours_of_sleep_is_one_digest() {
    let mut bench = Bench::live(3);
    bench.clock.sleep(3 * HOUR);
    bench.obey(DeskRequest::Woke);
    bench.hear(Update::Link(LinkUpdate::Lost(LinkFault::Silent)));
    bench.welcome(8, Replay::Cursor);
    for (number, seq) in (1..=5).zip(4..) {
        bench.change(created(number, seq));
    }
    bench.caught_up(8);
    let toasts = bench.ring_all();
    let keys: Vec<_> = toasts.iter().map(|toast| toast.key).collect();
    assert_eq!(keys, [ToastKey::Digest]);
    // Waking once more, as networks make a PC do, rings nothing more and opens nothing.
    bench.shell.take();
    bench.obey(DeskRequest::Woke);
    assert_eq!(bench.shell.take(), []);
    bench.change(created(6, 9));
    let rung: Vec<_> = bench.ring_all().iter().map(|toast| toast.key).collect();
    assert_eq!(rung, [ToastKey::Reservation(id(6))]);
}

#[test]
fn the_day_turns_during_sleep_and_is_seen_on_waking() {
    let mut bench = Bench::live(3);
    bench.clock.sleep(14 * HOUR);
    bench.obey(DeskRequest::Woke);
    assert_eq!(bench.shell.screen().today, Some(date(2026, 11, 23)));
}

/// A desk of a hospital in `zone` that is welcomed at `server_time`.
fn in_zone(zone: &str, server_time: &str) -> Bench {
    let mut bench = Bench::new();
    let mut welcome = welcome(3, Replay::None);
    welcome.hospital.timezone = zone.to_owned();
    welcome.now = server_time.parse().unwrap();
    bench.hear(Update::Link(LinkUpdate::Welcomed(Box::new(welcome))));
    bench.caught_up(3);
    bench
}

#[test]
fn the_desk_wakes_at_the_end_of_a_day_with_a_change_of_the_clock() {
    for (midnight, hours) in [("2026-10-24T22:00:00Z", 25), ("2027-03-27T23:00:00Z", 23)] {
        let mut bench = in_zone("Europe/Berlin", midnight);
        let today = bench.shell.screen().today.unwrap();
        let mut slept = Duration::ZERO;
        while bench.shell.screen().today == Some(today) {
            let wait = bench.desk.next_wait();
            slept += wait;
            bench.clock.advance(wait);
            bench.desk.settle();
        }
        assert_eq!(
            (slept, bench.shell.screen().today),
            (hours * HOUR, today.tomorrow().ok())
        );
    }
}

/// What a desk of a hospital in Seoul shows around its midnight, with the PC in whatever zone `TZ` says.
#[test]
#[ignore = "a part of at_the_hospital_it_is_the_same_day_whatever_the_pcs_zone"]
#[expect(
    clippy::print_stdout,
    reason = "what the test that started this process reads"
)]
fn around_midnight_in_seoul() {
    let mut bench = in_zone("Asia/Seoul", "2026-11-22T14:59:30Z");
    bench.hear(Update::Link(LinkUpdate::Lost(LinkFault::Cut)));
    for _ in 0..2 {
        let (today, tooltip) = (bench.shell.screen().today, bench.shell.tray().tooltip);
        println!("shows {today:?} {tooltip:?} {:?}", bench.desk.next_wait());
        bench.clock.advance(Duration::from_secs(30));
        bench.desk.settle();
    }
}

/// A process has one zone for its life, so each zone has a process.
#[test]
fn at_the_hospital_it_is_the_same_day_whatever_the_pcs_zone() {
    let shows = ["Asia/Seoul", "America/New_York", "Pacific/Kiritimati"].map(|zone| {
        let output = std::process::Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "desk::tests::machine::around_midnight_in_seoul"])
            .args(["--ignored", "--nocapture"])
            .env("TZ", zone)
            .output()
            .unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        let lines: Vec<_> = text
            .lines()
            .filter_map(|line| line.split_once("shows "))
            .collect();
        lines
            .into_iter()
            .map(|(_, shown)| shown.to_owned())
            .collect::<Vec<_>>()
    });
    assert_eq!(shows[0].len(), 2, "{shows:?}");
    assert!(
        shows[0][0].contains("2026-11-22") && shows[0][1].contains("2026-11-23"),
        "{shows:?}"
    );
    assert!(shows.iter().all(|shown| *shown == shows[0]), "{shows:?}");
}

#[tokio::test]
async fn the_window_is_told_what_the_doctor_finds() {
    let folder = tempfile::tempdir().unwrap();
    let app = App::start(&folder);
    let (reply, report) = oneshot::channel();
    app.send(DeskRequest::Doctor { reply });
    let report = report.await.unwrap();
    let found = report
        .findings()
        .iter()
        .find(|finding| finding.step == Step::Notifications)
        .unwrap();
    assert_eq!((found.outcome, found.code), (Outcome::Failed, Some("nobody")));
    assert!(!report.is_ok());
    app.quit().await;
}
