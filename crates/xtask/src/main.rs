//! `cargo xtask …`: what a newcomer, a developer and the build server run.
#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a command-line program talks to its terminal"
)]

mod bench;
#[cfg(target_os = "linux")]
mod booking;
mod build;
mod check;
#[cfg(target_os = "linux")]
mod check_targets;
#[cfg(target_os = "linux")]
mod deb;
mod demo;
mod fuzz;
mod gateway;
#[cfg(target_os = "linux")]
mod idle;
#[cfg(target_os = "linux")]
mod page_bench;
mod process;
mod run;
mod setup;
mod shots;
#[cfg(target_os = "linux")]
mod smoke;
mod soak;
#[cfg(target_os = "linux")]
mod stage;
mod tidy;

use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};

/// Sets Deskbell up, shows it and checks it.
#[derive(Parser)]
#[command(bin_name = "cargo xtask")]
struct Arguments {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Installs what building and testing need: system packages (Debian), npm packages.
    Setup,
    /// Starts a gateway with a demo hospital and opens the app, paired.
    Demo {
        /// On a virtual display: post a reservation, wait for the toast, click it, take pictures.
        #[arg(long)]
        headless: bool,
    },
    /// Every check, from formatting to the desktop smoke test.
    Test,
    /// Only the desktop smoke test: real gateway, app, notification daemon, display.
    Smoke {
        /// Tests this build of the app instead of the debug one.
        #[arg(long)]
        app: Option<std::path::PathBuf>,
    },
    /// Packs the gateway and the app for Debian, the app as an RPM too; says where the packages are.
    #[cfg(target_os = "linux")]
    Deb {
        /// The debug builds, which are there sooner.
        #[arg(long)]
        debug: bool,
        /// Only installs the debug builds on a copy of this system that nobody keeps, uses them and removes them.
        #[arg(long)]
        check: bool,
        /// What `--check` does on that copy: uses the app that is installed there.
        #[arg(long, hide = true)]
        installed: bool,
    },
    /// Checks the code for Windows and macOS from here, and runs the core's tests under wine.
    #[cfg(target_os = "linux")]
    CheckTargets,
    /// Takes the pictures of the window in docs/screens: each view, both languages, both themes.
    Shots,
    /// Feeds every decoder with invented input until the time is over or something breaks.
    Fuzz {
        /// Only this one of `fuzz/fuzz_targets`.
        target: Option<String>,
        /// How long, all targets together.
        #[arg(long, default_value_t = 600)]
        seconds: u64,
    },
    /// Runs for long under faults: `cargo xtask soak link --cuts 1000`.
    Soak {
        /// What, and how much of it; `--help` says more.
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<String>,
    },
    /// Only the structure: who may import what.
    Tidy,
    /// Benchmarks, side by side with others; Linux only.
    Bench {
        #[command(subcommand)]
        of: Benchmark,
    },
}

#[derive(Subcommand)]
enum Benchmark {
    /// The link's server beside Node's: memory of idle sockets, CPU time of deliveries, latency. Fails when a target is missed.
    Link(Measure),
    /// Durable intake beside a bare loop and the original's shape on Node. Fails when a target is missed.
    Intake(Measure),
    /// The app in the tray beside a browser tab: memory, processor, wake-ups; how fast it is there. Fails when a target is
    /// missed.
    #[cfg(target_os = "linux")]
    Idle {
        #[command(flatten)]
        measure: Measure,
        /// Measures this build of the app instead of a release build of its own.
        #[arg(long)]
        app: Option<std::path::PathBuf>,
    },
    /// The time from a POST to the event at a thousand desks, beside the original's shape on Node.
    Push(Measure),
    /// Two thousand reservations in the real window: opening, filtering, a live insert. Fails when a target is missed.
    #[cfg(target_os = "linux")]
    Page,
}

#[derive(Args)]
struct Measure {
    /// A small run, to see that all works; judges no target.
    #[arg(long)]
    quick: bool,
    /// Writes the numbers into this file too.
    #[arg(long)]
    json: Option<std::path::PathBuf>,
}

impl Benchmark {
    fn run(&self) -> anyhow::Result<()> {
        let (name, Measure { quick, json }) = match self {
            Self::Link(measure) => ("link", measure),
            Self::Intake(measure) => ("intake", measure),
            Self::Push(measure) => ("push", measure),
            #[cfg(target_os = "linux")]
            Self::Idle { measure, app } => {
                return idle::run(measure.quick, measure.json.as_deref(), app.clone());
            }
            #[cfg(target_os = "linux")]
            Self::Page => return bench::page(),
        };
        bench::run(name, *quick, json.as_deref())
    }
}

fn main() -> ExitCode {
    let done = match Arguments::parse().task {
        Task::Setup => setup::everything(),
        Task::Demo { headless } => demo::run(headless),
        Task::Test => check::run(),
        Task::Smoke { app } => check::smoke(app),
        #[cfg(target_os = "linux")]
        Task::Deb { installed: true, .. } => deb::use_installed(),
        #[cfg(target_os = "linux")]
        Task::Deb { check: true, .. } => deb::check(),
        #[cfg(target_os = "linux")]
        Task::Deb { debug, .. } => deb::run(debug),
        #[cfg(target_os = "linux")]
        Task::CheckTargets => check_targets::run(),
        Task::Fuzz { target, seconds } => fuzz::run(target.as_deref(), seconds),
        Task::Soak { arguments } => soak::run(&arguments),
        Task::Shots => shots::run(),
        Task::Tidy => tidy::run(),
        Task::Bench { of } => of.run(),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}
