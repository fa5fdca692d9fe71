//! Patients' pages at `/watch`.

use std::sync::Arc;

use deskbell_clock::{Clock, OsEntropy, SystemClock};
use deskbell_protocol::event::Shutdown;
use deskbell_protocol::http::ShortReservation;
use deskbell_protocol::watch::{NAMESPACE, Standing, WatchRefusal, WatchRefused};
use deskbell_protocol::{Desk, Status};
use deskbell_socketio::client::{Client, ClientEvent, Transports, connect};
use deskbell_store::{By, Store, Wish};
use serde_json::{Value, json};
use tokio::sync::mpsc;

use crate::house::{House, open};
use crate::listener::{PATIENCE, config, http, url};

/// A patient's page.
pub(crate) struct Page {
    _client: Client,
    events: mpsc::Receiver<ClientEvent>,
    /// The text of every event, as it came.
    pub(crate) heard: String,
}

impl Page {
    fn open(house: &House, auth: Value, transports: Transports) -> Self {
        Self::at(&house.address, auth, transports)
    }

    /// Opens at the gateway at `address`.
    pub(crate) fn at(address: &str, auth: Value, transports: Transports) -> Self {
        let config = config(transports, &url(address), http(), NAMESPACE);
        let (client, events) = connect(
            config,
            move || auth.clone(),
            Arc::new(SystemClock),
            Arc::new(OsEntropy),
        );
        Self {
            _client: client,
            events,
            heard: String::new(),
        }
    }

    fn of(house: &House, token: &str) -> Self {
        Self::open(house, json!({ "token": token }), Transports::default())
    }

    async fn next(&mut self) -> ClientEvent {
        let event = tokio::time::timeout(PATIENCE, self.events.recv()).await;
        event.expect("nothing came").expect("the link ended")
    }

    /// The next event, which must be called `name`.
    async fn event(&mut self, name: &str) -> Value {
        loop {
            match self.next().await {
                ClientEvent::Connected { .. } => {}
                ClientEvent::Event {
                    name: heard, args, ..
                } => {
                    assert_eq!(heard, name);
                    self.heard.push_str(args.first().get());
                    return serde_json::from_str(args.first().get()).unwrap();
                }
                other => panic!("{other:?} instead of {name}"),
            }
        }
    }

    pub(crate) async fn standing(&mut self) -> Standing {
        serde_json::from_value(self.event(Standing::NAME).await).unwrap()
    }

    pub(crate) async fn refusal(&mut self) -> WatchRefusal {
        match self.next().await {
            ClientEvent::Refused { data, .. } => {
                let refused: WatchRefused = serde_json::from_value(data.unwrap()).unwrap();
                refused.code
            }
            other => panic!("{other:?} instead of a refusal"),
        }
    }
}

/// Books as the hospital's site does.
async fn book(house: &House, name: &str, date: &str) -> ShortReservation {
    let form = json!({
        "relationship": "본인", "name": name, "phone": "010-1111-1111", "reservationdate": date,
        "reservationtime": "10:30 ~ 11:00",
    });
    let url = format!("{}/v1/reservations", url(&house.address));
    let request = http().post(url).bearer_auth(&house.key).json(&form);
    request.send().await.unwrap().json().await.unwrap()
}

fn at_a_desk(desk: &deskbell_store::DeskToken) -> By {
    By {
        desk: Desk {
            id: desk.owner(),
            name: "접수 1".to_owned(),
        },
        staff: Some("이서연".to_owned()),
    }
}

async fn change(store: &dyn Store, house: &House, booked: &ShortReservation, wish: Wish) {
    let changed = store.change(house.hospital, booked.id, &wish, SystemClock.now());
    assert!(changed.await.is_ok());
}

#[tokio::test]
async fn a_page_is_told_what_becomes_of_its_own_reservation_and_nothing_else() {
    let house = House::open().await;
    let (own, other) = (
        book(&house, "김크리스", "2099-11-23").await,
        book(&house, "박민준", "2099-11-23").await,
    );
    let mut pages = [Transports::default(), Transports::PollingOnly]
        .map(|transports| Page::open(&house, json!({ "token": own.watch_token }), transports));
    for page in &mut pages {
        let standing = page.standing().await;
        assert_eq!((standing.id, standing.status), (own.id, Status::Pending));
        assert_eq!(standing.reservationdate.to_string(), "2099-11-23");
        assert_eq!(standing.reservationtime.to_string(), "10:30 ~ 11:00");
    }
    // By another process, as a command or another gateway is.
    let store = open(house.folder.path()).await;
    let by = at_a_desk(&house.pair().await);
    let to = |status, if_version| Wish::SetStatus {
        to: status,
        if_version,
        over_claim: false,
        by: by.clone(),
    };
    change(&*store, &house, &own, Wish::Claim(by.clone())).await;
    change(&*store, &house, &other, to(Status::Cancelled, 1)).await;
    change(&*store, &house, &own, to(Status::Booked, 1)).await;
    let wish = Wish::Reschedule {
        date: None,
        time: Some("14:00 ~ 14:30".parse().unwrap()),
    };
    change(&*store, &house, &own, wish).await;
    for page in &mut pages {
        let standing = page.standing().await;
        assert_eq!((standing.id, standing.status), (own.id, Status::Booked));
        let standing = page.standing().await;
        assert_eq!(standing.reservationtime.to_string(), "14:00 ~ 14:30");
        assert_eq!(standing.status, Status::Booked);
    }
    // One that comes late is told the last, and only that.
    let mut late = Page::of(&house, &own.watch_token);
    assert_eq!(late.standing().await.reservationtime.to_string(), "14:00 ~ 14:30");
    change(&*store, &house, &own, Wish::Cancel).await;
    for page in pages.iter_mut().chain([&mut late]) {
        assert_eq!(page.standing().await.status, Status::Cancelled);
        for other in ["김크리스", "박민준", "010-1111", "이서연", "접수", "본인"] {
            assert!(!page.heard.contains(other), "{other}");
        }
    }
    house.stop().await;
    for page in &mut pages {
        let shutdown: Shutdown = serde_json::from_value(page.event(Shutdown::NAME).await).unwrap();
        assert!(shutdown.retry_after_ms > 0);
    }
}

#[tokio::test]
async fn who_may_not_watch_is_told_why_for_good() {
    let house = House::open().await;
    let (booked, over) = (
        book(&house, "김크리스", "2099-11-23").await,
        book(&house, "김크리스", "2020-01-01").await,
    );
    let valid = booked.watch_token;
    let forged = format!("{}{}", &valid[..valid.len() - 4], "AAAA");
    let desk = house.pair().await.reveal();
    for (auth, code) in [
        (json!({}), WatchRefusal::InvalidToken),
        (json!({ "token": 7 }), WatchRefusal::InvalidToken),
        (json!({ "token": "" }), WatchRefusal::InvalidToken),
        (json!({ "token": forged }), WatchRefusal::InvalidToken),
        (json!({ "token": desk }), WatchRefusal::InvalidToken),
        (json!({ "token": house.key }), WatchRefusal::InvalidToken),
        (json!({ "token": over.watch_token }), WatchRefusal::TokenExpired),
    ] {
        let mut page = Page::open(&house, auth.clone(), Transports::default());
        assert_eq!(page.refusal().await, code, "{auth}");
    }
}

#[tokio::test]
async fn a_store_that_cannot_be_read_puts_a_page_off_but_does_not_refuse_it() {
    let house = House::open().await;
    let booked = book(&house, "김크리스", "2099-11-23").await;
    house.store.close().await;
    let mut page = Page::of(&house, &booked.watch_token);
    loop {
        match page.next().await {
            ClientEvent::Connected { .. } => {}
            ClientEvent::Disconnected { .. } => break,
            other => panic!("{other:?}"),
        }
    }
}
