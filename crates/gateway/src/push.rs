//! The log's way to the desks: one room per hospital, which hears every change in the log's order.
//!
//! [`Push::run`] reads the log on from where each room is, when somebody wakes it and at least every second (another
//! process may have written). A socket joins its room at the very change up to which it was replayed, under the
//! room's lock: no gap, no repeat, and nothing is buffered meanwhile.

mod namespace;
mod room;
#[cfg(test)]
mod tests;

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use deskbell_clock::Clock;
use deskbell_protocol::{HospitalId, Seq};
use deskbell_store::{Reservations, StoreError};
use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use tokio::sync::Notify;
use tokio::time::MissedTickBehavior;

pub(crate) use namespace::{Desks, last_words};
use room::HospitalRoom;

use crate::logging::chain;

/// How many changes are read from the log at once.
const PAGE: u32 = 128;

/// How long a change that another process wrote may wait.
const POLL: Duration = Duration::from_secs(1);

/// How often desks hear where the log ends; at least every 25 s is promised.
const BEAT: Duration = Duration::from_secs(20);

/// Why a room is not where the log is.
#[derive(Debug, thiserror::Error)]
enum PushError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("the log has a hole after {0}")]
    Hole(Seq),
    #[error("an event cannot be written")]
    Encode(#[from] serde_json::Error),
}

/// The rooms of all hospitals.
pub(crate) struct Push {
    log: Arc<dyn Reservations + Send + Sync>,
    clock: Arc<dyn Clock>,
    rooms: Mutex<HashMap<HospitalId, Arc<HospitalRoom>>>,
    woken: Mutex<HashSet<HospitalId>>,
    wake: Notify,
}

impl Push {
    pub(crate) fn new(log: Arc<dyn Reservations + Send + Sync>, clock: Arc<dyn Clock>) -> Self {
        Self {
            log,
            clock,
            rooms: Mutex::default(),
            woken: Mutex::default(),
            wake: Notify::new(),
        }
    }

    /// Says that the hospital's log has grown. Cheap: many wake-ups before the push looks are one.
    pub(crate) fn wake(&self, hospital: HospitalId) {
        lock(&self.woken).insert(hospital);
        self.wake.notify_one();
    }

    /// Pushes for as long as it is polled. A store that cannot be read is asked again a second later.
    pub(crate) async fn run(&self) {
        let (mut poll, mut beat) = (tokio::time::interval(POLL), tokio::time::interval(BEAT));
        poll.set_missed_tick_behavior(MissedTickBehavior::Delay);
        beat.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut reachable = true;
        // Beside each other: a hospital whose desks or log are slow is no matter of the others'.
        let (mut under_way, mut catching_up) = (HashSet::new(), FuturesUnordered::new());
        loop {
            tokio::select! {
                () = self.wake.notified() => {}
                Some(hospital) = catching_up.next() => {
                    under_way.remove(&hospital);
                }
                _ = poll.tick() => match self.wake_grown().await {
                    Ok(()) => reachable = true,
                    // Said once, not every second.
                    Err(error) if reachable => {
                        reachable = false;
                        tracing::error!(error = chain(&error), "the logs cannot be looked at");
                    }
                    Err(_) => {}
                },
                _ = beat.tick() => self.beat(),
            }
            for room in self.take_woken(&under_way) {
                under_way.insert(room.hospital());
                catching_up.push(async move {
                    self.try_to_catch_up(&room).await;
                    room.hospital()
                });
            }
        }
    }

    /// The rooms that somebody woke. Those under way stay woken: what woke them may come after what they have read.
    fn take_woken(&self, under_way: &HashSet<HospitalId>) -> Vec<Arc<HospitalRoom>> {
        let (rooms, mut woken) = (lock(&self.rooms), lock(&self.woken));
        woken
            .extract_if(|hospital| !under_way.contains(hospital))
            .filter_map(|hospital| rooms.get(&hospital).cloned())
            .collect()
    }

    /// Wakes the rooms whose logs another process has written to.
    async fn wake_grown(&self) -> Result<(), StoreError> {
        if lock(&self.rooms).is_empty() {
            return Ok(());
        }
        let heads = self.log.heads().await?;
        let (rooms, mut woken) = (lock(&self.rooms), lock(&self.woken));
        let grown = heads.into_iter().filter(|head| {
            rooms
                .get(&head.hospital)
                .is_some_and(|room| room.pushed() < head.seq)
        });
        woken.extend(grown.map(|head| head.hospital));
        Ok(())
    }

    /// Brings a room to the end of the log. What is wrong with one hospital's log is said, once, and no matter of the
    /// others'.
    async fn try_to_catch_up(&self, room: &HospitalRoom) {
        let caught_up = self.catch_up(room).await;
        let news = room.note_behind(caught_up.is_err());
        if let Err(error) = caught_up
            && news
        {
            let (hospital, error) = (room.hospital(), chain(&error));
            tracing::error!(%hospital, error, "a hospital's desks cannot be told of its changes");
        }
    }

    /// Brings a room to the end of the log.
    async fn catch_up(&self, room: &HospitalRoom) -> Result<(), PushError> {
        loop {
            let page = self
                .log
                .changes_after(room.hospital(), room.pushed(), PAGE)
                .await?;
            let Some(last) = page.last() else {
                return Ok(());
            };
            room.push(&page).await?;
            let pushed = room.pushed();
            // A change that does not follow is not sent: better late than with a gap.
            if pushed < last.seq {
                return Err(PushError::Hole(pushed));
            }
        }
    }

    /// The hospital's room, at `head` or beyond.
    async fn room(&self, hospital: HospitalId, head: Seq) -> Result<Arc<HospitalRoom>, PushError> {
        let room = Arc::clone(lock(&self.rooms).entry(hospital).or_insert_with(|| {
            // What came after `head` was looked up woke nobody: there was no room.
            self.wake(hospital);
            Arc::new(HospitalRoom::new(hospital, head))
        }));
        if room.pushed() < head {
            self.catch_up(&room).await?;
        }
        Ok(room)
    }

    fn beat(&self) {
        let now = self.clock.now();
        for room in lock(&self.rooms).values() {
            room.beat(now);
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
