use async_trait::async_trait;
use deskbell_protocol::{Desk, DeskId, EnrolmentId, Hospital, HospitalId, Position};
use jiff::Timestamp;

use super::{Connection, Row, Tables, changes, columns, enrolments, fault, log, shown, unless_taken};
use crate::{
    DeskRecord, DeskToken, Desks, Digest, EnrolmentKey, EnrolmentOffer, EnrolmentRecord, NewDesk,
    PairingCode, PairingOffer, StoreError,
};

/// Every query that ends in [`record`] begins with this.
macro_rules! select_desks {
    ($rest:literal) => {
        concat!(
            "SELECT d.id, d.name, d.token, d.paired_at, d.shown_epoch, d.shown_seq, d.revoked_at,
                    h.id AS hospital_id, h.slug, h.name AS hospital_name, h.timezone, h.hours
             FROM desks d JOIN hospitals h ON h.id = d.hospital ",
            $rest
        )
    };
}

#[async_trait]
impl Desks for Tables {
    async fn offer_pairing(&self, offer: &PairingOffer, now: Timestamp) -> Result<(), StoreError> {
        let mut tx = self.connections.write().await?;
        sqlx::query("DELETE FROM pairing_codes WHERE expires_at <= $1")
            .bind(now.as_millisecond())
            .execute(&mut *tx)
            .await
            .map_err(fault)?;
        sqlx::query(
            "INSERT INTO pairing_codes (digest, hospital, desk_name, expires_at) VALUES ($1, $2, $3, $4)",
        )
        .bind(offer.code.0.as_slice())
        .bind(offer.hospital.as_bytes().as_slice())
        .bind(&offer.desk_name)
        .bind(offer.expires_at.as_millisecond())
        .execute(&mut *tx)
        .await
        .map_err(unless_taken)?;
        self.connections.commit(tx).await
    }

    async fn pair(
        &self,
        code: &PairingCode,
        new: &NewDesk,
        now: Timestamp,
    ) -> Result<DeskRecord, StoreError> {
        let mut tx = self.connections.write().await?;
        let offer = sqlx::query(
            "DELETE FROM pairing_codes WHERE digest = $1 AND expires_at > $2 RETURNING hospital, desk_name",
        )
        .bind(code.digest().0.as_slice())
        .bind(now.as_millisecond())
        .fetch_one(&mut *tx)
        .await
        .map_err(fault)?;
        let hospital = columns::hospital_id(&offer, "hospital")?;
        let offered: Option<String> = columns::get(&offer, "desk_name")?;
        let paired = add(&mut tx, hospital, new, offered, now).await?;
        self.connections.commit(tx).await?;
        Ok(paired)
    }

    async fn offer_enrolment(&self, offer: &EnrolmentOffer, now: Timestamp) -> Result<(), StoreError> {
        enrolments::offer(&self.connections, offer, now).await
    }

    async fn enrol(
        &self,
        key: &EnrolmentKey,
        new: &NewDesk,
        now: Timestamp,
    ) -> Result<DeskRecord, StoreError> {
        let mut tx = self.connections.write().await?;
        let hospital = enrolments::redeem(&mut tx, key, now).await?;
        let enrolled = add(&mut tx, hospital, new, None, now).await?;
        self.connections.commit(tx).await?;
        Ok(enrolled)
    }

    async fn enrolments(&self, hospital: HospitalId) -> Result<Vec<EnrolmentRecord>, StoreError> {
        enrolments::of(&self.connections, hospital).await
    }

    async fn revoke_enrolment(
        &self,
        hospital: HospitalId,
        key: EnrolmentId,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        enrolments::revoke(&self.connections, hospital, key, now).await
    }

    async fn desks(&self, hospital: HospitalId) -> Result<Vec<DeskRecord>, StoreError> {
        let rows = sqlx::query(select_desks!("WHERE d.hospital = $1 ORDER BY d.paired_at, d.id"))
            .bind(hospital.as_bytes().as_slice())
            .fetch_all(self.connections.readers())
            .await
            .map_err(fault)?;
        rows.iter().map(record).collect()
    }

    async fn desk_by_token(&self, token: &DeskToken) -> Result<DeskRecord, StoreError> {
        let row = sqlx::query(select_desks!("WHERE d.id = $1"))
            .bind(token.owner().as_bytes().as_slice())
            .fetch_one(self.connections.readers())
            .await
            .map_err(fault)?;
        if Digest(columns::bytes(&row, "token")?).matches(&token.digest()) {
            record(&row)
        } else {
            Err(StoreError::NotFound)
        }
    }

    async fn revoke_desk(
        &self,
        hospital: HospitalId,
        desk: DeskId,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let mut tx = self.connections.write().await?;
        let locked = log::lock(&mut tx, hospital).await?;
        let row = sqlx::query("SELECT revoked_at FROM desks WHERE id = $1 AND hospital = $2")
            .bind(desk.as_bytes().as_slice())
            .bind(hospital.as_bytes().as_slice())
            .fetch_one(&mut *tx)
            .await
            .map_err(fault)?;
        if columns::maybe_instant(&row, "revoked_at")?.is_some() {
            return Ok(());
        }
        sqlx::query("UPDATE desks SET revoked_at = $1 WHERE id = $2")
            .bind(now.as_millisecond())
            .bind(desk.as_bytes().as_slice())
            .execute(&mut *tx)
            .await
            .map_err(fault)?;
        sqlx::query("UPDATE hospitals SET sign_outs = sign_outs + 1 WHERE id = $1")
            .bind(hospital.as_bytes().as_slice())
            .execute(&mut *tx)
            .await
            .map_err(fault)?;
        changes::end_claims_of(&mut tx, locked, desk, now).await?;
        self.connections.commit(tx).await?;
        self.connections.announce(&[hospital]);
        Ok(())
    }

    async fn mark_shown(&self, desk: DeskId, position: &Position) -> Result<(), StoreError> {
        self.shown.write((desk, position.clone())).await
    }
}

/// Makes a desk. What IT called it goes before what it would like to be called, and that before counting.
async fn add(
    tx: &mut Connection,
    hospital: HospitalId,
    new: &NewDesk,
    offered: Option<String>,
    now: Timestamp,
) -> Result<DeskRecord, StoreError> {
    let name = match offered.or_else(|| new.name.clone()) {
        Some(name) => name,
        None => next_name(tx, hospital).await?,
    };
    sqlx::query("INSERT INTO desks (id, hospital, name, token, paired_at) VALUES ($1, $2, $3, $4, $5)")
        .bind(new.token.owner().as_bytes().as_slice())
        .bind(hospital.as_bytes().as_slice())
        .bind(name)
        .bind(new.token.digest().0.as_slice())
        .bind(now.as_millisecond())
        .execute(&mut *tx)
        .await
        .map_err(fault)?;
    let row = sqlx::query(select_desks!("WHERE d.id = $1"))
        .bind(new.token.owner().as_bytes().as_slice())
        .fetch_one(tx)
        .await
        .map_err(fault)?;
    record(&row)
}

async fn next_name(tx: &mut Connection, hospital: HospitalId) -> Result<String, StoreError> {
    let row = sqlx::query("SELECT count(*) + 1 AS number FROM desks WHERE hospital = $1")
        .bind(hospital.as_bytes().as_slice())
        .fetch_one(tx)
        .await
        .map_err(fault)?;
    let number: u64 = columns::number(&row, "number")?;
    Ok(format!("접수 {number}"))
}

fn record(row: &Row) -> Result<DeskRecord, StoreError> {
    Ok(DeskRecord {
        desk: Desk {
            id: DeskId::from_bytes(columns::bytes(row, "id")?),
            name: columns::get(row, "name")?,
        },
        hospital: Hospital {
            id: columns::hospital_id(row, "hospital_id")?,
            slug: columns::get(row, "slug")?,
            name: columns::get(row, "hospital_name")?,
            timezone: columns::get(row, "timezone")?,
            hours: columns::get(row, "hours")?,
        },
        paired_at: columns::instant(row, "paired_at")?,
        shown: shown::position(row)?,
        revoked_at: columns::maybe_instant(row, "revoked_at")?,
    })
}
