use std::net::SocketAddr;

use rcgen::{CertificateParams, date_time_ymd};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use super::*;
use crate::Folders;
use crate::fake_gateway::{CODE, FakeGateway, Log, install_provider};
use crate::fake_tls::Authority;
use crate::pair;
use crate::samples::pc;

/// A PC with these settings, and what its shell sees.
struct Pc(tempfile::TempDir, Probes);

fn all_well() -> Probes {
    Probes {
        notifications: NotificationsProbe::Shown {
            by: "dunst 1.9.0".to_owned(),
        },
        tray: TrayProbe::There,
        autostart: AutostartProbe::Off,
    }
}

impl Pc {
    fn with(settings: &str) -> Self {
        let pc = Self(tempfile::tempdir().unwrap(), all_well());
        std::fs::create_dir_all(pc.folders().config).unwrap();
        std::fs::write(pc.folders().config.join("settings.toml"), settings).unwrap();
        pc
    }

    /// A PC whose reservations come from a Socket.IO server at `url`.
    fn listening_to(url: &str, more: &str) -> Self {
        Self::with(&format!(
            "language = \"ko\"\n[source]\nkind = \"socketio\"\nurl = \"{url}?key=hush\"\ntimezone = \"Asia/Seoul\"\n\
             auth = {{ token = \"hush\" }}\n{more}"
        ))
    }

    fn folders(&self) -> Folders {
        pc(&self.0).folders
    }

    fn config(&self) -> DeskConfig {
        DeskConfig {
            version: "1.2.3".to_owned(),
            ..pc(&self.0)
        }
    }

    async fn examine(&self) -> DoctorReport {
        install_provider();
        let report = doctor(&self.config(), &self.1).await;
        assert!(!format!("{report}{}", report.json()).contains("hush"), "{report}");
        report
    }
}

/// The step of the way that failed, its code, and how many steps of the way stand behind it.
fn failure(report: &DoctorReport) -> (Step, &'static str, usize) {
    let at = report
        .findings()
        .iter()
        .position(|finding| finding.outcome == Outcome::Failed)
        .unwrap();
    let finding = &report.findings()[at];
    let later: Vec<_> = report.findings()[at + 1..]
        .iter()
        .filter(|finding| finding.step <= Step::Transport)
        .collect();
    assert!(later.iter().all(|finding| finding.outcome == Outcome::Skipped));
    assert!(!finding.message.is_empty());
    (finding.step, finding.code.unwrap(), later.len())
}

/// A server that gives `answer` to whatever is asked.
async fn answering(answer: &str) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let answer = answer.to_owned();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut request = [0; 4096];
            // A client that gives up early is as good.
            let _ = stream.read(&mut request).await;
            let _ = stream.write_all(answer.as_bytes()).await;
        }
    });
    address
}

async fn examine_answer(answer: &str) -> DoctorReport {
    let address = answering(answer).await;
    Pc::listening_to(&format!("http://{address}/"), "")
        .examine()
        .await
}

/// A PC that trusts the issuer of the certificate of the server that it talks to.
async fn examine_certificate(certificate: CertificateParams) -> DoctorReport {
    let authority = Authority::new();
    let plain = answering("HTTP/1.1 503 Service Unavailable\r\ncontent-length: 0\r\n\r\n").await;
    let port = authority.before(plain, &certificate).await.port();
    let ca_file = authority.file();
    let network = format!(
        "[network]\nproxy = \"none\"\nca_file = {:?}\n",
        ca_file.path().display().to_string()
    );
    Pc::listening_to(&format!("https://localhost:{port}/"), &network)
        .examine()
        .await
}

fn for_localhost() -> CertificateParams {
    CertificateParams::new(vec!["localhost".to_owned()]).unwrap()
}

#[tokio::test]
async fn a_paired_desk_is_well() {
    install_provider();
    let gateway = FakeGateway::start(&Log::new()).await;
    let pc = Pc::with("language = \"en\"\n");
    pair(&pc.config(), gateway.url().as_str(), CODE).await.unwrap();
    let report = pc.examine().await;
    assert!(report.is_ok(), "{report}");
    let steps: Vec<_> = report
        .findings()
        .iter()
        .map(|finding| finding.step.as_str())
        .collect();
    assert_eq!(
        steps,
        [
            "settings",
            "server",
            "name",
            "connection",
            "tls",
            "answer",
            "socket",
            "admission",
            "transport",
            "notifications",
            "tray",
            "autostart",
            "credentials"
        ]
    );
    assert!(
        report
            .to_string()
            .contains("[ok] Connection kind: WebSocket\n[ok] Notifications: dunst 1.9.0\n[ok] Tray icon\n")
    );
}

#[tokio::test]
async fn looking_decides_nothing_and_uses_nothing_up() {
    install_provider();
    let log = Log::new();
    log.post(1);
    let gateway = FakeGateway::start(&log).await;
    let pc = Pc::with("");
    pair(&pc.config(), gateway.url().as_str(), CODE).await.unwrap();
    let files = || {
        let mut files: Vec<_> = std::fs::read_dir(pc.folders().data)
            .unwrap()
            .map(|file| std::fs::read(file.unwrap().path()).unwrap())
            .collect();
        files.sort();
        files
    };
    let before = files();
    assert!(pc.examine().await.is_ok());
    assert_eq!((log.shown(), files()), (None, before));
}

#[tokio::test]
async fn a_desk_that_was_signed_out_stops_at_the_admission() {
    install_provider();
    let log = Log::new();
    let gateway = FakeGateway::start(&log).await;
    let pc = Pc::with("");
    pair(&pc.config(), gateway.url().as_str(), CODE).await.unwrap();
    log.revoke();
    assert_eq!(failure(&pc.examine().await), (Step::Admission, "signed_out", 1));
}

#[tokio::test]
async fn a_desk_that_is_not_paired_stops_at_the_server() {
    assert_eq!(
        failure(&Pc::with("").examine().await),
        (Step::Server, "not_paired", 0)
    );
}

#[tokio::test]
async fn settings_that_are_wrong_are_named() {
    let report = Pc::with("language = \"ko\"\n[source]\nkind = \"socketio\"\nurl = \"x y\"\n")
        .examine()
        .await;
    assert_eq!(failure(&report), (Step::Settings, "settings", 0));
    assert!(report.to_string().contains("source."), "{report}");
    let report = Pc::listening_to("https://localhost:1/", "[network]\nca_file = \"/nowhere.pem\"\n")
        .examine()
        .await;
    assert_eq!(failure(&report), (Step::Server, "ca_file", 0));
}

#[tokio::test]
async fn a_file_that_cannot_be_read_is_named_with_its_place_and_keeps_a_paired_desk_from_nothing() {
    install_provider();
    let gateway = FakeGateway::start(&Log::new()).await;
    let pc = Pc::with("");
    pair(&pc.config(), gateway.url().as_str(), CODE).await.unwrap();
    let file = pc.folders().config.join("settings.toml");
    std::fs::write(&file, "language = ").unwrap();
    let report = pc.examine().await;
    let outcomes: Vec<_> = report.findings().iter().map(|finding| finding.outcome).collect();
    assert_eq!(outcomes[0], Outcome::Failed);
    assert!(!outcomes[1..].contains(&Outcome::Failed), "{report}");
    assert!(
        report.findings()[0].message.contains(&file.display().to_string()),
        "{report}"
    );
    // Nobody knows what a file says that cannot be read: not even that no desk is paired.
    let report = Pc::with("language = ").examine().await;
    assert_eq!(failure(&report), (Step::Settings, "settings", 0));
}

#[tokio::test]
async fn nobody_at_the_address_stops_at_the_connection() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let report = Pc::listening_to(&format!("http://{address}/"), "")
        .examine()
        .await;
    assert_eq!(failure(&report), (Step::Connection, "unreachable", 5));
}

#[tokio::test]
async fn a_web_page_a_login_and_a_busy_server_stop_at_the_answer() {
    let page = "HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncontent-length: 15\r\n\r\n<html>no</html>";
    let login = "HTTP/1.1 302 Found\r\nlocation: http://login.example/\r\ncontent-length: 0\r\n\r\n";
    let busy = "HTTP/1.1 503 Service Unavailable\r\ncontent-length: 0\r\n\r\n";
    for (answer, code) in [(page, "web_page"), (login, "login_page"), (busy, "busy")] {
        assert_eq!(failure(&examine_answer(answer).await), (Step::Answer, code, 3));
    }
}

#[tokio::test]
async fn each_fault_of_a_certificate_stops_at_the_encryption_by_its_name() {
    let mut expired = for_localhost();
    expired.not_before = date_time_ymd(2020, 1, 1);
    expired.not_after = date_time_ymd(2021, 1, 1);
    let mut early = for_localhost();
    early.not_before = date_time_ymd(2900, 1, 1);
    early.not_after = date_time_ymd(2901, 1, 1);
    let elsewhere = CertificateParams::new(vec!["bell.example".to_owned()]).unwrap();
    for (certificate, code) in [
        (expired, "certificate_expired"),
        (early, "certificate_not_yet_valid"),
        (elsewhere, "certificate_wrong_host"),
    ] {
        assert_eq!(
            failure(&examine_certificate(certificate).await),
            (Step::Tls, code, 4)
        );
    }
}

#[tokio::test]
async fn a_proxy_is_blamed_for_what_it_does_and_no_more() {
    let away = TcpListener::bind("127.0.0.1:0")
        .await
        .unwrap()
        .local_addr()
        .unwrap();
    let login = answering("HTTP/1.1 407 Proxy Authentication Required\r\ncontent-length: 0\r\n\r\n").await;
    let blocks = answering("HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\n\r\n").await;
    let in_vain = answering("HTTP/1.1 502 Bad Gateway\r\ncontent-length: 0\r\n\r\n").await;
    for (proxy, code) in [
        (away, "proxy_unreachable"),
        (login, "proxy_login"),
        (blocks, "proxy_refuses"),
        (in_vain, "proxy_refuses"),
    ] {
        let network = format!("[network]\nproxy = \"http://{proxy}\"\n");
        let report = Pc::listening_to("https://bell.hospital.example/", &network)
            .examine()
            .await;
        assert_eq!(failure(&report), (Step::Connection, code, 5));
        // What it answers does not tell whether it may not or cannot.
        let server_too = report.to_string().contains("예약 서버가 꺼져");
        assert_eq!(server_too, code == "proxy_refuses", "{report}");
    }
}

#[tokio::test]
async fn a_certificate_of_the_ca_file_is_trusted() {
    let report = examine_certificate(for_localhost()).await;
    assert_eq!(failure(&report), (Step::Answer, "busy", 3));
}

#[tokio::test]
async fn a_server_that_speaks_no_tls_stops_at_the_encryption() {
    let address = answering("HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n").await;
    let url = format!("https://localhost:{}/", address.port());
    let report = Pc::listening_to(&url, "[network]\nproxy = \"none\"\n")
        .examine()
        .await;
    assert_eq!(failure(&report), (Step::Tls, "no_tls", 4));
}

#[test]
fn the_report_for_programs_is_as_documented() {
    let mut report = DoctorReport::new("1.2.3", Language::En);
    report.pass(Step::Settings, "/home/desk/.config/deskbell/settings.toml");
    report.pass(Step::Server, "https://bell.example/");
    report.reached(Step::Tls, true);
    let fault = LinkFault::Certificate(deskbell_socketio::client::CertificateFault::Expired);
    report.fail(Step::Tls, fault.code(), Language::En.link_fault(fault));
    report.here(&Probes {
        notifications: NotificationsProbe::HeldBack {
            by: "dunst 1.9.0".to_owned(),
        },
        tray: TrayProbe::Missing,
        autostart: AutostartProbe::Off,
    });
    report.pass(Step::Credentials, Language::En.kept_in_a_file());
    assert_eq!(report.json().trim(), include_str!("golden.json").trim());
}

#[tokio::test]
async fn what_the_shell_sees_is_told_beside_the_way_to_the_server() {
    let well = || Pc::with("language = \"en\"\n");
    let outcomes = |report: &DoctorReport| -> Vec<_> {
        let here = |finding: &&Finding| finding.step > Step::Transport;
        let told = |finding: &Finding| (finding.step, finding.outcome, finding.code);
        report.findings().iter().filter(here).map(told).collect()
    };
    assert_eq!(
        outcomes(&well().examine().await),
        [
            (Step::Notifications, Outcome::Ok, None),
            (Step::Tray, Outcome::Ok, None),
            (Step::Autostart, Outcome::Ok, None),
            (Step::Credentials, Outcome::Skipped, None),
        ]
    );
    let mut ill = well();
    ill.1 = Probes {
        notifications: NotificationsProbe::Nobody,
        tray: TrayProbe::Missing,
        autostart: AutostartProbe::Elsewhere,
    };
    let report = ill.examine().await;
    assert_eq!(
        outcomes(&report)[..3],
        [
            (Step::Notifications, Outcome::Failed, Some("nobody")),
            (Step::Tray, Outcome::Failed, Some("no_tray")),
            (Step::Autostart, Outcome::Failed, Some("elsewhere")),
        ]
    );
    let mut from_afar = well();
    from_afar.1 = Probes {
        notifications: NotificationsProbe::Unasked(Unasked::NoSession),
        tray: TrayProbe::Unasked(Unasked::NoSession),
        autostart: AutostartProbe::OwnHome,
    };
    let report = from_afar.examine().await;
    assert!(
        outcomes(&report)[..3]
            .iter()
            .all(|(_, outcome, _)| *outcome == Outcome::Skipped)
    );
    assert!(
        report
            .findings()
            .iter()
            .all(|finding| finding.outcome != Outcome::Failed || !finding.message.is_empty())
    );
}

#[test]
fn every_fault_has_a_step_and_a_code() {
    let codes: std::collections::BTreeSet<_> = LinkFault::ALL.map(LinkFault::code).into();
    assert_eq!(codes.len(), LinkFault::ALL.len());
    for fault in LinkFault::ALL {
        assert!(Step::of(fault) != Step::Settings);
    }
}
