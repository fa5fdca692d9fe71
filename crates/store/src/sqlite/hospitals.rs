use async_trait::async_trait;
use deskbell_protocol::{Epoch, Hospital, Position};
use jiff::Timestamp;
use sqlx::sqlite::SqliteRow;

use super::{Sqlite, columns, fault, unless_taken};
use crate::{Digest, HospitalRecord, Hospitals, IntakeKey, NewHospital, StoreError};

#[async_trait]
impl Hospitals for Sqlite {
    async fn add_hospital(&self, new: &NewHospital, now: Timestamp) -> Result<(), StoreError> {
        let mut tx = self.write().await?;
        sqlx::query(
            "INSERT INTO hospitals (id, slug, name, timezone, hours, claim_minutes, intake_key, epoch, added_at)
             VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        )
        .bind(new.hospital.id.as_bytes().as_slice())
        .bind(&new.hospital.slug)
        .bind(&new.hospital.name)
        .bind(&new.hospital.timezone)
        .bind(&new.hospital.hours)
        .bind(new.claim_minutes)
        .bind(new.intake_key.0.as_slice())
        .bind(&new.epoch.0)
        .bind(now.as_millisecond())
        .execute(&mut *tx)
        .await
        .map_err(unless_taken)?;
        self.commit(tx).await
    }

    async fn hospitals(&self) -> Result<Vec<HospitalRecord>, StoreError> {
        let rows = sqlx::query(
            "SELECT id, slug, name, timezone, hours, claim_minutes, epoch, head, added_at
             FROM hospitals ORDER BY slug",
        )
        .fetch_all(&self.readers)
        .await
        .map_err(fault)?;
        rows.iter().map(record).collect()
    }

    async fn hospital_by_slug(&self, slug: &str) -> Result<Hospital, StoreError> {
        let row = sqlx::query("SELECT id, slug, name, timezone, hours FROM hospitals WHERE slug = ?")
            .bind(slug)
            .fetch_one(&self.readers)
            .await
            .map_err(fault)?;
        hospital(&row)
    }

    async fn hospital_by_key(&self, key: &IntakeKey) -> Result<Hospital, StoreError> {
        let row =
            sqlx::query("SELECT id, slug, name, timezone, hours, intake_key FROM hospitals WHERE id = ?")
                .bind(key.owner().as_bytes().as_slice())
                .fetch_one(&self.readers)
                .await
                .map_err(fault)?;
        if Digest(columns::bytes(&row, "intake_key")?).matches(&key.digest()) {
            hospital(&row)
        } else {
            Err(StoreError::NotFound)
        }
    }
}

/// From the columns `id, slug, name, timezone, hours`.
fn hospital(row: &SqliteRow) -> Result<Hospital, StoreError> {
    Ok(Hospital {
        id: columns::hospital_id(row, "id")?,
        slug: columns::get(row, "slug")?,
        name: columns::get(row, "name")?,
        timezone: columns::get(row, "timezone")?,
        hours: columns::get(row, "hours")?,
    })
}

fn record(row: &SqliteRow) -> Result<HospitalRecord, StoreError> {
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
