//! A credential store in memory, for tests.

use std::collections::BTreeMap;
use std::sync::{Arc, Condvar, Mutex};

use crate::{CredentialError, Credentials};

/// How a store behaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mood {
    /// It does what it is asked.
    Open,
    /// A person would have to unlock it.
    Locked,
    /// There is none.
    Away,
    /// It tells something else than it was told.
    Forgetful,
    /// It does not answer.
    Hanging,
}

/// A store whose clones are one.
#[derive(Clone)]
pub(crate) struct FakeCredentials {
    state: Arc<(Mutex<State>, Condvar)>,
}

struct State {
    mood: Mood,
    entries: BTreeMap<String, Vec<u8>>,
}

impl FakeCredentials {
    pub(crate) fn in_mood(mood: Mood) -> Self {
        let entries = BTreeMap::new();
        Self {
            state: Arc::new((Mutex::new(State { mood, entries }), Condvar::new())),
        }
    }

    /// A machine without a store.
    pub(crate) fn none() -> Arc<dyn Credentials> {
        Arc::new(Self::in_mood(Mood::Away))
    }

    pub(crate) fn set_mood(&self, mood: Mood) {
        self.state.0.lock().unwrap().mood = mood;
        self.state.1.notify_all();
    }

    /// The names of what is kept.
    pub(crate) fn names(&self) -> Vec<String> {
        self.state.0.lock().unwrap().entries.keys().cloned().collect()
    }

    pub(crate) fn clear(&self) {
        self.state.0.lock().unwrap().entries.clear();
    }

    fn with<T>(&self, act: impl FnOnce(&mut State) -> T) -> Result<T, CredentialError> {
        let mut state = self.state.0.lock().unwrap();
        while state.mood == Mood::Hanging {
            state = self.state.1.wait(state).unwrap();
        }
        match state.mood {
            Mood::Locked => Err(CredentialError::Locked),
            Mood::Away => Err(CredentialError::Away("no service".to_owned())),
            Mood::Open | Mood::Forgetful | Mood::Hanging => Ok(act(&mut state)),
        }
    }
}

impl Credentials for FakeCredentials {
    fn get(&self, name: &str) -> Result<Option<Vec<u8>>, CredentialError> {
        self.with(|state| {
            let entry = state.entries.get(name).cloned();
            entry.filter(|_| state.mood != Mood::Forgetful)
        })
    }

    fn keep(&self, name: &str, secret: &[u8]) -> Result<(), CredentialError> {
        self.with(|state| state.entries.insert(name.to_owned(), secret.to_owned()))
            .map(drop)
    }

    fn forget(&self, name: &str) -> Result<(), CredentialError> {
        self.with(|state| state.entries.remove(name)).map(drop)
    }
}
