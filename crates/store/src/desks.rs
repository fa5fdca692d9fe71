use async_trait::async_trait;
use deskbell_protocol::{Desk, DeskId, EnrolmentId, Hospital, HospitalId, Position};
use jiff::Timestamp;

use crate::{DeskToken, Digest, EnrolmentKey, PairingCode, StoreError};

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

/// An enrolment key that is about to be given out: IT makes many PCs desks with it.
#[derive(Clone, Debug)]
pub struct EnrolmentOffer {
    /// Names it, for [`Desks::revoke_enrolment`].
    pub id: EnrolmentId,
    /// Whose desks it makes.
    pub hospital: HospitalId,
    /// The key's digest.
    pub key: Digest,
    /// How many desks it makes.
    pub count: u32,
    /// When it stops working.
    pub expires_at: Timestamp,
}

/// An enrolment key as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EnrolmentRecord {
    /// Names it.
    pub id: EnrolmentId,
    /// How many desks it still makes.
    pub left: u32,
    /// When it stops working.
    pub expires_at: Timestamp,
    /// When it was taken back.
    pub revoked_at: Option<Timestamp>,
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

    /// Remembers an enrolment key until it is used up, revoked or expires.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] without that hospital.
    async fn offer_enrolment(&self, offer: &EnrolmentOffer, now: Timestamp) -> Result<(), StoreError>;

    /// Makes a desk by an enrolment key, which then makes one less. A desk that does not name itself is called `접수 N`.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when the key is wrong, used up, revoked or expired.
    async fn enrol(
        &self,
        key: &EnrolmentKey,
        desk: &NewDesk,
        now: Timestamp,
    ) -> Result<DeskRecord, StoreError>;

    /// The hospital's enrolment keys, in the order in which they were given out.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    async fn enrolments(&self, hospital: HospitalId) -> Result<Vec<EnrolmentRecord>, StoreError>;

    /// Takes an enrolment key back; again is no error. The desks it made stay.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when the hospital has no such key.
    async fn revoke_enrolment(
        &self,
        hospital: HospitalId,
        key: EnrolmentId,
        now: Timestamp,
    ) -> Result<(), StoreError>;

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

    /// Signs a desk out for good, which ends its claims; again is no error.
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
