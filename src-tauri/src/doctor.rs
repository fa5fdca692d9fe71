//! `deskbell doctor`: what keeps this PC from its reservations, on a terminal, without a display.

use std::io::{Write, stdout};
use std::process::ExitCode;

use tokio::runtime;

/// Looks, prints what it found, as JSON where that is wanted, and fails where something is wrong.
pub(crate) fn run(json: bool) -> anyhow::Result<ExitCode> {
    let config = crate::desk_config()?;
    let runtime = runtime::Builder::new_current_thread().enable_all().build()?;
    let report =
        runtime.block_on(async { deskbell_desk::doctor(&config, &crate::probes::look().await).await });
    let findings = if json {
        format!("{}\n", report.json())
    } else {
        report.to_string()
    };
    // Whoever reads it may have read enough.
    let _ = stdout().write_all(findings.as_bytes());
    Ok(if report.is_ok() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}
