//! Running other programs, each as a named step with its time.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};
use deskbell_clock::{Clock, SystemClock};

/// The project's folder.
pub(crate) fn root() -> PathBuf {
    // crates/xtask is two below it.
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../..")
        .components()
        .as_path()
        .canonicalize()
        .unwrap_or_default()
}

/// Says what is being done, does it, says how long it took.
///
/// # Errors
/// Those of `work`, with the step's name.
pub(crate) fn step<T>(name: &str, work: impl FnOnce() -> Result<T>) -> Result<T> {
    println!("== {name}");
    let began = SystemClock.instant();
    let done = work().with_context(|| format!("failed: {name}"))?;
    println!(
        "   {:.1} s",
        SystemClock.instant().saturating_since(began).as_secs_f64()
    );
    Ok(done)
}

/// A program to be run in the project's folder.
pub(crate) fn program(name: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new(name);
    command.current_dir(root());
    command
}

/// The cargo that started this.
pub(crate) fn cargo() -> Command {
    program(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
}

/// npm, in the page's folder.
pub(crate) fn npm() -> Command {
    // On Windows npm is a script, which only its full name starts.
    let mut command = program(if cfg!(windows) { "npm.cmd" } else { "npm" });
    command.current_dir(root().join("ui"));
    command
}

/// Runs `command` to its end.
///
/// # Errors
/// When it cannot be started or fails; its own words stand above.
pub(crate) fn done(command: &mut Command) -> Result<()> {
    let status = command
        .status()
        .with_context(|| format!("{} does not start", shown(command)))?;
    if !status.success() {
        bail!("{} ended with {status}", shown(command));
    }
    Ok(())
}

/// Runs `command` to its end and gives what it printed.
///
/// # Errors
/// When it cannot be started, fails, or prints no UTF-8.
pub(crate) fn output(command: &mut Command) -> Result<String> {
    let output = command
        .output()
        .with_context(|| format!("{} does not start", shown(command)))?;
    if !output.status.success() {
        bail!(
            "{} ended with {}: {}",
            shown(command),
            output.status,
            String::from_utf8_lossy(&output.stderr).trim()
        );
    }
    String::from_utf8(output.stdout).with_context(|| format!("{} printed no UTF-8", shown(command)))
}

fn shown(command: &Command) -> String {
    let words: Vec<_> = std::iter::once(command.get_program())
        .chain(command.get_args())
        .map(OsStr::to_string_lossy)
        .collect();
    words.join(" ")
}
