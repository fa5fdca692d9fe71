use std::sync::Arc;

use async_trait::async_trait;
use deskbell_protocol::{DeskId, HospitalId, Seq};
use deskbell_store::{Head, Logged, Store, StoreError};

/// What the push asks of the store.
#[async_trait]
pub(crate) trait Log: Send + Sync {
    /// Where every hospital stands.
    async fn heads(&self) -> Result<Vec<Head>, StoreError>;

    /// The next changes of a hospital after `after`, up to `limit` of them, in order.
    async fn changes_after(
        &self,
        hospital: HospitalId,
        after: Seq,
        limit: u32,
    ) -> Result<Vec<Logged>, StoreError>;

    /// The desks of a hospital that were signed out, ever.
    async fn signed_out(&self, hospital: HospitalId) -> Result<Vec<DeskId>, StoreError>;

    /// Waits until another gateway says that this hospital's log has grown; for ever where none can.
    async fn next_wake(&self) -> HospitalId;
}

#[async_trait]
impl Log for Arc<dyn Store> {
    async fn heads(&self) -> Result<Vec<Head>, StoreError> {
        (**self).heads().await
    }

    async fn changes_after(
        &self,
        hospital: HospitalId,
        after: Seq,
        limit: u32,
    ) -> Result<Vec<Logged>, StoreError> {
        (**self).changes_after(hospital, after, limit).await
    }

    async fn signed_out(&self, hospital: HospitalId) -> Result<Vec<DeskId>, StoreError> {
        let desks = self.desks(hospital).await?.into_iter();
        let signed_out = desks.filter(|record| record.revoked_at.is_some());
        Ok(signed_out.map(|record| record.desk.id).collect())
    }

    async fn next_wake(&self) -> HospitalId {
        (**self).next_wake().await
    }
}
