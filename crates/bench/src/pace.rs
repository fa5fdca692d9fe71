//! Events to rooms at a steady rate, the same for every server.

use std::time::Duration;

use anyhow::Result;
use tokio::time::{MissedTickBehavior, interval};

use crate::crowd::Crowd;
use crate::subject::Subject;

/// Rounds that may be under way: a server that is slower than the rate is not buried, it just takes longer.
const UNDER_WAY: u64 = 4;

/// What is sent, and how fast.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Pace {
    /// Rooms, each with the same number of sockets.
    pub(crate) rooms: usize,
    /// Events a room is sent at once.
    pub(crate) burst: u64,
    /// Deliveries a second, all sockets together.
    pub(crate) per_second: u64,
    /// Deliveries in all, or a few more.
    pub(crate) deliveries: u64,
}

impl Pace {
    /// Sends all of it and waits until all has come. Gives the number of deliveries.
    ///
    /// # Errors
    /// When one is lost, repeated or out of order.
    pub(crate) async fn run(self, subject: &mut Subject, crowd: &Crowd) -> Result<u64> {
        let a_round = self.burst * u64::try_from(crowd.sockets)?;
        let rounds = self.deliveries.div_ceil(a_round);
        let mut ticks = interval(every(a_round, self.per_second));
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        for round in 0..rounds {
            ticks.tick().await;
            crowd.wait_for(a_round * round.saturating_sub(UNDER_WAY)).await?;
            let first = round * self.burst;
            subject
                .broadcast(0..self.rooms, first..first + self.burst)
                .await?;
        }
        crowd.wait_for(a_round * rounds).await?;
        Ok(a_round * rounds)
    }

    /// Sends one event to one room at a time instead, and measures how long each takes to arrive.
    ///
    /// # Errors
    /// As of [`Self::run`].
    pub(crate) async fn time(self, subject: &mut Subject, crowd: &Crowd) -> Result<()> {
        let in_a_room = u64::try_from(crowd.sockets / self.rooms)?;
        let events = self.deliveries.div_ceil(in_a_room);
        let mut ticks = interval(every(in_a_room, self.per_second));
        let rooms = u64::try_from(self.rooms)?;
        for event in 0..events {
            ticks.tick().await;
            let room = usize::try_from(event % rooms)?;
            crowd.time(room);
            let seq = event / rooms;
            subject.broadcast(room..room + 1, seq..seq + 1).await?;
        }
        crowd.wait_for(in_a_room * events).await
    }
}

fn every(deliveries: u64, per_second: u64) -> Duration {
    Duration::from_nanos(deliveries * 1_000_000_000 / per_second.max(1))
}
