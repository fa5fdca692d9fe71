use async_trait::async_trait;
use deskbell_protocol::{Desk, DeskId, Hospital, HospitalId, Position};
use jiff::Timestamp;

use crate::{DeskToken, Digest, PairingCode, StoreError};

/// A pairing code that is about to be given out.
#[derive(Clone, Debug)]
pub struct PairingOffer {
    /// Whose desk it makes.
    pub hospital: HospitalId,
    /// The code's digest.
    pub code: Digest,
    /// What the desk is to be called, where IT decides that.
    pub desk_name: Option<String>,
    /// When it stops working.
    pub expires_at: Timestamp,
}

/// A desk to be.
#[derive(Clone, Debug)]
pub struct NewDesk {
    /// Its id and the digest of its secret.
    pub token: DeskToken,
    /// What it would like to be called; the pairing code's name goes before.
    pub name: Option<String>,
}

/// A desk as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeskRecord {
    /// The desk.
    pub desk: Desk,
    /// Whose it is.
    pub hospital: Hospital,
    /// When it was paired.
    pub paired_at: Timestamp,
    /// Up to where it said that it decided.
    pub shown: Option<Position>,
    /// When it was signed out for good.
    pub revoked_at: Option<Timestamp>,
}

/// The desks of all hospitals.
#[async_trait]
pub trait Desks {
    /// Remembers a pairing code until it is redeemed or expires.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] without that hospital; [`StoreError::Conflict`] when the code is in use: mint another.
    async fn offer_pairing(&self, offer: &PairingOffer, now: Timestamp) -> Result<(), StoreError>;

    /// Redeems a pairing code, once. A desk that nobody named is called `접수 N`, N counting the hospital's desks.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when the code is wrong, used or expired.
    async fn pair(
        &self,
        code: &PairingCode,
        desk: &NewDesk,
        now: Timestamp,
    ) -> Result<DeskRecord, StoreError>;

    /// The hospital's desks, revoked ones too, in the order of pairing.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    async fn desks(&self, hospital: HospitalId) -> Result<Vec<DeskRecord>, StoreError>;

    /// The desk that has this token. It may be revoked: look at [`DeskRecord::revoked_at`].
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when none has.
    async fn desk_by_token(&self, token: &DeskToken) -> Result<DeskRecord, StoreError>;

    /// Signs a desk out for good; again is no error.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when the hospital has no such desk.
    async fn revoke_desk(&self, hospital: HospitalId, desk: DeskId, now: Timestamp)
    -> Result<(), StoreError>;

    /// Remembers that the desk has decided for everything up to `position`. A lower one than before changes nothing.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] without that desk; [`StoreError::Conflict`] when the hospital's log has no such
    /// position.
    async fn mark_shown(&self, desk: DeskId, position: &Position) -> Result<(), StoreError>;
}
