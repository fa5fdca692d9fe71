use async_trait::async_trait;
use deskbell_protocol::{Desk, DeskId, Epoch, Hospital, HospitalId, Position, Seq};
use jiff::Timestamp;
use sqlx::SqliteConnection;
use sqlx::sqlite::SqliteRow;

use super::{Sqlite, columns, fault, unless_taken};
use crate::{DeskRecord, DeskToken, Desks, Digest, NewDesk, PairingCode, PairingOffer, StoreError};

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
impl Desks for Sqlite {
    async fn offer_pairing(&self, offer: &PairingOffer, now: Timestamp) -> Result<(), StoreError> {
        let mut tx = self.write().await?;
        sqlx::query("DELETE FROM pairing_codes WHERE expires_at <= ?")
            .bind(now.as_millisecond())
            .execute(&mut *tx)
            .await
            .map_err(fault)?;
        sqlx::query(
            "INSERT INTO pairing_codes (digest, hospital, desk_name, expires_at) VALUES (?, ?, ?, ?)",
        )
        .bind(offer.code.0.as_slice())
        .bind(offer.hospital.as_bytes().as_slice())
        .bind(&offer.desk_name)
        .bind(offer.expires_at.as_millisecond())
        .execute(&mut *tx)
        .await
        .map_err(unless_taken)?;
        self.commit(tx).await
    }

    async fn pair(
        &self,
        code: &PairingCode,
        new: &NewDesk,
        now: Timestamp,
    ) -> Result<DeskRecord, StoreError> {
        let mut tx = self.write().await?;
        let offer = sqlx::query(
            "DELETE FROM pairing_codes WHERE digest = ? AND expires_at > ? RETURNING hospital, desk_name",
        )
        .bind(code.digest().0.as_slice())
        .bind(now.as_millisecond())
        .fetch_one(&mut *tx)
        .await
        .map_err(fault)?;
        let hospital = columns::hospital_id(&offer, "hospital")?;
        let offered: Option<String> = columns::get(&offer, "desk_name")?;
        let name = match offered.or_else(|| new.name.clone()) {
            Some(name) => name,
            None => next_name(&mut tx, hospital).await?,
        };
        sqlx::query("INSERT INTO desks (id, hospital, name, token, paired_at) VALUES (?, ?, ?, ?, ?)")
            .bind(new.token.owner().as_bytes().as_slice())
            .bind(hospital.as_bytes().as_slice())
            .bind(name)
            .bind(new.token.digest().0.as_slice())
            .bind(now.as_millisecond())
            .execute(&mut *tx)
            .await
            .map_err(fault)?;
        let row = sqlx::query(select_desks!("WHERE d.id = ?"))
            .bind(new.token.owner().as_bytes().as_slice())
            .fetch_one(&mut *tx)
            .await
            .map_err(fault)?;
        let paired = record(&row)?;
        self.commit(tx).await?;
        Ok(paired)
    }

    async fn desks(&self, hospital: HospitalId) -> Result<Vec<DeskRecord>, StoreError> {
        let rows = sqlx::query(select_desks!("WHERE d.hospital = ? ORDER BY d.paired_at, d.id"))
            .bind(hospital.as_bytes().as_slice())
            .fetch_all(&self.readers)
            .await
            .map_err(fault)?;
        rows.iter().map(record).collect()
    }

    async fn desk_by_token(&self, token: &DeskToken) -> Result<DeskRecord, StoreError> {
        let row = sqlx::query(select_desks!("WHERE d.id = ?"))
            .bind(token.owner().as_bytes().as_slice())
            .fetch_one(&self.readers)
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
        let mut tx = self.write().await?;
        let done = sqlx::query(
            "UPDATE desks SET revoked_at = coalesce(revoked_at, ?) WHERE id = ? AND hospital = ?",
        )
        .bind(now.as_millisecond())
        .bind(desk.as_bytes().as_slice())
        .bind(hospital.as_bytes().as_slice())
        .execute(&mut *tx)
        .await
        .map_err(fault)?;
        if done.rows_affected() == 0 {
            return Err(StoreError::NotFound);
        }
        self.commit(tx).await
    }

    async fn mark_shown(&self, desk: DeskId, position: &Position) -> Result<(), StoreError> {
        let mut tx = self.write().await?;
        let row = sqlx::query(
            "SELECT h.epoch, h.head, d.shown_epoch, d.shown_seq
             FROM desks d JOIN hospitals h ON h.id = d.hospital WHERE d.id = ?",
        )
        .bind(desk.as_bytes().as_slice())
        .fetch_one(&mut *tx)
        .await
        .map_err(fault)?;
        let epoch = Epoch(columns::get(&row, "epoch")?);
        if position.epoch != epoch || position.seq > columns::seq(&row, "head")? {
            return Err(StoreError::Conflict);
        }
        if shown(&row)?.is_some_and(|before| before.epoch == epoch && before.seq >= position.seq) {
            return Ok(());
        }
        sqlx::query("UPDATE desks SET shown_epoch = ?, shown_seq = ? WHERE id = ?")
            .bind(&position.epoch.0)
            .bind(columns::signed(position.seq))
            .bind(desk.as_bytes().as_slice())
            .execute(&mut *tx)
            .await
            .map_err(fault)?;
        self.commit(tx).await
    }
}

async fn next_name(tx: &mut SqliteConnection, hospital: HospitalId) -> Result<String, StoreError> {
    let row = sqlx::query("SELECT count(*) + 1 AS number FROM desks WHERE hospital = ?")
        .bind(hospital.as_bytes().as_slice())
        .fetch_one(tx)
        .await
        .map_err(fault)?;
    let number: u64 = columns::number(&row, "number")?;
    Ok(format!("접수 {number}"))
}

fn record(row: &SqliteRow) -> Result<DeskRecord, StoreError> {
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
        shown: shown(row)?,
        revoked_at: columns::maybe_instant(row, "revoked_at")?,
    })
}

fn shown(row: &SqliteRow) -> Result<Option<Position>, StoreError> {
    let epoch: Option<String> = columns::get(row, "shown_epoch")?;
    let Some(epoch) = epoch else { return Ok(None) };
    Ok(Some(Position {
        epoch: Epoch(epoch),
        seq: Seq(columns::number(row, "shown_seq")?),
    }))
}
