//! `deskbell doctor`: what keeps this PC from its reservations, on a terminal, without a display.
#![expect(clippy::print_stdout, reason = "a command of the terminal talks to it")]

use std::process::ExitCode;

use tokio::runtime;

/// Looks, prints what it found, as JSON where that is wanted, and fails where something is wrong.
pub(crate) fn run(json: bool) -> anyhow::Result<ExitCode> {
    let config = crate::desk_config()?;
    let runtime = runtime::Builder::new_current_thread().enable_all().build()?;
    let report = runtime.block_on(deskbell_desk::doctor(&config));
    if json {
        println!("{}", report.json());
    } else {
        print!("{report}");
    }
    Ok(if report.is_ok() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}
