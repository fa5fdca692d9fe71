use std::collections::HashMap;
use std::sync::Mutex;

use deskbell_protocol::watch::{NAMESPACE, Standing};
use deskbell_protocol::{Reservation, ReservationId};
use deskbell_socketio::server::{Frame, Room, Socket};

use super::lock;

/// The patients' pages of a hospital, by the reservation that each follows.
///
/// A page joins first and reads the reservation then. What changed before the read is in it; what changed after comes by
/// [`Self::show`] from the log, since the page has joined. Which of the two is said first does not matter: only what is newer
/// than the last is said, to all who follow the reservation, so all of them have always been sent the same last.
#[derive(Debug, Default)]
pub(super) struct Watchers(Mutex<HashMap<ReservationId, Watched>>);

/// A reservation that is followed.
#[derive(Debug, Default)]
struct Watched {
    pages: Room,
    /// The version that every page was sent last, and how it was said.
    last: Option<(u64, Frame)>,
}

impl Watchers {
    /// How many pages there are.
    pub(super) fn len(&self) -> usize {
        lock(&self.0).values().map(|watched| watched.pages.len()).sum()
    }

    pub(super) fn is_empty(&self) -> bool {
        lock(&self.0).is_empty()
    }

    /// Lets a page follow a reservation. It is sent what the others were sent last.
    pub(super) fn join(&self, id: ReservationId, page: &Socket) {
        let mut all = lock(&self.0);
        let watched = all.entry(id).or_default();
        watched.pages.join(page);
        if let Some((_, frame)) = &watched.last {
            // One that has gone needs nothing.
            let _ = page.try_emit(frame);
        }
    }

    /// Forgets the reservation when a page has gone and no other follows it.
    pub(super) fn leave(&self, id: ReservationId) {
        let mut all = lock(&self.0);
        if all.get(&id).is_some_and(|watched| watched.pages.is_empty()) {
            all.remove(&id);
        }
    }

    /// Shows the reservation to whoever follows it, if date, time or status are news to them.
    pub(super) fn show(&self, reservation: &Reservation) -> Result<(), serde_json::Error> {
        let mut all = lock(&self.0);
        let Some(watched) = all.get_mut(&reservation.id) else {
            return Ok(());
        };
        let version = reservation.version;
        if watched.last.as_ref().is_none_or(|(last, _)| *last < version) {
            let frame = Frame::event(NAMESPACE, Standing::NAME, &Standing::from(reservation))?;
            watched.pages.broadcast(&frame);
            watched.last = Some((version, frame));
        }
        Ok(())
    }
}
