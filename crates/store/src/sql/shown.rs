//! Up to where desks have decided. A whole hospital says so after each reservation: many in one transaction.

use std::collections::BTreeMap;
use std::sync::Arc;

use async_trait::async_trait;
use deskbell_protocol::{DeskId, Epoch, Position, Seq};
use sqlx::QueryBuilder;

use super::{Connection, Connections, Row, columns, fault};
use crate::StoreError;
use crate::crowd::WriteGroup;

/// Writes what desks say that they have shown.
#[derive(Debug)]
pub(super) struct Shown {
    connections: Arc<Connections>,
}

/// What is known of a desk and its hospital's log.
struct Known {
    log: Position,
    shown: Option<Position>,
}

impl Shown {
    pub(super) fn new(connections: Arc<Connections>) -> Self {
        Self { connections }
    }
}

#[async_trait]
impl WriteGroup for Shown {
    type Item = (DeskId, Position);
    type Done = ();

    /// Again is no harm: what is shown already is not written.
    async fn write(
        &self,
        group: &[(DeskId, Position)],
        _again: bool,
    ) -> Result<Vec<Result<(), StoreError>>, StoreError> {
        let mut tx = self.connections.write().await?;
        let known = known(&mut tx, group).await?;
        let mut results = Vec::new();
        // By desk, in one order everywhere, so that no two groups wait for each other.
        let mut newest = BTreeMap::new();
        for (desk, position) in group {
            results.push(match known.get(desk) {
                None => Err(StoreError::NotFound),
                Some(Known { log, .. }) if position.epoch != log.epoch || position.seq > log.seq => {
                    Err(StoreError::Conflict)
                }
                Some(Known { shown, .. }) => {
                    let before = shown.as_ref().filter(|shown| shown.epoch == position.epoch);
                    let seq = before.map_or(position.seq, |before| before.seq.max(position.seq));
                    if before.is_none_or(|before| before.seq < seq) {
                        let newest = newest.entry(*desk).or_insert((&position.epoch, seq));
                        newest.1 = newest.1.max(seq);
                    }
                    Ok(())
                }
            });
        }
        if newest.is_empty() {
            return Ok(results);
        }
        for (desk, (epoch, seq)) in newest {
            set(&mut tx, desk, epoch, seq).await?;
        }
        self.connections.commit(tx).await?;
        Ok(results)
    }
}

async fn known(
    tx: &mut Connection,
    group: &[(DeskId, Position)],
) -> Result<BTreeMap<DeskId, Known>, StoreError> {
    let mut query = QueryBuilder::new(
        "SELECT d.id, h.epoch, h.head, d.shown_epoch, d.shown_seq
         FROM desks d JOIN hospitals h ON h.id = d.hospital WHERE d.id IN (",
    );
    let mut ids = query.separated(", ");
    for (desk, _) in group {
        ids.push_bind(desk.as_bytes().to_vec());
    }
    query.push(")");
    let rows = query
        .build()
        .persistent(false)
        .fetch_all(tx)
        .await
        .map_err(fault)?;
    rows.iter()
        .map(|row| {
            let log = Position {
                epoch: Epoch(columns::get(row, "epoch")?),
                seq: columns::seq(row, "head")?,
            };
            let shown = position(row)?;
            Ok((
                DeskId::from_bytes(columns::bytes(row, "id")?),
                Known { log, shown },
            ))
        })
        .collect()
}

/// Asks again whether it is later: another gateway may have written since this one looked.
async fn set(tx: &mut Connection, desk: DeskId, epoch: &Epoch, seq: Seq) -> Result<(), StoreError> {
    sqlx::query(
        "UPDATE desks SET shown_epoch = $1, shown_seq = $2
         WHERE id = $3 AND (shown_epoch IS DISTINCT FROM $1 OR shown_seq < $2)",
    )
    .bind(&epoch.0)
    .bind(columns::signed(seq))
    .bind(desk.as_bytes().as_slice())
    .execute(tx)
    .await
    .map_err(fault)?;
    Ok(())
}

/// From the columns `shown_epoch` and `shown_seq`.
pub(super) fn position(row: &Row) -> Result<Option<Position>, StoreError> {
    let epoch: Option<String> = columns::get(row, "shown_epoch")?;
    let Some(epoch) = epoch else { return Ok(None) };
    Ok(Some(Position {
        epoch: Epoch(epoch),
        seq: columns::seq(row, "shown_seq")?,
    }))
}
