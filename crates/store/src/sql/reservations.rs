use async_trait::async_trait;
use deskbell_protocol::http::{HistoryEntry, ReservationDetails, ReservationList};
use deskbell_protocol::{Epoch, HospitalId, NewReservation, Position, Reservation, ReservationId, Seq};
use jiff::Timestamp;
use serde_json::value::RawValue;

use super::log::select_reservations;
use super::{Row, Tables, changes, columns, fault, intake, log};
use crate::{
    ChangeError, Digest, Filter, Head, Idempotency, LogState, Logged, Recorded, Reservations, StoreError,
    Wish,
};

#[async_trait]
impl Reservations for Tables {
    async fn record(
        &self,
        hospital: HospitalId,
        key: Option<Digest>,
        id: ReservationId,
        new: &NewReservation,
        idempotency: Option<&Idempotency>,
        now: Timestamp,
    ) -> Result<Recorded, StoreError> {
        let entry = intake::Entry {
            hospital,
            key,
            id,
            new: new.clone(),
            idempotency: idempotency.cloned(),
            now,
        };
        self.intake.write(entry).await
    }

    async fn change(
        &self,
        hospital: HospitalId,
        id: ReservationId,
        wish: &Wish,
        now: Timestamp,
    ) -> Result<Reservation, ChangeError> {
        changes::change(&self.connections, hospital, id, wish, now).await
    }

    async fn expire_claims(&self, now: Timestamp) -> Result<Vec<HospitalId>, StoreError> {
        changes::expire_claims(&self.connections, now).await
    }

    async fn log_state(&self, hospital: HospitalId) -> Result<LogState, StoreError> {
        let row = sqlx::query("SELECT epoch, head, pruned FROM hospitals WHERE id = $1")
            .bind(hospital.as_bytes().as_slice())
            .fetch_one(self.connections.readers())
            .await
            .map_err(fault)?;
        state(&row)
    }

    async fn heads(&self) -> Result<Vec<Head>, StoreError> {
        let rows = sqlx::query("SELECT id, epoch, head, pruned, sign_outs FROM hospitals")
            .fetch_all(self.connections.readers())
            .await
            .map_err(fault)?;
        rows.iter()
            .map(|row| {
                Ok(Head {
                    hospital: columns::hospital_id(row, "id")?,
                    log: state(row)?,
                    sign_outs: columns::number(row, "sign_outs")?,
                })
            })
            .collect()
    }

    async fn changes_after(
        &self,
        hospital: HospitalId,
        after: Seq,
        limit: u32,
    ) -> Result<Vec<Logged>, StoreError> {
        let rows =
            sqlx::query("SELECT seq, change FROM log WHERE hospital = $1 AND seq > $2 ORDER BY seq LIMIT $3")
                .bind(hospital.as_bytes().as_slice())
                .bind(columns::signed(after))
                .bind(i64::from(limit))
                .fetch_all(self.connections.readers())
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
        let mut tx = self.connections.read().await?;
        let row = sqlx::query("SELECT epoch, head FROM hospitals WHERE id = $1")
            .bind(hospital.as_bytes().as_slice())
            .fetch_one(&mut *tx)
            .await
            .map_err(fault)?;
        let position = position(&row)?;
        let query = match filter {
            Filter::Date(_) => sqlx::query(select_reservations!(
                "WHERE hospital = $1 AND reservationdate = $2 ORDER BY reservationdate, reservationtime, seq"
            )),
            Filter::Pending => sqlx::query(select_reservations!(
                "WHERE hospital = $1 AND status = 'pending' ORDER BY reservationdate, reservationtime, seq"
            )),
            Filter::ReceivedSince(_) => sqlx::query(select_reservations!(
                "WHERE hospital = $1 AND received_at >= $2 ORDER BY reservationdate, reservationtime, seq"
            )),
        };
        let query = query.bind(hospital.as_bytes().as_slice());
        let query = match filter {
            Filter::Date(date) => query.bind(date.to_string()),
            Filter::Pending => query,
            Filter::ReceivedSince(instant) => query.bind(instant.as_millisecond()),
        };
        let rows = query.fetch_all(&mut *tx).await.map_err(fault)?;
        let reservations = rows.iter().map(log::reservation).collect::<Result<_, _>>()?;
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
        let mut tx = self.connections.read().await?;
        let row = sqlx::query(select_reservations!("WHERE id = $1 AND hospital = $2"))
            .bind(id.as_bytes().as_slice())
            .bind(hospital.as_bytes().as_slice())
            .fetch_one(&mut *tx)
            .await
            .map_err(fault)?;
        let steps = sqlx::query(
            "SELECT at, kind, from_value, to_value, actor FROM log WHERE reservation = $1 ORDER BY seq",
        )
        .bind(id.as_bytes().as_slice())
        .fetch_all(&mut *tx)
        .await
        .map_err(fault)?;
        Ok(ReservationDetails {
            reservation: log::reservation(&row)?,
            history: steps.iter().map(step).collect::<Result<_, _>>()?,
        })
    }

    async fn watched(&self, id: ReservationId) -> Result<(HospitalId, Reservation), StoreError> {
        let row = sqlx::query(select_reservations!("WHERE id = $1"))
            .bind(id.as_bytes().as_slice())
            .fetch_one(self.connections.readers())
            .await
            .map_err(fault)?;
        Ok((columns::hospital_id(&row, "hospital")?, log::reservation(&row)?))
    }
}

/// From the columns `epoch`, `head` and `pruned`.
fn state(row: &Row) -> Result<LogState, StoreError> {
    Ok(LogState {
        position: position(row)?,
        pruned: columns::seq(row, "pruned")?,
    })
}

/// From the columns `epoch` and `head`.
fn position(row: &Row) -> Result<Position, StoreError> {
    Ok(Position {
        epoch: Epoch(columns::get(row, "epoch")?),
        seq: columns::seq(row, "head")?,
    })
}

fn step(row: &Row) -> Result<HistoryEntry, StoreError> {
    Ok(HistoryEntry {
        at: columns::instant(row, "at")?,
        kind: columns::get(row, "kind")?,
        from: columns::get(row, "from_value")?,
        to: columns::get(row, "to_value")?,
        by: columns::json(row, "actor")?,
    })
}
