//! A sample of `cargo xtask soak link`. It fails the same way with the same seed, as far as the machine lets it.

#![expect(clippy::unwrap_used, reason = "a test says what it expects by failing")]

use std::time::Duration;

use deskbell_soak::link::{Network, Plan, Summary, soak};

/// A machine that runs every test at once is slow.
const TOLERANCE: Duration = Duration::from_secs(5);

async fn sample(network: Network) -> Summary {
    let plan = Plan {
        network,
        cuts: 12,
        seed: 1,
        tolerance: TOLERANCE,
    };
    soak(plan).await.unwrap()
}

#[tokio::test]
async fn every_entry_arrives_once_however_often_a_websocket_is_cut() {
    let summary = sample(Network::WebSocket).await;
    assert!(summary.connected > 12, "{summary}");
}

#[tokio::test]
async fn every_entry_arrives_once_however_often_polls_are_cut() {
    let summary = sample(Network::Polling).await;
    assert!(summary.connected > 1 && summary.upgraded == 0, "{summary}");
}

#[tokio::test]
async fn every_entry_arrives_once_however_often_upgrades_are_cut() {
    let summary = sample(Network::Upgrade).await;
    assert!(summary.upgraded > 0, "{summary}");
}
