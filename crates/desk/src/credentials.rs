//! Where the desk's secrets are: in the platform's credential store, or, without one, in a file of the user's alone.

mod keyring;
#[cfg(target_os = "linux")]
#[cfg(test)]
mod secret_service_tests;
mod token_file;
mod vault;

use std::fmt;
use std::sync::Arc;
use std::thread;

use tokio::sync::oneshot;

pub(crate) use crate::credentials::token_file::{Kept, TokenFile};
pub(crate) use crate::credentials::vault::{Secret, Unread, Vault};

/// A desk's secret.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Token(String);

impl Token {
    /// Wraps a token as the gateway gave it.
    pub(crate) fn new(token: impl Into<String>) -> Self {
        Self(token.into())
    }

    /// The token itself, for the gateway's eyes.
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(***)")
    }
}

/// The platform's store of secrets. Its calls block, [`Self::get`] for as long as a person takes to unlock it, so they
/// are made beside the loop.
pub trait Credentials: Send + Sync + 'static {
    /// What stands under `name`; `None` where nothing does. May ask the person at the PC to unlock the store.
    ///
    /// # Errors
    /// When there is no store, or it stays locked.
    fn get(&self, name: &str) -> Result<Option<Vec<u8>>, CredentialError>;

    /// Keeps `secret` under `name`, in the place of any other. Asks nobody: a store that is locked keeps nothing.
    ///
    /// # Errors
    /// When there is no store, or it is locked.
    fn keep(&self, name: &str, secret: &[u8]) -> Result<(), CredentialError>;

    /// Forgets what stands under `name`, if anything does.
    ///
    /// # Errors
    /// When there is no store, or it is locked.
    fn forget(&self, name: &str) -> Result<(), CredentialError>;
}

/// Why the credential store does not do it. Nothing secret in it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CredentialError {
    /// There is none, or it did not answer in time.
    #[error("no credential store: {0}")]
    Away(String),
    /// It is there, and only a person can open it.
    #[error("the credential store is locked")]
    Locked,
}

/// The store that comes with the system: Credential Manager, Keychain, Secret Service.
#[must_use]
pub fn platform_credentials() -> Arc<dyn Credentials> {
    Arc::new(keyring::Keyring)
}

/// Asks the store on a thread of its own. Who stops waiting leaves the thread to its end: a call that hangs in another
/// program cannot be taken back.
async fn ask<T: Send + 'static>(
    credentials: &Arc<dyn Credentials>,
    question: impl FnOnce(&dyn Credentials) -> Result<T, CredentialError> + Send + 'static,
) -> Result<T, CredentialError> {
    let (answer, answered) = oneshot::channel();
    let credentials = credentials.clone();
    thread::Builder::new()
        .name("credentials".to_owned())
        .spawn(move || {
            // Whoever asked may have stopped waiting.
            let _ = answer.send(question(&*credentials));
        })
        .map_err(|error| CredentialError::Away(error.to_string()))?;
    answered
        .await
        .unwrap_or_else(|_| Err(CredentialError::Away("it panicked".to_owned())))
}
