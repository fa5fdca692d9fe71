//! `cargo xtask check-targets`: what runs on Windows and macOS, seen from Debian (docs/decisions/0020). A compiler reads
//! it all, and the core's tests run under wine.

mod compiler;
mod wine;

use anyhow::Result;

use crate::run::{done, step};
use compiler::{Compiler, Prepared};
use wine::Wine;

const WINDOWS: &str = "x86_64-pc-windows-gnu";
const MACOS: &str = "aarch64-apple-darwin";

/// What a desk on Windows or macOS runs, and what builds it.
const CHECKED: &[&str] = &[
    "deskbell",
    "deskbell-clock",
    "deskbell-desk",
    "deskbell-protocol",
    "deskbell-socketio",
    "xtask",
];

/// Whose tests run under wine: what knows no window.
const TESTED: &[&str] = &["deskbell-desk", "deskbell-protocol", "deskbell-socketio"];

/// Tests that say nothing there: wine has no Node.js and takes no certificate of ours, and its clock does not let invented
/// time pass while the loop waits.
const NOT_BY_WINE: &[&str] = &[
    "desk::tests::hospital::",
    "desk::tests::network::",
    "desk::tests::waits::",
    "a_ca_file_that_comes_later_is_found",
    "a_certificate_of_the_ca_file_is_trusted",
    "each_fault_of_a_certificate_stops",
];

/// Checks it; where that cannot be done, says so.
///
/// # Errors
/// What the compiler or clippy finds for either system, or the tests that fail.
pub(crate) fn run() -> Result<()> {
    const NAME: &str = "code for Windows and macOS";
    let compiler = match Compiler::prepare(&[WINDOWS, MACOS])? {
        Prepared::Ready(compiler) => compiler,
        Prepared::Missing(why) => {
            println!("== {NAME}: skipped, {why}");
            return Ok(());
        }
    };
    step(&format!("{NAME}: cargo clippy"), || {
        done(
            compiler
                .cargo("clippy")
                .args(["--keep-going", "--target", WINDOWS, "--target", MACOS])
                .args(packages(CHECKED))
                .args(["--", "-D", "warnings"]),
        )
    })?;
    let wine = step("wine", || Wine::prepare(compiler.folder()))?;
    step("core's tests on Windows, by wine", || {
        done(
            wine.in_it(&mut compiler.cargo("test"))
                .args(["--target", WINDOWS, "--lib"])
                .args(packages(TESTED))
                .arg("--")
                .args(NOT_BY_WINE.iter().flat_map(|test| ["--skip", test])),
        )
    })
}

fn packages(names: &[&'static str]) -> Vec<&'static str> {
    names.iter().flat_map(|name| ["--package", name]).collect()
}
