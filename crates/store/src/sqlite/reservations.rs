use async_trait::async_trait;
use deskbell_protocol::event::{Change, ChangeKind};
use deskbell_protocol::http::{Actor, HistoryEntry, ReservationDetails, ReservationList};
use deskbell_protocol::{
    Epoch, HospitalId, NewReservation, PersonName, Phone, Position, Relationship, Reservation, ReservationId,
    Seq, Status,
};
use jiff::Timestamp;
use serde_json::value::RawValue;
use sqlx::SqliteConnection;
use sqlx::sqlite::SqliteRow;

use super::{Sqlite, columns, fault};
use crate::{Filter, Idempotency, LogState, Logged, Recorded, Reservations, StoreError};

/// Every query that ends in [`row_to_reservation`] begins with this.
macro_rules! select_reservations {
    ($rest:literal) => {
        concat!(
            "SELECT id, seq, version, relationship, name, phone, reservationdate, reservationtime, status,
                    received_at, updated_at
             FROM reservations ",
            $rest
        )
    };
}

#[async_trait]
impl Reservations for Sqlite {
    async fn record(
        &self,
        hospital: HospitalId,
        id: ReservationId,
        new: &NewReservation,
        idempotency: Option<&Idempotency>,
        now: Timestamp,
    ) -> Result<Recorded, StoreError> {
        let mut tx = self.write().await?;
        if let Some(repeat) = idempotency
            && let Some(before) = recorded_before(&mut tx, hospital, repeat, now).await?
        {
            return Ok(Recorded::Repeated(before));
        }
        let seq = advance_head(&mut tx, hospital).await?;
        // To the millisecond, as it will be read back.
        let now = Timestamp::from_millisecond(now.as_millisecond())
            .map_err(|_| columns::unreadable("received_at"))?;
        let reservation = Reservation {
            id,
            version: 1,
            seq,
            relationship: new.relationship.clone(),
            name: new.name.clone(),
            phone: new.phone.clone(),
            reservationdate: new.reservationdate,
            reservationtime: new.reservationtime,
            status: Status::Pending,
            received_at: now,
            updated_at: now,
            claim: None,
            handled_by: None,
        };
        insert(&mut tx, hospital, &reservation).await?;
        let created = Change {
            reservation,
            kind: ChangeKind::Created,
        };
        append(
            &mut tx,
            hospital,
            &created,
            "created",
            None,
            Some(Status::Pending.code()),
            &Actor::Site,
        )
        .await?;
        if let Some(repeat) = idempotency {
            remember(&mut tx, hospital, repeat, seq, now).await?;
        }
        self.commit(tx).await?;
        Ok(Recorded::New(created.reservation))
    }

    async fn log_state(&self, hospital: HospitalId) -> Result<LogState, StoreError> {
        let mut tx = self.read().await?;
        let position = position(&mut tx, hospital).await?;
        let row = sqlx::query("SELECT min(seq) AS oldest FROM log WHERE hospital = ?")
            .bind(hospital.as_bytes().as_slice())
            .fetch_one(&mut *tx)
            .await
            .map_err(fault)?;
        let oldest: Option<i64> = columns::get(&row, "oldest")?;
        let oldest = oldest
            .map(|seq| u64::try_from(seq).map_err(|_| columns::unreadable("seq")))
            .transpose()?;
        Ok(LogState {
            position,
            oldest: oldest.map(Seq),
        })
    }

    async fn heads(&self) -> Result<Vec<(HospitalId, Seq)>, StoreError> {
        let rows = sqlx::query("SELECT id, head FROM hospitals")
            .fetch_all(&self.readers)
            .await
            .map_err(fault)?;
        rows.iter()
            .map(|row| Ok((columns::hospital_id(row, "id")?, columns::seq(row, "head")?)))
            .collect()
    }

    async fn changes_after(
        &self,
        hospital: HospitalId,
        after: Seq,
        limit: u32,
    ) -> Result<Vec<Logged>, StoreError> {
        let rows =
            sqlx::query("SELECT seq, change FROM log WHERE hospital = ? AND seq > ? ORDER BY seq LIMIT ?")
                .bind(hospital.as_bytes().as_slice())
                .bind(columns::signed(after))
                .bind(limit)
                .fetch_all(&self.readers)
                .await
                .map_err(fault)?;
        rows.iter()
            .map(|row| {
                let change = RawValue::from_string(columns::get(row, "change")?);
                Ok(Logged {
                    seq: columns::seq(row, "seq")?,
                    change: change.map_err(|_| columns::unreadable("change"))?,
                })
            })
            .collect()
    }

    async fn reservations(
        &self,
        hospital: HospitalId,
        filter: Filter,
    ) -> Result<ReservationList, StoreError> {
        let mut tx = self.read().await?;
        let position = position(&mut tx, hospital).await?;
        let query = match filter {
            Filter::Date(_) => sqlx::query(select_reservations!(
                "WHERE hospital = ? AND reservationdate = ? ORDER BY reservationdate, reservationtime, seq"
            )),
            Filter::Pending => sqlx::query(select_reservations!(
                "WHERE hospital = ? AND status = 'pending' ORDER BY reservationdate, reservationtime, seq"
            )),
            Filter::ReceivedSince(_) => sqlx::query(select_reservations!(
                "WHERE hospital = ? AND received_at >= ? ORDER BY reservationdate, reservationtime, seq"
            )),
        };
        let query = query.bind(hospital.as_bytes().as_slice());
        let query = match filter {
            Filter::Date(date) => query.bind(date.to_string()),
            Filter::Pending => query,
            Filter::ReceivedSince(instant) => query.bind(instant.as_millisecond()),
        };
        let rows = query.fetch_all(&mut *tx).await.map_err(fault)?;
        let reservations = rows.iter().map(row_to_reservation).collect::<Result<_, _>>()?;
        Ok(ReservationList {
            position,
            reservations,
        })
    }

    async fn reservation(
        &self,
        hospital: HospitalId,
        id: ReservationId,
    ) -> Result<ReservationDetails, StoreError> {
        let mut tx = self.read().await?;
        let row = sqlx::query(select_reservations!("WHERE id = ? AND hospital = ?"))
            .bind(id.as_bytes().as_slice())
            .bind(hospital.as_bytes().as_slice())
            .fetch_one(&mut *tx)
            .await
            .map_err(fault)?;
        let steps = sqlx::query(
            "SELECT at, kind, from_value, to_value, actor FROM log WHERE reservation = ? ORDER BY seq",
        )
        .bind(id.as_bytes().as_slice())
        .fetch_all(&mut *tx)
        .await
        .map_err(fault)?;
        Ok(ReservationDetails {
            reservation: row_to_reservation(&row)?,
            history: steps.iter().map(step).collect::<Result<_, _>>()?,
        })
    }
}

/// The reservation that this very request made before, as it was then.
async fn recorded_before(
    tx: &mut SqliteConnection,
    hospital: HospitalId,
    repeat: &Idempotency,
    now: Timestamp,
) -> Result<Option<Reservation>, StoreError> {
    let row = sqlx::query(
        "SELECT k.fields, l.change FROM idempotency_keys k
         JOIN log l ON l.hospital = k.hospital AND l.seq = k.seq
         WHERE k.hospital = ? AND k.key = ? AND k.expires_at > ?",
    )
    .bind(hospital.as_bytes().as_slice())
    .bind(repeat.key.as_slice())
    .bind(now.as_millisecond())
    .fetch_optional(tx)
    .await
    .map_err(fault)?;
    let Some(row) = row else { return Ok(None) };
    if columns::bytes(&row, "fields")? != repeat.fields {
        return Err(StoreError::Conflict);
    }
    let change: Change =
        serde_json::from_str(columns::get(&row, "change")?).map_err(|_| columns::unreadable("change"))?;
    Ok(Some(change.reservation))
}

/// The next seq of the hospital. The row stays locked until the transaction ends, so that no later one is seen first.
async fn advance_head(tx: &mut SqliteConnection, hospital: HospitalId) -> Result<Seq, StoreError> {
    let row = sqlx::query("UPDATE hospitals SET head = head + 1 WHERE id = ? RETURNING head")
        .bind(hospital.as_bytes().as_slice())
        .fetch_one(tx)
        .await
        .map_err(fault)?;
    columns::seq(&row, "head")
}

async fn insert(
    tx: &mut SqliteConnection,
    hospital: HospitalId,
    reservation: &Reservation,
) -> Result<(), StoreError> {
    sqlx::query(
        "INSERT INTO reservations (id, hospital, seq, version, relationship, name, phone, reservationdate,
                                   reservationtime, status, received_at, updated_at)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
    )
    .bind(reservation.id.as_bytes().as_slice())
    .bind(hospital.as_bytes().as_slice())
    .bind(columns::signed(reservation.seq))
    .bind(columns::signed(Seq(reservation.version)))
    .bind(reservation.relationship.as_str())
    .bind(reservation.name.as_str())
    .bind(reservation.phone.as_str())
    .bind(reservation.reservationdate.to_string())
    .bind(reservation.reservationtime.to_string())
    .bind(reservation.status.code())
    .bind(reservation.received_at.as_millisecond())
    .bind(reservation.updated_at.as_millisecond())
    .execute(tx)
    .await
    .map_err(fault)?;
    Ok(())
}

/// Writes one change into the log: what desks receive, and the step that the reservation's history shows.
async fn append(
    tx: &mut SqliteConnection,
    hospital: HospitalId,
    change: &Change,
    kind: &str,
    from: Option<&str>,
    to: Option<&str>,
    by: &Actor,
) -> Result<(), StoreError> {
    let unwritable = |error| StoreError::Unavailable(Box::new(error) as Box<_>);
    sqlx::query(
        "INSERT INTO log (hospital, seq, reservation, at, kind, from_value, to_value, actor, change)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
    )
    .bind(hospital.as_bytes().as_slice())
    .bind(columns::signed(change.reservation.seq))
    .bind(change.reservation.id.as_bytes().as_slice())
    .bind(change.reservation.updated_at.as_millisecond())
    .bind(kind)
    .bind(from)
    .bind(to)
    .bind(serde_json::to_string(by).map_err(unwritable)?)
    .bind(serde_json::to_string(change).map_err(unwritable)?)
    .execute(tx)
    .await
    .map_err(fault)?;
    Ok(())
}

async fn remember(
    tx: &mut SqliteConnection,
    hospital: HospitalId,
    repeat: &Idempotency,
    seq: Seq,
    now: Timestamp,
) -> Result<(), StoreError> {
    sqlx::query("DELETE FROM idempotency_keys WHERE expires_at <= ?")
        .bind(now.as_millisecond())
        .execute(&mut *tx)
        .await
        .map_err(fault)?;
    sqlx::query(
        "INSERT INTO idempotency_keys (hospital, key, fields, seq, expires_at) VALUES (?, ?, ?, ?, ?)",
    )
    .bind(hospital.as_bytes().as_slice())
    .bind(repeat.key.as_slice())
    .bind(repeat.fields.as_slice())
    .bind(columns::signed(seq))
    .bind(repeat.until.as_millisecond())
    .execute(tx)
    .await
    .map_err(fault)?;
    Ok(())
}

async fn position(tx: &mut SqliteConnection, hospital: HospitalId) -> Result<Position, StoreError> {
    let row = sqlx::query("SELECT epoch, head FROM hospitals WHERE id = ?")
        .bind(hospital.as_bytes().as_slice())
        .fetch_one(tx)
        .await
        .map_err(fault)?;
    Ok(Position {
        epoch: Epoch(columns::get(&row, "epoch")?),
        seq: columns::seq(&row, "head")?,
    })
}

fn row_to_reservation(row: &SqliteRow) -> Result<Reservation, StoreError> {
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
        // Nothing writes a claim or an answer yet.
        claim: None,
        handled_by: None,
    })
}

fn step(row: &SqliteRow) -> Result<HistoryEntry, StoreError> {
    let by = serde_json::from_str(columns::get(row, "actor")?);
    Ok(HistoryEntry {
        at: columns::instant(row, "at")?,
        kind: columns::get(row, "kind")?,
        from: columns::get(row, "from_value")?,
        to: columns::get(row, "to_value")?,
        by: by.map_err(|_| columns::unreadable("actor"))?,
    })
}
