//! The log's way to the sockets: one room per hospital, whose desks hear every change in the log's order, and whose
//! patients hear what becomes of their own reservation.
//!
//! [`Push::run`] reads the log on from where each room is, when somebody wakes it and at least twice a second (another
//! process may have written). A desk joins its room at the very change up to which it was replayed, under the
//! room's lock: no gap, no repeat, and nothing is buffered meanwhile.

mod desk;
mod log;
mod namespaces;
mod room;
mod seats;
#[cfg(test)]
mod tests;
mod watch;
mod watchers;

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use deskbell_clock::Clock;
use deskbell_protocol::{DeskId, HospitalId, Position, Seq};
use deskbell_store::StoreError;
use futures_util::stream::{self, FuturesUnordered};
use futures_util::{StreamExt, TryStreamExt};
use tokio::sync::Notify;
use tokio::time::{Interval, MissedTickBehavior};

use log::Log;
pub(crate) use namespaces::{Sockets, last_words};
use room::HospitalRoom;

use crate::logging::chain;

/// How many changes are read from the log at once.
const PAGE: u32 = 128;

/// How long a change or a sign-out that another process wrote may wait; a desk is promised to be put out within 1 s.
const POLL: Duration = Duration::from_millis(500);

/// How often desks hear where the log ends; at least every 25 s is promised.
const BEAT: Duration = Duration::from_secs(20);

/// Of how many hospitals the desks are looked up at once.
const LOOKS: usize = 8;

/// How long the log is waited for before it is asked again: a database server that went away without a word would be waited
/// for until the network gives up.
const PATIENCE: Duration = Duration::from_secs(10);

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

/// Who is there at one moment, and what they were sent until then.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Census {
    /// Sockets of desks.
    pub(crate) desks: usize,
    /// Patients' pages.
    pub(crate) watchers: usize,
    /// Hospitals whose rooms could not be brought to the end of their logs.
    pub(crate) behind: usize,
    /// Changes that were sent to a room; it only grows.
    pub(crate) pushed: u64,
}

/// The rooms of all hospitals.
pub(crate) struct Push {
    log: Box<dyn Log>,
    clock: Arc<dyn Clock>,
    rooms: Mutex<HashMap<HospitalId, Arc<HospitalRoom>>>,
    woken: Mutex<HashSet<HospitalId>>,
    wake: Notify,
}

impl Push {
    pub(crate) fn new(log: impl Log + 'static, clock: Arc<dyn Clock>) -> Self {
        Self {
            log: Box::new(log),
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

    /// Puts out every socket of a desk that this process has just signed out. Other gateways see it by their poll.
    pub(crate) fn sign_out(&self, hospital: HospitalId, desk: DeskId) {
        if let Some(room) = self.known_room(hospital) {
            room.seats.sign_out([desk]);
        }
    }

    /// Pushes for as long as it is polled. A store that cannot be read is asked again half a second later.
    pub(crate) async fn run(&self) {
        tokio::join!(
            self.catch_up_woken(),
            self.poll(),
            self.hear_others(),
            self.beat()
        );
    }

    async fn catch_up_woken(&self) {
        // Beside each other: a hospital whose desks or log are slow is no matter of the others'.
        let (mut under_way, mut catching_up) = (HashSet::new(), FuturesUnordered::new());
        loop {
            tokio::select! {
                () = self.wake.notified() => {}
                Some(hospital) = catching_up.next() => {
                    under_way.remove(&hospital);
                }
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

    async fn poll(&self) {
        let (mut poll, mut reachable) = (every(POLL), true);
        loop {
            poll.tick().await;
            let looked = self.look().await;
            if let Err(error) = &looked
                && reachable
            {
                // Said once, not twice a second.
                tracing::error!(error = chain(error), "the logs cannot be looked at");
            }
            reachable = looked.is_ok();
        }
    }

    async fn hear_others(&self) {
        loop {
            self.wake(self.log.next_wake().await);
        }
    }

    async fn beat(&self) {
        let mut beat = every(BEAT);
        loop {
            beat.tick().await;
            let now = self.clock.now();
            for room in lock(&self.rooms).values() {
                room.beat(now);
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

    /// Wakes the rooms whose logs another process has written to, and puts out the desks that it signed out.
    async fn look(&self) -> Result<(), StoreError> {
        if lock(&self.rooms).is_empty() {
            return Ok(());
        }
        let mut left = Vec::new();
        for head in in_time(self.log.heads()).await? {
            let Some(room) = self.known_room(head.hospital) else {
                continue;
            };
            if !room.can_go_on(&head.log) {
                tracing::warn!(hospital = %head.hospital, pushed = %room.pushed(), "a log goes on without what came before");
                room.begin_anew(head.log.position);
            } else if room.pushed() < head.log.position.seq {
                self.wake(head.hospital);
            }
            if !room.seats.knows(head.sign_outs) {
                left.push(Ok((room, head.sign_outs)));
            }
        }
        let look = async |(room, sign_outs): (Arc<HospitalRoom>, u64)| {
            let signed_out = in_time(self.log.signed_out(room.hospital())).await?;
            room.seats.sign_out(signed_out);
            room.seats.note(sign_outs);
            Ok(())
        };
        stream::iter(left).try_for_each_concurrent(LOOKS, look).await
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
            let page = in_time(self.log.changes_after(room.hospital(), room.pushed(), PAGE)).await?;
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
    async fn room(&self, hospital: HospitalId, head: &Position) -> Result<Arc<HospitalRoom>, PushError> {
        let room = Arc::clone(lock(&self.rooms).entry(hospital).or_insert_with(|| {
            // What came after `head` was looked up woke nobody: there was no room.
            self.wake(hospital);
            Arc::new(HospitalRoom::new(hospital, head.clone()))
        }));
        if room.pushed() < head.seq {
            self.catch_up(&room).await?;
        }
        let pushed = room.pushed();
        // What is missing is old: the poll has the room begin anew.
        if pushed < head.seq {
            return Err(PushError::Hole(pushed));
        }
        Ok(room)
    }

    /// The hospital's room, if anybody has been in it.
    fn known_room(&self, hospital: HospitalId) -> Option<Arc<HospitalRoom>> {
        lock(&self.rooms).get(&hospital).cloned()
    }

    /// Who is there, and what they were sent.
    pub(crate) fn census(&self) -> Census {
        let rooms = lock(&self.rooms);
        let count = |of: fn(&HospitalRoom) -> usize| rooms.values().map(|room| of(room)).sum();
        Census {
            desks: count(|room| room.seats.len()),
            watchers: count(|room| room.watchers.len()),
            behind: count(|room| usize::from(room.is_behind())),
            pushed: rooms.values().map(|room| room.sent()).sum(),
        }
    }
}

async fn in_time<T>(asked: impl Future<Output = Result<T, StoreError>>) -> Result<T, StoreError> {
    let answer = tokio::time::timeout(PATIENCE, asked).await;
    answer.unwrap_or_else(|late| Err(StoreError::Unavailable(Box::new(late))))
}

/// The first tick is at once; one that was missed does not hurry the next.
fn every(period: Duration) -> Interval {
    let mut interval = tokio::time::interval(period);
    interval.set_missed_tick_behavior(MissedTickBehavior::Delay);
    interval
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
