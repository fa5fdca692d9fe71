use std::collections::HashMap;

use keyring_core::api::CredentialStoreApi;
use keyring_core::{Entry, Error};

use crate::credentials::{CredentialError, Credentials};

/// What the desk's entries are called in the store, beside their names.
const SERVICE: &str = "Deskbell";

/// The store that comes with the system. It is opened for each call: calls are rare, and an open one would stay
/// connected, or hold on to a service that was started anew.
#[derive(Clone, Copy, Debug)]
pub(super) struct Keyring;

impl Credentials for Keyring {
    fn get(&self, name: &str) -> Result<Option<Vec<u8>>, CredentialError> {
        match entry(name)?.get_secret() {
            Ok(secret) => Ok(Some(secret)),
            Err(Error::NoEntry) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    fn keep(&self, name: &str, secret: &[u8]) -> Result<(), CredentialError> {
        platform::is_open()?;
        Ok(entry(name)?.set_secret(secret)?)
    }

    fn forget(&self, name: &str) -> Result<(), CredentialError> {
        platform::is_open()?;
        match entry(name)?.delete_credential() {
            Ok(()) | Err(Error::NoEntry) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }
}

fn entry(name: &str) -> Result<Entry, CredentialError> {
    let modifiers = HashMap::from(platform::MODIFIERS);
    Ok(platform::store()?.build(SERVICE, name, Some(&modifiers))?)
}

/// The stores' own errors may hold a secret's bytes in their `Debug`; their words hold none.
impl From<Error> for CredentialError {
    fn from(error: Error) -> Self {
        match error {
            Error::NoStorageAccess(_) => Self::Locked,
            error => Self::Away(error.to_string()),
        }
    }
}

#[cfg(all(unix, not(target_os = "macos")))]
mod platform {
    use std::sync::Arc;

    use secret_service::EncryptionType;
    use secret_service::blocking::SecretService;
    use zbus_secret_service_keyring_store::Store;

    use crate::credentials::CredentialError;

    /// What people read in the keyring's own window.
    pub(super) const MODIFIERS: [(&str, &str); 1] = [("label", "Deskbell")];

    pub(super) fn store() -> Result<Arc<Store>, CredentialError> {
        Ok(Store::new()?)
    }

    /// Writing into a locked keyring, or into one that is still to be made, would bring up a dialog.
    pub(super) fn is_open() -> Result<(), CredentialError> {
        let away = |error: secret_service::Error| CredentialError::Away(error.to_string());
        let service = SecretService::connect(EncryptionType::Plain).map_err(away)?;
        let keyring = service.get_default_collection().map_err(away)?;
        if keyring.is_locked().map_err(away)? {
            return Err(CredentialError::Locked);
        }
        Ok(())
    }
}

#[cfg(target_os = "macos")]
mod platform {
    use std::sync::Arc;

    use apple_native_keyring_store::keychain::Store;

    use crate::credentials::CredentialError;

    pub(super) const MODIFIERS: [(&str, &str); 0] = [];

    /// The login keychain.
    pub(super) fn store() -> Result<Arc<Store>, CredentialError> {
        Ok(Store::new()?)
    }

    /// It is unlocked by the login.
    pub(super) const fn is_open() -> Result<(), CredentialError> {
        Ok(())
    }
}

#[cfg(windows)]
mod platform {
    use std::sync::Arc;

    use windows_native_keyring_store::Store;

    use crate::credentials::CredentialError;

    /// It does not roam: the desk is this PC's.
    pub(super) const MODIFIERS: [(&str, &str); 1] = [("persistence", "Local")];

    /// Credential Manager.
    pub(super) fn store() -> Result<Arc<Store>, CredentialError> {
        Ok(Store::new()?)
    }

    /// It is unlocked by the login.
    pub(super) const fn is_open() -> Result<(), CredentialError> {
        Ok(())
    }
}
