//! `cargo xtask soak`: runs a soak and prints what was seen.
#![expect(clippy::print_stdout, reason = "a command-line program talks to its terminal")]

use std::time::Duration;

use anyhow::{Context, Result};
use clap::{Args, Parser, Subcommand, ValueEnum};
use deskbell_gateway_program::Program;
use deskbell_soak::desk;
use deskbell_soak::desk::DeskCommand;
use deskbell_soak::gateway::crash::Database;
use deskbell_soak::gateway::{crash, rooms};
use deskbell_soak::link;
use deskbell_soak::link::Network;

/// Long runs that look for what short tests miss.
#[derive(Parser)]
struct Arguments {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand)]
enum What {
    /// Cuts a link at random moments while entries flow: on a WebSocket, on polling, and from the one to the other.
    Link(Link),
    /// The gateway as a program: rooms that must not leak, a log that must not lose. Everything, where nothing is named.
    Gateway {
        #[command(subcommand)]
        what: Option<Gateway>,
    },
    /// Desks as processes and a gateway as a program: each reservation is told once, whatever breaks.
    Desk(Desk),
    /// A desk's process, for `desk`.
    #[command(hide = true)]
    DeskProcess,
}

#[derive(Args)]
struct Desk {
    /// How many faults.
    #[arg(long, default_value_t = 500)]
    faults: u32,
    /// Each comes within so many milliseconds after the last.
    #[arg(long, default_value_t = 800)]
    pace_ms: u64,
    /// What chance begins with.
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

#[derive(Args)]
struct Link {
    /// How many cuts, all networks together.
    #[arg(long, default_value_t = 1_000)]
    cuts: u32,
    /// What chance begins with.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// What a busy machine may add to the time of a return, in milliseconds.
    #[arg(long, default_value_t = 500)]
    tolerance_ms: u64,
}

#[derive(Subcommand)]
enum Gateway {
    /// Desks of many hospitals come and go, are signed out and paired anew, on lines that break, while reservations flow.
    Rooms(Rooms),
    /// The gateway is killed at random moments under load.
    Crash(Crash),
}

#[derive(Args)]
struct Rooms {
    /// How many hospitals.
    #[arg(long, default_value_t = 200)]
    hospitals: usize,
    /// Desks of each.
    #[arg(long, default_value_t = 5)]
    desks: usize,
    /// Reservations, all hospitals together.
    #[arg(long, default_value_t = 20_000)]
    reservations: u64,
    /// Each desk goes, or its line breaks, or it is signed out, within so many milliseconds after the last.
    #[arg(long, default_value_t = 30_000)]
    quiet_ms: u64,
    /// Desks use HTTP polling instead of a WebSocket.
    #[arg(long)]
    polling: bool,
    /// What chance begins with.
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

#[derive(Args)]
struct Crash {
    /// How often.
    #[arg(long, default_value_t = 100)]
    kills: u32,
    /// Where the log is.
    #[arg(long, value_enum, default_value_t = On::Sqlite)]
    database: On,
    /// What chance begins with.
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

#[derive(Clone, Copy, ValueEnum)]
enum On {
    /// In a file.
    Sqlite,
    /// On a server, which is started for it: Debian's package postgresql.
    Postgres,
}

#[tokio::main]
async fn main() -> Result<()> {
    match Arguments::parse().what {
        What::Link(link) => link.run().await,
        What::Gateway { what: Some(what) } => what.run().await,
        What::Gateway { what: None } => {
            for command in [
                "rooms",
                "rooms --polling",
                "crash --database sqlite",
                "crash --database postgres",
            ] {
                // As its options' defaults have it.
                let words = ["soak", "gateway"].into_iter().chain(command.split(' '));
                if let What::Gateway { what: Some(what) } = Arguments::try_parse_from(words)?.what {
                    what.run().await?;
                }
            }
            Ok(())
        }
        What::Desk(desk) => desk.run().await,
        What::DeskProcess => tokio::task::spawn_blocking(desk::process::run).await?,
    }
}

impl Desk {
    async fn run(self) -> Result<()> {
        let plan = desk::Plan {
            gateway: Program::beside_this()?,
            desk: DeskCommand {
                program: std::env::current_exe()?,
                arguments: vec!["desk-process".into()],
            },
            faults: self.faults,
            pace: Duration::from_millis(self.pace_ms),
            seed: self.seed,
        };
        let seen = desk::soak(plan).await;
        let summary = seen.with_context(|| format!("desk, seed {}", self.seed))?;
        println!("{summary}");
        Ok(())
    }
}

impl Link {
    async fn run(self) -> Result<()> {
        let networks = [Network::WebSocket, Network::Polling, Network::Upgrade];
        for (network, index) in networks.into_iter().zip(0..) {
            let plan = link::Plan {
                network,
                // The first takes what does not divide evenly.
                cuts: (self.cuts + 2 - index) / 3,
                seed: self.seed,
                tolerance: Duration::from_millis(self.tolerance_ms),
            };
            let summary = link::soak(plan)
                .await
                .with_context(|| format!("{network:?}, seed {}", self.seed))?;
            println!("{summary}");
        }
        Ok(())
    }
}

impl Gateway {
    async fn run(self) -> Result<()> {
        let program = Program::beside_this()?;
        match self {
            Self::Rooms(rooms) => {
                let plan = rooms::Plan {
                    program,
                    hospitals: rooms.hospitals,
                    desks: rooms.desks,
                    reservations: rooms.reservations,
                    quiet: Duration::from_millis(rooms.quiet_ms),
                    polling: rooms.polling,
                    seed: rooms.seed,
                };
                let seen = rooms::soak(plan).await;
                let summary = seen.with_context(|| format!("rooms, seed {}", rooms.seed))?;
                println!("{summary}");
            }
            Self::Crash(crash) => {
                let plan = crash::Plan {
                    program,
                    database: match crash.database {
                        On::Sqlite => Database::Sqlite,
                        On::Postgres => Database::Postgres,
                    },
                    kills: crash.kills,
                    seed: crash.seed,
                };
                let seen = crash::soak(plan).await;
                let summary = seen.with_context(|| format!("crash, seed {}", crash.seed))?;
                println!("{summary}");
            }
        }
        Ok(())
    }
}
