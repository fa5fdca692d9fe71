//! `deskbell-gateway`: takes reservations in and rings the desks.

use std::process::ExitCode;

use clap::Parser;
use deskbell_gateway::cli::Cli;

#[tokio::main]
async fn main() -> ExitCode {
    Cli::parse().run().await
}
