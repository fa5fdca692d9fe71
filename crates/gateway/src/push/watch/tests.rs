use std::sync::Arc;
use std::time::Duration;

use deskbell_clock::{Clock, OsEntropy, SystemClock};
use deskbell_protocol::watch::{NAMESPACE, Standing};
use deskbell_protocol::{Desk, Status};
use deskbell_socketio::client::{ClientConfig, ClientEvent, connect};
use deskbell_store::{By, Wish};
use jiff::Timestamp;
use serde_json::json;

use super::super::tests::{config, gateway_of, sockets};
use super::*;
use crate::http::testing::{Site, URLENCODED, with};

/// Books for the day at the hospital on which `site` begins, for its id and its watch token.
async fn book(site: &Site) -> (ReservationId, String) {
    let form = with("reservationdate", "2026-11-22");
    let short = site.post(&[URLENCODED], &form).await.json();
    let text = |field: &str| short[field].as_str().unwrap().to_owned();
    (text("id").parse().unwrap(), text("watch_token"))
}

#[tokio::test]
async fn the_token_ends_30_days_after_the_date_at_the_hospitals_midnight() {
    let site = Site::new().await;
    let (id, token) = book(&site).await;
    let pages = Pages::new(gateway_of(&site).await);
    let auth = json!({ "token": token });
    let day = Duration::from_secs(24 * 60 * 60);
    let enter = async || match pages.admit(&auth).await {
        Ok(session) => session.reservation == id,
        Err(Denied::Refused(refused)) => {
            assert_eq!(refused.data, Some(json!({ "code": "token_expired" })));
            false
        }
        Err(error) => panic!("{error:?}"),
    };
    assert!(enter().await);
    // From 10 o'clock in Seoul to the end of 22 December.
    site.clock
        .advance(day * 30 + Duration::from_secs(14 * 60 * 60 - 1));
    assert!(enter().await);
    site.clock.advance(Duration::from_secs(1));
    assert!(!enter().await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_page_that_comes_while_its_reservation_changes_misses_no_last_state_and_hears_none_twice() {
    const CHANGES: u64 = 240;
    let site = Site::new().await;
    let (id, token) = book(&site).await;
    let (gateway, by) = (gateway_of(&site).await, at_a_desk(&site).await);
    let config = config(sockets(&gateway).await, NAMESPACE);
    let pusher = gateway.clone();
    tokio::spawn(async move { pusher.push().run().await });
    let mut pages = Vec::new();
    for version in 1..=CHANGES {
        let to = match version {
            CHANGES => Status::Booked,
            _ if version % 2 == 1 => Status::Waitlist,
            _ => Status::Pending,
        };
        site.clock.advance(Duration::from_millis(1));
        move_to((&site, &by), &gateway, id, to, version).await;
        if version % 4 == 0 {
            pages.push(tokio::spawn(listen_until_booked(config.clone(), token.clone())));
        }
    }
    for page in pages {
        // Each change has a moment of its own.
        let heard = tokio::time::timeout(Duration::from_secs(20), page);
        let moments = heard.await.expect("the last state was missed").unwrap();
        assert!(moments.is_sorted_by(|one, next| one < next), "{moments:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_change_at_any_moment_of_a_pages_coming_is_heard() {
    let site = Site::new().await;
    let (gateway, by) = (gateway_of(&site).await, at_a_desk(&site).await);
    let config = config(sockets(&gateway).await, NAMESPACE);
    let pusher = gateway.clone();
    tokio::spawn(async move { pusher.push().run().await });
    for moment in 0..60 {
        let (id, token) = book(&site).await;
        let page = tokio::spawn(listen_until_booked(config.clone(), token));
        for _ in 0..moment * 50 {
            tokio::task::yield_now().await;
        }
        move_to((&site, &by), &gateway, id, Status::Booked, 1).await;
        let heard = tokio::time::timeout(Duration::from_secs(20), page);
        heard.await.expect("the change was missed").unwrap();
    }
}

/// Somebody at a new desk.
async fn at_a_desk(site: &Site) -> By {
    let desk = Desk {
        id: site.pair().await.id,
        name: "접수 1".to_owned(),
    };
    By { desk, staff: None }
}

/// What a desk does.
async fn move_to(
    (site, by): (&Site, &By),
    gateway: &Gateway,
    id: ReservationId,
    to: Status,
    if_version: u64,
) {
    let wish = Wish::SetStatus {
        to,
        if_version,
        over_claim: false,
        by: by.clone(),
    };
    let changed = site
        .store
        .change(site.hospital.id, id, &wish, site.clock.now())
        .await;
    assert!(changed.is_ok());
    gateway.push().wake(site.hospital.id);
}

/// When each state was reached that a page heard of, until `booked`.
async fn listen_until_booked(config: ClientConfig, token: String) -> Vec<Timestamp> {
    let auth = move || json!({ "token": token });
    let (_client, mut events) = connect(config, auth, Arc::new(SystemClock), Arc::new(OsEntropy));
    let mut moments = Vec::new();
    loop {
        match events.recv().await.unwrap() {
            ClientEvent::Connected { .. } => {}
            ClientEvent::Event { args, .. } => {
                let standing: Standing = serde_json::from_str(args.first().get()).unwrap();
                moments.push(standing.updated_at);
                if standing.status == Status::Booked {
                    return moments;
                }
            }
            other => panic!("{other:?}"),
        }
    }
}
