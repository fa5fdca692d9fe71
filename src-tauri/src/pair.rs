//! `deskbell pair URL CODE`: pairing from a terminal, without a display.
#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a command of the terminal talks to it"
)]

use std::process::ExitCode;

use tokio::runtime;

/// Pairs this PC and says how it went, in the user's language.
pub(crate) fn run(server: &str, code: &str) -> anyhow::Result<ExitCode> {
    let config = crate::desk_config()?;
    let runtime = runtime::Builder::new_current_thread().enable_all().build()?;
    match runtime.block_on(deskbell_desk::pair(&config, server, code)) {
        Ok(place) => {
            if let Some(paired) = place.paired {
                println!("{} · {}", paired.hospital, paired.desk);
            }
            Ok(ExitCode::SUCCESS)
        }
        Err(error) => {
            eprintln!("{error}");
            Ok(ExitCode::FAILURE)
        }
    }
}
