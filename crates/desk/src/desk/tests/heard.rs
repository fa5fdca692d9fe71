//! A source that keeps no log: a hospital's own Socket.IO server.

use std::time::Duration;

use deskbell_clock::OsEntropy;
use deskbell_protocol::{Form, NewReservation};

use super::fake_shell::{Bench, folders};
use crate::heard::{Heard, HeardKey};
use crate::samples::now;
use crate::update::{LinkFault, LinkUpdate, Listening, Update};
use crate::{DeskRequest, History, Link, ToastKey, TrayIcon, TrayItem};

const SETTINGS: &str = "language = \"ko\"\n[source]\nkind = \"socketio\"\nurl = \"https://bell.example/?key=hush\"\n\
                        timezone = \"Asia/Seoul\"\nauth = { token = \"hush\" }\n";

fn fields(name: &str, date: &str) -> NewReservation {
    let mut form = Form::default();
    for (field, value) in [
        ("relationship", "본인"),
        ("name", name),
        ("phone", "010-1111-1111"),
        ("reservationdate", date),
        ("reservationtime", "14:00 ~ 14:30"),
    ] {
        form.take(field, || value.to_owned());
    }
    form.check().unwrap()
}

impl Bench {
    /// A desk with a source that tells nobody anything yet: the test does.
    fn with_settings(text: &str) -> Self {
        crate::fake_gateway::install_provider();
        let folder = tempfile::tempdir().unwrap();
        let config = folders(&folder).config;
        std::fs::create_dir_all(&config).unwrap();
        crate::disk::replace(&config.join("settings.toml"), text.as_bytes()).unwrap();
        Self::in_folder(folder)
    }

    fn key(&self) -> HeardKey {
        HeardKey::of(&folders(&self.folder), &OsEntropy, now()).0
    }

    fn listen(&mut self) {
        let source = deskbell_protocol::HospitalId::new(now(), &[9; 10]);
        self.hear(Update::Link(LinkUpdate::Listening(Listening {
            source,
            timezone: "Asia/Seoul".to_owned(),
        })));
    }

    fn listening() -> Self {
        let mut bench = Self::with_settings(SETTINGS);
        bench.listen();
        bench
    }

    fn heard(&mut self, name: &str, date: &str) -> ToastKey {
        let fields = fields(name, date);
        let id = self.key().id(&fields);
        self.hear(Update::Heard(Box::new(Heard { id, fields })));
        ToastKey::Reservation(id)
    }

    fn tray_lines(&self) -> Vec<String> {
        let label = |item: TrayItem| match item {
            TrayItem::Entry(entry) => Some(entry.label),
            TrayItem::Separator => None,
        };
        self.shell.tray().items.into_iter().filter_map(label).collect()
    }
}

#[tokio::test]
async fn what_is_heard_rings_once_and_is_listed_and_opens_without_a_history() {
    let mut bench = Bench::listening();
    let key = bench.heard("김크리스", "2026-11-22");
    bench.heard("김크리스", "2026-11-22");
    let toasts = bench.ring_all();
    assert_eq!(toasts.len(), 1);
    assert_eq!(
        (toasts[0].title.as_str(), toasts[0].body.as_str()),
        ("새 예약", "김**스 님 · 11월 22일(일) 14:00 ~ 14:30")
    );
    assert_eq!(bench.shell.tray().icon, TrayIcon::Ringing(1));
    assert_eq!(
        bench.tray_lines(),
        [
            "서버에 연결됨",
            "받은 예약 1건",
            "열기",
            "14:00 김**스",
            "알림 15분 멈추기",
            "알림 1시간 멈추기",
            "알림 내일까지 멈추기",
            "로그인할 때 자동 시작",
            "설정",
            "종료"
        ]
    );
    bench.obey(DeskRequest::Clicked(key));
    let screen = bench.shell.screen();
    assert_eq!(screen.link, Link::Live);
    assert_eq!((screen.day.len(), screen.listening_since), (1, Some(now())));
    let opened = screen.opened.unwrap();
    assert_eq!(opened.reservation.unwrap().name.as_str(), "김크리스");
    assert_eq!(opened.history, History::NotKept);
    assert_eq!(bench.shell.tray().icon, TrayIcon::Quiet, "somebody has looked");
}

#[tokio::test]
async fn the_screen_offers_only_what_the_source_can_do() {
    let bench = Bench::listening();
    let screen = bench.shell.screen();
    let can = screen.abilities;
    assert!(!can.status && !can.history && !can.replay && !can.pairing);
    let place = screen.place.unwrap();
    assert_eq!(
        (place.server.as_str(), place.paired),
        ("https://bell.example/", None)
    );
    assert!(!format!("{:?}", bench.shell.calls()).contains("hush"));
}

#[tokio::test]
async fn a_repeat_after_a_restart_is_listed_and_does_not_ring() {
    let mut bench = Bench::listening();
    bench.heard("김크리스", "2026-11-22");
    bench.ring_all();
    let mut bench = bench.crash();
    bench.listen();
    bench.heard("김크리스", "2026-11-22");
    assert_eq!(bench.ring_all(), []);
    assert_eq!(bench.shell.screen().day.len(), 1);
    bench.heard("이서연", "2026-11-22");
    assert_eq!(bench.ring_all().len(), 1);
}

#[tokio::test]
async fn a_toast_that_was_not_shown_before_a_crash_rings_when_it_is_heard_again() {
    let mut bench = Bench::listening();
    bench.heard("김크리스", "2026-11-22");
    let mut bench = bench.crash();
    bench.listen();
    bench.heard("김크리스", "2026-11-22");
    assert_eq!(bench.ring_all().len(), 1);
}

#[tokio::test]
async fn nothing_of_a_patient_is_on_the_disk() {
    let mut bench = Bench::listening();
    bench.heard("김크리스", "2026-11-22");
    bench.ring_all();
    let data = folders(&bench.folder).data;
    let files: Vec<_> = std::fs::read_dir(&data)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    assert!(
        files.iter().any(|file| file.ends_with("ledger.json")),
        "{files:?}"
    );
    for file in files {
        let text = String::from_utf8_lossy(&std::fs::read(&file).unwrap()).into_owned();
        for field in ["김크리스", "010-1111-1111", "2026-11-22", "14:00"] {
            assert!(!text.contains(field), "{field} in {}", file.display());
        }
    }
}

#[tokio::test]
async fn an_outage_is_told_once_it_is_over_and_until_the_day_turns() {
    let mut bench = Bench::listening();
    bench.hear(Update::Link(LinkUpdate::Lost(LinkFault::Cut)));
    bench.clock.advance(Duration::from_mins(7));
    bench.listen();
    let screen = bench.shell.screen();
    assert_eq!(
        screen.warnings,
        [
            "7분 동안 끊겨 있었습니다(11:00~11:07). 그 사이의 예약은 이 서버가 다시 보내지 않습니다. 예약 시스템에서 확인해 주세요."
        ]
    );
    assert_eq!(screen.listening_since, Some(now()), "the list still begins there");
    bench.clock.advance(Duration::from_hours(13));
    bench.desk.settle();
    assert_eq!(bench.shell.screen().warnings, Vec::<String>::new());
}

#[tokio::test]
async fn a_server_away_at_the_start_is_no_gap_in_what_was_listened_to() {
    let mut bench = Bench::with_settings(SETTINGS);
    bench.hear(Update::Link(LinkUpdate::Lost(LinkFault::Unreachable)));
    bench.clock.advance(Duration::from_mins(7));
    bench.listen();
    assert_eq!(bench.shell.screen().warnings, Vec::<String>::new());
    assert_eq!(
        bench.shell.screen().listening_since,
        Some(now() + Duration::from_mins(7))
    );
}

#[tokio::test]
async fn what_cannot_be_read_is_counted_and_calls_until_somebody_looks() {
    let mut bench = Bench::listening();
    bench.hear(Update::Unfit(vec!["phone"]));
    bench.hear(Update::Unfit(vec![]));
    assert_eq!(bench.shell.tray().icon, TrayIcon::Attention);
    assert_eq!(
        bench.shell.screen().warnings,
        [
            "형식이 맞지 않아 표시하지 못한 예약이 2건 있습니다(마지막 11:00 · phone). 예약 시스템에서 확인하고 전산 담당자에게 알려 주세요."
        ]
    );
    bench.obey(DeskRequest::OpenWindow);
    assert_eq!(bench.shell.tray().icon, TrayIcon::Quiet);
    assert_eq!(bench.shell.screen().warnings.len(), 1);
}

#[tokio::test]
async fn what_is_over_leaves_the_list_when_the_day_turns() {
    let mut bench = Bench::listening();
    bench.heard("김크리스", "2026-11-22");
    bench.heard("이서연", "2023-03-30");
    bench.heard("박민준", "2026-11-24");
    bench.ring_all();
    assert_eq!(
        bench.shell.screen().other_days.len(),
        2,
        "a day that is over is told of too"
    );
    bench.clock.advance(Duration::from_hours(13));
    bench.desk.settle();
    let screen = bench.shell.screen();
    assert_eq!((screen.day.len(), screen.other_days.len()), (0, 1));
}

#[tokio::test]
async fn a_reservation_of_another_run_says_that_it_is_not_kept() {
    let mut bench = Bench::listening();
    bench.obey(DeskRequest::OpenReservation(crate::samples::id(7)));
    let opened = bench.shell.screen().opened.unwrap();
    assert!(matches!(opened.history, History::Failed(why) if why.contains("남아 있지 않습니다")));
}

#[tokio::test]
async fn another_source_starts_with_nothing_of_the_one_before() {
    let mut bench = Bench::listening();
    bench.heard("김크리스", "2026-11-22");
    bench.ring_all();
    let file = folders(&bench.folder).config.join("settings.toml");
    std::fs::write(&file, SETTINGS.replace("bell.example", "other.example")).unwrap();
    bench.desk.read_folders();
    bench.desk.settle();
    let screen = bench.shell.screen();
    assert_eq!((screen.day.len(), screen.listening_since), (0, None));
    assert!(matches!(screen.link, Link::Connecting { .. }));
}

#[tokio::test]
async fn a_source_that_is_wrong_is_told_by_its_settings_name() {
    let bench = Bench::with_settings(
        "[source]\nkind = \"socketio\"\nurl = \"http://10.0.0.5\"\ntimezone = \"Asia/Seoul\"\n",
    );
    let Link::Refused { reason } = bench.shell.screen().link else {
        panic!("nothing can be done without a person");
    };
    assert!(reason.contains("source.url"), "{reason}");
    assert_eq!(bench.shell.screen().warnings, Vec::<String>::new(), "said once");
}

#[tokio::test]
async fn a_ca_file_that_is_of_no_use_is_told_by_its_settings_name() {
    let text = format!("{SETTINGS}[network]\nca_file = \"/nowhere/hospital.pem\"\n");
    let bench = Bench::with_settings(&text);
    let Link::Refused { reason } = bench.shell.screen().link else {
        panic!("nothing can be done without a person");
    };
    assert!(reason.contains("network.ca_file"), "{reason}");
}

#[tokio::test]
async fn a_gateways_token_that_is_left_from_before_is_told_to_nobody() {
    let mut bench = Bench::listening();
    bench.heard("김크리스", "2026-11-22");
    let token = folders(&bench.folder).data.join("token");
    std::fs::write(token, "secret").unwrap();
    bench.desk.read_folders();
    bench.obey(DeskRequest::OpenReservation(crate::samples::id(7)));
    assert_eq!(bench.desk.token, None);
    let parts: Vec<_> = bench.desk.parts.values().collect();
    assert_eq!(
        parts,
        [&crate::desk::tasks::Part::Subscription],
        "nothing is asked"
    );
    assert_eq!(bench.shell.screen().day.len(), 1, "nothing is begun anew");
}

#[tokio::test]
async fn what_was_slept_through_counts_from_when_the_server_was_heard_last() {
    let mut bench = Bench::listening();
    bench.clock.advance(Duration::from_hours(2));
    bench.hear(Update::Link(LinkUpdate::Unheard(Duration::from_mins(90))));
    bench.hear(Update::Link(LinkUpdate::Lost(LinkFault::Cut)));
    bench.hear(Update::Link(LinkUpdate::Refused(
        crate::update::Refusal::AuthRefused,
    )));
    bench.clock.advance(Duration::from_mins(5));
    bench.hear(Update::Link(LinkUpdate::Trying(
        "https://bell.example".parse().unwrap(),
    )));
    bench.listen();
    let warnings = bench.shell.screen().warnings;
    assert!(
        warnings[0].starts_with("1시간 35분 동안 끊겨 있었습니다(11:30~13:05)."),
        "{warnings:?}"
    );
}

impl Bench {
    fn settings_file(&self) -> std::path::PathBuf {
        folders(&self.folder).config.join("settings.toml")
    }

    /// Somebody has written this into the settings.
    fn rewrite(&mut self, text: &str) {
        std::fs::write(self.settings_file(), text).unwrap();
        self.desk.read_folders();
        self.desk.settle();
    }

    /// What the server itself is called, with the key of this PC.
    fn listen_to_source(&mut self) {
        let crate::source::Source::SocketIo(source) = self.desk.settings.source.clone() else {
            panic!("no server is listened to");
        };
        self.hear(Update::Link(LinkUpdate::Listening(Listening {
            source: self.key().source(&source),
            timezone: source.timezone.clone(),
        })));
    }
}

#[tokio::test]
async fn another_password_of_the_same_server_forgets_nothing() {
    let mut bench = Bench::with_settings(SETTINGS);
    bench.listen_to_source();
    bench.heard("김크리스", "2026-11-22");
    bench.ring_all();
    bench.heard("이서연", "2026-11-22");
    let waits = bench.shell.take_toasts();
    bench.rang(&waits[0], Err("no daemon".to_owned()));
    bench.rewrite(&SETTINGS.replace("token = \"hush\"", "token = \"hush-hush\""));
    assert_eq!(bench.shell.screen().day.len(), 2);
    assert!(
        matches!(bench.shell.screen().link, Link::Connecting { .. }),
        "it is told at once"
    );
    bench.clock.advance(Duration::from_secs(10));
    bench.listen_to_source();
    assert_eq!(bench.shell.screen().day.len(), 2);
    assert_eq!(bench.ring_all().len(), 1, "the one that waited");
    assert_eq!(bench.shell.screen().warnings.len(), 1, "the outage is told");
}

#[tokio::test]
async fn the_mistake_that_is_told_is_the_one_that_is_there() {
    let mut bench = Bench::with_settings("[source]\nkind = \"socketio\"\ntimezone = \"Asia/Seoul\"\n");
    bench.rewrite("[source]\nkind = \"socketio\"\nurl = \"https://bell.example\"\n");
    let Link::Refused { reason } = bench.shell.screen().link else {
        panic!("nothing can be done without a person");
    };
    assert!(reason.contains("source.timezone"), "{reason}");
    assert_eq!(bench.shell.screen().warnings, Vec::<String>::new(), "said once");
}

#[tokio::test]
async fn a_file_that_cannot_be_read_at_the_start_leaves_nobody_to_talk_to() {
    let bench = Bench::with_settings("[source\nkind = \"socketio\"\n");
    let screen = bench.shell.screen();
    assert!(
        matches!(&screen.link, Link::Refused { reason } if reason.contains("settings.toml")),
        "{:?}",
        screen.link
    );
    assert!(!screen.abilities.pairing, "a pairing could not be written down");
    assert_eq!(screen.warnings, Vec::<String>::new(), "said once");
}

#[tokio::test]
async fn a_gateway_of_before_does_not_stand_in_for_a_source_that_cannot_be_read() {
    let bench = Bench::listening();
    let data = folders(&bench.folder).data;
    std::fs::write(data.join("token"), "secret").unwrap();
    let welcome = crate::samples::welcome(1, deskbell_protocol::event::Replay::None);
    let whose = crate::pairing::Whose {
        hospital: welcome.hospital,
        desk: welcome.desk,
        servers: vec!["https://gateway.example".parse().unwrap()],
    };
    crate::pairing::PlaceFile::new(&folders(&bench.folder))
        .keep(&whose)
        .unwrap();
    let bench = bench.crash();
    assert!(matches!(bench.shell.screen().link, Link::Connecting { .. }));
    std::fs::write(bench.settings_file(), "[source\n").unwrap();
    let bench = bench.crash();
    assert!(
        matches!(bench.shell.screen().link, Link::Refused { .. }),
        "{:?}",
        bench.shell.screen().link
    );
    assert!(bench.desk.subscription.is_none());
}

#[tokio::test]
async fn an_unwritable_key_is_the_same_until_the_app_ends() {
    let mut bench = Bench::with_settings(SETTINGS);
    let data = folders(&bench.folder).data;
    std::fs::remove_file(data.join("source-key")).unwrap();
    // A folder where the file should be: it can be neither read nor replaced.
    std::fs::create_dir(data.join("source-key")).unwrap();
    let one = bench.desk.heard_key().id(&fields("김크리스", "2026-11-22"));
    let other = bench.desk.heard_key().id(&fields("김크리스", "2026-11-22"));
    assert_eq!(one, other);
}

#[tokio::test]
async fn what_comes_first_on_a_new_day_is_of_that_day() {
    let mut bench = Bench::listening();
    bench.clock.advance(Duration::from_hours(24));
    bench.hear(Update::Unfit(vec!["phone"]));
    assert_eq!(bench.shell.screen().warnings.len(), 1);
    assert_eq!(bench.shell.tray().icon, TrayIcon::Attention);
}

#[tokio::test]
async fn a_summary_claims_no_status() {
    let mut bench = Bench::listening();
    for name in ["김크리스", "이서연"] {
        bench.heard(name, "2026-11-22");
    }
    for toast in bench.shell.take_toasts() {
        bench.rang(&toast, Err("no daemon".to_owned()));
    }
    bench.clock.advance(Duration::from_mins(1));
    bench.desk.settle();
    let toasts = bench.ring_all();
    assert_eq!(toasts.len(), 1);
    assert_eq!(toasts[0].body, "그동안 예약 2건");
}

#[tokio::test]
async fn a_ca_file_that_comes_later_is_found() {
    let folder = tempfile::tempdir().unwrap();
    let ca_file = folder.path().join("hospital.pem");
    let network = format!(
        "{SETTINGS}[network]\nca_file = {:?}\n",
        ca_file.display().to_string()
    );
    let mut bench = Bench::with_settings(&network);
    assert!(matches!(bench.shell.screen().link, Link::Refused { .. }));
    std::fs::copy(crate::fake_tls::Authority::new().file().path(), &ca_file).unwrap();
    bench.clock.advance(Duration::from_mins(5));
    bench.desk.settle();
    assert!(bench.desk.subscription.is_some(), "it is tried again by itself");
}

#[tokio::test]
async fn an_editor_that_is_still_writing_changes_nothing() {
    let mut bench = Bench::listening();
    bench.heard("김크리스", "2026-11-22");
    bench.ring_all();
    std::fs::write(bench.settings_file(), "").unwrap();
    bench.desk.folders_changed();
    bench.desk.settle();
    assert_eq!(
        bench.shell.screen().day.len(),
        1,
        "the file is empty while it is being written"
    );
    std::fs::write(bench.settings_file(), SETTINGS.replace("\"ko\"", "\"en\"")).unwrap();
    bench.clock.advance(Duration::from_secs(1));
    bench.desk.settle();
    let screen = bench.shell.screen();
    assert_eq!((screen.day.len(), screen.language), (1, crate::Language::En));
}

#[tokio::test]
async fn where_the_pcs_clock_counts_its_day_is_taken_up_within_a_minute_of_being_set() {
    let mut bench = Bench::listening();
    assert!(bench.desk.next_wait() <= Duration::from_secs(60));
    bench.clock.set_wall(now() + Duration::from_secs(24 * 3_600));
    bench.desk.settle();
    assert_eq!(bench.shell.screen().today, Some(jiff::civil::date(2026, 11, 23)));
}
