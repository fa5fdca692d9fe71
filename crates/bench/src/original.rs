//! The original's shape: Express, better-sqlite3 and Socket.IO on Node.

use std::path::Path;

use anyhow::Result;

use crate::node::node;
use crate::process::Process;

/// Starts it with a new database in `file`.
pub(crate) async fn start(file: &Path) -> Result<Process> {
    let mut command = node("original.js");
    command.arg(file);
    Process::start(command).await
}

/// What lets a booking site or a desk into a room.
pub(crate) fn token(room: usize) -> String {
    format!("room-{room}")
}
