//! A desk without a credential store.

use deskbell_desk::{CredentialError, Credentials};

/// A PC that keeps no secrets: the desk's are in files, and nobody's own store is touched.
#[derive(Clone, Copy, Debug)]
pub struct NoStore;

impl NoStore {
    fn is_away<T>() -> Result<T, CredentialError> {
        Err(CredentialError::Away("a desk under test has none".to_owned()))
    }
}

impl Credentials for NoStore {
    fn get(&self, _: &str) -> Result<Option<Vec<u8>>, CredentialError> {
        Self::is_away()
    }

    fn keep(&self, _: &str, _: &[u8]) -> Result<(), CredentialError> {
        Self::is_away()
    }

    fn forget(&self, _: &str) -> Result<(), CredentialError> {
        Self::is_away()
    }
}
