//! What is dropped is gone: a form whose dropped fields are full goes every way into the gateway, and then everything the
//! gateway wrote anywhere is searched for them.

use std::path::Path;

use deskbell_protocol::http::{Paired, ReservationList};
use serde_json::json;

use crate::listener::{Listener, http};
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

fn holds(bytes: &[u8], value: &str) -> bool {
    let finds = |spelling: &Vec<u8>| bytes.windows(spelling.len()).any(|window| window == spelling);
    spellings(value).iter().any(finds)
}

/// Everything in every file of a folder.
fn bytes_of(folder: &Path) -> Vec<u8> {
    let mut bytes = Vec::new();
    for file in std::fs::read_dir(folder).unwrap() {
        bytes.extend(std::fs::read(file.unwrap().path()).unwrap());
    }
    bytes
}

fn pairs() -> Vec<(&'static str, &'static str)> {
    KEPT.into_iter().chain(DROPPED).collect()
}

fn urlencoded(pairs: &[(&str, &str)]) -> String {
    form_urlencoded::Serializer::new(String::new())
        .extend_pairs(pairs)
        .finish()
}

/// Sends the form by every way there is, rightly and wrongly, and gives all answers.
async fn send_everywhere(gateway: &Serving, key: &str, desk: &Paired) -> String {
    let (http, mut answers) = (http(), String::new());
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
    let object: serde_json::Map<_, _> = pairs()
        .into_iter()
        .map(|(name, value)| (name.to_owned(), json!(value)))
        .collect();
    let whole = serde_json::to_string(&object).unwrap();
    let broken = whole[..whole.len() - 1].to_owned();
    let twice = format!("{},\"name\":{}", broken, json!(DROPPED[1].1)) + "}";
    let (form, json) = ("application/x-www-form-urlencoded", "application/json");
    let seed = urlencoded(&pairs());
    let huge = format!("{seed}&more={}", "x".repeat(20_000));
    let requests = [
        ("/v1/reservations", form, seed.clone(), 201),
        ("/v1/reservations", json, whole.clone(), 201),
        ("/v1/reservations", form, urlencoded(&with("phone", "none")), 422),
        (
            "/v1/reservations",
            form,
            urlencoded(&with("name", "김 960625-1357913")),
            422,
        ),
        ("/v1/reservations", json, broken, 400),
        ("/v1/reservations", json, twice, 400),
        ("/v1/reservations", json, seed.clone(), 400),
        ("/v1/reservations", form, whole.clone(), 422),
        ("/v1/reservations", "text/plain", seed.clone(), 415),
        ("/v1/reservations", form, huge, 413),
        ("/v1/desks", json, whole.clone(), 400),
        ("/book/haneul", form, seed.clone(), 200),
        ("/book/haneul", form, urlencoded(&with("phone", "none")), 422),
        (
            "/book/haneul",
            form,
            urlencoded(&with("name", "김 960625-1357913")),
            422,
        ),
        ("/book/haneul?lang=en", json, whole, 415),
        (&*format!("/{}", urlencoded(&DROPPED)), form, seed.clone(), 404),
    ];
    for (path, content_type, body, status) in requests {
        // What a site calls its request may give a patient away too.
        let name = format!("{}{path}{content_type}{status}", DROPPED[1].1);
        let request = http.post(gateway.url(path)).bearer_auth(key);
        let request = request
            .header("content-type", content_type)
            .header("idempotency-key", name);
        let answer = request.body(body).send().await.unwrap();
        assert_eq!(answer.status(), status, "{path} {content_type}");
        answers += &format!("{:?}\n", answer.headers());
        answers += &answer.text().await.unwrap();
    }
    for query in [
        "?status=pending",
        "?date=2099-03-30",
        "?received_since=2020-01-01T00:00:00Z",
        "?date=960625-1357913",
    ] {
        let request = http
            .get(gateway.url(&format!("/v1/reservations{query}")))
            .bearer_auth(&desk.token);
        answers += &request.send().await.unwrap().text().await.unwrap();
    }
    answers
}

/// Changes the newest reservation by every way there is, rightly and wrongly, always with what is to be dropped beside it,
/// and gives all answers; the last is what `/metrics` tells.
async fn change_everywhere(gateway: &Serving, key: &str, desk: &Paired) -> (String, String) {
    let (http, mut answers) = (http(), String::new());
    let list = http
        .get(gateway.url("/v1/reservations?status=pending"))
        .bearer_auth(&desk.token);
    let list: ReservationList = list.send().await.unwrap().json().await.unwrap();
    let one = format!("/v1/reservations/{}", list.reservations[0].id);
    let with = |body: serde_json::Value| {
        let mut body = body.as_object().unwrap().clone();
        body.extend(DROPPED.map(|(name, value)| (name.to_owned(), json!(value))));
        serde_json::to_string(&body).unwrap()
    };
    let (date, time) = (KEPT[3].1, KEPT[4].1);
    let moved = with(json!({ "reservationdate": date, "reservationtime": "10:38 ~ 11:09" }));
    let both = with(json!({ "reservationtime": time, "status": "cancelled" }));
    let number = DROPPED[1].1;
    let requests = [
        ("PATCH", one.clone(), key, moved, 200),
        ("PATCH", one.clone(), key, both, 422),
        (
            "PATCH",
            one.clone(),
            key,
            with(json!({ "reservationtime": number })),
            422,
        ),
        ("GET", one.clone(), key, String::new(), 200),
        (
            "POST",
            format!("{one}/claim"),
            &desk.token,
            with(json!({ "staff": "이수진" })),
            200,
        ),
        (
            "POST",
            format!("{one}/claim"),
            &desk.token,
            with(json!({ "staff": number })),
            422,
        ),
        (
            "PUT",
            format!("{one}/status"),
            &desk.token,
            with(json!({ "status": "booked", "if_version": 2 })),
            200,
        ),
        (
            "PUT",
            format!("{one}/status"),
            &desk.token,
            with(json!({ "status": "booked", "if_version": 2 })),
            409,
        ),
        (
            "PUT",
            format!("{one}/status"),
            &desk.token,
            with(json!({ "status": number, "if_version": 3 })),
            422,
        ),
        (
            "PUT",
            format!("{one}/status"),
            &desk.token,
            with(json!({ "status": 1 })),
            400,
        ),
        (
            "POST",
            format!("{one}/undo"),
            &desk.token,
            with(json!({ "if_version": 3 })),
            200,
        ),
        ("GET", one.clone(), &desk.token, String::new(), 200),
        (
            "DELETE",
            format!("{one}/claim"),
            &desk.token,
            with(json!({})),
            409,
        ),
        (
            "POST",
            "/v1/exports".to_owned(),
            &desk.token,
            with(json!({ "date": date, "reason": "진료과 전달", "masked": false })),
            200,
        ),
        (
            "POST",
            "/v1/exports".to_owned(),
            &desk.token,
            with(json!({ "date": date, "reason": number, "masked": false })),
            422,
        ),
        ("GET", "/openapi.json".to_owned(), key, String::new(), 200),
        ("GET", "/readyz".to_owned(), key, String::new(), 200),
        ("GET", "/metrics".to_owned(), key, String::new(), 200),
    ];
    let mut last = String::new();
    for (method, path, token, body, status) in requests {
        let request = http
            .request(method.parse().unwrap(), gateway.url(&path))
            .bearer_auth(token)
            .header("content-type", "application/json");
        let answer = request.body(body).send().await.unwrap();
        assert_eq!(answer.status(), status, "{method} {path}");
        answers += &format!("{:?}\n", answer.headers());
        last = answer.text().await.unwrap();
        answers += &last;
    }
    (answers, last)
}

#[tokio::test]
async fn what_is_dropped_is_found_nowhere_and_what_is_kept_in_no_log() {
    let folder = tempfile::tempdir().unwrap();
    let place = Place::new(folder.path());
    let key = place.add_hospital("haneul", "하늘병원");
    let gateway = place.serve();
    let code = json!({ "code": place.offer("haneul") });
    let request = http().post(gateway.url("/v1/desks")).json(&code);
    let paired: Paired = request.send().await.unwrap().json().await.unwrap();
    let mut desk = Listener::connect(&gateway.address, &paired.token, None);
    desk.catch_up().await;

    let answers = send_everywhere(&gateway, &key, &paired).await;
    let (changes, metrics) = change_everywhere(&gateway, &key, &paired).await;
    let answers = answers + &changes;
    // The booking site's two, the booking page's; then moved, claimed, booked, released, taken back.
    for _ in 0..8 {
        desk.change().await;
    }
    let written_while_running = bytes_of(&place.data());
    let stdout = gateway.kill();
    // Once more, so that what is only written at an ordinary start or end is there too.
    let gateway = place.serve();
    let mut desk_again = Listener::connect(&gateway.address, &paired.token, None);
    desk_again.catch_up().await;
    drop(gateway);
    let written = [written_while_running, bytes_of(&place.data())].concat();
    let (log, events) = (place.log(), [desk.heard, desk_again.heard].concat());

    for (field, value) in DROPPED {
        for (place, bytes) in [
            ("the database", &*written),
            ("the log", log.as_bytes()),
            ("standard output", stdout.as_bytes()),
            ("an answer", answers.as_bytes()),
            ("an event", events.as_bytes()),
        ] {
            assert!(!holds(bytes, value), "{field} is in {place}");
        }
    }
    for (field, value) in KEPT {
        assert!(!holds(log.as_bytes(), value), "{field} is in the log");
        assert!(!holds(metrics.as_bytes(), value), "{field} is in the metrics");
        // So that the search is known to find what there is.
        assert!(holds(&written, value), "{field} is not in the database");
        assert!(holds(answers.as_bytes(), value), "{field} is in no answer");
        assert!(holds(events.as_bytes(), value), "{field} is in no event");
    }
    assert!(
        log.contains("reservation taken in") && log.contains("request answered"),
        "the log has no details"
    );
    assert!(
        !log.contains(&paired.token) && !log.contains(&key),
        "a secret is in the log"
    );
    let (_, watch_token) = answers.split_once("dbwatch").unwrap();
    let watch_token = &watch_token[..64];
    assert!(
        !log.contains(watch_token) && !holds(&written, watch_token),
        "a watch token is kept"
    );
    assert!(
        !holds(&written, &paired.token) && !holds(&written, &key),
        "a secret is in the database"
    );
}
