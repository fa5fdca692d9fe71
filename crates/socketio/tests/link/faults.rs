//! Our client follows a journal of our server, and of Node's, through a network that misbehaves: it always comes back, and
//! every entry arrives once and in order.

mod rig;
mod scripted;

use std::time::Duration;

use deskbell_fault_proxy::{Blow, Faults, Flow, Opening, Pace, Polls, StatusCode};
use deskbell_soak::Seen;
use deskbell_socketio::client::{DisconnectReason, Transport};

use futures_util::future::join_all;

use crate::PATIENCE;
use rig::{PING_DEADLINE, PING_TIMEOUT, Rig, Whose, follower};

const NO_WEBSOCKET: Faults = Faults {
    opening: Opening::Refused(StatusCode::FORBIDDEN),
    ..Faults::NONE
};

const BY_POLLING: Seen = Seen::Connected(Transport::Polling);
const BY_WEBSOCKET: Seen = Seen::Connected(Transport::WebSocket);

/// What carries the link, by what the network lets through.
const WITH_AND_WITHOUT_WEBSOCKET: [Faults; 2] = [Faults::NONE, NO_WEBSOCKET];

/// Whether the link was made, each time by the same transport. A busy machine may make it more than once.
fn carried_by(transport: &Seen, seen: &[Seen]) -> bool {
    let mut made = seen
        .iter()
        .filter(|seen| matches!(seen, Seen::Connected(_)))
        .peekable();
    made.peek().is_some() && made.all(|made| made == transport)
}

/// Tests every case with either server, all at once: most of it is waiting.
async fn each<C: Copy>(cases: impl IntoIterator<Item = C>, test: impl AsyncFn(Whose, C)) {
    let tests = cases
        .into_iter()
        .flat_map(|case| Whose::BOTH.map(|whose| test(whose, case)));
    join_all(tests).await;
}

#[tokio::test]
async fn where_no_websocket_opens_the_link_polls() {
    let openings = [
        Opening::Refused(StatusCode::FORBIDDEN),
        Opening::Refused(StatusCode::BAD_REQUEST),
        Opening::Page,
        Opening::Stripped,
        Opening::AnswerStripped,
        Opening::Deaf,
    ];
    each(openings, async |whose, opening| {
        let faults = Faults {
            opening,
            ..Faults::NONE
        };
        let mut rig = Rig::start(whose, faults).await;
        let seen = rig.follow(20).await;
        assert!(carried_by(&BY_POLLING, &seen), "{whose:?} {opening:?} {seen:?}");
    })
    .await;
}

#[tokio::test]
async fn a_link_that_polls_goes_over_as_soon_as_a_websocket_opens() {
    each([()], async |whose, ()| {
        let mut rig = Rig::start(whose, NO_WEBSOCKET).await;
        let seen = rig.follow(20).await;
        assert!(carried_by(&BY_POLLING, &seen), "{whose:?} {seen:?}");
        rig.proxy.set(Faults::NONE);
        rig.until(&Seen::Upgraded).await;
        rig.follow(20).await;
    })
    .await;
}

#[tokio::test]
async fn polls_in_tiny_chunks_are_whole_packets() {
    each([1, 7], async |whose, size| {
        let faults = Faults {
            polls: Polls::Chunked(size),
            ..NO_WEBSOCKET
        };
        let mut rig = Rig::start(whose, faults).await;
        let seen = rig.follow(5).await;
        assert!(carried_by(&BY_POLLING, &seen), "{whose:?} {size} {seen:?}");
    })
    .await;
}

#[tokio::test]
async fn a_slow_network_loses_nothing() {
    each(WITH_AND_WITHOUT_WEBSOCKET, async |whose, network| {
        let pace = Pace {
            bytes: 200,
            every: Duration::from_millis(5),
        };
        let faults = Faults {
            pace: Some(pace),
            ..network
        };
        let mut rig = Rig::start(whose, faults).await;
        let by = if network == NO_WEBSOCKET {
            BY_POLLING
        } else {
            BY_WEBSOCKET
        };
        let seen = rig.follow(50).await;
        assert!(carried_by(&by, &seen), "{whose:?} {seen:?}");
    })
    .await;
}

#[tokio::test]
async fn a_cut_within_a_frame_is_noticed_at_once() {
    each(WITH_AND_WITHOUT_WEBSOCKET, async |whose, network| {
        let mut rig = Rig::start(whose, network).await;
        rig.follow(1).await;
        // An entry is some 90 bytes.
        for bytes in [1, 2, 30, 60, 61, 62] {
            let blown = rig.proxy.after(bytes, Blow::Cut);
            rig.returns_after(blown, Duration::ZERO).await;
        }
    })
    .await;
}

#[tokio::test]
async fn a_connection_that_falls_silent_is_given_up_at_the_ping_deadline() {
    each(WITH_AND_WITHOUT_WEBSOCKET, async |whose, network| {
        let mut rig = Rig::start(whose, network).await;
        rig.follow(1).await;
        let blown = rig.proxy.after(50, Blow::Silence);
        rig.returns_after(blown, PING_DEADLINE).await;
    })
    .await;
}

#[tokio::test]
async fn a_half_open_connection_is_given_up_and_the_link_returns_with_the_network() {
    let flows = [Flow::ToServer, Flow::ToClient, Flow::Neither];
    each(flows, async |whose, flow| {
        let mut rig = Rig::start(whose, Faults::NONE).await;
        rig.follow(1).await;
        rig.proxy.set(Faults { flow, ..Faults::NONE });
        rig.append(10).await;
        let lost = rig.until_lost().await;
        // The server may be the first to notice, where its goodbye still passes.
        let noticed = [DisconnectReason::PingTimeout, DisconnectReason::Closed];
        assert!(noticed.contains(&lost), "{whose:?} {flow:?} {lost}");
        // Nothing answers now, whatever is tried.
        rig.until_lost().await;
        rig.proxy.set(Faults::NONE);
        rig.follow(10).await;
    })
    .await;
}

#[tokio::test]
async fn a_pause_shorter_than_the_ping_deadline_costs_nothing() {
    each([()], async |whose, ()| {
        let mut rig = Rig::start(whose, Faults::NONE).await;
        assert_eq!(rig.follow(1).await, [BY_WEBSOCKET], "{whose:?}");
        rig.proxy.set(Faults {
            flow: Flow::Neither,
            ..Faults::NONE
        });
        rig.append(10).await;
        // The pause itself is under test: the server may have asked just before it, and hears the answer after it.
        tokio::time::sleep(PING_TIMEOUT / 2).await;
        rig.proxy.set(Faults::NONE);
        assert_eq!(rig.follow(10).await, [], "{whose:?}");
    })
    .await;
}

#[tokio::test]
async fn a_node_that_does_not_know_the_session_is_asked_for_a_new_one() {
    each([()], async |whose, ()| {
        let mut rig = Rig::start(whose, NO_WEBSOCKET).await;
        rig.follow(5).await;
        rig.proxy.set(Faults {
            polls: Polls::WrongNode,
            ..NO_WEBSOCKET
        });
        rig.append(5).await;
        assert_eq!(rig.until_lost().await, DisconnectReason::Closed, "{whose:?}");
        rig.proxy.set(NO_WEBSOCKET);
        rig.follow(5).await;
    })
    .await;
}

#[tokio::test]
async fn polls_that_are_refused_for_a_while_are_tried_again() {
    let refusals = [Polls::Refused(StatusCode::SERVICE_UNAVAILABLE), Polls::Page];
    each(refusals, async |whose, polls| {
        let mut rig = Rig::start(whose, NO_WEBSOCKET).await;
        rig.follow(5).await;
        rig.proxy.set(Faults {
            polls,
            ..NO_WEBSOCKET
        });
        rig.append(5).await;
        rig.until_lost().await;
        rig.until_lost().await;
        rig.proxy.set(NO_WEBSOCKET);
        rig.follow(5).await;
    })
    .await;
}

#[tokio::test]
async fn a_restarted_server_is_followed_from_where_the_client_was() {
    each(WITH_AND_WITHOUT_WEBSOCKET, async |whose, network| {
        let mut rig = Rig::start(whose, network).await;
        rig.follow(10).await;
        rig.stop_server().await;
        rig.until_lost().await;
        // The proxy is there and the server is not.
        rig.until_lost().await;
        rig.restart_server().await;
        rig.follow(10).await;
    })
    .await;
}

#[tokio::test]
async fn a_server_may_ping_before_it_lets_us_in() {
    let mut follower = follower(scripted::pings_at_once().await);
    for expected in [BY_WEBSOCKET, Seen::Applied(1)] {
        let seen = tokio::time::timeout(PATIENCE, follower.next()).await;
        assert_eq!(seen.expect("something happens").unwrap(), expected);
    }
}
