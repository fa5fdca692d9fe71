//! Load generator and side-by-side benchmarks: `cargo xtask bench`.
//!
//! The program measures servers that run as processes of their own. For the link: itself, started as `serve` (ours) or
//! `bare` (a WebSocket with nothing on it), and Node's. For intake and push: the gateway, and the original's shape on Node.
#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a command-line program talks to its terminal"
)]

mod bare;
mod commands;
mod crowd;
mod disk;
mod http;
mod intake;
mod link;
mod node;
mod open_files;
mod original;
mod pace;
mod percentile;
mod process;
mod push;
mod report;
mod server;
mod subject;
mod wire;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};

/// Benchmarks of Deskbell.
#[derive(Parser)]
struct Arguments {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Measures our server beside Node's and beside a bare WebSocket.
    Link(How),
    /// Measures the gateway's durable intake beside a bare loop and the original's shape.
    Intake(How),
    /// Measures the way from a POST to the event at the desks, beside the original's shape.
    Push(How),
    /// Our server, to be measured.
    #[command(hide = true)]
    Serve,
    /// A bare WebSocket, to be measured.
    #[command(hide = true)]
    Bare,
}

#[derive(Args)]
struct How {
    /// A small run, to see that all works; targets are not judged.
    #[arg(long)]
    quick: bool,
    /// Writes the numbers into this file too.
    #[arg(long)]
    json: Option<PathBuf>,
}

#[tokio::main]
async fn main() -> ExitCode {
    let done = match Arguments::parse().task {
        Task::Link(How { quick, json }) => link::run(quick, json.as_deref()).await,
        Task::Intake(How { quick, json }) => intake::run(quick, json.as_deref()).await,
        Task::Push(How { quick, json }) => push::run(quick, json.as_deref()).await,
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
