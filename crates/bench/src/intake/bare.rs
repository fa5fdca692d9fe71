//! What no gateway can be faster than by much: the same rows in the same tables, written in groups by one writer that
//! answers nobody.

use std::fs;
use std::path::Path;
use std::time::Duration;

use anyhow::{Result, ensure};
use deskbell_clock::{Clock, Entropy, OsEntropy, SystemClock};
use deskbell_gateway_program::Program;
use serde_json::json;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous};
use sqlx::{ConnectOptions, Connection, SqliteConnection};

use super::HOSPITALS;
use super::load::CONNECTIONS;
use super::report::{Intake, Server};
use crate::process::CpuTime;

/// A gateway's database without the gateway.
pub(crate) struct Bare {
    database: SqliteConnection,
    hospitals: Vec<Vec<u8>>,
    written: usize,
    rates: Vec<f64>,
    cpu: f64,
}

impl Bare {
    /// Has the gateway make its database in `folder` and opens it as the gateway does.
    pub(crate) async fn open(folder: &Path) -> Result<Self> {
        fs::create_dir(folder)?;
        let program = Program::in_folder(&Program::beside_this()?, folder).await?;
        for number in 0..HOSPITALS {
            program
                .json(&["hospital", "add", &format!("hospital-{number}"), "--name", "병원"])
                .await?;
        }
        let mut database = SqliteConnectOptions::new()
            .filename(folder.join("gateway.sqlite"))
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .foreign_keys(true)
            .pragma("secure_delete", "ON")
            .pragma("temp_store", "MEMORY")
            .pragma("wal_autocheckpoint", "8000")
            .disable_statement_logging()
            .connect()
            .await?;
        let hospitals = sqlx::query_scalar("SELECT id FROM hospitals")
            .fetch_all(&mut database)
            .await?;
        Ok(Self {
            database,
            hospitals,
            written: 0,
            rates: Vec::new(),
            cpu: 0.0,
        })
    }

    /// Writes for `time`, in groups as large as the sites there are.
    pub(crate) async fn write(&mut self, time: Duration) -> Result<()> {
        let (pid, before) = (std::process::id(), self.written);
        let cpu = CpuTime::of(pid)?;
        let began = SystemClock.instant();
        while SystemClock.instant() < began + time {
            let mut tx = self.database.begin_with("BEGIN IMMEDIATE").await?;
            for _ in 0..CONNECTIONS {
                let hospital = &self.hospitals[self.written % self.hospitals.len()];
                write(&mut tx, hospital, self.written).await?;
                self.written += 1;
            }
            tx.commit().await?;
        }
        let took = SystemClock.instant().saturating_since(began);
        self.cpu += CpuTime::of(pid)?.total() - cpu.total();
        let written = u32::try_from(self.written - before)?;
        self.rates.push(f64::from(written) / took.as_secs_f64());
        Ok(())
    }

    /// What it comes to.
    ///
    /// # Errors
    /// When not all of it is there.
    pub(crate) async fn close(mut self) -> Result<Intake> {
        let stored: i64 = sqlx::query_scalar("SELECT count(*) FROM reservations")
            .fetch_one(&mut self.database)
            .await?;
        ensure!(usize::try_from(stored)? == self.written, "rows are missing");
        self.database.close().await?;
        Ok(Intake::new(Server::Bare, self.written, self.rates, self.cpu))
    }
}

/// One reservation: the hospital's head, the row, the log's entry with the event, the idempotency key.
async fn write(tx: &mut SqliteConnection, hospital: &[u8], number: usize) -> Result<()> {
    let now = SystemClock.now();
    let at = now.as_millisecond();
    let (mut id, mut key, mut fields) = ([0; 16], [0; 32], [0; 32]);
    for bytes in [&mut id[..], &mut key, &mut fields] {
        OsEntropy.fill(bytes);
    }
    let seq: i64 = sqlx::query_scalar("UPDATE hospitals SET head = head + 1 WHERE id = ? RETURNING head")
        .bind(hospital)
        .fetch_one(&mut *tx)
        .await?;
    let name = number.to_string();
    sqlx::query(
        "INSERT INTO reservations (id, hospital, seq, version, relationship, name, phone, reservationdate,
                                   reservationtime, status, received_at, updated_at)
         VALUES (?, ?, ?, 1, '본인', ?, '010-1111-1111', '2026-11-23', '10:30 ~ 11:00', 'pending', ?, ?)",
    )
    .bind(id.as_slice())
    .bind(hospital)
    .bind(seq)
    .bind(&name)
    .bind(at)
    .bind(at)
    .execute(&mut *tx)
    .await?;
    let change = json!({
        "id": data_encoding::HEXLOWER.encode(&id), "version": 1, "seq": seq, "relationship": "본인", "name": name,
        "phone": "010-1111-1111", "reservationdate": "2026-11-23", "reservationtime": "10:30 ~ 11:00",
        "status": "pending", "received_at": now.to_string(), "updated_at": now.to_string(), "claim": null,
        "handled_by": null, "kind": "created",
    });
    sqlx::query(
        r#"INSERT INTO log (hospital, seq, reservation, at, kind, from_value, to_value, actor, change)
           VALUES (?, ?, ?, ?, 'created', NULL, 'pending', '{"kind":"site"}', ?)"#,
    )
    .bind(hospital)
    .bind(seq)
    .bind(id.as_slice())
    .bind(at)
    .bind(change.to_string())
    .execute(&mut *tx)
    .await?;
    sqlx::query(
        "INSERT INTO idempotency_keys (hospital, key, fields, seq, expires_at) VALUES (?, ?, ?, ?, ?)",
    )
    .bind(hospital)
    .bind(key.as_slice())
    .bind(fields.as_slice())
    .bind(seq)
    .bind(at + 24 * 60 * 60 * 1000)
    .execute(tx)
    .await?;
    Ok(())
}
