//! What the gateway keeps: each hospital's durable log of changes, and the tables that belong to it.
//!
//! Three traits, one for each kind of thing kept, make up a [`Store`]; [`open`] gives the back end that an address
//! names. A change of a reservation, its log entry and the hospital's head are written in one transaction, so
//! that `seq` grows by exactly 1 and a log that was read up to a seq has everything up to it.

mod desks;
mod error;
mod hospitals;
mod open;
mod pairing_code;
mod reservations;
mod sqlite;
mod token;

#[cfg(test)]
mod conformance;

pub use desks::{DeskRecord, Desks, NewDesk, PairingOffer};
pub use error::{OpenError, StoreError};
pub use hospitals::{HospitalRecord, Hospitals, NewHospital};
pub use open::{Address, NotAnAddress, open};
pub use pairing_code::{NotAPairingCode, PairingCode};
pub use reservations::{Filter, Idempotency, LogState, Logged, Recorded, Reservations};
pub use sqlite::Sqlite;
pub use token::{DeskToken, Digest, IntakeKey, NotAToken, Owner, Token};

use async_trait::async_trait;

/// Everything a gateway keeps. Several gateways and commands may use one database at the same time.
#[async_trait]
pub trait Store: Hospitals + Desks + Reservations + Send + Sync + 'static {
    /// Whether a change could be begun now: the database is there, may be written, and nobody blocks it.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] when it could not.
    async fn ready(&self) -> Result<(), StoreError>;

    /// The server's own secret called `name`; the first to ask sets it to `fresh`, which must be random.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    async fn secret(&self, name: &'static str, fresh: [u8; 32]) -> Result<[u8; 32], StoreError>;

    /// Waits for what is being written and lets go of the database. Every later call is refused.
    async fn close(&self);
}
