use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use deskbell_protocol::event::{Change, Head, NAMESPACE};
use deskbell_protocol::{HospitalId, Position, Seq};
use deskbell_socketio::server::{Frame, Room, Socket};
use deskbell_store::{LogState, Logged};
use jiff::Timestamp;
use serde::Serialize;

use super::lock;
use super::seats::Seats;
use super::watchers::Watchers;

/// How many changes a room is sent at once: a quarter of a desk's queue.
const PART: usize = 32;

/// How long a desk may keep the others of its hospital waiting.
const PATIENCE: Duration = Duration::from_secs(1);

/// One hospital's desks, and the change up to which all of them have been sent the log.
#[derive(Debug)]
pub(super) struct HospitalRoom {
    hospital: HospitalId,
    /// The desks that have caught up.
    sockets: Room,
    /// Held while the room is sent something or joined, so that both happen between two changes.
    pushed: Mutex<Position>,
    /// How many changes it was sent.
    sent: AtomicU64,
    /// Whether the last try to bring it to the end of the log failed.
    behind: AtomicBool,
    /// All desks that are there.
    pub(super) seats: Seats,
    /// The hospital's patients.
    pub(super) watchers: Watchers,
}

impl HospitalRoom {
    /// An empty room that begins after `pushed`.
    pub(super) fn new(hospital: HospitalId, pushed: Position) -> Self {
        Self {
            hospital,
            sockets: Room::new(),
            pushed: Mutex::new(pushed),
            sent: AtomicU64::new(0),
            behind: AtomicBool::new(false),
            seats: Seats::default(),
            watchers: Watchers::default(),
        }
    }

    pub(super) fn hospital(&self) -> HospitalId {
        self.hospital
    }

    /// The last change the room was sent.
    pub(super) fn pushed(&self) -> Seq {
        lock(&self.pushed).seq
    }

    /// Whether what comes after what the room was sent can still be had from a log that stands there.
    pub(super) fn can_go_on(&self, log: &LogState) -> bool {
        let pushed = lock(&self.pushed);
        pushed.epoch == log.position.epoch && pushed.seq >= log.pruned
    }

    /// Goes on after `position`, since what comes before it cannot be had: another life of the log has begun, or this gateway
    /// was cut off for longer than is retained. The desks are put out; they come back with cursors that get a resync.
    pub(super) fn begin_anew(&self, position: Position) {
        *lock(&self.pushed) = position;
        self.seats.put_out();
    }

    /// Sends the room what it has not been sent of `page`, which must be of this hospital's log, in order.
    ///
    /// In parts, each when every desk has room for it: a page may be as long as a desk's whole queue. A desk that has
    /// none for a second is too slow, and is cut when its queue is full.
    pub(super) async fn push(&self, page: &[Logged]) -> Result<(), serde_json::Error> {
        for part in page.chunks(PART) {
            // And for a beat, which does not wait.
            self.sockets.has_room(part.len() + 1, PATIENCE).await;
            self.push_part(part)?;
        }
        Ok(())
    }

    fn push_part(&self, part: &[Logged]) -> Result<(), serde_json::Error> {
        let mut pushed = lock(&self.pushed);
        for logged in part {
            // Two may read the same page at the same time; what one sent the other leaves out.
            if logged.seq == pushed.seq.next() {
                self.broadcast(Change::NAME, &*logged.change)?;
                pushed.seq = logged.seq;
                self.sent.fetch_add(1, Ordering::Relaxed);
                self.tell_watchers(logged);
            }
        }
        Ok(())
    }

    /// What goes wrong here is no matter of the desks'.
    fn tell_watchers(&self, logged: &Logged) {
        if self.watchers.is_empty() {
            return;
        }
        let told = serde_json::from_str(logged.change.get())
            .and_then(|Change { reservation, .. }| self.watchers.show(&reservation));
        if let Err(error) = told {
            // Not its words, which may quote what they are about.
            let (hospital, seq, column) = (self.hospital, logged.seq, error.column());
            tracing::error!(%hospital, %seq, column, "patients cannot be told of a change");
        }
    }

    /// Notes whether the room could be brought to the end of the log; true when that is news.
    pub(super) fn note_behind(&self, behind: bool) -> bool {
        self.behind.swap(behind, Ordering::Relaxed) != behind
    }

    /// How many changes it was sent.
    pub(super) fn sent(&self) -> u64 {
        self.sent.load(Ordering::Relaxed)
    }

    /// Whether the last try to bring it to the end of the log failed.
    pub(super) fn is_behind(&self) -> bool {
        self.behind.load(Ordering::Relaxed)
    }

    /// Tells the room where the log ends.
    pub(super) fn beat(&self, now: Timestamp) {
        let pushed = lock(&self.pushed);
        if let Err(error) = self.broadcast(Head::NAME, &Head { seq: pushed.seq, now }) {
            tracing::error!(hospital = %self.hospital, %error, "a beat cannot be written");
        }
    }

    /// Lets a socket in that was sent everything up to `at`, if the room is there too.
    pub(super) fn join(&self, socket: &Socket, at: Seq) -> bool {
        let pushed = lock(&self.pushed);
        let level = pushed.seq == at;
        if level {
            self.sockets.join(socket);
        }
        level
    }

    fn broadcast<T: Serialize + ?Sized>(&self, name: &str, data: &T) -> Result<(), serde_json::Error> {
        if !self.sockets.is_empty() {
            self.sockets.broadcast(&Frame::event(NAMESPACE, name, data)?);
        }
        Ok(())
    }
}
