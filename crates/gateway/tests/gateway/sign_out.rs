//! Desks that are signed out while they are connected.

use deskbell_clock::{Clock, SystemClock};
use deskbell_protocol::event::{ConnectRefused, RefusalCode};
use deskbell_socketio::client::ClientEvent;

use crate::house::{House, open, record};
use crate::listener::{Listener, http};

/// Listens until the desk is refused, for why.
async fn refusal(desk: &mut Listener) -> RefusalCode {
    loop {
        if let ClientEvent::Refused { data, .. } = desk.next().await {
            let refused: ConnectRefused = serde_json::from_value(data.unwrap()).unwrap();
            return refused.code;
        }
    }
}

#[tokio::test]
async fn a_desk_that_another_process_signs_out_is_put_out_and_no_other() {
    let house = House::open().await;
    let (one, two) = (house.pair().await, house.pair().await);
    // One PC may have two sockets for a while: both go.
    let mut signed_out = [&one, &one].map(|desk| Listener::connect(&house.address, &desk.reveal(), None));
    let mut stays = Listener::connect(&house.address, &two.reveal(), None);
    for desk in signed_out.iter_mut().chain([&mut stays]) {
        desk.catch_up().await;
    }
    let elsewhere = open(house.folder.path()).await;
    let now = SystemClock.now();
    elsewhere
        .revoke_desk(house.hospital, one.owner(), now)
        .await
        .unwrap();
    for desk in &mut signed_out {
        assert_eq!(refusal(desk).await, RefusalCode::DeskRevoked);
    }
    record(&*house.store, house.hospital).await;
    assert_eq!(stays.change().await.reservation.seq.0, 1);
    // Somebody must look once more for the second of a hospital.
    elsewhere
        .revoke_desk(house.hospital, two.owner(), now)
        .await
        .unwrap();
    assert_eq!(refusal(&mut stays).await, RefusalCode::DeskRevoked);
    house.stop().await;
}

#[tokio::test]
async fn a_desk_that_signs_itself_out_is_put_out_and_no_other() {
    let house = House::open().await;
    let (one, two) = (house.pair().await.reveal(), house.pair().await.reveal());
    let mut goes = Listener::connect(&house.address, &one, None);
    let mut stays = Listener::connect(&house.address, &two, None);
    for desk in [&mut goes, &mut stays] {
        desk.catch_up().await;
    }
    let me = format!("http://{}/v1/desks/me", house.address);
    let answer = http().delete(me).bearer_auth(&one).send().await.unwrap();
    assert_eq!(answer.status(), 204);
    assert_eq!(refusal(&mut goes).await, RefusalCode::DeskRevoked);
    record(&*house.store, house.hospital).await;
    assert_eq!(stays.change().await.reservation.seq.0, 1);
    house.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_desk_that_is_signed_out_while_it_connects_does_not_stay() {
    let house = House::open().await;
    let elsewhere = open(house.folder.path()).await;
    let mut desks = Vec::new();
    for n in 0..24 {
        let token = house.pair().await;
        let mut desk = Listener::connect(&house.address, &token.reveal(), None);
        let (elsewhere, hospital) = (elsewhere.clone(), house.hospital);
        desks.push(tokio::spawn(async move {
            // At every stage of its coming.
            for _ in 0..n * 8 {
                tokio::task::yield_now().await;
            }
            let now = SystemClock.now();
            elsewhere.revoke_desk(hospital, token.owner(), now).await.unwrap();
            refusal(&mut desk).await
        }));
    }
    for desk in desks {
        assert_eq!(desk.await.unwrap(), RefusalCode::DeskRevoked);
    }
}
