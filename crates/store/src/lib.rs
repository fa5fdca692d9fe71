//! What the gateway keeps: each hospital's durable log of changes, and the tables that belong to it.
//!
//! Four traits, one for each kind of thing kept, make up a [`Store`]; [`open`] gives the back end that an address
//! names. A change of a reservation, its log entry and the hospital's head are written in one transaction, so
//! that `seq` grows by exactly 1 and a log that was read up to a seq has everything up to it.

mod access;
mod crowd;
mod desks;
mod error;
mod hospitals;
mod open;
mod pairing_code;
mod postgres;
mod reservations;
mod rules;
mod sqlite;
mod token;
mod transfer;

#[cfg(test)]
mod conformance;

use std::path::Path;

use async_trait::async_trait;
use deskbell_protocol::{Epoch, HospitalId};
use jiff::Timestamp;

pub use access::{Access, AccessFilter, AccessRecord, Act, Who};
pub use desks::{DeskRecord, Desks, EnrolmentOffer, EnrolmentRecord, NewDesk, PairingOffer};
pub use error::{BackupError, ChangeError, OpenError, StoreError};
pub use hospitals::{HospitalChanges, HospitalRecord, Hospitals, NewHospital};
pub use open::{Address, NotAnAddress, PostgresAddress, open};
pub use pairing_code::{NotAPairingCode, PairingCode};
pub use reservations::{Filter, Head, Idempotency, LogState, Logged, Recorded, Reservations};
pub use rules::{By, Refusal, Wish};
pub use token::{DeskToken, Digest, EnrolmentKey, IntakeKey, NotAToken, Owner, Token};

/// Everything a gateway keeps. Several gateways and commands may use one database at the same time.
#[async_trait]
pub trait Store: Hospitals + Desks + Reservations + AccessRecord + Send + Sync + 'static {
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

    /// Waits until another gateway says that this hospital's log has grown. A hint, where the database carries such hints:
    /// [`Reservations::heads`] is the net under it. Never done where it carries none.
    async fn next_wake(&self) -> HospitalId;

    /// Forgets what works no more at `now`: pairing codes, and by what requests are recognised that come again.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    async fn forget_expired(&self, now: Timestamp) -> Result<(), StoreError>;

    /// Forgets what is older than `before`: log entries, so that a cursor before them cannot be served any more, and
    /// reservations that were for a day before it and have not changed since. The access record stays.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    async fn prune(&self, before: Timestamp) -> Result<(), StoreError>;

    /// Writes everything, as it stands at one moment, into a new SQLite file that this user alone may read.
    ///
    /// # Errors
    /// See [`BackupError`].
    async fn backup(&self, file: &Path) -> Result<(), BackupError>;

    /// Takes everything from a file that [`Self::backup`] wrote, of whichever back end, into this database, which must have
    /// no hospital. Each hospital's log gets the epoch that `fresh_epoch` gives: what happened after the backup is gone,
    /// and every cursor must be noticed.
    ///
    /// # Errors
    /// See [`BackupError`].
    async fn restore(&self, file: &Path, fresh_epoch: &(dyn Fn() -> Epoch + Sync))
    -> Result<(), BackupError>;

    /// Waits for what is being written and lets go of the database. Every later call is refused.
    async fn close(&self);
}
