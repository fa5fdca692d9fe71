//! Samples of `cargo xtask soak gateway` and `soak desk`. They stand here because the program is built for this crate's tests.

#![expect(clippy::unwrap_used, reason = "a test says what it expects by failing")]

use std::time::Duration;

use deskbell_soak::desk;
use deskbell_soak::gateway::crash::Database;
use deskbell_soak::gateway::{crash, rooms};

async fn rooms(polling: bool) {
    let plan = rooms::Plan {
        program: env!("CARGO_BIN_EXE_deskbell-gateway").into(),
        hospitals: 12,
        desks: 3,
        reservations: 300,
        quiet: Duration::from_millis(500),
        polling,
        seed: 1,
    };
    let summary = rooms::soak(plan).await.unwrap();
    assert!(summary.taken_in >= 900, "{summary}");
    assert!(summary.returns > 0 && summary.cuts > 0, "{summary}");
}

#[tokio::test]
async fn desks_that_come_and_go_get_all_of_their_hospital_and_nothing_of_another() {
    rooms(false).await;
}

#[tokio::test]
async fn desks_that_poll_get_all_of_their_hospital_and_nothing_of_another() {
    rooms(true).await;
}

async fn crash(database: Database) {
    let plan = crash::Plan {
        program: env!("CARGO_BIN_EXE_deskbell-gateway").into(),
        database,
        kills: 5,
        seed: 1,
    };
    let summary = crash::soak(plan).await.unwrap();
    assert!(summary.sent_again > 0, "{summary}");
}

#[tokio::test]
async fn what_was_answered_is_there_after_every_kill() {
    crash(Database::Sqlite).await;
}

#[cfg(unix)]
#[tokio::test]
async fn what_was_answered_is_there_after_every_kill_on_postgresql() {
    crash(Database::Postgres).await;
}

#[tokio::test]
async fn every_reservation_is_told_once_whatever_breaks() {
    let plan = desk::Plan {
        gateway: env!("CARGO_BIN_EXE_deskbell-gateway").into(),
        desk: desk::DeskCommand {
            program: std::env::current_exe().unwrap(),
            arguments: ["--exact", "a_desk_for_the_sample", "--ignored", "--nocapture"]
                .map(Into::into)
                .to_vec(),
        },
        faults: 24,
        pace: Duration::from_millis(200),
        seed: 1,
    };
    let summary = desk::soak(plan).await.unwrap();
    assert!(summary.told > summary.reservations, "{summary}");
    assert!(summary.toasts > 0 && summary.digests > 0, "{summary}");
    let desk::Faults {
        gateway,
        line,
        app,
        sleep,
        ledger,
        at_rest,
    } = summary.faults;
    assert!(
        [gateway, line, app, sleep, ledger, at_rest]
            .iter()
            .all(|count| *count > 0),
        "{summary}"
    );
}

#[test]
#[ignore = "the process of a desk, which the sample starts"]
fn a_desk_for_the_sample() {
    desk::process::run().unwrap();
}
