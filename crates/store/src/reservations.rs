use std::fmt;

use async_trait::async_trait;
use deskbell_protocol::http::{ReservationDetails, ReservationList};
use deskbell_protocol::{HospitalId, NewReservation, Position, Reservation, ReservationId, Seq};
use jiff::Timestamp;
use jiff::civil::Date;
use serde_json::value::RawValue;

use crate::{ChangeError, Digest, StoreError, Wish};

/// How a repeat of a request is recognised. Both hashes are keyed, so that these rows alone give nothing away; whoever has
/// the whole database has the key too.
#[derive(Clone, Debug)]
pub struct Idempotency {
    /// Of what the sender calls the request.
    pub key: [u8; 32],
    /// Of the five fields.
    pub fields: [u8; 32],
    /// Until when a repeat is to be recognised.
    pub until: Timestamp,
}

/// What became of a recorded reservation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Recorded {
    /// It is on the disk now.
    New(Reservation),
    /// It was already: as it was then.
    Repeated(Reservation),
}

/// Where a hospital's log begins and ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogState {
    /// The last change.
    pub position: Position,
    /// The last change that may be gone, as it is older than what is retained; 0 while all are there.
    pub pruned: Seq,
}

impl LogState {
    /// Whether every change after `cursor` is still there, and `cursor` is of this log at all.
    #[must_use]
    pub fn can_replay_after(&self, cursor: &Position) -> bool {
        cursor.epoch == self.position.epoch && (self.pruned..=self.position.seq).contains(&cursor.seq)
    }
}

/// What changes at a hospital without a request to this gateway.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Head {
    /// Whose.
    pub hospital: HospitalId,
    /// Where its log stands.
    pub log: LogState,
    /// Grows when one of its desks is signed out.
    pub sign_outs: u64,
}

/// One change, as desks receive it.
#[derive(Clone)]
pub struct Logged {
    /// The change's number.
    pub seq: Seq,
    /// A [`deskbell_protocol::event::Change`], as JSON.
    pub change: Box<RawValue>,
}

/// The change holds a patient's fields.
impl fmt::Debug for Logged {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Logged")
            .field("seq", &self.seq)
            .finish_non_exhaustive()
    }
}

/// Which reservations of a hospital.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Filter {
    /// Those of one day there.
    Date(Date),
    /// Those that nobody has answered.
    Pending,
    /// Those that came in at this instant or later.
    ReceivedSince(Timestamp),
}

/// The reservations and the log of all hospitals. None of a hospital's is seen with another's id.
#[async_trait]
pub trait Reservations {
    /// Records a reservation: row, log entry and head in one transaction. It is on the disk when this returns. With `key`,
    /// only if that is the hospital's intake key as the transaction sees it: who has looked it up before need not again.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] without that hospital, or when the key is not its own any more; [`StoreError::Conflict`]
    /// when the idempotency key came with other fields before.
    async fn record(
        &self,
        hospital: HospitalId,
        key: Option<Digest>,
        id: ReservationId,
        new: &NewReservation,
        idempotency: Option<&Idempotency>,
        now: Timestamp,
    ) -> Result<Recorded, StoreError>;

    /// Where the hospital's log stands.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] without that hospital.
    async fn log_state(&self, hospital: HospitalId) -> Result<LogState, StoreError>;

    /// Changes a reservation as `wish` says, by the moves of the interface: row, log entries and head in one transaction. It
    /// is on the disk when this returns. A claim whose lease has run out ends first, whatever becomes of the wish.
    ///
    /// # Errors
    /// [`ChangeError::Refused`] with the reservation as it stands; [`StoreError::NotFound`] when the hospital has no such
    /// reservation, or no such desk any more.
    async fn change(
        &self,
        hospital: HospitalId,
        id: ReservationId,
        wish: &Wish,
        now: Timestamp,
    ) -> Result<Reservation, ChangeError>;

    /// Ends every claim whose lease has run out by `now`, each once, whoever asks first; says whose logs have grown.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`]; what was ended until then stays so.
    async fn expire_claims(&self, now: Timestamp) -> Result<Vec<HospitalId>, StoreError>;

    /// Where every hospital stands.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    async fn heads(&self) -> Result<Vec<Head>, StoreError>;

    /// The next changes after `after`, up to `limit` of them, in order.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    async fn changes_after(
        &self,
        hospital: HospitalId,
        after: Seq,
        limit: u32,
    ) -> Result<Vec<Logged>, StoreError>;

    /// The hospital's reservations that `filter` lets through, by date and time, at one position of the log.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] without that hospital.
    async fn reservations(&self, hospital: HospitalId, filter: Filter)
    -> Result<ReservationList, StoreError>;

    /// One reservation with its history.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when the hospital has no such reservation.
    async fn reservation(
        &self,
        hospital: HospitalId,
        id: ReservationId,
    ) -> Result<ReservationDetails, StoreError>;

    /// Whose a reservation is, and how it stands: for who shows the reservation's own watch token.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when there is none.
    async fn watched(&self, id: ReservationId) -> Result<(HospitalId, Reservation), StoreError>;
}
