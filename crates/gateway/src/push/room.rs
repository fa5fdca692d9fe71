use std::sync::Mutex;

use deskbell_protocol::event::{Change, Head, NAMESPACE};
use deskbell_protocol::{HospitalId, Seq};
use deskbell_socketio::server::{Frame, Room, Socket};
use deskbell_store::Logged;
use jiff::Timestamp;
use serde::Serialize;

use super::lock;

/// One hospital's desks, and the change up to which all of them have been sent the log.
#[derive(Debug)]
pub(super) struct HospitalRoom {
    hospital: HospitalId,
    sockets: Room,
    /// Held while the room is sent something or joined, so that both happen between two changes.
    pushed: Mutex<Seq>,
}

impl HospitalRoom {
    /// An empty room that begins after `pushed`.
    pub(super) fn new(hospital: HospitalId, pushed: Seq) -> Self {
        Self {
            hospital,
            sockets: Room::new(),
            pushed: Mutex::new(pushed),
        }
    }

    pub(super) fn hospital(&self) -> HospitalId {
        self.hospital
    }

    /// The last change the room was sent.
    pub(super) fn pushed(&self) -> Seq {
        *lock(&self.pushed)
    }

    /// Sends the room what it has not been sent of `page`, which must be of this hospital's log, in order.
    pub(super) fn push(&self, page: &[Logged]) {
        let mut pushed = lock(&self.pushed);
        for logged in page {
            // Two may read the same page at the same time; what one sent the other leaves out.
            if logged.seq == pushed.next() {
                self.broadcast(Change::NAME, &*logged.change);
                *pushed = logged.seq;
            }
        }
    }

    /// Tells the room where the log ends.
    pub(super) fn beat(&self, now: Timestamp) {
        let pushed = lock(&self.pushed);
        self.broadcast(Head::NAME, &Head { seq: *pushed, now });
    }

    /// Lets a socket in that was sent everything up to `at`, if the room is there too.
    pub(super) fn join(&self, socket: &Socket, at: Seq) -> bool {
        let pushed = lock(&self.pushed);
        let level = *pushed == at;
        if level {
            self.sockets.join(socket);
        }
        level
    }

    fn broadcast<T: Serialize + ?Sized>(&self, name: &str, data: &T) {
        if self.sockets.is_empty() {
            return;
        }
        match Frame::event(NAMESPACE, name, data) {
            Ok(frame) => self.sockets.broadcast(&frame),
            Err(error) => tracing::error!(%error, name, "an event cannot be written"),
        }
    }
}
