//! `cargo xtask soak`: runs a soak and prints what was seen.
#![expect(clippy::print_stdout, reason = "a command-line program talks to its terminal")]

use std::time::Duration;

use anyhow::{Context, Result};
use clap::{Parser, Subcommand};
use deskbell_soak::link::{Network, Plan, soak};

/// Long runs that look for what short tests miss.
#[derive(Parser)]
struct Arguments {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand)]
enum What {
    /// Cuts a link at random moments while entries flow: on a WebSocket, on polling, and from the one to the other.
    Link {
        /// How many cuts, all networks together.
        #[arg(long, default_value_t = 1_000)]
        cuts: u32,
        /// What chance begins with.
        #[arg(long, default_value_t = 1)]
        seed: u64,
        /// What a busy machine may add to the time of a return, in milliseconds.
        #[arg(long, default_value_t = 500)]
        tolerance_ms: u64,
    },
}

#[tokio::main]
async fn main() -> Result<()> {
    let What::Link {
        cuts,
        seed,
        tolerance_ms,
    } = Arguments::parse().what;
    let networks = [Network::WebSocket, Network::Polling, Network::Upgrade];
    for (network, index) in networks.into_iter().zip(0..) {
        // The first takes what does not divide evenly.
        let cuts = (cuts + 2 - index) / 3;
        let plan = Plan {
            network,
            cuts,
            seed,
            tolerance: Duration::from_millis(tolerance_ms),
        };
        let summary = soak(plan)
            .await
            .with_context(|| format!("{network:?}, seed {seed}"))?;
        println!("{summary}");
    }
    Ok(())
}
