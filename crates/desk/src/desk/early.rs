//! Wishes of a toast's button or a link that has started the app: they wait until the gateway can be asked.

use std::time::Duration;

use deskbell_clock::Instant;
use deskbell_protocol::ReservationId;

use crate::Shell;
use crate::desk::Running;
use crate::desk::handle::Asker;
use crate::gateway::Handling;
use crate::link::LinkState;
use crate::source::Source;
use crate::update::Refusal;

/// So long such a wish waits: a store of secrets asks a person, and a PC that has just started finds its network late.
const PATIENCE: Duration = Duration::from_secs(30);

/// A wish that came before its time.
#[derive(Debug)]
pub(super) struct Early {
    id: ReservationId,
    handling: Handling,
    /// From then on it is asked whatever comes of it: a sentence is better than silence.
    until: Instant,
}

impl<S: Shell> Running<S> {
    /// Asks the gateway for what somebody wants who is not at the window, as soon as it can be asked.
    pub(super) fn wish_for_toast(&mut self, id: ReservationId, handling: Handling) {
        if self.is_beginning() {
            let until = self.config.clock.instant() + PATIENCE;
            self.early.push(Early { id, handling, until });
        } else {
            self.wish(id, handling, Asker::Toast);
        }
    }

    /// Asks for what had to wait, once it need not wait any longer.
    pub(super) fn wish_what_waited(&mut self) {
        let (now, beginning) = (self.config.clock.instant(), self.is_beginning());
        let due: Vec<_> = self
            .early
            .extract_if(.., |early| !beginning || now >= early.until)
            .collect();
        for Early { id, handling, .. } in due {
            self.wish(id, handling, Asker::Toast);
        }
    }

    /// When what waits is asked for at the latest.
    pub(super) fn early_due(&self) -> Option<Instant> {
        self.early.iter().map(|early| early.until).min()
    }

    /// Whether the gateway has not answered yet since the start, and still may.
    fn is_beginning(&self) -> bool {
        let is_refused = match self.link {
            LinkState::Unpaired => true,
            LinkState::Refused(refusal) => refusal != Refusal::StoreShut,
            LinkState::Connecting { .. } | LinkState::Live { .. } | LinkState::Offline { .. } => false,
        };
        self.settings.source == Source::Gateway && self.inbox.clock().is_none() && !is_refused
    }
}
