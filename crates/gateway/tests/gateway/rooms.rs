use std::time::Duration;

use deskbell_clock::{Clock, SystemClock};
use deskbell_protocol::Seq;
use deskbell_protocol::event::{Head, RefusalCode, Replay, Shutdown};
use deskbell_socketio::client::ClientEvent;
use deskbell_store::{AccessFilter, Act, Who};
use serde_json::json;

use crate::house::{House, open, record};
use crate::listener::{Listener, seqs};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn joining_while_reservations_come_in_neither_misses_nor_repeats_one() {
    const COUNT: u64 = 400;
    let house = House::open().await;
    record(&*house.store, house.hospital).await;
    let writer = {
        // Another connection to the same file, so that the push hears by its poll and joins race with it.
        let (store, hospital) = (open(house.folder.path()).await, house.hospital);
        tokio::spawn(async move {
            for _ in 1..COUNT {
                record(&*store, hospital).await;
            }
        })
    };
    let mut desks = Vec::new();
    for n in 0..12 {
        let token = house.pair().await.reveal();
        let address = house.address.clone();
        desks.push(tokio::spawn(async move {
            let mut desk = Listener::connect(&address, &token, Some(House::at(n % 2)));
            (n % 2, desk.seqs_until(Seq(COUNT)).await)
        }));
    }
    writer.await.unwrap();
    for desk in desks {
        let (cursor, heard) = desk.await.unwrap();
        assert_eq!(heard, (cursor + 1..=COUNT).collect::<Vec<_>>());
    }
    house.stop().await;
}

#[tokio::test]
async fn what_another_process_writes_is_heard_too() {
    let house = House::open().await;
    let mut desk = Listener::connect(&house.address, &house.pair().await.reveal(), None);
    desk.catch_up().await;
    record(&*open(house.folder.path()).await, house.hospital).await;
    assert_eq!(desk.change().await.reservation.seq, Seq(1));
}

#[tokio::test]
async fn a_cursor_that_cannot_be_served_is_told_so_and_sent_what_comes_after() {
    let house = House::open().await;
    for _ in 0..3 {
        record(&*house.store, house.hospital).await;
    }
    let token = house.pair().await.reveal();
    let (elsewhere, ahead) = (deskbell_protocol::Epoch("other".to_owned()), House::at(4));
    let other_life = deskbell_protocol::Position {
        epoch: elsewhere,
        seq: Seq(1),
    };
    for (cursor, replay, expected) in [
        (None, Replay::None, vec![]),
        (Some(other_life), Replay::Resync, vec![]),
        (Some(ahead), Replay::Resync, vec![]),
        (Some(House::at(3)), Replay::Cursor, vec![]),
        (Some(House::at(1)), Replay::Cursor, vec![2, 3]),
        (Some(House::at(0)), Replay::Cursor, vec![1, 2, 3]),
    ] {
        let mut desk = Listener::connect(&house.address, &token, cursor.clone());
        let (welcome, changes) = desk.catch_up().await;
        assert_eq!((welcome.replay, seqs(&changes)), (replay, expected), "{cursor:?}");
        assert_eq!(welcome.position, House::at(3));
    }
}

#[tokio::test]
async fn a_replay_longer_than_a_page_and_a_queue_arrives_whole() {
    let house = House::open().await;
    for _ in 0..600 {
        record(&*house.store, house.hospital).await;
    }
    let token = house.pair().await.reveal();
    let mut desk = Listener::connect(&house.address, &token, Some(House::at(0)));
    let (_, changes) = desk.catch_up().await;
    assert_eq!(seqs(&changes), (1..=600).collect::<Vec<_>>());
}

#[tokio::test]
async fn shown_is_kept_and_an_impossible_one_is_not() {
    let house = House::open().await;
    record(&*house.store, house.hospital).await;
    let token = house.pair().await;
    let mut desk = Listener::connect(&house.address, &token.reveal(), None);
    assert_eq!(desk.catch_up().await.0.shown, None);
    assert!(desk.say_shown(House::at(1)).await);
    assert!(!desk.say_shown(House::at(2)).await);
    assert!(desk.say_shown(House::at(0)).await, "lower is no error");
    // None of these is understood, and none of them harms.
    desk.say("shown", json!("everything")).await;
    desk.say("join", json!({ "room": "another hospital's" })).await;
    record(&*house.store, house.hospital).await;
    assert_eq!(desk.change().await.reservation.seq, Seq(2));
    let mut again = Listener::connect(&house.address, &token.reveal(), None);
    assert_eq!(again.catch_up().await.0.shown, Some(House::at(1)));
}

#[tokio::test]
async fn who_may_not_enter_is_told_why_for_good() {
    let house = House::open().await;
    let token = house.pair().await;
    let refused = async |auth| Listener::connect_with(&house.address, None, auth).refusal().await;
    let valid = token.reveal();
    for (auth, code) in [
        (json!({}), RefusalCode::UpgradeRequired),
        (json!({ "api": 2, "token": valid }), RefusalCode::UpgradeRequired),
        (json!({ "api": 1 }), RefusalCode::InvalidToken),
        (json!({ "api": 1, "token": 7 }), RefusalCode::InvalidToken),
        (
            json!({ "api": 1, "token": valid[1..] }),
            RefusalCode::InvalidToken,
        ),
    ] {
        assert_eq!(refused(auth.clone()).await, code, "{auth}");
    }
    house
        .store
        .revoke_desk(house.hospital, token.owner(), SystemClock.now())
        .await
        .unwrap();
    let auth = json!({ "api": 1, "token": valid });
    assert_eq!(refused(auth).await, RefusalCode::DeskRevoked);
}

#[tokio::test]
async fn who_is_let_in_is_in_the_access_record_and_from_where() {
    let house = House::open().await;
    let token = house.pair().await;
    let mut desk = Listener::connect(&house.address, &token.reveal(), None);
    desk.catch_up().await;
    let noted = house
        .store
        .accesses(AccessFilter::default(), 0, 10)
        .await
        .unwrap();
    let [(_, access)] = &noted[..] else {
        panic!("{noted:?}");
    };
    let Who::Desk { desk, staff: None } = &access.who else {
        panic!("{access:?}");
    };
    assert_eq!((access.what, desk.id), (Act::Connect, token.owner()));
    assert_eq!(access.from, Some("127.0.0.1".parse().unwrap()));
}

#[tokio::test]
async fn a_store_that_cannot_be_read_puts_a_desk_off_but_does_not_refuse_it() {
    let house = House::open().await;
    let token = house.pair().await.reveal();
    house.store.close().await;
    let mut desk = Listener::connect(&house.address, &token, None);
    loop {
        match desk.next().await {
            ClientEvent::Connected { .. } => {}
            ClientEvent::Disconnected { .. } => break,
            other => panic!("{other:?}"),
        }
    }
}

#[tokio::test]
async fn the_beat_says_where_the_log_ends() {
    let house = House::open().await;
    let mut desk = Listener::connect(&house.address, &house.pair().await.reveal(), None);
    desk.catch_up().await;
    record(&*house.store, house.hospital).await;
    desk.change().await;
    tokio::time::pause();
    tokio::time::advance(Duration::from_secs(20)).await;
    tokio::time::resume();
    let head: Head = desk.event(Head::NAME).await;
    assert_eq!(head.seq, Seq(1));
}

#[tokio::test]
async fn a_planned_stop_tells_each_desk_when_to_come_back() {
    let house = House::open().await;
    let mut desks = Vec::new();
    for _ in 0..3 {
        desks.push(Listener::connect(
            &house.address,
            &house.pair().await.reveal(),
            None,
        ));
    }
    desks.push(Listener::poll(&house.address, &house.pair().await.reveal()));
    for desk in &mut desks {
        desk.catch_up().await;
    }
    house.stop().await;
    let mut moments = std::collections::BTreeSet::new();
    for desk in &mut desks {
        let shutdown: Shutdown = desk.event(Shutdown::NAME).await;
        moments.insert(shutdown.retry_after_ms);
        assert!(matches!(desk.next().await, ClientEvent::Disconnected { .. }));
    }
    assert_eq!(moments.len(), 4, "not all at once");
}
