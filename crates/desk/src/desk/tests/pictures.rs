use deskbell_protocol::Status;
use deskbell_protocol::event::Replay;

use super::fake_shell::{Bench, Call, FakeShell};
use crate::desk::tasks::Done;
use crate::gateway::FetchError;
use crate::samples::{answered, claimed, created, id, rescheduled, reservation};
use crate::update::{LinkFault, LinkUpdate, Refusal, Update};
use crate::{
    DeskRequest, History, Language, Link, ToastKey, TrayAction, TrayEntry, TrayIcon, TrayItem, TrayMenu,
};

fn labels(menu: &TrayMenu) -> Vec<String> {
    menu.items
        .iter()
        .map(|item| match item {
            TrayItem::Separator => "-".to_owned(),
            TrayItem::Entry(entry) => entry.label.clone(),
        })
        .collect()
}

fn entry(menu: &TrayMenu, label: &str) -> TrayEntry {
    let found = |item: &TrayItem| match item {
        TrayItem::Entry(entry) if entry.label.contains(label) => Some(entry.clone()),
        TrayItem::Entry(_) | TrayItem::Separator => None,
    };
    menu.items.iter().find_map(found).unwrap()
}

fn later(number: u8, seq: u64, slot: &str) -> deskbell_protocol::Reservation {
    let mut reservation = reservation(number, seq);
    reservation.reservationtime = slot.parse().unwrap();
    reservation
}

#[test]
fn before_pairing_the_tray_asks_for_attention() {
    let bench = Bench::new();
    assert_eq!(bench.shell.screen().link, Link::Unpaired);
    let menu = bench.shell.tray();
    assert_eq!(menu.icon, TrayIcon::Attention);
    assert_eq!(menu.tooltip, "Deskbell · 아직 병원에 연결되지 않았습니다");
    assert_eq!(
        labels(&menu),
        [
            "아직 병원에 연결되지 않았습니다",
            "-",
            "열기",
            "-",
            "알림 15분 멈추기",
            "알림 1시간 멈추기",
            "알림 내일까지 멈추기",
            "-",
            "로그인할 때 자동 시작",
            "설정",
            "-",
            "종료"
        ]
    );
}

#[test]
fn the_tray_lists_whom_to_expect_next() {
    let mut bench = Bench::live(3);
    // It is 11:00 at the hospital.
    bench.snapshot(
        3,
        [
            later(1, 1, "10:30 ~ 11:00"),
            later(2, 2, "10:45 ~ 11:15"),
            later(3, 3, "14:00 ~ 14:30"),
            answered(&later(4, 1, "15:00 ~ 15:30"), 2, Status::Cancelled).reservation,
        ],
    );
    let menu = bench.shell.tray();
    assert_eq!(
        labels(&menu),
        [
            "서버에 연결됨",
            "미처리 예약 3건",
            "-",
            "열기",
            "-",
            "10:45 김**스 · 예약신청",
            "14:00 김**스 · 예약신청",
            "-",
            "알림 15분 멈추기",
            "알림 1시간 멈추기",
            "알림 내일까지 멈추기",
            "-",
            "로그인할 때 자동 시작",
            "설정",
            "-",
            "종료"
        ]
    );
    assert_eq!(
        entry(&menu, "14:00").action,
        Some(TrayAction::OpenReservation(id(3)))
    );
    assert_eq!(menu.tooltip, "한빛의원 · 서버에 연결됨 · 미처리 예약 3건");
}

#[test]
fn the_lists_stand_by_time_and_only_the_unhandled_of_other_days() {
    let mut bench = Bench::live(3);
    let moved = rescheduled(&reservation(3, 1), 2).reservation;
    let booked_elsewhere = answered(&rescheduled(&reservation(4, 1), 2).reservation, 3, Status::Booked);
    bench.snapshot(
        3,
        [
            later(1, 1, "14:00 ~ 14:30"),
            later(2, 2, "09:00 ~ 09:30"),
            moved,
            booked_elsewhere.reservation,
        ],
    );
    let screen = bench.shell.screen();
    let ids = |list: &[deskbell_protocol::Reservation]| list.iter().map(|r| r.id).collect::<Vec<_>>();
    assert_eq!(ids(&screen.day), [id(2), id(1)]);
    assert_eq!(ids(&screen.other_days), [id(3)]);
    assert_eq!(screen.today.unwrap().to_string(), "2026-11-22");
}

#[test]
fn nothing_is_drawn_that_did_not_change() {
    let mut bench = Bench::live(3);
    bench.shell.take();
    bench.desk.settle();
    bench.hear(Update::Link(LinkUpdate::Head(deskbell_protocol::event::Head {
        seq: deskbell_protocol::Seq(3),
        now: crate::samples::now(),
    })));
    assert_eq!(bench.shell.take(), []);
}

#[test]
fn an_outage_and_a_refusal_are_told_in_tray_and_window() {
    let mut bench = Bench::live(3);
    bench.hear(Update::Link(LinkUpdate::Lost(LinkFault::Unreachable)));
    let Link::Offline { since, reason } = bench.shell.screen().link else {
        panic!("an outage");
    };
    assert_eq!(since, crate::samples::now());
    assert!(reason.starts_with("서버에 연결할 수 없습니다"));
    assert_eq!(bench.shell.tray().icon, TrayIcon::Offline);
    assert_eq!(labels(&bench.shell.tray())[0], "서버 연결 끊김 · 11:00부터");
    assert_eq!(
        bench.shell.tray().tooltip,
        format!("한빛의원 · 서버 연결 끊김 · 11:00부터 · 미처리 예약 0건 · {reason}")
    );
    bench.hear(Update::Link(LinkUpdate::Refused(Refusal::SignedOut)));
    assert!(matches!(bench.shell.screen().link, Link::Refused { .. }));
    assert_eq!(bench.shell.tray().icon, TrayIcon::Attention);
}

#[test]
fn a_desk_is_live_only_with_its_lists() {
    let mut bench = Bench::new();
    bench.welcome(3, Replay::None);
    bench.caught_up(3);
    assert!(matches!(bench.shell.screen().link, Link::Connecting { .. }));
    bench.snapshot(3, []);
    assert_eq!(bench.shell.screen().link, Link::Live);
}

#[test]
fn a_click_opens_that_reservation_and_the_window_finds_it_there() {
    let mut bench = Bench::live(3);
    bench.change(created(1, 4));
    bench.ring_all();
    bench.obey(DeskRequest::Clicked(ToastKey::Reservation(id(1))));
    let calls = bench.shell.calls();
    let shown = calls.iter().position(|call| {
        matches!(call, Call::Show(screen) if screen.opened.as_ref().is_some_and(|opened| opened.id == id(1)))
    });
    let opened = calls.iter().position(|call| *call == Call::OpenWindow);
    assert!(shown.unwrap() < opened.unwrap());
    let screen = bench.shell.screen();
    let opened = screen.opened.unwrap();
    assert_eq!(opened.reservation.unwrap().id, id(1));
    assert_eq!(opened.history, History::Loading);
    bench.shell.lose_window();
    bench.obey(DeskRequest::WindowClosed);
    assert_eq!(bench.shell.screen().opened, None);
}

#[test]
fn a_click_while_the_old_window_goes_keeps_its_reservation_open() {
    let mut bench = Bench::live(3);
    bench.change(created(1, 4));
    bench.ring_all();
    bench.obey(DeskRequest::OpenWindow);
    bench.shell.lose_window();
    bench.obey(DeskRequest::Clicked(ToastKey::Reservation(id(1))));
    bench.obey(DeskRequest::WindowClosed);
    assert_eq!(bench.shell.screen().opened.unwrap().id, id(1));
}

#[test]
fn a_reservation_that_is_gone_says_so() {
    let mut bench = Bench::live(3);
    bench.obey(DeskRequest::OpenReservation(id(9)));
    bench.desk.details_came(id(9), Err(FetchError::NotFound));
    bench.desk.settle();
    let opened = bench.shell.screen().opened.unwrap();
    assert_eq!(opened.reservation, None);
    assert_eq!(
        opened.history,
        History::Failed("이 예약을 찾을 수 없습니다.".to_owned())
    );
}

#[test]
fn what_is_open_follows_what_happens() {
    let mut bench = Bench::live(3);
    bench.change(created(1, 4));
    bench.obey(DeskRequest::OpenReservation(id(1)));
    bench.change(claimed(&reservation(1, 4), 5));
    let opened = bench.shell.screen().opened.unwrap();
    assert!(opened.reservation.unwrap().claim.is_some());
}

#[test]
fn choices_count_at_once_and_outlive_the_app() {
    let mut bench = Bench::live(3);
    bench.obey(DeskRequest::SetLanguage(Language::En));
    bench.obey(DeskRequest::SetToastDetail(0));
    bench.obey(DeskRequest::SetAutostart(true));
    bench.obey(DeskRequest::SetLetterKeys(false));
    let screen = bench.shell.screen();
    assert_eq!(screen.language, Language::En);
    let shown = &screen.settings;
    assert_eq!(
        (shown.autostart, shown.toast_detail, shown.letter_keys),
        (true, 0, false)
    );
    assert_eq!(
        entry(&bench.shell.tray(), "login").action,
        Some(TrayAction::SetAutostart(false))
    );
    bench.change(created(1, 4));
    assert_eq!(bench.ring_all()[0].body, "1 booking came in.");
    let bench = bench.crash();
    assert_eq!(bench.shell.screen().language, Language::En);
    assert_eq!(bench.shell.screen().settings.toast_detail, 0);
    assert!(!bench.shell.screen().settings.letter_keys);
}

#[test]
fn an_autostart_that_the_system_refuses_is_a_warning() {
    let shell = FakeShell::that_refuses_autostart();
    let mut bench = Bench::with_shell(tempfile::tempdir().unwrap(), shell);
    bench.obey(DeskRequest::SetAutostart(true));
    assert!(!bench.shell.screen().settings.autostart);
    assert_eq!(bench.shell.screen().warnings.len(), 1);
}

#[test]
fn a_bad_settings_file_is_reported_and_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let config = super::fake_shell::folders(&folder).config;
    std::fs::create_dir_all(&config).unwrap();
    std::fs::write(config.join("settings.toml"), "language = \"fr\"").unwrap();
    let mut bench = Bench::in_folder(folder);
    assert_eq!(bench.shell.screen().warnings.len(), 1);
    bench.obey(DeskRequest::SetLanguage(Language::En));
    assert_eq!(
        bench.shell.screen().language,
        Language::En,
        "for as long as the app runs"
    );
    let text = std::fs::read_to_string(config.join("settings.toml")).unwrap();
    assert_eq!(text, "language = \"fr\"");
}

#[test]
fn at_the_hospitals_midnight_the_day_turns() {
    let mut bench = Bench::live(3);
    bench.change(created(1, 4));
    bench.clock.advance(std::time::Duration::from_hours(13));
    bench.desk.settle();
    let screen = bench.shell.screen();
    assert_eq!(screen.today.unwrap().to_string(), "2026-11-23");
    assert_eq!(screen.day.len(), 0);
    assert_eq!(
        screen.other_days.len(),
        1,
        "yesterday's, and nobody has handled it"
    );
    assert!(bench.desk.inbox.needs_lists(bench.desk.now()));
}

#[test]
fn the_loop_wakes_for_midnight_and_for_nothing_else() {
    let bench = Bench::live(3);
    assert_eq!(bench.desk.next_wait(), std::time::Duration::from_hours(13));
}

#[tokio::test]
async fn a_part_that_panics_is_a_warning_and_not_the_end() {
    let mut bench = Bench::live(3);
    bench
        .desk
        .spawn(crate::desk::tasks::Part::Lists, async { panic!("on purpose") });
    let ended = bench.desk.tasks.join_next_with_id().await.unwrap();
    bench.desk.finish(ended);
    bench.desk.settle();
    assert_eq!(bench.shell.screen().warnings.len(), 1);
    bench.change(created(1, 4));
    assert_eq!(bench.ring_all().len(), 1);
}

#[tokio::test]
async fn a_subscription_that_panics_is_an_outage_and_starts_again() {
    let mut bench = Bench::live(3);
    let task = bench.desk.spawn(crate::desk::tasks::Part::Subscription, async {
        panic!("on purpose");
        #[expect(unreachable_code, reason = "says what the task would have given")]
        Done::SubscriptionEnded
    });
    bench.desk.subscription_task = Some(task.id());
    let ended = bench.desk.tasks.join_next_with_id().await.unwrap();
    bench.desk.finish(ended);
    bench.desk.settle();
    let screen = bench.shell.screen();
    assert!(matches!(screen.link, Link::Offline { .. }));
    assert_eq!(screen.warnings.len(), 1);
    assert_eq!(bench.desk.next_wait(), std::time::Duration::from_secs(5));
    bench.clock.advance(std::time::Duration::from_secs(5));
    bench.desk.settle();
    assert_eq!(bench.desk.restart_at, None);
}
