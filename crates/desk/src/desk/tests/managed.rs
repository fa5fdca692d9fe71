//! An administrator's decisions, and a PC that becomes a desk by itself.

use std::sync::Arc;
use std::time::Duration;

use deskbell_clock::FakeClock;
use tempfile::TempDir;

use super::fake_shell::{Bench, FakeShell, folders};
use super::unlock::{next, unplug, until};
use super::wire::App;
use crate::credentials::TokenFile;
use crate::fake_credentials::{FakeCredentials, Mood};
use crate::fake_gateway::{CODE, FakeGateway, Log, install_provider, url_of};
use crate::samples::pc;
use crate::{DeskConfig, DeskRequest, ErrorCode, Language, Link, Managed, TrayItem, pair};

fn decide(folder: &TempDir, policy: &str) {
    std::fs::write(folder.path().join("policy.toml"), policy).unwrap();
}

fn settings(folder: &TempDir, settings: &str) {
    let config = folders(folder).config;
    std::fs::create_dir_all(&config).unwrap();
    std::fs::write(config.join("settings.toml"), settings).unwrap();
}

fn is_desk(folder: &TempDir) -> bool {
    TokenFile::new(&folders(folder)).read().unwrap().is_some()
}

#[test]
fn what_is_managed_is_shown_and_not_changed() {
    let folder = tempfile::tempdir().unwrap();
    decide(&folder, "toast_detail_max = 1\nautostart = true\n");
    settings(&folder, "toast_detail = 3\n");
    let mut bench = Bench::in_folder(folder);
    let screen = bench.shell.screen();
    assert_eq!(screen.managed, [Managed::ToastDetail, Managed::Autostart]);
    assert_eq!(screen.settings.toast_detail, 1);
    assert!(screen.settings.autostart, "it is switched on at the start");
    bench.obey(DeskRequest::SetAutostart(false));
    bench.obey(DeskRequest::SetToastDetail(3));
    let screen = bench.shell.screen();
    assert!(screen.settings.autostart);
    assert_eq!(screen.settings.toast_detail, 1);
    bench.obey(DeskRequest::SetToastDetail(0));
    assert_eq!(bench.shell.screen().settings.toast_detail, 0);
    let tray = bench.shell.tray();
    let autostart = tray.items.iter().find_map(|item| match item {
        TrayItem::Entry(entry) if entry.label == Language::Ko.autostart() => Some(entry.clone()),
        _ => None,
    });
    assert!(!autostart.unwrap().enabled);
}

#[test]
fn quiet_hours_of_the_policy_stand_and_a_persons_own_are_kept_for_later() {
    let folder = tempfile::tempdir().unwrap();
    decide(&folder, "quiet_hours = [\"sun\"]\n");
    settings(&folder, "[notifications]\nquiet = [\"sat\"]\n");
    let mut bench = Bench::in_folder(folder);
    let shown = bench.shell.screen().settings.notifications;
    assert_eq!(shown.quiet_hours.len(), 1);
    assert_eq!(bench.shell.screen().managed, [Managed::QuietHours]);
    bench.obey(DeskRequest::SetNotifications(crate::Notifications {
        volume: 11,
        quiet_hours: Vec::new(),
        ..shown
    }));
    let now = bench.shell.screen().settings.notifications;
    assert_eq!((now.volume, now.quiet_hours), (11, shown.quiet_hours));
    let file = folders(&bench.folder).config.join("settings.toml");
    let text = std::fs::read_to_string(file).unwrap();
    assert!(text.contains("\"sat\"") && !text.contains("sun"), "{text}");
}

#[test]
fn what_is_wrong_in_the_policy_is_a_warning_and_the_bell_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    decide(&folder, "toast_detail_max = 9\nautostart = true\n");
    let mut bench = Bench::in_folder(folder);
    let screen = bench.shell.screen();
    assert_eq!(screen.managed, [Managed::Autostart]);
    assert!(screen.warnings[0].contains("toast_detail_max"), "{screen:?}");
    decide(&bench.folder, "autostart = ");
    bench.desk.read_folders();
    bench.desk.settle();
    let screen = bench.shell.screen();
    assert_eq!(screen.managed, [Managed::Autostart], "the one before counts");
    assert!(screen.warnings[0].contains("읽을 수 없어"), "{screen:?}");
    decide(&bench.folder, "");
    bench.desk.read_folders();
    bench.desk.settle();
    assert_eq!(bench.shell.screen().managed, []);
    assert_eq!(bench.shell.screen().warnings, [""; 0]);
}

#[tokio::test]
async fn a_pc_is_paired_only_with_the_servers_of_its_policy() {
    let gateway = FakeGateway::start(&Log::new()).await;
    let folder = tempfile::tempdir().unwrap();
    decide(&folder, "servers = [\"https://bell.example.kr\"]\n");
    let refused = pair(&pc(&folder), gateway.url().as_str(), CODE).await;
    assert_eq!(refused.unwrap_err().code, ErrorCode::Managed);
    assert!(!is_desk(&folder));
    decide(&folder, &format!("servers = [\"{}\"]\n", gateway.url()));
    pair(&pc(&folder), gateway.url().as_str(), CODE).await.unwrap();
    assert!(is_desk(&folder));
}

#[tokio::test]
async fn plain_http_to_another_machine_needs_the_administrator() {
    let folder = tempfile::tempdir().unwrap();
    let try_it = async || {
        pair(&pc(&folder), "http://192.0.2.1:9", "")
            .await
            .unwrap_err()
            .code
    };
    assert_eq!(try_it().await, ErrorCode::PlainHttp);
    decide(&folder, "allow_plain_http = true\n");
    assert_eq!(try_it().await, ErrorCode::CodeRefused, "the address is taken");
}

#[tokio::test]
async fn a_policy_that_changes_is_followed_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let app = App::start(&folder);
    app.until("unpaired", |shell| {
        shell.sees(|screen| screen.link == Link::Unpaired)
    })
    .await;
    decide(&folder, "toast_detail_max = 1\n");
    app.until("the ceiling", |shell| {
        shell.sees(|screen| screen.managed == [Managed::ToastDetail])
    })
    .await;
    app.quit().await;
}

/// The policy of a PC that is to become a desk of `gateway`.
fn enrolling(gateway: &FakeGateway, key: &str) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    decide(
        &folder,
        &format!("servers = [\"{}\"]\nenrolment_key = \"{key}\"\n", gateway.url()),
    );
    folder
}

#[tokio::test]
async fn a_pc_becomes_a_desk_by_itself_under_its_own_name() {
    let log = Log::new();
    let gateway = FakeGateway::start(&log).await;
    let folder = enrolling(&gateway, CODE);
    let app = App::start(&folder);
    app.is_live().await;
    assert!(is_desk(&folder));
    assert_eq!(log.asked_name().as_deref(), Some("RECEPTION-1"));
    app.quit().await;
    let app = App::start(&folder);
    app.is_live().await;
    assert_eq!(log.pairings(), 1, "once");
    app.quit().await;
}

#[tokio::test]
async fn a_key_that_is_refused_is_told_and_tried_again_later_and_a_new_one_at_once() {
    install_provider();
    let log = Log::new();
    let gateway = FakeGateway::start(&log).await;
    let folder = enrolling(&gateway, "wrong");
    let mut bench = Bench::in_folder(folder);
    until(&mut bench, |bench| {
        matches!(bench.shell.screen().link, Link::Refused { .. })
    })
    .await;
    let Link::Refused { reason } = bench.shell.screen().link else {
        unreachable!()
    };
    assert!(reason.contains("등록 키"));
    assert_eq!(bench.shell.tray().icon, crate::TrayIcon::Attention);
    assert!(bench.desk.next_wait() <= Duration::from_mins(30));
    assert_eq!(bench.desk.tasks.len(), 0, "not before");
    decide(
        &bench.folder,
        &format!("servers = [\"{}\"]\nenrolment_key = \"{CODE}\"\n", gateway.url()),
    );
    bench.desk.read_folders();
    bench.desk.settle();
    until(&mut bench, |bench| bench.desk.token.is_some()).await;
    assert!(is_desk(&bench.folder));
}

#[tokio::test]
async fn a_gateway_that_is_away_is_tried_until_it_is_there() {
    let log = Log::new();
    let gateway = FakeGateway::start(&log).await;
    let (folder, address) = (enrolling(&gateway, CODE), gateway.address);
    gateway.stop().await;
    let mut bench = Bench::in_folder(folder);
    next(&mut bench).await;
    assert!(matches!(bench.shell.screen().link, Link::Offline { .. }));
    assert_eq!(bench.desk.tasks.len(), 0);
    let _gateway = FakeGateway::start_at(&log, address).await;
    bench.clock.advance(Duration::from_mins(1));
    bench.desk.settle();
    until(&mut bench, |bench| bench.desk.token.is_some()).await;
}

#[tokio::test]
async fn who_signs_out_is_not_brought_back_by_the_same_key() {
    let log = Log::new();
    let gateway = FakeGateway::start(&log).await;
    let folder = enrolling(&gateway, CODE);
    let app = App::start(&folder);
    app.is_live().await;
    app.send(DeskRequest::SignOut);
    app.until("unpaired", |shell| {
        shell.sees(|screen| screen.link == Link::Unpaired)
    })
    .await;
    app.quit().await;
    let mut bench = Bench::in_folder(folder);
    bench.clock.advance(Duration::from_hours(1));
    bench.desk.settle();
    assert_eq!(bench.desk.tasks.len(), 0);
    assert_eq!(bench.shell.screen().link, Link::Unpaired);
    let mark = std::fs::read(folders(&bench.folder).data.join("signed-out")).unwrap();
    assert!(!String::from_utf8_lossy(&mark).contains(CODE));
    // By a new key, or by hand.
    decide(
        &bench.folder,
        &format!("servers = [\"{}\"]\nenrolment_key = \"wrong\"\n", gateway.url()),
    );
    bench.desk.read_folders();
    bench.desk.settle();
    assert_eq!(bench.desk.tasks.len(), 1);
}

#[tokio::test]
async fn a_desk_whose_token_cannot_be_had_is_not_enrolled_anew() {
    install_provider();
    let log = Log::new();
    let gateway = FakeGateway::start(&log).await;
    let credentials = FakeCredentials::in_mood(Mood::Open);
    let folder = enrolling(&gateway, CODE);
    let config = DeskConfig {
        clock: Arc::new(FakeClock::at(crate::samples::now())),
        credentials: Arc::new(credentials.clone()),
        ..pc(&folder)
    };
    pair(&config, gateway.url().as_str(), CODE).await.unwrap();
    for broken in [Mood::Locked, Mood::Open] {
        credentials.set_mood(broken);
        credentials.clear();
        let shell = FakeShell::default();
        let copy = tempfile::tempdir().unwrap();
        super::fake_shell::copy_all(folder.path(), copy.path());
        let mut bench = Bench::with(copy, shell, Arc::new(credentials.clone()));
        next(&mut bench).await;
        unplug(&mut bench);
        assert_eq!(bench.desk.tasks.len(), 0, "{broken:?}");
    }
    assert_eq!(log.pairings(), 1);
    let _ = url_of(gateway.address);
}

#[cfg(unix)]
#[test]
fn a_secret_in_settings_that_others_can_read_is_a_warning() {
    use std::os::unix::fs::PermissionsExt;
    install_provider();
    let folder = tempfile::tempdir().unwrap();
    let source = "[source]\nkind = \"socketio\"\nurl = \"http://127.0.0.1:9\"\ntimezone = \"Asia/Seoul\"\n";
    let open = |text: &str, mode: u32| {
        let folder = tempfile::tempdir().unwrap();
        settings(&folder, text);
        let file = folders(&folder).config.join("settings.toml");
        std::fs::set_permissions(&file, std::fs::Permissions::from_mode(mode)).unwrap();
        let file = crate::settings::SettingsFile::new(&folders(&folder));
        let source = file.load().0.source;
        source.has_secret() && file.is_open_to_others()
    };
    drop(folder);
    assert!(!open(source, 0o644));
    let secret = format!("{source}auth = {{ token = \"hush\" }}\n");
    assert!(open(&secret, 0o644));
    assert!(!open(&secret, 0o600));
}
