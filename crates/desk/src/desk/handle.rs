//! Claiming, answering and taking back: wishes that the gateway is asked for beside the loop, each with one answer.

use std::collections::HashMap;

use deskbell_protocol::{DeskId, Epoch, Reservation, ReservationId, Status};
use tokio::task::Id;

use crate::desk::Running;
use crate::desk::tasks::{Done, Part};
use crate::gateway::{Handling, HandlingError};
use crate::notice::is_claimed;
use crate::request::Reply;
use crate::{ErrorCode, Shell, UserError};

/// Who wants it, and so where the answer goes.
#[derive(Debug)]
pub(super) enum Asker {
    /// Somebody at the window.
    Window(Reply),
    /// Somebody pressed a toast's button: no one may be at the window.
    Toast,
    /// Nobody: a claim is being kept.
    Lease,
}

/// A wish that the gateway has been asked for.
#[derive(Debug)]
pub(super) struct Wish {
    id: ReservationId,
    handling: Handling,
    /// The status it had when it was wished.
    from: Option<Status>,
    /// The log in which it was seen: what is answered in another one is not comparable.
    epoch: Option<Epoch>,
    /// The same wished twice, as by a double click, is asked once.
    askers: Vec<Asker>,
}

#[cfg(test)]
impl Wish {
    /// What is wished.
    pub(super) const fn handling(&self) -> Handling {
        self.handling
    }
}

/// The wishes under way.
pub(super) type Wishes = HashMap<Id, Wish>;

impl<S: Shell> Running<S> {
    /// Asks the gateway for a change that somebody at the window wants.
    pub(super) fn claim(&mut self, id: ReservationId, reply: Reply) {
        self.hands_on();
        self.wish(id, Handling::Claim, Asker::Window(reply));
    }

    pub(super) fn release(&mut self, id: ReservationId, reply: Reply) {
        self.wish(id, Handling::Release, Asker::Window(reply));
    }

    pub(super) fn set_status(&mut self, id: ReservationId, to: Status, overrides: bool, reply: Reply) {
        let Some(seen) = self.seen(id).map(|reservation| reservation.version) else {
            return self.refuse(reply, ErrorCode::NotFound);
        };
        let handling = Handling::SetStatus { to, seen, overrides };
        self.wish(id, handling, Asker::Window(reply));
    }

    pub(super) fn undo(&mut self, id: ReservationId, reply: Reply) {
        let own = self.own_changes.version_of(id);
        let seen = own.or_else(|| self.seen(id).map(|reservation| reservation.version));
        match seen {
            Some(seen) => self.wish(id, Handling::Undo { seen }, Asker::Window(reply)),
            None => self.refuse(reply, ErrorCode::NotFound),
        }
    }

    pub(super) fn refuse(&self, reply: Reply, code: ErrorCode) {
        // The window that asked may be gone.
        let _ = reply.send(Err(UserError::new(code, self.language())));
    }

    /// The reservation as the person at the window has it before their eyes: as it was drawn last.
    fn seen(&self, id: ReservationId) -> Option<&Reservation> {
        let drawn = self.shown.as_ref().and_then(|screen| screen.find(id));
        drawn.or_else(|| self.inbox.get(id))
    }

    pub(super) fn wish(&mut self, id: ReservationId, handling: Handling, asker: Asker) {
        let same = |wish: &&mut Wish| (wish.id, wish.handling) == (id, handling);
        if let Some(wish) = self.wishes.values_mut().find(same) {
            wish.askers.push(asker);
            return;
        }
        let wish = Wish {
            id,
            handling,
            from: self.seen(id).map(|reservation| reservation.status),
            epoch: self.inbox.cursor().map(|cursor| cursor.epoch.clone()),
            askers: vec![asker],
        };
        if !self.settings.source.abilities().status {
            return self.wish_failed(wish, ErrorCode::NoHandling);
        }
        let Some(gateway) = self.gateway() else {
            return self.wish_failed(wish, ErrorCode::NotReached);
        };
        let staff = self.staff();
        let task = self.spawn(Part::Handling, async move {
            Done::Handled(gateway.handle(id, handling, staff).await.map(Box::new))
        });
        self.wishes.insert(task.id(), wish);
    }

    /// Whether the gateway is being asked for just that.
    pub(super) fn is_wished(&self, id: ReservationId, handling: Handling) -> bool {
        self.wishes
            .values()
            .any(|wish| (wish.id, wish.handling) == (id, handling))
    }

    /// The gateway has answered the wish of task `task`, or could not be asked.
    pub(super) fn handled(&mut self, task: Id, outcome: Result<Box<Reservation>, HandlingError>) {
        let Some(wish) = self.wishes.remove(&task) else {
            return;
        };
        let (id, handling) = (wish.id, wish.handling);
        match outcome {
            Ok(reservation) => {
                self.note_own_change(&wish, &reservation);
                self.learn(*reservation, wish.epoch.as_ref());
                self.conflict_over(id);
                for asker in wish.askers {
                    if let Asker::Window(reply) = asker {
                        let _ = reply.send(Ok(()));
                    }
                }
            }
            Err(error) => {
                tracing::warn!(%error, %id, ?handling, "a wish was not granted");
                let code = ErrorCode::from(&error);
                // What was not answered may be done all the same; how it stands is asked.
                self.look_again_at(id);
                if let HandlingError::Conflict(reservation) = error {
                    self.learn(*reservation, wish.epoch.as_ref());
                }
                self.wish_failed(wish, code);
            }
        }
    }

    /// The task of a wish has panicked.
    pub(super) fn handling_failed(&mut self, task: Id) {
        if let Some(wish) = self.wishes.remove(&task) {
            self.look_again_at(wish.id);
            self.wish_failed(wish, ErrorCode::Internal);
        }
    }

    /// Takes in how a reservation stands by a gateway's answer, which may be faster than its event.
    fn learn(&mut self, reservation: Reservation, epoch: Option<&Epoch>) {
        let id = reservation.id;
        if self.inbox.cursor().map(|cursor| &cursor.epoch) == epoch {
            self.inbox.learn(reservation);
        }
        self.look_again_at(id);
        // Only its own toast: another's may tell of a reservation that is handled and was moved since.
        let now = self.server_time();
        let is_looked_after =
            |reservation: &Reservation| reservation.status.is_handled() || is_claimed(reservation, now);
        if self.inbox.get(id).is_some_and(is_looked_after) {
            let acts = self.bell.take_down(id);
            self.act(acts);
        }
    }

    fn look_again_at(&mut self, id: ReservationId) {
        if self.looked.as_ref().is_some_and(|looked| looked.id == id) {
            self.look_again();
        }
    }

    fn wish_failed(&mut self, wish: Wish, code: ErrorCode) {
        let Wish {
            id, handling, askers, ..
        } = wish;
        let message = self.undone(id, handling, code);
        for asker in askers {
            match asker {
                Asker::Window(reply) => {
                    if code == ErrorCode::Conflict {
                        self.show_conflict(id, &message);
                    }
                    let message = message.clone();
                    let _ = reply.send(Err(UserError { code, message }));
                }
                Asker::Toast => {
                    self.show_conflict(id, &message);
                    self.ring_undone(id, code);
                }
                Asker::Lease => self.lease_failed(),
            }
        }
    }

    /// Why it was not done, as a sentence.
    fn undone(&self, id: ReservationId, handling: Handling, code: ErrorCode) -> String {
        let language = self.language();
        match (code, self.inbox.get(id)) {
            (ErrorCode::Conflict, Some(reservation)) => language.conflict(handling, reservation),
            _ => language.error(code).to_owned(),
        }
    }

    /// Nobody may be at the window: the toast comes back, and loudly where the reservation still waits.
    fn ring_undone(&mut self, id: ReservationId, why: ErrorCode) {
        // A press that comes now is a new one.
        self.followed.forget(id);
        let Some(reservation) = self.inbox.get(id) else {
            // The press has started the app, which knows of no reservation yet: the window says what came of it.
            let message = self.language().error(why).to_owned();
            self.open_reservation(id);
            self.show_conflict(id, &message);
            return;
        };
        let act = if self.waits(reservation) {
            self.bell.ring_undone(reservation, why)
        } else {
            self.bell.tell_undone(reservation, why)
        };
        self.act([act]);
    }

    /// Whether it waits for somebody at this desk: nobody has answered it, and no other desk looks after it.
    pub(super) fn waits(&self, reservation: &Reservation) -> bool {
        let is_anothers = is_claimed(reservation, self.server_time()) && !is_of(reservation, self.me());
        self.settings.source.abilities().status && !reservation.status.is_handled() && !is_anothers
    }

    fn note_own_change(&mut self, wish: &Wish, after: &Reservation) {
        match (wish.handling, wish.from) {
            (Handling::SetStatus { .. }, Some(from)) => {
                let (now, instant) = (self.now(), self.config.clock.instant());
                self.own_changes.note(after, from, now, instant);
            }
            (Handling::Undo { .. }, _) => self.own_changes.forget(wish.id),
            (Handling::Claim | Handling::Release | Handling::SetStatus { .. }, _) => {}
        }
    }

    fn show_conflict(&mut self, id: ReservationId, message: &str) {
        if let Some(looked) = self.looked.as_mut().filter(|looked| looked.id == id) {
            looked.conflict = Some(message.to_owned());
        }
    }

    /// What somebody did next settles it.
    fn conflict_over(&mut self, id: ReservationId) {
        if let Some(looked) = self.looked.as_mut().filter(|looked| looked.id == id) {
            looked.conflict = None;
        }
    }
}

/// Whether the claim is of desk `me`.
pub(super) fn is_of(reservation: &Reservation, me: Option<DeskId>) -> bool {
    reservation
        .claim
        .as_ref()
        .is_some_and(|claim| Some(claim.desk.id) == me)
}

impl From<&HandlingError> for ErrorCode {
    fn from(error: &HandlingError) -> Self {
        match error {
            HandlingError::Unreachable(_) => Self::NotReached,
            HandlingError::Unanswered(_) | HandlingError::Perhaps(_) => Self::Unanswered,
            HandlingError::TooMany => Self::TooManyTries,
            HandlingError::NotDeskbell => Self::NotDeskbell,
            HandlingError::SignedOut => Self::SignedOut,
            HandlingError::NotFound => Self::NotFound,
            HandlingError::Conflict(_) => Self::Conflict,
            HandlingError::Invalid => Self::NotTaken,
        }
    }
}
