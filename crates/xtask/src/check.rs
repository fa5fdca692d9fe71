//! `cargo xtask test`: every check there is, cheapest first.

use std::path::PathBuf;

use anyhow::Result;

use crate::run::{cargo, done, npm, step};
use crate::{build, fuzz, setup, tidy};

/// Sets up and checks everything.
pub(crate) fn run() -> Result<()> {
    setup::everything()?;
    step("cargo fmt", || done(cargo().args(["fmt", "--all", "--check"])))?;
    step("structure", tidy::run)?;
    build::page()?;
    for (name, script) in [
        ("page: lint", "lint"),
        ("page: types", "check"),
        ("page: units", "test"),
    ] {
        step(name, || done(npm().args(["run", "--silent", script])))?;
    }
    in_chromium()?;
    step("cargo clippy", || {
        done(cargo().args([
            "clippy",
            "--quiet",
            "--workspace",
            "--all-targets",
            "--",
            "-D",
            "warnings",
        ]))
    })?;
    step("cargo test", || {
        done(cargo().args(["test", "--quiet", "--workspace"]))
    })?;
    #[cfg(target_os = "linux")]
    {
        crate::check_targets::run()?;
        crate::deb::check()?;
    }
    fuzz::sample()?;
    smoke(None)
}

/// The page, and the booking page of a real gateway, in Chromium: Debian's, or the one that `CHROMIUM` names.
fn in_chromium() -> Result<()> {
    if !cfg!(target_os = "linux") && std::env::var_os("CHROMIUM").is_none() {
        println!("== pages: in Chromium: skipped, CHROMIUM names no browser");
        return Ok(());
    }
    let gateway = build::gateway()?;
    step("pages: in Chromium", || {
        done(
            npm()
                .args(["run", "--silent", "test:e2e"])
                .env("DESKBELL_GATEWAY", gateway),
        )
    })
}

/// The desktop smoke test, where there is a desktop to be had.
#[cfg(target_os = "linux")]
pub(crate) fn smoke(app: Option<PathBuf>) -> Result<()> {
    let mut programs = build::everything()?;
    if let Some(app) = app {
        programs.app = app.canonicalize()?;
    }
    step("desktop smoke test", || crate::smoke::run(&programs))
}

#[cfg(not(target_os = "linux"))]
pub(crate) fn smoke(_app: Option<PathBuf>) -> Result<()> {
    println!(
        "== desktop smoke test: skipped, it needs a virtual display and a session bus, which only Linux has"
    );
    Ok(())
}
