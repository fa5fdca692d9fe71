use async_trait::async_trait;
use deskbell_protocol::{Epoch, Hospital, HospitalId, Position};
use jiff::Timestamp;

use crate::{Digest, IntakeKey, StoreError};

/// A hospital to be.
#[derive(Clone, Debug)]
pub struct NewHospital {
    /// What desks will be told of it.
    pub hospital: Hospital,
    /// How long a claim lasts without renewal: 1 to 30 minutes.
    pub claim_minutes: u8,
    /// What its booking site will show.
    pub intake_key: Digest,
    /// Names the first life of its log; random.
    pub epoch: Epoch,
}

/// What becomes different about a hospital; what is `None` stays.
#[derive(Clone, Debug, Default)]
pub struct HospitalChanges {
    /// The name people use.
    pub name: Option<String>,
    /// The IANA time zone of its dates and times.
    pub timezone: Option<String>,
    /// When somebody is there; the inner `None` when that is no longer said.
    pub hours: Option<Option<String>>,
    /// How long a claim lasts without renewal: 1 to 30 minutes.
    pub claim_minutes: Option<u8>,
}

/// A hospital as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HospitalRecord {
    /// What desks are told of it.
    pub hospital: Hospital,
    /// How long a claim lasts without renewal, in minutes.
    pub claim_minutes: u8,
    /// Where its log stands.
    pub position: Position,
    /// When it was added.
    pub added_at: Timestamp,
}

/// The hospitals of one database.
#[async_trait]
pub trait Hospitals {
    /// Adds a hospital with an empty log.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when its slug is taken.
    async fn add_hospital(&self, new: &NewHospital, now: Timestamp) -> Result<(), StoreError>;

    /// All of them, by slug.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    async fn hospitals(&self) -> Result<Vec<HospitalRecord>, StoreError>;

    /// The one with this id.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when there is none.
    async fn hospital(&self, id: HospitalId) -> Result<Hospital, StoreError>;

    /// The one called `slug`.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when none is.
    async fn hospital_by_slug(&self, slug: &str) -> Result<Hospital, StoreError>;

    /// The one whose intake this key opens.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when it opens none.
    async fn hospital_by_key(&self, key: &IntakeKey) -> Result<Hospital, StoreError>;

    /// Changes what is said of the hospital. Desks hear of it when they next connect.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] without that hospital.
    async fn set_hospital(
        &self,
        hospital: HospitalId,
        changes: &HospitalChanges,
    ) -> Result<HospitalRecord, StoreError>;

    /// Gives the hospital another intake key; the one before opens nothing from then on.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] without that hospital.
    async fn set_intake_key(&self, hospital: HospitalId, key: Digest) -> Result<(), StoreError>;
}
