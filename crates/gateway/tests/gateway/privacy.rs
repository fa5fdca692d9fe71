//! What is dropped is gone: what nobody may keep goes every way into the gateway, by every endpoint, both namespaces and
//! beside the commands, and then everything the gateway wrote anywhere is searched for it.

use std::io::ErrorKind;
use std::path::Path;

use deskbell_protocol::Status;
use deskbell_protocol::http::{Paired, ReservationList, ShortReservation};
use deskbell_socketio::client::Transports;
#[cfg(unix)]
use deskbell_throwaway_postgres::Postgres;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::listener::{Listener, http};
use crate::pages::Page;
use crate::program::{Place, Serving};

/// What may be sent on, and be in the database; but in no log.
const KEPT: [(&str, &str); 5] = [
    ("relationship", "큰이모부"),
    ("name", "김크리스"),
    ("phone", "010-7364-2981"),
    ("reservationdate", "2099-03-30"),
    ("reservationtime", "10:37 ~ 11:08"),
];

/// What nobody may find anywhere.
const DROPPED: [(&str, &str); 4] = [
    ("contents", "진구야 공부 잘하고 있지?"),
    ("idnumber", "960625-1357913"),
    ("proxyName", "대리인홍길순"),
    ("address", "광주광역시 북구 비엔날레로 162(용봉동) 우리집 아니야"),
];

/// The ways in which a value may have been written.
fn spellings(value: &str) -> Vec<Vec<u8>> {
    let urlencoded: String = form_urlencoded::byte_serialize(value.as_bytes()).collect();
    let percent = urlencoded.replace('+', "%20");
    let escaped: String = value
        .chars()
        .map(|c| {
            if c.is_ascii() {
                c.to_string()
            } else {
                format!("\\u{:04x}", u32::from(c))
            }
        })
        .collect();
    let rust = format!("{value:?}").trim_matches('"').to_owned();
    let utf16 = value.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let texts = [
        value.to_owned(),
        urlencoded.to_lowercase(),
        urlencoded,
        percent,
        escaped,
        rust,
    ];
    texts.into_iter().map(String::into_bytes).chain([utf16]).collect()
}

/// Bytes as a text of as many letters: the standard library searches texts fast, and bytes not at all.
fn letters(bytes: &[u8]) -> String {
    bytes.iter().copied().map(char::from).collect()
}

/// Whether `value` is in what [`letters`] made, in any spelling.
fn holds(letters_of: &str, value: &str) -> bool {
    spellings(value)
        .iter()
        .any(|spelling| letters_of.contains(&letters(spelling)))
}

/// Everything in every file below a folder, for [`holds`].
fn everything_in(folder: &Path) -> String {
    let mut text = String::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let entry = entry.unwrap();
        let kind = entry.file_type().unwrap();
        if kind.is_dir() {
            text += &everything_in(&entry.path());
        }
        if !kind.is_file() {
            continue;
        }
        match std::fs::read(entry.path()) {
            Ok(mut bytes) => {
                // A database's files are made larger than they need to be.
                bytes.dedup_by(|next, byte| (*next, *byte) == (0, 0));
                text += &letters(&bytes);
            }
            // A database takes files away while it works.
            Err(error) if error.kind() == ErrorKind::NotFound => {}
            Err(error) => panic!("{}: {error}", entry.path().display()),
        }
    }
    text
}

fn pairs() -> Vec<(&'static str, &'static str)> {
    KEPT.into_iter().chain(DROPPED).collect()
}

fn urlencoded(pairs: &[(&str, &str)]) -> String {
    form_urlencoded::Serializer::new(String::new())
        .extend_pairs(pairs)
        .finish()
}

const FORM: &str = "application/x-www-form-urlencoded";
const JSON: &str = "application/json";

/// `body`, with what is to be dropped beside it.
fn beside(body: Value) -> String {
    let mut body = body.as_object().unwrap().clone();
    body.extend(DROPPED.map(|(name, value)| (name.to_owned(), json!(value))));
    serde_json::to_string(&body).unwrap()
}

/// Sends requests, and keeps what is answered.
struct Wire<'a> {
    gateway: &'a Serving,
    http: reqwest::Client,
    /// Heads and bodies.
    answers: String,
    /// Of the bodies, those that are problems.
    problems: String,
}

impl Wire<'_> {
    /// Sends a request that must be answered with `status`, for the answer's body.
    async fn send(
        &mut self,
        method: &str,
        path: &str,
        token: &str,
        content_type: &str,
        body: String,
        status: u16,
    ) -> String {
        let request = self
            .http
            .request(method.parse().unwrap(), self.gateway.url(path))
            .bearer_auth(token)
            .header("content-type", content_type)
            // What a site calls its request may give a patient away too.
            .header("idempotency-key", format!("{}{path}{content_type}", DROPPED[1].1));
        let answer = request.body(body).send().await.unwrap();
        assert_eq!(answer.status(), status, "{method} {path} {content_type}");
        let head = format!("{:?}\n", answer.headers());
        let body = answer.text().await.unwrap();
        if head.contains("problem+json") {
            self.problems += &head;
            self.problems += &body;
        }
        self.answers += &head;
        self.answers += &body;
        body
    }

    /// Sends JSON.
    async fn json(&mut self, method: &str, path: &str, token: &str, body: String, status: u16) -> String {
        self.send(method, path, token, JSON, body, status).await
    }

    /// Sends what is no HTTP, for as long as anybody listens.
    async fn babble(&mut self, bytes: &str) {
        let mut stream = TcpStream::connect(&self.gateway.address).await.unwrap();
        stream.write_all(bytes.as_bytes()).await.unwrap();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).await.unwrap();
        assert!(answer.starts_with(b"HTTP/1.1 4"));
        self.answers += &String::from_utf8(answer).unwrap();
    }
}

/// Sends the form by every way there is, rightly and wrongly.
async fn send_everywhere(wire: &mut Wire<'_>, key: &str) {
    let with = |field: &str, value: &'static str| -> Vec<_> {
        let changed = |(name, seed)| {
            if name == field {
                (name, value)
            } else {
                (name, seed)
            }
        };
        pairs().into_iter().map(changed).collect()
    };
    let whole = beside(
        KEPT.map(|(name, value)| (name.to_owned(), json!(value)))
            .into_iter()
            .collect(),
    );
    let broken = whole[..whole.len() - 1].to_owned();
    let twice = format!("{},\"name\":{}", broken, json!(DROPPED[1].1)) + "}";
    let seed = urlencoded(&pairs());
    let huge = format!("{seed}&more={}", "x".repeat(20_000));
    let number = urlencoded(&with("name", "김 960625-1357913"));
    let reservations = "/v1/reservations";
    for (path, content_type, body, status) in [
        (reservations, FORM, seed.clone(), 201),
        (reservations, FORM, seed.clone(), 200),
        (reservations, FORM, urlencoded(&with("relationship", "본인")), 409),
        (reservations, JSON, whole.clone(), 201),
        (reservations, FORM, urlencoded(&with("phone", "none")), 422),
        (reservations, FORM, number.clone(), 422),
        (reservations, JSON, broken, 400),
        (reservations, JSON, twice, 400),
        (reservations, JSON, seed.clone(), 400),
        (reservations, FORM, whole.clone(), 422),
        (reservations, "text/plain", seed.clone(), 415),
        (reservations, FORM, huge, 413),
        ("/v1/desks", JSON, whole.clone(), 400),
        ("/book/haneul", FORM, seed.clone(), 200),
        ("/book/haneul", FORM, urlencoded(&with("phone", "none")), 422),
        ("/book/haneul", FORM, number, 422),
        ("/book/haneul?lang=en", JSON, whole, 415),
        (&*format!("/{}", urlencoded(&DROPPED)), FORM, seed, 404),
    ] {
        wire.send("POST", path, key, content_type, body, status).await;
    }
}

/// Asks for everything, rightly and wrongly.
async fn ask_everywhere(wire: &mut Wire<'_>, desk: &str) {
    let number = DROPPED[1].1;
    for (path, token, status) in [
        ("/v1/reservations?status=pending", desk, 200),
        ("/v1/reservations?date=2099-03-30", desk, 200),
        ("/v1/reservations?received_since=2020-01-01T00:00:00Z", desk, 200),
        (&*format!("/v1/reservations?date={number}"), desk, 400),
        (&*format!("/v1/reservations/{number}"), desk, 404),
        ("/v1/reservations?status=pending", number, 401),
        (&*format!("/book/{number}"), desk, 404),
        ("/book/haneul", desk, 200),
        ("/book/watch.js", desk, 200),
        ("/openapi.json", desk, 200),
        ("/healthz", desk, 200),
        ("/readyz", desk, 200),
        ("/metrics", desk, 200),
    ] {
        wire.json("GET", path, token, beside(json!({})), status).await;
    }
    wire.json(number, "/healthz", desk, beside(json!({})), 405).await;
    wire.babble(&format!("GET /healthz HTTP/1.1\r\n{number} is no header\r\n\r\n"))
        .await;
    let long = number.repeat(2_000);
    wire.babble(&format!("GET /healthz HTTP/1.1\r\nhost: x\r\nx: {long}\r\n\r\n"))
        .await;
}

/// Changes the reservation `one` by every way there is, rightly and wrongly, until it is cancelled.
async fn change_everywhere(wire: &mut Wire<'_>, one: &str, key: &str, other_key: &str, desk: &str) {
    let number = DROPPED[1].1;
    let time = KEPT[4].1;
    let [claim, status, undo] = ["claim", "status", "undo"].map(|what| format!("{one}/{what}"));
    let to = |status: &str, version: u64| json!({ "status": status, "if_version": version });
    let moved = json!({ "reservationdate": KEPT[3].1, "reservationtime": "10:38 ~ 11:09" });
    for (method, path, token, body, answer) in [
        ("GET", one, desk, json!({}), 200),
        ("GET", one, other_key, json!({}), 404),
        ("PATCH", one, other_key, moved.clone(), 404),
        ("PATCH", one, desk, moved.clone(), 401),
        ("PATCH", one, key, moved, 200),
        (
            "PATCH",
            one,
            key,
            json!({ "reservationtime": time, "status": "cancelled" }),
            422,
        ),
        ("PATCH", one, key, json!({ "reservationtime": number }), 422),
        ("PATCH", one, key, json!({ "status": number }), 422),
        ("POST", &claim, desk, json!({ "staff": "이수진" }), 200),
        ("DELETE", &claim, desk, json!({}), 200),
        ("DELETE", &claim, desk, json!({}), 409),
        ("POST", &claim, desk, json!({ "staff": "이수진" }), 200),
        ("POST", &claim, desk, json!({ "staff": number }), 422),
        ("PUT", &status, desk, to("booked", 2), 200),
        ("PUT", &status, desk, to("booked", 2), 409),
        ("PUT", &status, desk, to("waitlist", 3), 422),
        ("PUT", &status, desk, to(number, 3), 422),
        ("PUT", &status, desk, json!({ "status": 1 }), 400),
        ("POST", &undo, desk, json!({ "if_version": 3 }), 200),
        ("POST", &undo, desk, json!({ "if_version": 3 }), 409),
        ("GET", one, desk, json!({}), 200),
        ("PATCH", one, key, json!({ "status": "cancelled" }), 200),
        ("PATCH", one, key, json!({ "status": "cancelled" }), 409),
    ] {
        wire.json(method, path, token, beside(body), answer).await;
    }
    let export = |masked, reason: &str| json!({ "date": KEPT[3].1, "reason": reason, "masked": masked });
    for (body, answer) in [
        (export(false, "진료과 전달"), 200),
        (export(true, "진료과 전달"), 200),
        (export(false, number), 422),
    ] {
        wire.json("POST", "/v1/exports", desk, beside(body), answer).await;
    }
}

/// A PC becomes a desk by an enrolment key and signs itself out, with what goes wrong on the way.
async fn come_and_go(wire: &mut Wire<'_>, key: &str) {
    let number = DROPPED[1].1;
    for body in [json!({ "code": number }), json!({ "code": key, "name": number })] {
        wire.json("POST", "/v1/desks", "", beside(body), 422).await;
    }
    let paired = wire
        .json("POST", "/v1/desks", "", beside(json!({ "code": key })), 201)
        .await;
    let paired: Paired = serde_json::from_str(&paired).unwrap();
    for status in [204, 401] {
        wire.json("DELETE", "/v1/desks/me", &paired.token, beside(json!({})), status)
            .await;
    }
}

/// That every endpoint of the document was asked and did what it is for.
fn all_were_asked(document: &str, metrics: &str) {
    let document: Value = serde_json::from_str(document).unwrap();
    for (path, item) in document["paths"].as_object().unwrap() {
        for method in item.as_object().unwrap().keys() {
            let method = method.to_uppercase();
            let counted = format!("{{route=\"{path}\",method=\"{method}\",status=\"2");
            assert!(metrics.contains(&counted), "{method} {path} was not asked");
        }
    }
}

/// Runs every command, logging everything, for what they said on standard output and on standard error.
fn command_everywhere(place: &Place, desk: &str, backup: &str) -> (String, String) {
    let (mut stdout, mut stderr) = (String::new(), String::new());
    for (args, succeeds) in [
        (&["hospital", "list"][..], true),
        (&["hospital", "set", "haneul", "--claim-minutes", "6"], true),
        (&["hospital", "add", "haneul", "--name", "하늘병원"], false),
        (&["hospital", "rotate-key", "haneul"], true),
        (&["desk", "pair", "haneul"], true),
        (
            &["desk", "enrol-key", "haneul", "--count", "1", "--days", "1"],
            true,
        ),
        (&["desk", "enrol-keys", "haneul"], true),
        (&["desk", "list", "haneul"], true),
        (&["desk", "revoke", "haneul", desk], true),
        (&["desk", "revoke", "bada", desk], false),
        (&["access", "list"], true),
        (&["access", "list", "--json"], true),
        (&["backup", backup], true),
        (&["restore", backup], false),
    ] {
        let output = place.talkative(args).output().unwrap();
        assert_eq!(output.status.success(), succeeds, "{args:?}");
        stdout += &String::from_utf8(output.stdout).unwrap();
        stderr += &String::from_utf8(output.stderr).unwrap();
    }
    (stdout, stderr)
}

/// Drives everything there is of the gateway on the database of `place`, whose files are below `files`, and searches what
/// it wrote. `folder` is for what else is written.
async fn search_everything(place: &Place, files: &Path, folder: &Path) {
    let key = place.add_hospital("haneul", "하늘병원");
    let other_key = place.add_hospital("bada", "바다병원");
    let enrolment = place.json(&["desk", "enrol-key", "haneul", "--count", "1", "--days", "1"]);
    let enrolment = enrolment["key"].as_str().unwrap();
    let gateway = place.serve();
    let code = json!({ "code": place.offer("haneul") });
    let request = http().post(gateway.url("/v1/desks")).json(&code);
    let paired: Paired = request.send().await.unwrap().json().await.unwrap();
    let auth: Value = serde_json::from_str(&beside(
        json!({ "token": paired.token, "api": 1, "client": DROPPED[2].1 }),
    ))
    .unwrap();
    let mut desks = [
        Listener::connect_with(&gateway.address, None, auth),
        Listener::poll(&gateway.address, &paired.token),
    ];
    for desk in &mut desks {
        desk.catch_up().await;
    }

    let mut wire = Wire {
        gateway: &gateway,
        http: http(),
        answers: String::new(),
        problems: String::new(),
    };
    send_everywhere(&mut wire, &key).await;
    ask_everywhere(&mut wire, &paired.token).await;
    let list = wire
        .json(
            "GET",
            "/v1/reservations?status=pending",
            &paired.token,
            String::new(),
            200,
        )
        .await;
    let list: ReservationList = serde_json::from_str(&list).unwrap();
    let one = format!("/v1/reservations/{}", list.reservations[0].id);
    let short = wire.json("GET", &one, &key, beside(json!({})), 200).await;
    let short: ShortReservation = serde_json::from_str(&short).unwrap();
    let auth: Value = serde_json::from_str(&beside(json!({ "token": short.watch_token }))).unwrap();
    let mut pages = [Transports::default(), Transports::PollingOnly]
        .map(|transports| Page::at(&gateway.address, auth.clone(), transports));
    for page in &mut pages {
        page.standing().await;
    }
    let forged = json!({ "token": DROPPED[1].1 });
    Page::at(&gateway.address, forged, Transports::default())
        .refusal()
        .await;
    for desk in &desks {
        let whole = serde_json::from_str(&beside(json!({ "epoch": DROPPED[2].1, "seq": 1 }))).unwrap();
        desk.say("shown", whole).await;
        desk.say("reservation", json!([DROPPED[0].1, DROPPED[3].1])).await;
    }
    change_everywhere(&mut wire, &one, &key, &other_key, &paired.token).await;
    come_and_go(&mut wire, enrolment).await;
    for desk in &mut desks {
        while desk.change().await.reservation.status != Status::Cancelled {}
    }
    for page in &mut pages {
        while page.standing().await.status != Status::Cancelled {}
    }
    let document = wire.json("GET", "/openapi.json", "", String::new(), 200).await;
    let metrics = wire.json("GET", "/metrics", "", String::new(), 200).await;
    all_were_asked(&document, &metrics);
    let Wire {
        answers, problems, ..
    } = wire;

    let backup = folder.join("backup").display().to_string();
    let (said, complained) = command_everywhere(place, &paired.desk.id.to_string(), &backup);
    let restored = folder.join("restored");
    let restore = Place::new(&restored)
        .talkative(&["restore", &backup])
        .output()
        .unwrap();
    assert!(restore.status.success());
    let written_while_running = everything_in(files);
    let stdout = gateway.kill();
    // Once more, so that what is only written at an ordinary start or end is there too.
    let gateway = place.serve();
    let code = json!({ "code": place.offer("haneul") });
    let request = http().post(gateway.url("/v1/desks")).json(&code);
    let again: Paired = request.send().await.unwrap().json().await.unwrap();
    Listener::connect(&gateway.address, &again.token, None)
        .catch_up()
        .await;
    drop(gateway);

    let written = written_while_running + &everything_in(files);
    let taken_along = everything_in(&restored);
    let log = letters((place.log() + &complained).as_bytes()) + &letters(&restore.stderr);
    let text = |text: &str| letters(text.as_bytes());
    let [answers, problems, metrics] = [answers, problems, metrics].map(|text| letters(text.as_bytes()));
    let (stdout, said) = (text(&stdout), text(&said));
    let events = text(&desks.map(|desk| desk.heard).concat());
    let pages = text(&pages.map(|page| page.heard).concat());

    for (field, value) in DROPPED {
        for (place, found) in [
            ("the database", &written),
            ("a restored database", &taken_along),
            ("the log", &log),
            ("standard output", &stdout),
            ("what a command says", &said),
            ("an answer", &answers),
            ("an event", &events),
            ("what a page hears", &pages),
        ] {
            assert!(!holds(found, value), "{field} is in {place}");
        }
    }
    for (field, value) in KEPT {
        assert!(!holds(&log, value), "{field} is in the log");
        assert!(!holds(&stdout, value), "{field} is on standard output");
        assert!(!holds(&metrics, value), "{field} is in the metrics");
        assert!(!holds(&problems, value), "{field} is in a problem");
        // Which day a desk looked at is noted, whoever has a reservation then.
        let days = field == "reservationdate";
        assert_eq!(holds(&said, value), days, "{field} is in what a command says");
        let seen = days || field == "reservationtime";
        assert_eq!(holds(&pages, value), seen, "{field} is in what a page hears");
        // So that the search is known to find what there is.
        assert!(holds(&written, value), "{field} is not in the database");
        assert!(
            holds(&taken_along, value),
            "{field} is not in the restored database"
        );
        assert!(holds(&answers, value), "{field} is in no answer");
        assert!(holds(&events, value), "{field} is in no event");
    }
    for detail in ["reservation taken in", "request answered"] {
        assert!(log.contains(detail), "the log has no details");
    }
    for (secret, name) in [
        (&*paired.token, "a desk's token"),
        (&key, "an intake key"),
        (enrolment, "an enrolment key"),
        (&short.watch_token, "a watch token"),
    ] {
        assert!(!log.contains(secret), "{name} is in the log");
        assert!(!written.contains(secret), "{name} is in the database");
        assert!(!problems.contains(secret), "{name} is in a problem");
        assert!(!said.contains(secret), "{name} is in what a command says");
    }
}

#[tokio::test]
async fn what_is_dropped_is_found_nowhere_and_what_is_kept_in_no_log() {
    let folder = tempfile::tempdir().unwrap();
    let place = Place::new(folder.path());
    search_everything(&place, &place.data(), folder.path()).await;
}

#[cfg(unix)]
#[tokio::test]
async fn nor_is_it_in_any_file_of_postgresql() {
    let (server, folder) = (Postgres::start().unwrap(), tempfile::tempdir().unwrap());
    let place = Place::on(server.url("postgres"), folder.path());
    search_everything(&place, server.folder(), folder.path()).await;
}
