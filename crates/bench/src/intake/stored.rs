//! What is in a database, asked when nobody else has it open.

use std::collections::BTreeSet;
use std::path::Path;

use anyhow::Result;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions, Connection};

/// The ids of a gateway's reservations, in hexadecimal digits.
pub(crate) async fn gateway(file: &Path) -> Result<BTreeSet<String>> {
    ids(file, "SELECT lower(hex(id)) FROM reservations").await
}

/// The ids of the original's.
pub(crate) async fn original(file: &Path) -> Result<BTreeSet<String>> {
    ids(file, "SELECT CAST(id AS TEXT) FROM reservations").await
}

async fn ids(file: &Path, query: &'static str) -> Result<BTreeSet<String>> {
    let mut database = SqliteConnectOptions::new().filename(file).connect().await?;
    let ids: Vec<String> = sqlx::query_scalar(query).fetch_all(&mut database).await?;
    database.close().await?;
    Ok(ids.into_iter().collect())
}
