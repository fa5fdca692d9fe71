//! Load generator and side-by-side benchmarks: `cargo xtask bench link`.
//!
//! The program measures servers that run as processes of their own: itself, started as `serve` (ours) or `bare` (a
//! WebSocket with nothing on it), and Node's.
#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a command-line program talks to its terminal"
)]

mod bare;
mod commands;
mod crowd;
mod link;
mod open_files;
mod pace;
mod report;
mod server;
mod subject;
mod wire;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Benchmarks of Deskbell's link.
#[derive(Parser)]
struct Arguments {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Measures our server beside Node's and beside a bare WebSocket.
    Link {
        /// A small run, to see that all works; targets are not judged.
        #[arg(long)]
        quick: bool,
        /// Writes the numbers into this file too.
        #[arg(long)]
        json: Option<PathBuf>,
    },
    /// Our server, to be measured.
    #[command(hide = true)]
    Serve,
    /// A bare WebSocket, to be measured.
    #[command(hide = true)]
    Bare,
}

#[tokio::main]
async fn main() -> ExitCode {
    let done = match Arguments::parse().task {
        Task::Link { quick, json } => link::run(quick, json.as_deref()).await,
        Task::Serve => server::run().await,
        Task::Bare => bare::run().await,
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}
