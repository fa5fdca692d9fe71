//! The one router for what comes from outside the window: a toast's button, and a link.

use std::time::Duration;

use deskbell_clock::Instant;
use deskbell_protocol::{ReservationId, Status};

use crate::bell::About;
use crate::desk::Running;
use crate::gateway::Handling;
use crate::request::Reply;
use crate::{DeskLink, ErrorCode, PairOffer, Shell, ToastAct, ToastButton, ToastKey, address};

/// Systems deliver one press twice at times, by two ways: the same within this time is one.
const SAME: Duration = Duration::from_secs(2);

/// What was followed lately.
#[derive(Debug, Default)]
pub(super) struct Followed(Vec<(ReservationId, Option<ToastAct>, Instant)>);

impl Followed {
    /// Whether the same was followed just now.
    fn holds(&self, id: ReservationId, act: Option<ToastAct>, now: Instant) -> bool {
        self.0
            .iter()
            .any(|(of, what, at)| (*of, *what) == (id, act) && now.saturating_since(*at) < SAME)
    }

    /// What was followed has come to nothing.
    pub(super) fn forget(&mut self, id: ReservationId) {
        self.0.retain(|(of, ..)| *of != id);
    }

    fn note(&mut self, id: ReservationId, act: Option<ToastAct>, now: Instant) {
        self.0.retain(|(_, _, at)| now.saturating_since(*at) < SAME);
        self.0.push((id, act, now));
    }
}

/// A pairing that a link has asked for.
#[derive(Clone)]
pub(super) struct Offered {
    server: String,
    code: String,
}

impl<S: Shell> Running<S> {
    /// What can be answered on a toast about `about`, from left to right, each with a nonce of its own.
    pub(super) fn buttons(&mut self, about: About) -> Vec<ToastButton> {
        let id = match about {
            About::New(id)
            | About::Rescheduled(id)
            | About::Again(id)
            | About::Repeat(id)
            | About::Undone { id, .. } => id,
            About::CalledOff(_) | About::Digest { .. } | About::Test => return Vec::new(),
        };
        // Whoever stands before a locked screen may be anybody.
        if self.locked {
            return Vec::new();
        }
        let Some(version) = self
            .inbox
            .get(id)
            .filter(|reservation| self.waits(reservation))
            .map(|reservation| reservation.version)
        else {
            return Vec::new();
        };
        let acts: &[_] = if self.settings.toast_detail == 0 {
            // Nobody confirms what they have not seen.
            &[ToastAct::Claim]
        } else {
            &[ToastAct::Confirm, ToastAct::Claim]
        };
        let (now, language) = (self.now(), self.language());
        acts.iter()
            .map(|&act| ToastButton {
                act,
                label: language.act(act).to_owned(),
                nonce: self.nonces.mint(id, act, version, &*self.config.entropy, now),
            })
            .collect()
    }

    /// Somebody pressed a button of a toast that this process shows.
    pub(super) fn acted(&mut self, id: ReservationId, act: ToastAct) {
        let seen = self.nonces.burn_last(id, act, self.config.clock.now());
        self.act_or_open(id, act, seen);
    }

    /// Somebody, or some page of the web, followed a link.
    pub(super) fn follow(&mut self, link: DeskLink) {
        match link {
            DeskLink::Reservation(id) => self.follow_to(id),
            DeskLink::Act { id, act, nonce } => {
                let now = self.now();
                let seen = nonce.and_then(|nonce| self.nonces.burn(&nonce, id, act, now));
                self.act_or_open(id, act, seen);
            }
            DeskLink::Pair { server, code } => {
                // Nobody agrees to another server than the one before their eyes.
                if self.pair_offer().is_none() {
                    self.offered = Some(Offered { server, code });
                }
                self.open_window();
            }
        }
    }

    /// Does what a toast's button says, where its nonce was good and told of version `seen`; otherwise shows what it is
    /// about.
    fn act_or_open(&mut self, id: ReservationId, act: ToastAct, seen: Option<u64>) {
        // What is used must not be good again after a crash.
        self.save_nonces();
        let now = self.config.clock.instant();
        match seen {
            _ if self.followed.holds(id, Some(act), now) => {}
            Some(seen) => {
                self.followed.note(id, Some(act), now);
                self.act_for_toast(id, act, seen);
            }
            None => {
                tracing::info!(%id, ?act, "without a nonce that is good, a link only opens");
                self.follow_to(id);
            }
        }
    }

    fn follow_to(&mut self, id: ReservationId) {
        let now = self.config.clock.instant();
        if !self.followed.holds(id, None, now) {
            self.followed.note(id, None, now);
            self.open_reservation(id);
        }
    }

    /// The toast leaves at once; it comes back if nothing came of it.
    fn act_for_toast(&mut self, id: ReservationId, act: ToastAct, seen: u64) {
        let withdraws = self.bell.seen(ToastKey::Reservation(id));
        self.act(withdraws);
        match act {
            ToastAct::Confirm => {
                let handling = Handling::SetStatus {
                    to: Status::Booked,
                    seen,
                    overrides: false,
                };
                self.wish_for_toast(id, handling);
            }
            // Whoever takes it on needs it before their eyes: whom to call, and when.
            ToastAct::Claim => {
                self.open_reservation(id);
                self.wish_for_toast(id, Handling::Claim);
            }
        }
    }

    /// What the window asks about a pairing that a link wants.
    pub(super) fn pair_offer(&self) -> Option<PairOffer> {
        let offered = self.offered.as_ref()?;
        Some(PairOffer {
            server: address::read_where(&offered.server, self.policy.plain_http()).ok()?,
            replaces: self.token.as_ref().and(self.hospital_name()).map(str::to_owned),
        })
    }

    /// Somebody agrees to that pairing, or does not. It stays offered until it has worked, since a code may be asked for
    /// again.
    pub(super) fn answer_pair_offer(&mut self, agreed: bool, reply: Reply) {
        match self.offered.clone().filter(|_| agreed) {
            Some(Offered { server, code }) => self.start_pairing(server, code, reply),
            None if agreed => self.refuse(reply, ErrorCode::CodeRefused),
            None => {
                self.offered = None;
                // The window that asked may be gone.
                let _ = reply.send(Ok(()));
            }
        }
    }

    /// Writes the nonces down, those that are still of use. A disk that does not take them costs only that a button may
    /// do nothing but open after a restart.
    pub(super) fn save_nonces(&mut self) {
        let inbox = &self.inbox;
        let saved = self.nonces.save(|id| {
            inbox
                .get(id)
                .is_some_and(|reservation| reservation.status.is_handled())
        });
        if let Err(error) = saved {
            tracing::error!(%error, "the nonces cannot be written");
        }
    }
}
