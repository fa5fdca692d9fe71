//! Rows on their way out of one database and into another.

use std::path::Path;

use deskbell_protocol::Epoch;
use futures_util::TryStreamExt;
use sqlx::{AssertSqlSafe, QueryBuilder};

use super::super::AFTER_RESTORE;
use super::{Connection, Connections, Row, columns, fault};
use crate::transfer::{Kind, TABLES, Table, Value};
use crate::{BackupError, StoreError, sqlite};

/// How many rows are written by one statement.
const PART: usize = 500;

/// Takes everything from a backup into this database, and begins each log's next life. All or nothing.
pub(super) async fn restore(
    connections: &Connections,
    file: &Path,
    fresh_epoch: &(dyn Fn() -> Epoch + Sync),
) -> Result<(), BackupError> {
    let mut source = sqlite::open_backup(file).await?;
    let mut tx = connections.write().await?;
    let hospitals = sqlx::query("SELECT id FROM hospitals LIMIT 1")
        .fetch_optional(&mut *tx)
        .await;
    if hospitals.map_err(fault)?.is_some() {
        return Err(BackupError::NotEmpty);
    }
    // A program that looked at this database before made secrets of its own: those of the backup are the ones that count.
    sqlx::query("DELETE FROM server_secrets")
        .execute(&mut *tx)
        .await
        .map_err(fault)?;
    for table in TABLES {
        let mut rows = source.rows_of(table);
        let mut part = Vec::with_capacity(PART);
        while let Some(row) = rows.try_next().await? {
            part.push(row);
            if part.len() == PART {
                insert(&mut tx, table, part.drain(..)).await?;
            }
        }
        insert(&mut tx, table, part.drain(..)).await?;
    }
    for statement in AFTER_RESTORE {
        sqlx::query(*statement).execute(&mut *tx).await.map_err(fault)?;
    }
    rotate_epochs(&mut tx, fresh_epoch).await?;
    connections.commit(tx).await?;
    Ok(())
}

async fn rotate_epochs(
    tx: &mut Connection,
    fresh_epoch: &(dyn Fn() -> Epoch + Sync),
) -> Result<(), StoreError> {
    let hospitals = sqlx::query("SELECT id FROM hospitals")
        .fetch_all(&mut *tx)
        .await
        .map_err(fault)?;
    for row in hospitals {
        sqlx::query("UPDATE hospitals SET epoch = $1 WHERE id = $2")
            .bind(fresh_epoch().0)
            .bind(columns::get::<Vec<u8>>(&row, "id")?)
            .execute(&mut *tx)
            .await
            .map_err(fault)?;
    }
    Ok(())
}

/// The rows of a table.
pub(crate) fn rows_of<'c>(
    connection: &'c mut Connection,
    table: &'static Table,
) -> impl futures_util::Stream<Item = Result<Vec<Value>, StoreError>> + Unpin + Send + 'c {
    let names: Vec<_> = table.columns.iter().map(|(name, _)| *name).collect();
    // Both are names of ours.
    let statement = AssertSqlSafe(format!("SELECT {} FROM {}", names.join(", "), table.name));
    let rows = sqlx::query(statement).persistent(false).fetch(connection);
    rows.map_err(fault)
        .and_then(|row| std::future::ready(values(&row, table)))
}

fn values(row: &Row, table: &Table) -> Result<Vec<Value>, StoreError> {
    let value = |(name, kind): &(&'static str, Kind)| {
        Ok(match kind {
            Kind::Bytes => Value::Bytes(columns::get(row, name)?),
            Kind::Integer => Value::Integer(columns::get(row, name)?),
            Kind::Text => Value::Text(columns::get(row, name)?),
        })
    };
    table.columns.iter().map(value).collect()
}

/// Writes rows of a table, as [`rows_of`] gave them.
pub(crate) async fn insert(
    tx: &mut Connection,
    table: &Table,
    rows: impl ExactSizeIterator<Item = Vec<Value>>,
) -> Result<(), StoreError> {
    if rows.len() == 0 {
        return Ok(());
    }
    let names: Vec<_> = table.columns.iter().map(|(name, _)| *name).collect();
    let mut query = QueryBuilder::new(format!("INSERT INTO {} ({}) ", table.name, names.join(", ")));
    query.push_values(rows, |mut row, values| {
        for value in values {
            match value {
                Value::Bytes(bytes) => row.push_bind(bytes),
                Value::Integer(integer) => row.push_bind(integer),
                Value::Text(text) => row.push_bind(text),
            };
        }
    });
    query.build().persistent(false).execute(tx).await.map_err(fault)?;
    Ok(())
}
