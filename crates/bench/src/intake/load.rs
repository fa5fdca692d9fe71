use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use deskbell_clock::{Clock, SystemClock};
use serde::Deserialize;
use serde_json::Value;
use tokio::task::JoinSet;

use super::report::{Intake, Server};
use crate::http::{Booking, Site};
use crate::percentile::percentile;

/// Booking sites that post at the same time, each a connection that is kept for a turn.
pub(crate) const CONNECTIONS: usize = 64;

/// What sites were answered, all turns together.
#[derive(Default)]
pub(crate) struct Load {
    answers: Vec<Vec<u8>>,
    latencies: Vec<Duration>,
    /// Reservations a second, a turn each.
    rates: Vec<f64>,
    /// The server's, in seconds.
    pub(crate) cpu: f64,
}

#[derive(Deserialize)]
struct Answer {
    id: Value,
}

impl Load {
    /// Posts to `address` for `time`, as fast as it answers. The sites share the hospitals' `tokens`.
    ///
    /// # Errors
    /// When anything is answered other than 201.
    pub(crate) async fn run(
        &mut self,
        address: SocketAddr,
        tokens: &[&str],
        turn: usize,
        time: Duration,
    ) -> Result<()> {
        let mut sites = Vec::new();
        for _ in 0..CONNECTIONS {
            sites.push(Site::open(address).await?);
        }
        let began = SystemClock.instant();
        let end = began + time;
        let mut posting = JoinSet::new();
        for ((number, mut site), token) in (0..).zip(sites).zip(tokens.iter().cycle()) {
            let token = (*token).to_owned();
            posting.spawn(async move {
                let (mut answers, mut latencies) = (Vec::new(), Vec::new());
                let mut sent = SystemClock.instant();
                while sent < end {
                    let name = format!("{turn} {number} {}", answers.len());
                    let booking = Booking {
                        token: &token,
                        key: &name,
                        name: &name,
                    };
                    answers.push(site.book(&booking).await?.to_vec());
                    let answered = SystemClock.instant();
                    latencies.push(answered.saturating_since(sent));
                    sent = answered;
                }
                anyhow::Ok((answers, latencies))
            });
        }
        let before = self.answers.len();
        while let Some(posted) = posting.join_next().await {
            let (answers, latencies) = posted??;
            self.answers.extend(answers);
            self.latencies.extend(latencies);
        }
        let took = SystemClock.instant().saturating_since(began);
        let accepted = u32::try_from(self.answers.len() - before)?;
        self.rates.push(f64::from(accepted) / took.as_secs_f64());
        Ok(())
    }

    /// The ids of all that was accepted, in the words of the database.
    ///
    /// # Errors
    /// When an answer has none, or two have the same.
    pub(crate) fn ids(&self, read: impl Fn(&Value) -> Option<String>) -> Result<BTreeSet<String>> {
        let id = |answer: &Vec<u8>| {
            let answer: Answer = serde_json::from_slice(answer)?;
            read(&answer.id).context("a 201 without an id")
        };
        let ids: BTreeSet<_> = self.answers.iter().map(id).collect::<Result<_>>()?;
        ensure!(ids.len() == self.answers.len(), "two reservations have one id");
        Ok(ids)
    }

    /// What it comes to.
    pub(crate) fn sum_up(mut self, server: Server) -> Intake {
        self.latencies.sort_unstable();
        Intake {
            p50_ms: Some(percentile(&self.latencies, 50)),
            p99_ms: Some(percentile(&self.latencies, 99)),
            ..Intake::new(server, self.answers.len(), self.rates, self.cpu)
        }
    }
}
