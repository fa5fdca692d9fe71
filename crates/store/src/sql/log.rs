//! The log: every change, and each reservation as its last change left it.

use std::time::Duration;

use deskbell_protocol::event::{Change, ChangeKind};
use deskbell_protocol::{
    HospitalId, PersonName, Phone, Relationship, Reservation, ReservationId, Seq, Status,
};
use sqlx::QueryBuilder;

use super::super::LOCK_HOSPITAL;
use super::{Connection, Row, columns, fault};
use crate::StoreError;
use crate::rules::{Kept, Outcome, Step};

/// Every query that ends in [`reservation`] begins with this.
macro_rules! select_reservations {
    ($rest:literal) => {
        concat!(
            "SELECT id, hospital, seq, version, relationship, name, phone, reservationdate, reservationtime, status,
                    received_at, updated_at, claim, handled_by, undo
             FROM reservations ",
            $rest
        )
    };
}
pub(super) use select_reservations;

/// A hospital whose log nobody else writes to until the transaction ends.
#[derive(Clone, Copy)]
pub(super) struct Locked {
    pub(super) hospital: HospitalId,
    pub(super) head: Seq,
    pub(super) lease: Duration,
}

/// Locks the hospital's log, and reads what was written until then.
pub(super) async fn lock(tx: &mut Connection, hospital: HospitalId) -> Result<Locked, StoreError> {
    let row = sqlx::query(LOCK_HOSPITAL)
        .bind(hospital.as_bytes().as_slice())
        .fetch_one(tx)
        .await
        .map_err(fault)?;
    let minutes: u64 = columns::number(&row, "claim_minutes")?;
    Ok(Locked {
        hospital,
        head: columns::seq(&row, "head")?,
        lease: Duration::from_secs(minutes * 60),
    })
}

/// Moves hospitals' heads to the last changes written.
pub(super) async fn set_heads(
    tx: &mut Connection,
    heads: impl IntoIterator<Item = (HospitalId, Seq)>,
) -> Result<(), StoreError> {
    let mut update = QueryBuilder::new("WITH written (id, head) AS (");
    update.push_values(heads, |mut row, (hospital, head)| {
        row.push_bind(hospital.as_bytes().to_vec())
            .push_bind(columns::signed(head));
    });
    update.push(") UPDATE hospitals SET head = written.head FROM written WHERE hospitals.id = written.id");
    update.build().execute(tx).await.map_err(fault)?;
    Ok(())
}

/// Writes what an [`Outcome`] changed, if anything: row, log entries, head. True when it did.
pub(super) async fn keep(
    tx: &mut Connection,
    mut locked: Locked,
    outcome: &mut Outcome,
) -> Result<bool, StoreError> {
    for step in &mut outcome.steps {
        locked.head = locked.head.next();
        step.after.seq = locked.head;
    }
    if outcome.steps.is_empty() {
        return Ok(false);
    }
    outcome.kept.reservation.seq = locked.head;
    update(tx, &outcome.kept).await?;
    append(tx, outcome.steps.iter().map(|step| (locked.hospital, step))).await?;
    set_heads(tx, [(locked.hospital, locked.head)]).await?;
    Ok(true)
}

async fn update(tx: &mut Connection, kept: &Kept) -> Result<(), StoreError> {
    let reservation = &kept.reservation;
    let claim = reservation.claim.as_ref();
    sqlx::query(
        "UPDATE reservations SET seq = $1, version = $2, reservationdate = $3, reservationtime = $4, status = $5,
                updated_at = $6, claim = $7, claim_until = $8, handled_by = $9, undo = $10
         WHERE id = $11",
    )
    .bind(columns::signed(reservation.seq))
    .bind(columns::signed(Seq(reservation.version)))
    .bind(reservation.reservationdate.to_string())
    .bind(reservation.reservationtime.to_string())
    .bind(reservation.status.code())
    .bind(reservation.updated_at.as_millisecond())
    .bind(claim.map(columns::to_json).transpose()?)
    .bind(claim.map(|claim| claim.until.as_millisecond()))
    .bind(reservation.handled_by.as_ref().map(columns::to_json).transpose()?)
    .bind(kept.undo.as_ref().map(columns::to_json).transpose()?)
    .bind(reservation.id.as_bytes().as_slice())
    .execute(tx)
    .await
    .map_err(fault)?;
    Ok(())
}

/// Writes changes into the log: what desks receive, and the step that the reservation's history shows.
pub(super) async fn append(
    tx: &mut Connection,
    steps: impl Iterator<Item = (HospitalId, &Step)>,
) -> Result<(), StoreError> {
    let mut entries = Vec::new();
    for (hospital, step) in steps {
        let change = Change {
            reservation: step.after.clone(),
            kind: step.kind,
        };
        entries.push((
            hospital,
            step,
            columns::to_json(&step.by)?,
            columns::to_json(&change)?,
        ));
    }
    let mut insert = QueryBuilder::new(
        "INSERT INTO log (hospital, seq, reservation, at, kind, from_value, to_value, actor, change) ",
    );
    insert.push_values(entries, |mut row, (hospital, step, actor, change)| {
        row.push_bind(hospital.as_bytes().to_vec())
            .push_bind(columns::signed(step.after.seq))
            .push_bind(step.after.id.as_bytes().to_vec())
            .push_bind(step.after.updated_at.as_millisecond())
            .push_bind(code(step.kind))
            .push_bind(step.from.clone())
            .push_bind(step.to.clone())
            .push_bind(actor)
            .push_bind(change);
    });
    // Few groups have the same size: their statements are not worth remembering.
    insert
        .build()
        .persistent(false)
        .execute(tx)
        .await
        .map_err(fault)?;
    Ok(())
}

/// How the log and the histories name a change.
const fn code(kind: ChangeKind) -> &'static str {
    match kind {
        ChangeKind::Created => "created",
        ChangeKind::Rescheduled => "rescheduled",
        ChangeKind::Status => "status",
        ChangeKind::Claimed => "claimed",
        ChangeKind::Released { .. } => "released",
    }
}

/// The hospital's reservation, with what is kept beside it.
pub(super) async fn kept(
    tx: &mut Connection,
    hospital: HospitalId,
    id: ReservationId,
) -> Result<Kept, StoreError> {
    let row = sqlx::query(select_reservations!("WHERE id = $1 AND hospital = $2"))
        .bind(id.as_bytes().as_slice())
        .bind(hospital.as_bytes().as_slice())
        .fetch_one(tx)
        .await
        .map_err(fault)?;
    Ok(Kept {
        reservation: reservation(&row)?,
        undo: columns::maybe_json(&row, "undo")?,
    })
}

pub(super) fn reservation(row: &Row) -> Result<Reservation, StoreError> {
    let status = Status::from_code(columns::get(row, "status")?);
    Ok(Reservation {
        id: ReservationId::from_bytes(columns::bytes(row, "id")?),
        version: columns::number(row, "version")?,
        seq: columns::seq(row, "seq")?,
        relationship: Relationship::new(columns::get::<String>(row, "relationship")?),
        name: PersonName::new(columns::get::<String>(row, "name")?),
        phone: Phone::new(columns::get::<String>(row, "phone")?),
        reservationdate: columns::parsed(row, "reservationdate")?,
        reservationtime: columns::parsed(row, "reservationtime")?,
        status: status.ok_or_else(|| columns::unreadable("status"))?,
        received_at: columns::instant(row, "received_at")?,
        updated_at: columns::instant(row, "updated_at")?,
        claim: columns::maybe_json(row, "claim")?,
        handled_by: columns::maybe_json(row, "handled_by")?,
    })
}
