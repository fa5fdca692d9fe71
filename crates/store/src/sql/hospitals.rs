use async_trait::async_trait;
use deskbell_protocol::{Epoch, Hospital, HospitalId, Position};
use jiff::Timestamp;

use super::{Row, Tables, columns, fault, unless_taken};
use crate::{Digest, HospitalChanges, HospitalRecord, Hospitals, IntakeKey, NewHospital, StoreError};

#[async_trait]
impl Hospitals for Tables {
    async fn add_hospital(&self, new: &NewHospital, now: Timestamp) -> Result<(), StoreError> {
        let mut tx = self.connections.write().await?;
        sqlx::query(
            "INSERT INTO hospitals (id, slug, name, timezone, hours, claim_minutes, intake_key, epoch, added_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        )
        .bind(new.hospital.id.as_bytes().as_slice())
        .bind(&new.hospital.slug)
        .bind(&new.hospital.name)
        .bind(&new.hospital.timezone)
        .bind(&new.hospital.hours)
        .bind(i64::from(new.claim_minutes))
        .bind(new.intake_key.0.as_slice())
        .bind(&new.epoch.0)
        .bind(now.as_millisecond())
        .execute(&mut *tx)
        .await
        .map_err(unless_taken)?;
        self.connections.commit(tx).await
    }

    async fn hospitals(&self) -> Result<Vec<HospitalRecord>, StoreError> {
        let rows = sqlx::query(
            "SELECT id, slug, name, timezone, hours, claim_minutes, epoch, head, added_at
             FROM hospitals ORDER BY slug",
        )
        .fetch_all(self.connections.readers())
        .await
        .map_err(fault)?;
        rows.iter().map(record).collect()
    }

    async fn hospital(&self, id: HospitalId) -> Result<Hospital, StoreError> {
        let row = sqlx::query("SELECT id, slug, name, timezone, hours FROM hospitals WHERE id = $1")
            .bind(id.as_bytes().as_slice())
            .fetch_one(self.connections.readers())
            .await
            .map_err(fault)?;
        hospital(&row)
    }

    async fn hospital_by_slug(&self, slug: &str) -> Result<Hospital, StoreError> {
        let row = sqlx::query("SELECT id, slug, name, timezone, hours FROM hospitals WHERE slug = $1")
            .bind(slug)
            .fetch_one(self.connections.readers())
            .await
            .map_err(fault)?;
        hospital(&row)
    }

    async fn hospital_by_key(&self, key: &IntakeKey) -> Result<Hospital, StoreError> {
        let row =
            sqlx::query("SELECT id, slug, name, timezone, hours, intake_key FROM hospitals WHERE id = $1")
                .bind(key.owner().as_bytes().as_slice())
                .fetch_one(self.connections.readers())
                .await
                .map_err(fault)?;
        if Digest(columns::bytes(&row, "intake_key")?).matches(&key.digest()) {
            hospital(&row)
        } else {
            Err(StoreError::NotFound)
        }
    }

    async fn set_hospital(
        &self,
        hospital: HospitalId,
        changes: &HospitalChanges,
    ) -> Result<HospitalRecord, StoreError> {
        let mut tx = self.connections.write().await?;
        let row = sqlx::query(
            "UPDATE hospitals SET name = coalesce($1, name), timezone = coalesce($2, timezone),
                    hours = CASE WHEN $3 = 1 THEN $4 ELSE hours END, claim_minutes = coalesce($5, claim_minutes)
             WHERE id = $6
             RETURNING id, slug, name, timezone, hours, claim_minutes, epoch, head, added_at",
        )
        .bind(&changes.name)
        .bind(&changes.timezone)
        .bind(i64::from(changes.hours.is_some()))
        .bind(changes.hours.clone().flatten())
        .bind(changes.claim_minutes.map(i64::from))
        .bind(hospital.as_bytes().as_slice())
        .fetch_one(&mut *tx)
        .await
        .map_err(fault)?;
        let record = record(&row)?;
        self.connections.commit(tx).await?;
        Ok(record)
    }

    async fn set_intake_key(&self, hospital: HospitalId, key: Digest) -> Result<(), StoreError> {
        let mut tx = self.connections.write().await?;
        let done = sqlx::query("UPDATE hospitals SET intake_key = $1 WHERE id = $2")
            .bind(key.0.as_slice())
            .bind(hospital.as_bytes().as_slice())
            .execute(&mut *tx)
            .await
            .map_err(fault)?;
        if done.rows_affected() == 0 {
            return Err(StoreError::NotFound);
        }
        self.connections.commit(tx).await
    }
}

/// From the columns `id, slug, name, timezone, hours`.
fn hospital(row: &Row) -> Result<Hospital, StoreError> {
    Ok(Hospital {
        id: columns::hospital_id(row, "id")?,
        slug: columns::get(row, "slug")?,
        name: columns::get(row, "name")?,
        timezone: columns::get(row, "timezone")?,
        hours: columns::get(row, "hours")?,
    })
}

fn record(row: &Row) -> Result<HospitalRecord, StoreError> {
    Ok(HospitalRecord {
        hospital: hospital(row)?,
        claim_minutes: columns::number(row, "claim_minutes")?,
        position: Position {
            epoch: Epoch(columns::get(row, "epoch")?),
            seq: columns::seq(row, "head")?,
        },
        added_at: columns::instant(row, "added_at")?,
    })
}
