//! Forgetting what is older than it has to be kept.

use deskbell_protocol::{HospitalId, Seq};
use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::{Connections, columns, fault, log};
use crate::StoreError;

/// How many reservations are forgotten in one transaction: what comes in meanwhile does not wait for long.
const PART: i64 = 200;

pub(super) async fn prune(connections: &Connections, before: Timestamp) -> Result<(), StoreError> {
    for hospital in hospitals(connections).await? {
        prune_log(connections, hospital, before).await?;
        while forget_part(connections, hospital, before).await? {}
    }
    Ok(())
}

pub(super) async fn forget_expired(connections: &Connections, now: Timestamp) -> Result<(), StoreError> {
    let mut tx = connections.write().await?;
    for expired in [
        "DELETE FROM idempotency_keys WHERE expires_at <= $1",
        "DELETE FROM pairing_codes WHERE expires_at <= $1",
    ] {
        sqlx::query(expired)
            .bind(now.as_millisecond())
            .execute(&mut *tx)
            .await
            .map_err(fault)?;
    }
    connections.commit(tx).await
}

async fn hospitals(connections: &Connections) -> Result<Vec<HospitalId>, StoreError> {
    let rows = sqlx::query("SELECT id FROM hospitals ORDER BY id")
        .fetch_all(connections.readers())
        .await
        .map_err(fault)?;
    rows.iter().map(|row| columns::hospital_id(row, "id")).collect()
}

/// Says up to where the log may have holes. Before any are made: a cursor in between must not be served.
async fn prune_log(
    connections: &Connections,
    hospital: HospitalId,
    before: Timestamp,
) -> Result<(), StoreError> {
    let mut tx = connections.write().await?;
    let locked = log::lock(&mut tx, hospital).await?;
    let oldest_kept = sqlx::query(
        "SELECT l.seq FROM log l JOIN hospitals h ON h.id = l.hospital
         WHERE l.hospital = $1 AND l.seq > h.pruned AND l.at >= $2 ORDER BY l.seq LIMIT 1",
    )
    .bind(hospital.as_bytes().as_slice())
    .bind(before.as_millisecond())
    .fetch_optional(&mut *tx)
    .await
    .map_err(fault)?;
    let pruned = match oldest_kept {
        Some(row) => Seq(columns::seq(&row, "seq")?.0.saturating_sub(1)),
        None => locked.head,
    };
    sqlx::query("UPDATE hospitals SET pruned = $1 WHERE id = $2 AND pruned < $1")
        .bind(columns::signed(pruned))
        .bind(hospital.as_bytes().as_slice())
        .execute(&mut *tx)
        .await
        .map_err(fault)?;
    connections.commit(tx).await
}

/// Forgets some reservations that are over, with their histories; true when there may be more. Those that are to come, or
/// changed lately, keep their whole history, also what of it no cursor reaches any more. So do those whose last change a
/// cursor still reaches, however old it says it is: a clock may have gone back.
async fn forget_part(
    connections: &Connections,
    hospital: HospitalId,
    before: Timestamp,
) -> Result<bool, StoreError> {
    let date = before.to_zoned(TimeZone::UTC).date().to_string();
    let mut tx = connections.write().await?;
    log::lock(&mut tx, hospital).await?;
    let ids: Vec<Vec<u8>> = sqlx::query_scalar(
        "SELECT id FROM reservations WHERE hospital = $1 AND reservationdate < $2 AND updated_at < $3
         AND seq <= (SELECT pruned FROM hospitals WHERE id = $1) LIMIT $4",
    )
    .bind(hospital.as_bytes().as_slice())
    .bind(date)
    .bind(before.as_millisecond())
    .bind(PART)
    .fetch_all(&mut *tx)
    .await
    .map_err(fault)?;
    if ids.is_empty() {
        return Ok(false);
    }
    for id in &ids {
        for delete in [
            "DELETE FROM log WHERE reservation = $1",
            "DELETE FROM reservations WHERE id = $1",
        ] {
            sqlx::query(delete)
                .bind(id.as_slice())
                .execute(&mut *tx)
                .await
                .map_err(fault)?;
        }
    }
    connections.commit(tx).await?;
    Ok(true)
}
