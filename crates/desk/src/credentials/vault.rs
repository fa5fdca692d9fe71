use std::fmt;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use deskbell_clock::Entropy;
use serde::{Deserialize, Serialize};

use crate::Folders;
use crate::credentials::{CredentialError, Credentials, Kept, Token, TokenFile, ask};

/// How long a store may take where nobody is asked anything. One that takes longer counts as away.
const LIMIT: Duration = Duration::from_secs(5);

/// How long a person has to unlock the store for somebody who waits for it.
const PATIENCE: Duration = Duration::from_secs(30);

/// Why a token cannot be had.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unread {
    /// Its file cannot be read, or names an entry that is not there.
    File,
    /// The credential store that has it does not open.
    Store,
}

/// What the desk keeps secret.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Secret {
    /// Its right to ask the gateway.
    pub token: Token,
    /// What its last day is encrypted with; `None` where there is no credential store to keep it in.
    pub day_key: Option<[u8; 32]>,
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(***)")
    }
}

/// The secret as it stands in the store: one entry, so that what was written is whole or not there.
#[derive(Serialize, Deserialize)]
struct Entry {
    token: String,
    day_key: [u8; 32],
}

/// Puts secrets where they belong and finds them there.
#[derive(Clone)]
pub(crate) struct Vault {
    /// What says where the token is.
    pub file: TokenFile,
    credentials: Arc<dyn Credentials>,
    entropy: Arc<dyn Entropy>,
}

impl Vault {
    /// The vault of the desk whose files are in `folders`.
    pub(crate) fn new(
        folders: &Folders,
        credentials: Arc<dyn Credentials>,
        entropy: Arc<dyn Entropy>,
    ) -> Self {
        Self {
            file: TokenFile::new(folders),
            credentials,
            entropy,
        }
    }

    /// What stands in the store under `name`; `None` where nothing of use does. Waits for a person to unlock it.
    pub(crate) async fn open(&self, name: &str) -> Result<Option<Secret>, CredentialError> {
        let name = name.to_owned();
        let entry = ask(&self.credentials, move |store| store.get(&name)).await?;
        Ok(entry.as_deref().and_then(read))
    }

    /// The token, wherever it is; a person has half a minute to unlock the store. `None` while the desk is not paired.
    pub(crate) async fn token(&self) -> Result<Option<Token>, Unread> {
        match self.file.read().map_err(|_| Unread::File)? {
            None => Ok(None),
            Some(Kept::Here(token)) => Ok(Some(token)),
            Some(Kept::InStore(name)) => match tokio::time::timeout(PATIENCE, self.open(&name)).await {
                Ok(Ok(Some(secret))) => Ok(Some(secret.token)),
                Ok(Ok(None)) => Err(Unread::File),
                Ok(Err(_)) | Err(_) => Err(Unread::Store),
            },
        }
    }

    /// Keeps `token` where this desk's secrets belong, in the place of any other; says what is kept, and where.
    ///
    /// In the store if it takes the token, and tells it again, with nobody's help; otherwise, or where the store is not
    /// to be used, in the file. Pairing must not fail, nor a bell fall silent, for want of a keyring.
    pub(crate) async fn keep(&self, token: Token, use_store: bool) -> io::Result<(Kept, Secret)> {
        let stored = if use_store { self.store(&token).await } else { None };
        let (kept, secret) = stored.unwrap_or_else(|| in_file(token));
        self.file.keep(&kept)?;
        Ok((kept, secret))
    }

    async fn store(&self, token: &Token) -> Option<(Kept, Secret)> {
        let (mut number, mut day_key) = ([0; 16], [0; 32]);
        self.entropy.fill(&mut number);
        self.entropy.fill(&mut day_key);
        // A name that nobody has used: the entry before counts until the file names this one.
        let name = format!("desk-{:032x}", u128::from_be_bytes(number));
        let entry = Entry {
            token: token.as_str().to_owned(),
            day_key,
        };
        let written = serde_json::to_vec(&entry).ok()?;
        let (entry_name, expected) = (name.clone(), written.clone());
        let stored = ask(&self.credentials, move |store| {
            store.keep(&entry_name, &written)?;
            store.get(&entry_name)
        });
        let told = tokio::time::timeout(LIMIT, stored)
            .await
            .unwrap_or_else(|_| Err(CredentialError::Away("no answer".to_owned())));
        match told {
            Ok(told) if told.as_ref() == Some(&expected) => {
                let secret = Secret {
                    token: token.clone(),
                    day_key: Some(day_key),
                };
                Some((Kept::InStore(name), secret))
            }
            Ok(_) => {
                tracing::warn!(
                    "the credential store does not tell what it was told; the file holds the token"
                );
                None
            }
            Err(error) => {
                tracing::warn!(%error, "the file holds the token");
                None
            }
        }
    }

    /// Moves `token`, which is kept as `from` says, where it belongs; what is kept then, and where. `None` where it stays:
    /// the store does not take it, or somebody has paired or signed out meanwhile.
    pub(crate) async fn relocate(
        &self,
        from: Kept,
        token: Token,
        use_store: bool,
    ) -> io::Result<Option<(Kept, Secret)>> {
        let moved = if use_store {
            self.store(&token).await
        } else {
            Some(in_file(token))
        };
        let Some((kept, secret)) = moved else {
            return Ok(None);
        };
        let said = match self.file.read() {
            Ok(now) if now.as_ref() == Some(&from) => self.file.keep(&kept).map(|()| true),
            read => read.map(|_| false),
        };
        let left_over = if matches!(said, Ok(true)) {
            from
        } else {
            kept.clone()
        };
        if let Err(error) = self.remove(left_over).await {
            tracing::warn!(%error, "an entry that is nobody's stays in the credential store");
        }
        Ok(said?.then_some((kept, secret)))
    }

    /// Removes `kept` from the store, where it is there.
    pub(crate) async fn remove(&self, kept: Kept) -> Result<(), CredentialError> {
        let Kept::InStore(name) = kept else { return Ok(()) };
        tokio::time::timeout(LIMIT, ask(&self.credentials, move |store| store.forget(&name)))
            .await
            .unwrap_or_else(|_| Err(CredentialError::Away("no answer".to_owned())))
    }
}

fn in_file(token: Token) -> (Kept, Secret) {
    let secret = Secret {
        token: token.clone(),
        day_key: None,
    };
    (Kept::Here(token), secret)
}

fn read(entry: &[u8]) -> Option<Secret> {
    let entry: Entry = serde_json::from_slice(entry).ok()?;
    Some(Secret {
        token: Token::new(entry.token),
        day_key: Some(entry.day_key),
    })
}
