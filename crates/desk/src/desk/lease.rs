//! Keeping a claim while its reservation is on the screen.
//!
//! Somebody who has the details open works on them: the lease is renewed before it runs out. Closing the details does not
//! let go, since one may only have looked something up; the lease runs out by itself, or ends with the answer. One that is
//! forgotten on the screen is not kept for ever: without a hand on it the lease runs out, and everybody hears of it again.

use std::time::Duration;

use deskbell_clock::{Instant, Timestamp};
use deskbell_protocol::{Claim, ReservationId};
use jiff::SignedDuration;

use crate::Shell;
use crate::desk::Running;
use crate::desk::handle::{Asker, is_of};
use crate::gateway::Handling;

/// How long a claim is kept after somebody last put a hand on it: longer than a call, shorter than a lunch break.
const HANDS_OFF: Duration = Duration::from_mins(30);

/// How soon a renewal that failed is tried again.
const RETRY: Duration = Duration::from_secs(10);

/// A lease is renewed this long before its end at the least.
const MARGIN: SignedDuration = SignedDuration::from_secs(20);

/// What is known of the hands on the reservation that is on the screen.
#[derive(Debug, Default)]
pub(super) struct Lease {
    /// When somebody last opened or claimed it.
    hand: Option<Instant>,
    /// A renewal has failed: when the next is tried.
    retry_at: Option<Instant>,
}

impl<S: Shell> Running<S> {
    /// Somebody opens a reservation, or claims it.
    pub(super) fn hands_on(&mut self) {
        self.lease = Lease {
            hand: Some(self.config.clock.instant()),
            retry_at: None,
        };
    }

    /// A renewal was not granted.
    pub(super) fn lease_failed(&mut self) {
        self.lease.retry_at = Some(self.config.clock.instant() + RETRY);
    }

    /// Renews the claim of what is on the screen once it is time to.
    pub(super) fn keep_lease(&mut self) {
        if let Some((id, due)) = self.renewal()
            && self.is_due(due)
        {
            self.lease.retry_at = None;
            self.wish(id, Handling::Claim, Asker::Lease);
        }
    }

    /// When the claim is to be renewed; `None` while there is none to keep, or it is being renewed.
    pub(super) fn renewal_due(&self) -> Option<Instant> {
        self.renewal().map(|(_, due)| due)
    }

    fn renewal(&self) -> Option<(ReservationId, Instant)> {
        let id = self.looked.as_ref()?.id;
        let reservation = self.inbox.get(id)?;
        let claim = reservation
            .claim
            .as_ref()
            .filter(|_| is_of(reservation, self.me()))?;
        let (now, instant) = (self.server_time(), self.config.clock.instant());
        // One that has run out is anybody's; whoever locks the screen goes away from it.
        if claim.until <= now || self.locked || self.is_wished(id, Handling::Claim) {
            return None;
        }
        let wait = renew_at(claim, reservation.updated_at).duration_since(now);
        let due = instant + Duration::try_from(wait).unwrap_or_default();
        let due = self.lease.retry_at.map_or(due, |retry| retry.max(due));
        (due.saturating_since(self.lease.hand?) < HANDS_OFF).then_some((id, due))
    }
}

/// When two thirds of the lease are gone; it began with the last change, or before.
fn renew_at(claim: &Claim, changed_at: Timestamp) -> Timestamp {
    let left_over = (claim.until.duration_since(changed_at) / 3).max(MARGIN);
    claim.until.saturating_sub(left_over).unwrap_or(claim.until)
}
