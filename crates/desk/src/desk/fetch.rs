//! Asking the gateway, again and again until it answers.

use deskbell_clock::Instant;
use deskbell_protocol::ReservationId;
use deskbell_protocol::http::ReservationDetails;
use deskbell_socketio::Backoff;
use tokio::task::AbortHandle;

use crate::Shell;
use crate::desk::tasks::{Done, Part};
use crate::desk::{DeskConfig, Running};
use crate::gateway::{FetchError, Gateway};
use crate::update::{Snapshot, Update};
use crate::warning::Warning;

/// One question that is asked until it is answered.
#[derive(Debug, Default)]
pub(super) struct Fetch {
    task: Option<AbortHandle>,
    failures: u32,
    retry_at: Option<Instant>,
}

/// The reservation whose details are on the screen.
#[derive(Debug)]
pub(super) struct Looked {
    /// Which.
    pub id: ReservationId,
    /// What the gateway told last.
    pub details: Option<Box<ReservationDetails>>,
    /// Why it did not.
    pub failure: Option<FetchError>,
    /// Whether it must be asked: nothing that is known or under way tells how the reservation stands now.
    pub outdated: bool,
    /// What became of it while somebody here was acting on it, as a sentence.
    pub conflict: Option<String>,
}

impl Looked {
    /// Nothing is known of `id` yet.
    pub(super) const fn new(id: ReservationId) -> Self {
        Self {
            id,
            details: None,
            failure: None,
            outdated: true,
            conflict: None,
        }
    }
}

impl Fetch {
    /// When to ask again.
    pub(super) const fn retry_at(&self) -> Option<Instant> {
        self.retry_at
    }

    /// Forgets the question.
    pub(super) fn drop_it(&mut self) {
        if let Some(task) = self.task.take() {
            task.abort();
        }
        self.retry_at = None;
        self.failures = 0;
    }

    /// Does not wait any longer.
    pub(super) const fn hurry(&mut self) {
        self.retry_at = None;
    }

    /// The question was not answered: it waits for another try.
    pub(super) fn failed(&mut self, config: &DeskConfig) {
        let wait = Backoff::default().delay(self.failures, &*config.entropy);
        self.task = None;
        self.failures = self.failures.saturating_add(1);
        self.retry_at = Some(config.clock.instant() + wait);
    }

    /// Whether it can be asked now.
    pub(super) fn is_free(&self, now: Instant) -> bool {
        self.task.is_none() && self.retry_at.is_none_or(|at| now >= at)
    }

    /// It is being asked by `task`.
    pub(super) fn began(&mut self, task: AbortHandle) {
        self.task = Some(task);
        self.retry_at = None;
    }
}

impl<S: Shell> Running<S> {
    /// Fetches the lists where the inbox needs them.
    pub(super) fn fetch_lists(&mut self) {
        let now = self.now();
        let today = self.inbox.clock().map(|clock| clock.today(now));
        let (Some(gateway), Some(today), true) = (self.gateway(), today, self.inbox.needs_lists(now)) else {
            self.lists.drop_it();
            return;
        };
        if self.lists.is_free(self.config.clock.instant()) {
            let task = self.spawn(
                Part::Lists,
                async move { Done::Lists(gateway.snapshot(today).await) },
            );
            self.lists.began(task);
        }
    }

    pub(super) fn lists_came(&mut self, outcome: Result<Option<Snapshot>, FetchError>) {
        match outcome {
            Ok(Some(snapshot)) => {
                self.apply(Update::Snapshot(snapshot));
                self.look_around_again();
                self.warnings.remove(&Warning::ListsFail);
                if self.inbox.needs_lists(self.now()) {
                    // They were outdated when they came: asked for before a resync, or before midnight.
                    self.lists.failed(&self.config);
                } else {
                    self.lists.drop_it();
                }
            }
            // The log changed: its next welcome is on the way.
            Ok(None) => self.lists.failed(&self.config),
            Err(error) => {
                tracing::warn!(%error, "the lists cannot be fetched");
                self.lists.failed(&self.config);
                self.warnings.insert(Warning::ListsFail);
            }
        }
    }

    /// What is known of the reservation on the screen, or is being asked, is not all there is.
    pub(super) const fn look_again(&mut self) {
        if let Some(looked) = &mut self.looked {
            looked.outdated = true;
        }
    }

    /// Fetches what is on the screen where it is outdated.
    pub(super) fn fetch_details(&mut self) {
        let gateway = self.gateway();
        let (Some(gateway), Some(looked)) = (gateway, &mut self.looked) else {
            self.details.drop_it();
            self.look_again();
            return;
        };
        if looked.outdated && self.details.is_free(self.config.clock.instant()) {
            // What happens from here on may not be in the answer: it makes it outdated again.
            looked.outdated = false;
            let id = looked.id;
            let task = self.spawn(Part::Details, async move {
                Done::Details(id, gateway.details(id).await.map(Box::new))
            });
            self.details.began(task);
        }
    }

    pub(super) fn details_came(
        &mut self,
        id: ReservationId,
        outcome: Result<Box<ReservationDetails>, FetchError>,
    ) {
        let Some(looked) = self.looked.as_mut().filter(|looked| looked.id == id) else {
            return;
        };
        match outcome {
            Ok(details) => {
                looked.details = Some(details);
                looked.failure = None;
                self.details.drop_it();
            }
            Err(error) => {
                tracing::warn!(%error, %id, "the details cannot be fetched");
                // To these, asking again would get the same answer.
                let is_final = matches!(error, FetchError::NotFound | FetchError::SignedOut);
                looked.failure = Some(error);
                if is_final {
                    self.details.drop_it();
                } else {
                    self.details_failed();
                }
            }
        }
    }

    /// The details were not told: they are asked for again after a while.
    pub(super) fn details_failed(&mut self) {
        self.look_again();
        self.details.failed(&self.config);
    }

    /// The gateway and the right to ask it; `None` while there is none.
    pub(super) fn gateway(&self) -> Option<Gateway> {
        Some(Gateway {
            http: self.http.clone()?,
            server: self.server.clone()?,
            token: self.token.clone()?,
        })
    }
}
