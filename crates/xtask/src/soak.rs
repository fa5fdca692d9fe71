//! `cargo xtask soak`: crates/soak, built as it is tested.

use anyhow::Result;

use crate::run::{cargo, done, step};

/// Runs the soak that `arguments` ask for; it says itself what it saw.
///
/// # Errors
/// When something did not hold.
pub(crate) fn run(arguments: &[String]) -> Result<()> {
    step("soak: build", || {
        done(cargo().args(["build", "--quiet"]).args([
            "--package",
            "deskbell-soak",
            // The program that `soak gateway` runs.
            "--package",
            "deskbell-gateway",
        ]))
    })?;
    step(&format!("soak {}", arguments.join(" ")), || {
        done(
            cargo()
                .args(["run", "--quiet", "--package", "deskbell-soak", "--"])
                .args(arguments),
        )
    })
}
