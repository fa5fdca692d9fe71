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
    /// Whether it must be asked.
    pub outdated: bool,
}

impl Looked {
    /// Nothing is known of `id` yet.
    pub(super) const fn new(id: ReservationId) -> Self {
        Self {
            id,
            details: None,
            failure: None,
            outdated: true,
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

    fn is_free(&self, now: Instant) -> bool {
        self.task.is_none() && self.retry_at.is_none_or(|at| now >= at)
    }

    fn began(&mut self, task: AbortHandle) {
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

    /// The reservation on the screen has changed: its history is longer now.
    pub(super) const fn look_again(&mut self) {
        if let Some(looked) = &mut self.looked {
            looked.outdated = true;
        }
    }

    /// Fetches what is on the screen where it is outdated.
    pub(super) fn fetch_details(&mut self) {
        let wanted = self
            .looked
            .as_ref()
            .filter(|looked| looked.outdated)
            .map(|looked| looked.id);
        let (Some(gateway), Some(id)) = (self.gateway(), wanted) else {
            self.details.drop_it();
            return;
        };
        if self.details.is_free(self.config.clock.instant()) {
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
                looked.outdated = false;
                self.details.drop_it();
            }
            Err(error) => {
                tracing::warn!(%error, %id, "the details cannot be fetched");
                // Asking again would get the same answer.
                if matches!(error, FetchError::NotFound | FetchError::SignedOut) {
                    looked.outdated = false;
                }
                looked.failure = Some(error);
                self.details.failed(&self.config);
            }
        }
    }

    fn gateway(&self) -> Option<Gateway> {
        Some(Gateway {
            http: self.http.clone()?,
            server: self.server.clone()?,
            token: self.token.clone()?,
        })
    }
}
