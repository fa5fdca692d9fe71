use deskbell_protocol::event::{Change, Replay};
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
