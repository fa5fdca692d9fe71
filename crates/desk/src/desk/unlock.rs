//! Getting the desk's token from where it is, and moving it to where it belongs.

use std::io;
use std::time::Duration;

use deskbell_clock::Instant;

use crate::Shell;
use crate::credentials::{CredentialError, Kept, Secret, Token};
use crate::desk::Running;
use crate::desk::tasks::{Done, Part};
use crate::link::LinkState;
use crate::source::Source;
use crate::update::Refusal;
use crate::warning::Warning;

/// A store that has not answered for so long waits for a person, who is told so.
const SILENT_AFTER: Duration = Duration::from_secs(5);

/// When a store that did not open is asked again. It may ask a person each time.
const ASK_AGAIN: Duration = Duration::from_mins(5);

/// How it stands with the token.
#[derive(Debug, Default)]
pub(super) enum Lock {
    /// There is none, or none is wanted.
    #[default]
    None,
    /// It stands in its file.
    InFile(Token),
    /// The store is asked for the entry of this name.
    Opening {
        /// The entry.
        name: String,
        /// From then on people are told that it takes long; `None` once they are.
        silent_at: Option<Instant>,
    },
    /// The store did not open.
    Shut {
        /// The entry.
        name: String,
        /// When it is asked again.
        retry_at: Instant,
    },
    /// The store has told; `None` where it has nothing of use under this name.
    Open {
        /// The entry.
        name: String,
        /// What stands in it.
        secret: Option<Secret>,
    },
}

impl Lock {
    fn name(&self) -> Option<&str> {
        match self {
            Self::None | Self::InFile(_) => None,
            Self::Opening { name, .. } | Self::Shut { name, .. } | Self::Open { name, .. } => Some(name),
        }
    }

    /// Whether there is a token that cannot be had yet.
    pub(super) const fn is_closed(&self) -> bool {
        matches!(self, Self::Opening { .. } | Self::Shut { .. })
    }

    /// What the last day is encrypted with; `None` where there is no such key.
    pub(super) fn day_key(&self) -> Option<[u8; 32]> {
        match self {
            Self::Open { secret, .. } => secret.as_ref()?.day_key,
            Self::None | Self::InFile(_) | Self::Opening { .. } | Self::Shut { .. } => None,
        }
    }

    /// When something is to be done about it.
    pub(super) const fn due(&self) -> Option<Instant> {
        match self {
            Self::None | Self::InFile(_) | Self::Open { .. } => None,
            Self::Opening { silent_at, .. } => *silent_at,
            Self::Shut { retry_at, .. } => Some(*retry_at),
        }
    }

    /// Does not wait any longer with asking again.
    pub(super) const fn hurry(&mut self, now: Instant) {
        if let Self::Shut { retry_at, .. } = self {
            *retry_at = now;
        }
    }
}

impl<S: Shell> Running<S> {
    /// The token, as far as it can be had; `None` also while the store is asked for it.
    pub(super) fn read_token(&mut self) -> io::Result<Option<Token>> {
        match self.vault.file.read()? {
            None => {
                self.lock = Lock::None;
                Ok(None)
            }
            Some(Kept::Here(token)) => {
                self.lock = Lock::InFile(token.clone());
                Ok(Some(token))
            }
            Some(Kept::InStore(name)) => {
                if self.lock.name() != Some(&name) {
                    self.ask_store(name);
                    return Ok(None);
                }
                match &self.lock {
                    Lock::Open { secret: None, .. } => {
                        Err(io::Error::other("the store does not have it any more"))
                    }
                    Lock::Open { secret, .. } => Ok(secret.as_ref().map(|secret| secret.token.clone())),
                    Lock::None | Lock::InFile(_) | Lock::Opening { .. } | Lock::Shut { .. } => Ok(None),
                }
            }
        }
    }

    fn ask_store(&mut self, name: String) {
        self.lock = Lock::Opening {
            name: name.clone(),
            silent_at: Some(self.config.clock.instant() + SILENT_AFTER),
        };
        let vault = self.vault.clone();
        self.spawn(Part::Unlocking, async move {
            let opened = vault.open(&name).await;
            Done::Unlocked(name, opened)
        });
    }

    pub(super) fn unlocked(&mut self, name: String, opened: Result<Option<Secret>, CredentialError>) {
        // Another one may count by now.
        if !matches!(&self.lock, Lock::Opening { name: asked, .. } if *asked == name) {
            return;
        }
        match opened {
            Ok(secret) => {
                let is_lost = secret.is_none();
                self.lock = Lock::Open { name, secret };
                self.read_folders();
                if is_lost {
                    self.connect();
                }
            }
            Err(error) => {
                tracing::error!(%error, "the credential store does not give the token");
                let retry_at = self.config.clock.instant() + ASK_AGAIN;
                self.lock = Lock::Shut { name, retry_at };
                self.tell_of_lock();
            }
        }
    }

    /// The part that asked is gone without an answer.
    pub(super) fn unlocking_failed(&mut self) {
        if let Lock::Opening { name, .. } = &self.lock {
            let name = name.clone();
            self.unlocked(name, Err(CredentialError::Away("it panicked".to_owned())));
        }
    }

    /// Tells people of a store that does not open, and asks it again when it is time to.
    pub(super) fn mind_lock(&mut self) {
        if !self.lock.due().is_some_and(|due| self.is_due(due)) {
            return;
        }
        match &mut self.lock {
            Lock::Opening { silent_at, .. } => {
                *silent_at = None;
                self.tell_of_lock();
            }
            Lock::Shut { name, .. } => {
                let name = std::mem::take(name);
                self.ask_store(name);
            }
            Lock::None | Lock::InFile(_) | Lock::Open { .. } => {}
        }
    }

    fn tell_of_lock(&mut self) {
        if self.settings.source == Source::Gateway {
            self.link = LinkState::Refused(Refusal::StoreShut);
        }
    }

    /// Moves the token where the settings want it, beside the loop; tried once in a run, since a store that would not
    /// have it a moment ago will not have it now.
    pub(super) fn relocate(&mut self) {
        let use_store = self.settings.use_store;
        let (from, token) = match &self.lock {
            Lock::InFile(token) if use_store => (Kept::Here(token.clone()), token.clone()),
            Lock::Open {
                name,
                secret: Some(secret),
            } if !use_store => (Kept::InStore(name.clone()), secret.token.clone()),
            _ => return,
        };
        if std::mem::replace(&mut self.relocated, true) {
            return;
        }
        let vault = self.vault.clone();
        self.spawn(Part::Relocating, async move {
            Done::Relocated(vault.relocate(from, token, use_store).await)
        });
    }

    pub(super) fn token_relocated(&mut self, outcome: io::Result<Option<(Kept, Secret)>>) {
        match outcome {
            Ok(Some((Kept::InStore(name), secret))) => {
                self.lock = Lock::Open {
                    name,
                    secret: Some(secret),
                };
                self.read_folders();
            }
            Ok(Some((Kept::Here(_), _))) => self.read_folders(),
            Ok(None) => {}
            Err(error) => {
                tracing::error!(%error, "the token cannot be moved");
                self.warnings.insert(Warning::TokenUnusable);
            }
        }
    }
}
