use std::collections::HashMap;
use std::sync::{PoisonError, RwLock};

use deskbell_protocol::HospitalId;
use deskbell_store::{Digest, IntakeKey};

/// The intake keys that were good when they were looked up last, one a hospital: so that a booking site's every form does
/// not cost a search. It is the transaction that stores the form which decides whether the key still is.
#[derive(Debug, Default)]
pub(crate) struct KnownKeys(RwLock<HashMap<HospitalId, Digest>>);

impl KnownKeys {
    /// Whether `key` was good then.
    pub(crate) fn has(&self, key: &IntakeKey) -> bool {
        let known = self.0.read().unwrap_or_else(PoisonError::into_inner);
        known
            .get(&key.owner())
            .is_some_and(|digest| digest.matches(&key.digest()))
    }

    /// `key` is its hospital's, by the store.
    pub(crate) fn learn(&self, hospital: HospitalId, key: Digest) {
        let mut known = self.0.write().unwrap_or_else(PoisonError::into_inner);
        known.insert(hospital, key);
    }

    /// The hospital's key is another.
    pub(crate) fn forget(&self, hospital: HospitalId) {
        let mut known = self.0.write().unwrap_or_else(PoisonError::into_inner);
        known.remove(&hospital);
    }
}
