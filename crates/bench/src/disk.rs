//! The disk that all of them write to.

use std::env;
use std::fs::File;
use std::io::Write;
use std::path::Path;

use anyhow::{Context, Result};
use deskbell_clock::{Clock, SystemClock};
use tempfile::TempDir;

/// Times that the disk is asked.
const SYNCS: u32 = 200;

/// What is written each time: a page of a write-ahead log.
const PAGE: [u8; 4096] = [7; 4096];

/// A folder of its own on the disk where this program was built: a system's folder for temporary files may be in memory.
pub(crate) fn folder() -> Result<TempDir> {
    let program = env::current_exe()?;
    let built = program.parent().context("this program is in no folder")?;
    Ok(tempfile::Builder::new().prefix("bench-").tempdir_in(built)?)
}

/// How often a second the disk in `folder` confirms that something is written.
pub(crate) fn syncs_per_second(folder: &Path) -> Result<f64> {
    let mut file = File::create(folder.join("syncs"))?;
    let began = SystemClock.instant();
    for _ in 0..SYNCS {
        file.write_all(&PAGE)?;
        file.sync_data()?;
    }
    let took = SystemClock.instant().saturating_since(began);
    Ok(f64::from(SYNCS) / took.as_secs_f64())
}
