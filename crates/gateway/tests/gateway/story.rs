use deskbell_protocol::event::{Change, ChangeKind, ReleaseReason, Replay};
use deskbell_protocol::http::Paired;
use serde_json::json;

use crate::listener::{Listener, http, seqs};
use crate::program::{Place, Serving};

async fn post(gateway: &Serving, key: &str, name: &str) {
    let form = json!({
        "relationship": "본인", "name": name, "phone": "010-1111-1111", "reservationdate": "2026-11-23",
        "reservationtime": "10:30 ~ 11:00",
    });
    let request = http()
        .post(gateway.url("/v1/reservations"))
        .bearer_auth(key)
        .json(&form);
    assert_eq!(request.send().await.unwrap().status(), 201);
}

async fn pair(place: &Place, gateway: &Serving, slug: &str) -> Paired {
    let code = json!({ "code": place.offer(slug) });
    let request = http().post(gateway.url("/v1/desks")).json(&code);
    request.send().await.unwrap().json().await.unwrap()
}

fn names(changes: &[Change]) -> Vec<&str> {
    changes
        .iter()
        .map(|change| change.reservation.name.as_str())
        .collect()
}

#[tokio::test]
async fn rooms_do_not_leak_and_after_a_kill_each_desk_hears_each_change_once() {
    let folder = tempfile::tempdir().unwrap();
    let place = Place::new(folder.path());
    let (haneul, bada) = (
        place.add_hospital("haneul", "하늘병원"),
        place.add_hospital("bada", "바다의원"),
    );
    let gateway = place.serve();
    let paired = [
        pair(&place, &gateway, "haneul").await,
        pair(&place, &gateway, "haneul").await,
        pair(&place, &gateway, "bada").await,
    ];
    assert_eq!(paired[0].servers[0].as_str(), gateway.url("/"));

    let mut desks = Vec::new();
    for paired in &paired {
        let mut desk = Listener::connect(&gateway.address, &paired.token, None);
        let (welcome, changes) = desk.catch_up().await;
        assert_eq!((welcome.replay, changes.len()), (Replay::None, 0));
        assert_eq!(
            (&welcome.hospital, &welcome.desk),
            (&paired.hospital, &paired.desk)
        );
        desks.push((desk, welcome.position));
    }
    for (key, name) in [
        (&haneul, "하늘1"),
        (&bada, "바다1"),
        (&haneul, "하늘2"),
        (&haneul, "하늘3"),
    ] {
        post(&gateway, key, name).await;
    }
    let mut cursors = Vec::new();
    for ((mut desk, position), expected) in desks.into_iter().zip([3, 3, 1]) {
        let mut changes = Vec::new();
        for _ in 0..expected {
            changes.push(desk.change().await);
        }
        let place = if expected == 3 { "하늘" } else { "바다" };
        assert!(names(&changes).iter().all(|name| name.starts_with(place)));
        assert_eq!(seqs(&changes), (1..=expected).collect::<Vec<_>>());
        let cursor = deskbell_protocol::Position {
            seq: deskbell_protocol::Seq(expected),
            ..position
        };
        assert!(desk.say_shown(cursor.clone()).await);
        cursors.push(cursor);
    }

    gateway.kill();
    let gateway = place.serve();
    for n in 4..=8 {
        post(&gateway, &haneul, &format!("하늘{n}")).await;
    }
    let mut desks = Vec::new();
    for (paired, cursor) in paired.iter().zip(&cursors) {
        let mut desk = Listener::connect(&gateway.address, &paired.token, Some(cursor.clone()));
        let (welcome, changes) = desk.catch_up().await;
        assert_eq!(
            (welcome.replay, welcome.shown.as_ref()),
            (Replay::Cursor, Some(cursor))
        );
        let missed = if paired.hospital.slug == "haneul" {
            vec![4, 5, 6, 7, 8]
        } else {
            vec![]
        };
        assert_eq!(seqs(&changes), missed);
        desks.push(desk);
    }
    post(&gateway, &bada, "바다2").await;
    post(&gateway, &haneul, "하늘9").await;
    for (desk, expected) in desks.iter_mut().zip(["하늘9", "하늘9", "바다2"]) {
        assert_eq!(names(&[desk.change().await]), [expected]);
    }
}

#[tokio::test]
async fn what_one_desk_does_the_others_of_its_hospital_hear() {
    let folder = tempfile::tempdir().unwrap();
    let place = Place::new(folder.path());
    let (haneul, bada) = (
        place.add_hospital("haneul", "하늘병원"),
        place.add_hospital("bada", "바다의원"),
    );
    let gateway = place.serve();
    let mut desks = Vec::new();
    for slug in ["haneul", "haneul", "bada"] {
        let paired = pair(&place, &gateway, slug).await;
        let mut desk = Listener::connect(&gateway.address, &paired.token, None);
        desk.catch_up().await;
        desks.push((paired.token, desk));
    }
    post(&gateway, &haneul, "하늘1").await;
    let created = desks[0].1.change().await;
    desks[1].1.change().await;
    let one = gateway.url(&format!("/v1/reservations/{}", created.reservation.id));
    let ask = async |method: &str, path: &str, token: &str, body: serde_json::Value| {
        let request = http().request(method.parse().unwrap(), format!("{one}{path}"));
        let answer = request.bearer_auth(token).json(&body).send().await.unwrap();
        answer.status().as_u16()
    };
    let (desk, other) = (desks[0].0.clone(), desks[1].0.clone());
    let moved = json!({ "reservationtime": "14:00 ~ 14:30" });
    let booked = json!({ "status": "booked", "if_version": 2 });
    for (method, path, token, body, status) in [
        ("PATCH", "", &haneul, moved, 200),
        ("POST", "/claim", &desk, json!({}), 200),
        ("POST", "/claim", &other, json!({}), 409),
        ("DELETE", "/claim", &desk, json!({}), 200),
        ("POST", "/claim", &desk, json!({}), 200),
        ("PUT", "/status", &desk, booked, 200),
        ("POST", "/undo", &other, json!({ "if_version": 3 }), 200),
        ("PATCH", "", &haneul, json!({ "status": "cancelled" }), 200),
        ("POST", "/claim", &other, json!({}), 409),
    ] {
        assert_eq!(ask(method, path, token, body).await, status, "{method} {path}");
    }
    let released = |reason| ChangeKind::Released { reason };
    let expected = [
        ChangeKind::Rescheduled,
        ChangeKind::Claimed,
        released(ReleaseReason::Released),
        ChangeKind::Claimed,
        ChangeKind::Status,
        released(ReleaseReason::Handled),
        ChangeKind::Status,
        ChangeKind::Status,
    ];
    for (_, desk) in &mut desks[..2] {
        let mut heard = Vec::new();
        for _ in expected {
            heard.push(desk.change().await);
        }
        assert_eq!(seqs(&heard), (2..=9).collect::<Vec<_>>());
        assert_eq!(
            heard.iter().map(|change| change.kind).collect::<Vec<_>>(),
            expected
        );
    }
    let stranger = desks[2].0.clone();
    assert_eq!(ask("POST", "/claim", &stranger, json!({})).await, 404);
    post(&gateway, &bada, "바다1").await;
    let first = desks[2].1.change().await;
    assert_eq!(
        (first.reservation.seq.0, first.reservation.name.as_str()),
        (1, "바다1")
    );
    let metrics = http().get(gateway.url("/metrics")).send().await.unwrap();
    let metrics = metrics.text().await.unwrap();
    for line in [
        "deskbell_desks 3",
        "deskbell_hospitals_behind 0",
        "deskbell_changes_pushed_total 10",
    ] {
        assert!(metrics.lines().any(|told| told == line), "{metrics}");
    }
}
