//! What the run and a desk's process say to each other: orders, a line each on its standard input; facts, a line each at
//! the end of a file, where they stay however the process ends.

use std::path::PathBuf;

use deskbell_clock::Timestamp;
use deskbell_protocol::ReservationId;
use serde::{Deserialize, Serialize};

/// What a process is told first.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Beginning {
    /// The desk's settings.
    pub(crate) config: PathBuf,
    /// The desk's state.
    pub(crate) data: PathBuf,
    /// Where facts go.
    pub(crate) facts: PathBuf,
    /// What chance begins with.
    pub(crate) seed: u64,
}

/// What it is told then.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) enum Order {
    /// The desk is to be this gateway's.
    Pair { server: String, code: String },
    /// The machine sleeps for so many milliseconds: both clocks jump.
    Sleep(u64),
    /// From now on every toast comes through.
    Calm,
    /// What is on the list?
    List,
}

/// What happened at a desk, and when by the run's clock.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Fact {
    pub(crate) at: Timestamp,
    #[serde(flatten)]
    pub(crate) what: What,
}

/// What happened at a desk.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum What {
    /// It was paired, or why it was not.
    Paired(Result<(), String>),
    /// Whether it is in step with its gateway.
    Live(bool),
    /// A toast is on the screen. The desk does not know yet.
    Shown {
        attempt: u64,
        digest: bool,
        tells: Vec<ReservationId>,
    },
    /// The desk is told that it is: the ledger is written next.
    Reported { attempt: u64 },
    /// A toast did not come through.
    Failed { attempt: u64 },
    /// What is on the list.
    Listed(Vec<ReservationId>),
}
