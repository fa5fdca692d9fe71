//! The statements, for whichever database: this folder is compiled once for each back end (decision 0014).
//!
//! The module above says what differs: its `Db` and [`Connections`], how rows are locked, how it copies itself.

mod access;
mod changes;
mod columns;
mod desks;
mod enrolments;
mod hospitals;
pub(super) mod intake;
mod log;
mod reservations;
mod retention;
mod shown;
pub(crate) mod transfer;

use std::path::Path;
use std::sync::Arc;

use async_trait::async_trait;
use deskbell_protocol::{Epoch, HospitalId};
use jiff::Timestamp;

use super::{Connections, Db};
use crate::crowd::Crowd;
use crate::{BackupError, Store, StoreError};

/// A row of a result.
type Row = <Db as sqlx::Database>::Row;

/// A connection, inside a transaction or not.
type Connection = <Db as sqlx::Database>::Connection;

/// A [`Store`] in a database.
#[derive(Debug)]
pub(crate) struct Tables {
    connections: Arc<Connections>,
    intake: Crowd<intake::Intake>,
    shown: Crowd<shown::Shown>,
    accesses: Crowd<access::Accesses>,
}

impl Tables {
    pub(super) fn new(connections: Connections) -> Self {
        let connections = Arc::new(connections);
        Self {
            intake: Crowd::new(intake::Intake::new(Arc::clone(&connections))),
            shown: Crowd::new(shown::Shown::new(Arc::clone(&connections))),
            accesses: Crowd::new(access::Accesses::new(Arc::clone(&connections))),
            connections,
        }
    }

    /// For tests that reach behind the tables.
    #[cfg(test)]
    pub(super) fn connections(&self) -> &Connections {
        &self.connections
    }
}

#[async_trait]
impl Store for Tables {
    async fn ready(&self) -> Result<(), StoreError> {
        // Looks for the database and begins to write: one that went away, is read-only or is locked shows itself. A
        // full disk does not: only writing tells.
        let tx = self.connections.write().await?;
        tx.rollback().await.map_err(fault)
    }

    async fn secret(&self, name: &'static str, fresh: [u8; 32]) -> Result<[u8; 32], StoreError> {
        let mut tx = self.connections.write().await?;
        sqlx::query("INSERT INTO server_secrets (name, value) VALUES ($1, $2) ON CONFLICT DO NOTHING")
            .bind(name)
            .bind(fresh.as_slice())
            .execute(&mut *tx)
            .await
            .map_err(fault)?;
        let row = sqlx::query("SELECT value FROM server_secrets WHERE name = $1")
            .bind(name)
            .fetch_one(&mut *tx)
            .await
            .map_err(fault)?;
        let value = columns::bytes(&row, "value")?;
        self.connections.commit(tx).await?;
        Ok(value)
    }

    async fn next_wake(&self) -> HospitalId {
        self.connections.next_wake().await
    }

    async fn forget_expired(&self, now: Timestamp) -> Result<(), StoreError> {
        retention::forget_expired(&self.connections, now).await
    }

    async fn prune(&self, before: Timestamp) -> Result<(), StoreError> {
        retention::prune(&self.connections, before).await
    }

    async fn backup(&self, file: &Path) -> Result<(), BackupError> {
        self.connections.backup(file).await
    }

    async fn restore(
        &self,
        file: &Path,
        fresh_epoch: &(dyn Fn() -> Epoch + Sync),
    ) -> Result<(), BackupError> {
        transfer::restore(&self.connections, file, fresh_epoch).await
    }

    async fn close(&self) {
        self.connections.close().await;
    }
}

/// What the caller has to decide by. The databases' messages name tables and columns, never a value.
pub(super) fn fault(error: sqlx::Error) -> StoreError {
    match &error {
        sqlx::Error::RowNotFound => StoreError::NotFound,
        sqlx::Error::Database(database) if database.is_foreign_key_violation() => StoreError::NotFound,
        _ => StoreError::Unavailable(Box::new(error)),
    }
}

/// The fault of inserting what a caller chose and may choose again: what is taken already is a conflict.
fn unless_taken(error: sqlx::Error) -> StoreError {
    match &error {
        sqlx::Error::Database(database) if database.is_unique_violation() => StoreError::Conflict,
        _ => fault(error),
    }
}
