//! The command line. Commands work on the same database while `serve` runs.

mod access;
mod backup;
mod desk;
mod enrolment;
mod hospital;
#[cfg(target_os = "linux")]
mod notify;
mod output;
mod serve;

use std::convert::Infallible;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::{Context, bail};
use clap::{Parser, Subcommand};
use data_encoding::BASE64URL_NOPAD;
use deskbell_clock::{Clock, Entropy, OsEntropy, SystemClock};
use deskbell_protocol::{Epoch, Hospital, HospitalId};
use deskbell_store::{Access, Act, Address, NotAnAddress, Store, StoreError, Who};
use url::Url;

use crate::logging::{LogFormat, log_panic, subscriber};

/// Takes reservations in over HTTP and rings the desks of their hospital.
#[derive(Debug, Parser)]
#[command(name = "deskbell-gateway", version)]
pub struct Cli {
    /// The database, as `sqlite://PATH` or `postgres://USER:PASSWORD@HOST/DATABASE`; by default a file in the platform's data folder
    #[arg(
        long,
        global = true,
        env = "DESKBELL_DATABASE",
        hide_env_values = true,
        value_name = "ADDRESS",
        value_parser = unquoted
    )]
    database: Option<Result<Address, NotAnAddress>>,

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
    /// Add, change and list hospitals
    #[command(subcommand)]
    Hospital(hospital::Command),
    /// Pair, list and sign out desks
    #[command(subcommand)]
    Desk(desk::Command),
    /// Read the access record
    #[command(subcommand)]
    Access(access::Command),
    /// Write everything, as it stands now, into a new file; also while `serve` runs
    Backup {
        /// Where
        file: PathBuf,
    },
    /// Take everything from a backup into an empty database; stop `serve` first
    Restore {
        /// What `backup` wrote, from either kind of database
        file: PathBuf,
    },
}

/// What a command works on.
struct Place {
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
}

impl Place {
    /// The hospital called `slug`.
    async fn hospital(&self, slug: &str) -> anyhow::Result<Hospital> {
        match self.store.hospital_by_slug(slug).await {
            Err(StoreError::NotFound) => bail!("there is no hospital {slug}: look it up with hospital list"),
            found => Ok(found?),
        }
    }

    /// Notes in the access record what is about to be done with a hospital's keys.
    async fn note(&self, hospital: HospitalId, what: Act, detail: Option<String>) -> Result<(), StoreError> {
        let access = Access {
            at: self.clock.now(),
            hospital,
            who: Who::Operator,
            from: None,
            reservation: None,
            what,
            detail,
        };
        self.store.note_access(access).await
    }

    /// 10 random bytes, as many as an id wants.
    fn random(&self) -> [u8; 10] {
        let mut random = [0; 10];
        self.entropy.fill(&mut random);
        random
    }

    /// Names the next life of a log.
    fn fresh_epoch(&self) -> Epoch {
        let mut epoch = [0; 9];
        self.entropy.fill(&mut epoch);
        Epoch(BASE64URL_NOPAD.encode(&epoch))
    }
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
            Some(address) => address?,
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
            Command::Access(command) => command.run(&place, self.json).await,
            Command::Backup { file } => backup::backup(&place, &file, self.json).await,
            Command::Restore { file } => backup::restore(&place, &file, self.json).await,
        };
        store.close().await;
        done
    }
}

/// The parser of the command line would quote what it cannot read, and a password may be in it.
fn unquoted(text: &str) -> Result<Result<Address, NotAnAddress>, Infallible> {
    Ok(text.parse())
}

/// Where a desk may reach a gateway.
fn reachable(text: &str) -> Result<Url, &'static str> {
    let url = text.parse::<Url>().ok();
    url.filter(|url| matches!(url.scheme(), "http" | "https"))
        .ok_or("an address by which desks come, such as https://bell.example.kr")
}

fn default_database() -> anyhow::Result<PathBuf> {
    let folder = dirs::data_dir()
        .context("this user has no data folder: say where the database is with --database")?;
    Ok(folder.join("deskbell-gateway").join("gateway.sqlite"))
}
