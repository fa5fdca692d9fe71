//! Changing reservations by the moves of the interface.

use deskbell_protocol::{DeskId, HospitalId, Reservation, ReservationId};
use jiff::Timestamp;

use super::{Connection, Connections, columns, fault, log};
use crate::crowd::waited_in_vain;
use crate::rules::{decide, expire, revoke};
use crate::{ChangeError, StoreError, Wish};

pub(super) async fn change(
    connections: &Connections,
    hospital: HospitalId,
    id: ReservationId,
    wish: &Wish,
    now: Timestamp,
) -> Result<Reservation, ChangeError> {
    let mut tx = connections.write().await?;
    let locked = log::lock(&mut tx, hospital).await?;
    if let Some(by) = wish.by() {
        still_a_desk(&mut tx, hospital, by.desk.id).await?;
    }
    let kept = log::kept(&mut tx, hospital, id).await?;
    let mut outcome = decide(kept, wish, columns::millis(now), locked.lease);
    if log::keep(&mut tx, locked, &mut outcome).await? {
        connections.commit(tx).await?;
        connections.announce(&[hospital]);
    }
    match outcome.refusal {
        None => Ok(outcome.kept.reservation),
        Some(refusal) => Err(ChangeError::Refused(refusal, Box::new(outcome.kept.reservation))),
    }
}

/// The desk may have been signed out since its token was looked up, and its claims have ended: it makes no new one. Under the
/// hospital's lock, which signing out takes too.
async fn still_a_desk(tx: &mut Connection, hospital: HospitalId, desk: DeskId) -> Result<(), StoreError> {
    sqlx::query("SELECT id FROM desks WHERE id = $1 AND hospital = $2 AND revoked_at IS NULL")
        .bind(desk.as_bytes().as_slice())
        .bind(hospital.as_bytes().as_slice())
        .fetch_one(tx)
        .await
        .map_err(fault)?;
    Ok(())
}

/// Ends the claims whose lease has run out, each in a transaction of its own: they are few, and one that cannot be ended keeps
/// no other from it.
pub(super) async fn expire_claims(
    connections: &Connections,
    now: Timestamp,
) -> Result<Vec<HospitalId>, StoreError> {
    let rows =
        sqlx::query("SELECT id, hospital FROM reservations WHERE claim_until <= $1 ORDER BY claim_until, id")
            .bind(now.as_millisecond())
            .fetch_all(connections.readers())
            .await
            .map_err(fault)?;
    let (mut grown, mut failed) = (Vec::new(), None);
    for row in rows {
        let hospital = columns::hospital_id(&row, "hospital")?;
        let id = ReservationId::from_bytes(columns::bytes(&row, "id")?);
        match expire_claim(connections, hospital, id, now).await {
            Ok(true) => grown.push(hospital),
            Ok(false) => {}
            Err(error) if waited_in_vain(&error) => return Err(error),
            Err(error) => failed = failed.or(Some(error)),
        }
    }
    grown.dedup();
    failed.map_or(Ok(grown), Err)
}

/// True when the claim has ended now.
async fn expire_claim(
    connections: &Connections,
    hospital: HospitalId,
    id: ReservationId,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let mut tx = connections.write().await?;
    let locked = log::lock(&mut tx, hospital).await?;
    // Looked at again under the lock: it may have been renewed, ended by somebody else, or forgotten.
    let kept = match log::kept(&mut tx, hospital, id).await {
        Err(StoreError::NotFound) => return Ok(false),
        kept => kept?,
    };
    let ended = log::keep(&mut tx, locked, &mut expire(kept, columns::millis(now))).await?;
    if ended {
        connections.commit(tx).await?;
        connections.announce(&[hospital]);
    }
    Ok(ended)
}

/// Ends the claims of a desk that is signed out. The caller has locked the hospital and commits.
pub(super) async fn end_claims_of(
    tx: &mut Connection,
    locked: log::Locked,
    desk: DeskId,
    now: Timestamp,
) -> Result<(), StoreError> {
    let rows = sqlx::query("SELECT id FROM reservations WHERE hospital = $1 AND claim_until IS NOT NULL")
        .bind(locked.hospital.as_bytes().as_slice())
        .fetch_all(&mut *tx)
        .await
        .map_err(fault)?;
    let mut locked = locked;
    for row in rows {
        let id = ReservationId::from_bytes(columns::bytes(&row, "id")?);
        let kept = log::kept(tx, locked.hospital, id).await?;
        let mut outcome = revoke(kept, desk, columns::millis(now));
        if log::keep(tx, locked, &mut outcome).await? {
            locked.head = outcome.kept.reservation.seq;
        }
    }
    Ok(())
}
