//! The command line. Commands work on the same database while `serve` runs.

mod desk;
mod hospital;
mod output;
mod serve;

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::Context;
use clap::{Parser, Subcommand};
use deskbell_clock::{Clock, Entropy, OsEntropy, SystemClock};
use deskbell_store::{Address, Store};

use crate::logging::{LogFormat, log_panic, subscriber};

/// Takes reservations in over HTTP and rings the desks of their hospital.
#[derive(Debug, Parser)]
#[command(name = "deskbell-gateway", version)]
pub struct Cli {
    /// The database, as `sqlite://PATH`; by default a file in the platform's data folder
    #[arg(long, global = true, env = "DESKBELL_DATABASE", value_name = "ADDRESS")]
    database: Option<Address>,

    /// Answer in JSON
    #[arg(long, global = true)]
    json: bool,

    /// How log lines look; they go to standard error, `RUST_LOG` chooses among them
    #[arg(
        long,
        global = true,
        env = "DESKBELL_LOG_FORMAT",
        value_name = "FORMAT",
        default_value = "text"
    )]
    log_format: LogFormat,

    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve booking sites and desks
    Serve(serve::Args),
    /// Add and list hospitals
    #[command(subcommand)]
    Hospital(hospital::Command),
    /// Pair and list desks
    #[command(subcommand)]
    Desk(desk::Command),
}

/// What a command works on.
struct Place {
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
}

impl Cli {
    /// Runs the command. What went wrong is said on standard error, in a sentence.
    pub async fn run(self) -> ExitCode {
        let directives = std::env::var("RUST_LOG").ok();
        let subscriber = subscriber(self.log_format, directives.as_deref(), std::io::stderr);
        let run = async {
            tracing::subscriber::set_global_default(subscriber)?;
            std::panic::set_hook(Box::new(log_panic));
            self.command().await
        };
        match run.await {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => {
                output::complain(&error);
                ExitCode::FAILURE
            }
        }
    }

    async fn command(self) -> anyhow::Result<()> {
        let address = match self.database {
            Some(address) => address,
            None => Address::Sqlite(default_database()?),
        };
        let store = deskbell_store::open(&address)
            .await
            .with_context(|| format!("{address} cannot be opened"))?;
        let place = Place {
            store: Arc::clone(&store),
            clock: Arc::new(SystemClock),
            entropy: Arc::new(OsEntropy),
        };
        let done = match self.command {
            Command::Serve(args) => args.run(place, self.json).await,
            Command::Hospital(command) => command.run(&place, self.json).await,
            Command::Desk(command) => command.run(&place, self.json).await,
        };
        store.close().await;
        done
    }
}

fn default_database() -> anyhow::Result<PathBuf> {
    let folder = dirs::data_dir()
        .context("this user has no data folder: say where the database is with --database")?;
    Ok(folder.join("deskbell-gateway").join("gateway.sqlite"))
}
