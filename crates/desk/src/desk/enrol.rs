//! A PC whose administrator has given it an enrolment key becomes a desk by itself.

use std::io;
use std::path::PathBuf;
use std::time::Duration;

use deskbell_clock::Instant;
use deskbell_protocol::keyed_hash;
use deskbell_socketio::Backoff;

use crate::credentials::Token;
use crate::desk::Running;
use crate::desk::tasks::{Done, Part};
use crate::desk::unlock::Lock;
use crate::link::LinkState;
use crate::pairing::enrol;
use crate::source::Source;
use crate::update::{LinkFault, LinkUpdate, Refusal};
use crate::warning::Warning;
use crate::{ErrorCode, Folders, Place, Shell, disk};

/// When a key that was refused is tried again: it may get more PCs, and a gateway counts guesses.
const REFUSED_PAUSE: Duration = Duration::from_mins(30);

/// How it stands with becoming a desk.
#[derive(Debug, Default)]
pub(super) struct Enrolment {
    is_running: bool,
    failures: u32,
    retry_at: Option<Instant>,
    /// The key that was tried last: another one need not wait.
    tried: Option<Token>,
}

impl Enrolment {
    /// When it is tried again.
    pub(super) const fn due(&self) -> Option<Instant> {
        self.retry_at
    }
}

/// Remembers that a person has signed this PC out: the same key does not make it a desk again.
#[derive(Clone, Debug)]
pub(super) struct SignedOutFile(PathBuf);

impl SignedOutFile {
    /// The file in its folder.
    pub(super) fn new(folders: &Folders) -> Self {
        Self(folders.data.join("signed-out"))
    }

    fn names(&self, key: &Token) -> bool {
        std::fs::read(&self.0).is_ok_and(|hash| hash == mark(key))
    }

    fn keep(&self, key: &Token) -> io::Result<()> {
        disk::replace(&self.0, &mark(key))
    }
}

/// Tells nothing of the key.
fn mark(key: &Token) -> [u8; 32] {
    keyed_hash(&[0; 32], &[b"enrolment", key.as_str().as_bytes()])
}

impl<S: Shell> Running<S> {
    /// Becomes a desk, where an administrator wants it and nobody at the PC has said otherwise.
    pub(super) fn enrol(&mut self) {
        let Some(key) = self.policy.enrolment_key.clone() else {
            self.enrolment.retry_at = None;
            return;
        };
        // One whose token cannot be read is a desk already.
        let is_nobodys = matches!(self.lock, Lock::None) && !self.warnings.contains(&Warning::TokenUnusable);
        let is_wanted = is_nobodys && self.settings.source == Source::Gateway && self.pair_reply.is_none();
        if !is_wanted || self.enrolment.is_running || self.signed_out.names(&key) {
            self.enrolment.retry_at = None;
            return;
        }
        let waits = self.enrolment.retry_at.is_some_and(|at| !self.is_due(at));
        if waits && self.enrolment.tried.as_ref() == Some(&key) {
            return;
        }
        let servers = self.settings.servers.clone();
        if servers.is_empty() {
            return;
        }
        self.enrolment.is_running = true;
        self.enrolment.retry_at = None;
        self.enrolment.tried = Some(key.clone());
        if self.link == LinkState::Unpaired {
            self.link = LinkState::Connecting { since: self.now() };
        }
        let config = self.config.clone();
        self.spawn(Part::Enrolling, async move {
            let mut outcome = Err(ErrorCode::Unreachable);
            for server in &servers {
                outcome = enrol(&config, server, &key, config.host_name.clone()).await;
                // Whoever answers decides: a key is not shown around.
                if !matches!(outcome, Err(ErrorCode::Unreachable)) {
                    break;
                }
            }
            Done::Enrolled(outcome)
        });
    }

    pub(super) fn enrolled(&mut self, outcome: Result<Place, ErrorCode>) {
        self.enrolment.is_running = false;
        let code = match outcome {
            Ok(_) => {
                tracing::info!("this PC has become a desk by its enrolment key");
                self.enrolment = Enrolment::default();
                self.read_folders();
                return;
            }
            Err(code) => code,
        };
        tracing::warn!(code = code.as_str(), "this PC could not become a desk");
        let now = self.config.clock.instant();
        let fault = match code {
            ErrorCode::Unreachable => LinkFault::Unreachable,
            ErrorCode::ServerFailed => LinkFault::Busy,
            ErrorCode::NotDeskbell => LinkFault::OtherProgram,
            _ => {
                self.link = LinkState::Refused(Refusal::EnrolmentRefused);
                self.enrolment.retry_at = Some(now + REFUSED_PAUSE);
                return;
            }
        };
        self.link = self.link.after(&LinkUpdate::Lost(fault), self.now());
        let wait = Backoff::default().delay(self.enrolment.failures, &*self.config.entropy);
        self.enrolment.failures = self.enrolment.failures.saturating_add(1);
        self.enrolment.retry_at = Some(now + wait);
    }

    /// A person signs out, and means it.
    pub(super) fn stay_signed_out(&self) {
        let Some(key) = &self.policy.enrolment_key else {
            return;
        };
        if let Err(error) = self.signed_out.keep(key) {
            tracing::error!(%error, "this PC will not remember that it was signed out");
        }
    }
}
