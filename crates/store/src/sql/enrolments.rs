//! Enrolment keys: IT makes many PCs desks with one.

use deskbell_protocol::{EnrolmentId, HospitalId};
use jiff::Timestamp;

use super::{Connection, Connections, columns, fault};
use crate::{Digest, EnrolmentKey, EnrolmentOffer, EnrolmentRecord, StoreError};

pub(super) async fn offer(
    connections: &Connections,
    offer: &EnrolmentOffer,
    now: Timestamp,
) -> Result<(), StoreError> {
    let mut tx = connections.write().await?;
    sqlx::query("DELETE FROM enrolment_keys WHERE expires_at <= $1")
        .bind(now.as_millisecond())
        .execute(&mut *tx)
        .await
        .map_err(fault)?;
    sqlx::query(
        "INSERT INTO enrolment_keys (id, hospital, key, uses_left, expires_at) VALUES ($1, $2, $3, $4, $5)",
    )
    .bind(offer.id.as_bytes().as_slice())
    .bind(offer.hospital.as_bytes().as_slice())
    .bind(offer.key.0.as_slice())
    .bind(i64::from(offer.count))
    .bind(offer.expires_at.as_millisecond())
    .execute(&mut *tx)
    .await
    .map_err(fault)?;
    connections.commit(tx).await
}

/// Takes one use of the key, and says whose desk it makes. The caller commits.
pub(super) async fn redeem(
    tx: &mut Connection,
    key: &EnrolmentKey,
    now: Timestamp,
) -> Result<HospitalId, StoreError> {
    // The row is locked from here on: two PCs do not take the same use.
    let row = sqlx::query(
        "UPDATE enrolment_keys SET uses_left = uses_left - 1
         WHERE id = $1 AND uses_left > 0 AND expires_at > $2 AND revoked_at IS NULL RETURNING hospital, key",
    )
    .bind(key.owner().as_bytes().as_slice())
    .bind(now.as_millisecond())
    .fetch_one(tx)
    .await
    .map_err(fault)?;
    if Digest(columns::bytes(&row, "key")?).matches(&key.digest()) {
        columns::hospital_id(&row, "hospital")
    } else {
        Err(StoreError::NotFound)
    }
}

pub(super) async fn of(
    connections: &Connections,
    hospital: HospitalId,
) -> Result<Vec<EnrolmentRecord>, StoreError> {
    let rows = sqlx::query(
        "SELECT id, uses_left, expires_at, revoked_at FROM enrolment_keys WHERE hospital = $1 ORDER BY id",
    )
    .bind(hospital.as_bytes().as_slice())
    .fetch_all(connections.readers())
    .await
    .map_err(fault)?;
    rows.iter()
        .map(|row| {
            Ok(EnrolmentRecord {
                id: EnrolmentId::from_bytes(columns::bytes(row, "id")?),
                left: columns::number(row, "uses_left")?,
                expires_at: columns::instant(row, "expires_at")?,
                revoked_at: columns::maybe_instant(row, "revoked_at")?,
            })
        })
        .collect()
}

pub(super) async fn revoke(
    connections: &Connections,
    hospital: HospitalId,
    key: EnrolmentId,
    now: Timestamp,
) -> Result<(), StoreError> {
    let mut tx = connections.write().await?;
    let done = sqlx::query(
        "UPDATE enrolment_keys SET revoked_at = coalesce(revoked_at, $1) WHERE id = $2 AND hospital = $3",
    )
    .bind(now.as_millisecond())
    .bind(key.as_bytes().as_slice())
    .bind(hospital.as_bytes().as_slice())
    .execute(&mut *tx)
    .await
    .map_err(fault)?;
    if done.rows_affected() == 0 {
        return Err(StoreError::NotFound);
    }
    connections.commit(tx).await
}
