use std::net::SocketAddr;
use std::time::Duration;

use anyhow::{Context, Result};
use deskbell_clock::{Clock, Instant, SystemClock};
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio::time::interval;

use super::Room;
use crate::http::{Booking, Site};

/// Connections that the booking sites have together; more than are ever busy at once.
const CONNECTIONS: usize = 64;

/// What was posted: reservation 0 for room 0, the next for room 1 and so on, round and round.
pub(crate) struct Posts(Vec<Post>);

/// One POST.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Post {
    pub(crate) sent: Instant,
    /// When its 201 was read.
    pub(crate) accepted: Instant,
}

impl Posts {
    /// Sends `count`, one in `every`, whether or not the last has been answered.
    ///
    /// # Errors
    /// When one is answered other than 201.
    pub(crate) async fn send(
        address: SocketAddr,
        rooms: &[Room],
        count: usize,
        every: Duration,
    ) -> Result<Self> {
        let (free, mut sites) = mpsc::channel(CONNECTIONS);
        for _ in 0..CONNECTIONS {
            free.send(Site::open(address).await?).await?;
        }
        let (mut ticks, mut posting) = (interval(every), JoinSet::new());
        for (number, room) in (0..count).zip(rooms.iter().cycle()) {
            ticks.tick().await;
            let mut site = sites.recv().await.context("no connection is left")?;
            let (free, token) = (free.clone(), room.site.clone());
            posting.spawn(async move {
                let name = number.to_string();
                let booking = Booking {
                    token: &token,
                    key: &name,
                    name: &name,
                };
                let sent = SystemClock.instant();
                site.book(&booking).await?;
                let accepted = SystemClock.instant();
                free.send(site).await?;
                anyhow::Ok((number, Post { sent, accepted }))
            });
        }
        let mut posts = Vec::with_capacity(count);
        while let Some(posted) = posting.join_next().await {
            posts.push(posted??);
        }
        posts.sort_unstable_by_key(|(number, _)| *number);
        Ok(Self(posts.into_iter().map(|(_, post)| post).collect()))
    }

    /// How many.
    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    /// Reservation `number`.
    pub(crate) fn get(&self, number: usize) -> Option<Post> {
        self.0.get(number).copied()
    }

    #[cfg(test)]
    pub(crate) fn of(posts: Vec<Post>) -> Self {
        Self(posts)
    }
}
