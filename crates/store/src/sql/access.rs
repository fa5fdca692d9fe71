//! The access record: lines are added and read.

use std::sync::Arc;

use async_trait::async_trait;
use deskbell_protocol::ReservationId;
use sqlx::QueryBuilder;

use super::{Connections, Row, Tables, columns, fault};
use crate::crowd::WriteGroup;
use crate::{Access, AccessFilter, AccessRecord, Act, StoreError};

/// Adds lines.
#[derive(Debug)]
pub(super) struct Accesses {
    connections: Arc<Connections>,
}

impl Accesses {
    pub(super) fn new(connections: Arc<Connections>) -> Self {
        Self { connections }
    }
}

#[async_trait]
impl WriteGroup for Accesses {
    type Item = Access;
    type Done = ();

    /// Again, a line may be there twice: that is better than not at all.
    async fn write(&self, group: &[Access], _again: bool) -> Result<Vec<Result<(), StoreError>>, StoreError> {
        let mut lines = Vec::new();
        for access in group {
            lines.push((access, columns::to_json(&access.who)?));
        }
        let mut tx = self.connections.write().await?;
        let mut query = QueryBuilder::new(
            "INSERT INTO access_record (at, hospital, who, origin, reservation, what, detail) ",
        );
        query.push_values(lines, |mut row, (access, who)| {
            row.push_bind(access.at.as_millisecond())
                .push_bind(access.hospital.as_bytes().to_vec())
                .push_bind(who)
                .push_bind(access.from.map(|from| from.to_string()))
                .push_bind(access.reservation.map(|id| id.as_bytes().to_vec()))
                .push_bind(access.what.code())
                .push_bind(access.detail.clone());
        });
        query
            .build()
            .persistent(false)
            .execute(&mut *tx)
            .await
            .map_err(fault)?;
        self.connections.commit(tx).await?;
        Ok(group.iter().map(|_| Ok(())).collect())
    }
}

#[async_trait]
impl AccessRecord for Tables {
    async fn note_access(&self, access: Access) -> Result<(), StoreError> {
        self.accesses.write(access).await
    }

    async fn accesses(
        &self,
        filter: AccessFilter,
        after: u64,
        limit: u32,
    ) -> Result<Vec<(u64, Access)>, StoreError> {
        let mut query = QueryBuilder::new(
            "SELECT number, at, hospital, who, origin, reservation, what, detail FROM access_record
             WHERE number > ",
        );
        query.push_bind(i64::try_from(after).unwrap_or(i64::MAX));
        if let Some(id) = filter.reservation {
            query
                .push(" AND reservation = ")
                .push_bind(id.as_bytes().to_vec());
        }
        if let Some(from) = filter.from {
            query.push(" AND at >= ").push_bind(from.as_millisecond());
        }
        if let Some(to) = filter.to {
            query.push(" AND at < ").push_bind(to.as_millisecond());
        }
        query.push(" ORDER BY number LIMIT ").push_bind(i64::from(limit));
        let rows = query
            .build()
            .fetch_all(self.connections.readers())
            .await
            .map_err(fault)?;
        rows.iter().map(line).collect()
    }
}

fn line(row: &Row) -> Result<(u64, Access), StoreError> {
    let origin: Option<&str> = columns::get(row, "origin")?;
    let from = origin.map(|origin| origin.parse().map_err(|_| columns::unreadable("origin")));
    let what = Act::from_code(columns::get(row, "what")?);
    let access = Access {
        at: columns::instant(row, "at")?,
        hospital: columns::hospital_id(row, "hospital")?,
        who: columns::json(row, "who")?,
        from: from.transpose()?,
        reservation: columns::maybe_bytes(row, "reservation")?.map(ReservationId::from_bytes),
        what: what.ok_or_else(|| columns::unreadable("what"))?,
        detail: columns::get(row, "detail")?,
    };
    Ok((columns::number(row, "number")?, access))
}
