//! What runs beside the loop, and how its end, good or bad, comes back into it.

use std::io;
use std::time::Duration;

use deskbell_protocol::http::{ReservationDetails, ReservationList};
use deskbell_protocol::{Reservation, ReservationId};
use tokio::task::{AbortHandle, Id, JoinError};

use crate::credentials::{CredentialError, Kept, Secret};
use crate::desk::Running;
use crate::desk::around::View;
use crate::gateway::{FetchError, HandlingError};
use crate::kept_day::{DayKey, KeptDayError};
use crate::update::{LinkFault, LinkUpdate, Snapshot, Update};
use crate::warning::Warning;
use crate::{ErrorCode, Place, Shell, UserError};

/// How long a subscription that failed stays down: long enough not to spin, short enough not to be missed.
const RESTART_AFTER: Duration = Duration::from_secs(5);

/// A part of the app that runs beside the loop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part {
    /// The connection to the source.
    Subscription,
    /// A fetch of the lists.
    Lists,
    /// A fetch of one reservation.
    Details,
    /// Pairing.
    Pairing,
    /// A wish about a reservation.
    Handling,
    /// A fetch of another day.
    Day,
    /// A fetch of what came in lately.
    Arrivals,
    /// A day as a table.
    Export,
    /// The credential store is asked for the token.
    Unlocking,
    /// The token moves where it belongs.
    Relocating,
    /// The PC becomes a desk by itself.
    Enrolling,
    /// The day is written down.
    KeepingDay,
    /// A token that is nobody's any more leaves the credential store.
    Forgetting,
    /// A look at this PC.
    Doctor,
}

/// How a part ended.
pub(super) enum Done {
    /// The connection is over; it ends by itself only when it is not wanted any more.
    SubscriptionEnded,
    /// The lists; `None` when the log changed while they were fetched.
    Lists(Result<Option<Snapshot>, FetchError>),
    /// One reservation.
    Details(ReservationId, Result<Box<ReservationDetails>, FetchError>),
    /// Pairing.
    Paired(Result<Place, UserError>),
    /// A wish about a reservation: how it stands then.
    Handled(Result<Box<Reservation>, HandlingError>),
    /// Another list that somebody looks at.
    Around(View, Result<ReservationList, FetchError>),
    /// A day as a table; whoever asked has it.
    Exported,
    /// What stands in the credential store under this name.
    Unlocked(String, Result<Option<Secret>, CredentialError>),
    /// The token has moved, or stays.
    Relocated(io::Result<Option<(Kept, Secret)>>),
    /// The PC has become a desk, or not.
    Enrolled(Result<Place, ErrorCode>),
    /// The day is written down with this key, or not.
    DayKept(DayKey, Result<(), KeptDayError>),
    /// The token has left the credential store, or not.
    Forgotten(Result<(), CredentialError>),
    /// This PC was looked at, and whoever asked has been told.
    Examined,
}

impl<S: Shell> Running<S> {
    pub(super) fn spawn(
        &mut self,
        part: Part,
        work: impl Future<Output = Done> + Send + 'static,
    ) -> AbortHandle {
        let task = self.tasks.spawn(work);
        self.parts.insert(task.id(), part);
        task
    }

    pub(super) fn finish(&mut self, ended: Result<(Id, Done), JoinError>) {
        match ended {
            Ok((id, done)) => {
                self.parts.remove(&id);
                match done {
                    Done::SubscriptionEnded => self.subscription_over(id),
                    Done::Lists(outcome) => self.lists_came(outcome),
                    Done::Details(id, outcome) => self.details_came(id, outcome),
                    Done::Paired(outcome) => self.paired(outcome),
                    Done::Handled(outcome) => self.handled(id, outcome),
                    Done::Around(view, outcome) => self.around_came(view, outcome),
                    Done::Exported => {}
                    Done::Unlocked(name, opened) => self.unlocked(name, opened),
                    Done::Relocated(outcome) => self.token_relocated(outcome),
                    Done::Enrolled(outcome) => self.enrolled(outcome),
                    Done::DayKept(key, outcome) => self.day_kept(&key, outcome),
                    Done::Forgotten(outcome) => self.token_forgotten(outcome),
                    Done::Examined => {}
                }
            }
            Err(error) => {
                let part = self.parts.remove(&error.id());
                if error.is_panic() {
                    self.part_failed(error.id(), part);
                }
            }
        }
    }

    /// A panic is a state that people can see, not the end of the bell. Its text may quote data: it is not logged here,
    /// and [`crate::Desk::run`] asks for a panic hook that does not print it either.
    fn part_failed(&mut self, id: Id, part: Option<Part>) {
        tracing::error!(?part, "a part of the app failed");
        self.warnings.insert(Warning::PartFailed);
        match part {
            Some(Part::Subscription) => self.subscription_over(id),
            Some(Part::Lists) => self.lists.failed(&self.config),
            Some(Part::Details) => self.details_failed(),
            Some(Part::Pairing) => {
                let error = UserError::new(ErrorCode::Internal, self.language());
                self.paired(Err(error));
            }
            Some(Part::Handling) => self.handling_failed(id),
            Some(part @ (Part::Day | Part::Arrivals)) => self.around_failed(part),
            Some(Part::Unlocking) => self.unlocking_failed(),
            Some(Part::Enrolling) => self.enrolled(Err(ErrorCode::Internal)),
            Some(Part::KeepingDay) => self.keeping_day_failed(),
            // Whoever asked hears that nobody answers; where the token was, it still is.
            Some(Part::Export | Part::Doctor | Part::Relocating | Part::Forgetting) | None => {}
        }
    }

    fn subscription_over(&mut self, id: Id) {
        if self.subscription_task != Some(id) {
            return;
        }
        self.subscription = None;
        self.subscription_task = None;
        self.apply_link(LinkUpdate::Lost(LinkFault::Internal));
        self.restart_at = Some(self.config.clock.instant() + RESTART_AFTER);
    }

    fn apply_link(&mut self, link: LinkUpdate) {
        self.hear(Some(Update::Link(link)));
    }
}
