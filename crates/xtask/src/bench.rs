//! `cargo xtask bench`: the benchmarks, built as they are shipped.

use std::path::{Path, PathBuf};

use anyhow::Result;

use crate::run::{cargo, done, npm, output, program, root, step};
use crate::setup;

/// Measures `what` beside others; what is printed and judged is crates/bench's.
///
/// # Errors
/// When a target is missed, or anything is lost on the way.
pub(crate) fn run(what: &str, quick: bool, json: Option<&Path>) -> Result<()> {
    npm_packages(&root().join("crates/bench/node"))?;
    step("benchmarks (the first time some minutes)", || {
        done(cargo().args(["build", "--release", "--quiet"]).args([
            "--package",
            "deskbell-bench",
            "--package",
            "deskbell-gateway",
        ]))
    })?;
    let mut bench = cargo();
    bench.args([
        "run",
        "--release",
        "--quiet",
        "--package",
        "deskbell-bench",
        "--",
        what,
    ]);
    if quick {
        bench.arg("--quick");
    }
    if let Some(file) = json {
        // From where the caller stands, not from the project's folder.
        bench.arg("--json").arg(std::path::absolute(file)?);
    }
    step(what, || done(&mut bench))
}

/// Measures the page in the real window.
///
/// # Errors
/// When a target is missed.
#[cfg(target_os = "linux")]
pub(crate) fn page() -> Result<()> {
    let programs = crate::build::everything()?;
    step("page", || crate::page_bench::run(&programs))
}

/// The Node servers' packages. One has a native part, which is compiled here: what npm would download in its place is built
/// for other machines, in ways of its own.
fn npm_packages(folder: &Path) -> Result<()> {
    if setup::is_installed_by_npm(folder) {
        return Ok(());
    }
    step("npm packages (SQLite is compiled: a minute or two)", || {
        let mut npm = npm();
        npm.args(["ci", "--no-audit", "--no-fund", "--loglevel=error"])
            .env("npm_config_build_from_source", "true")
            .current_dir(folder);
        if let Some(prefix) = node_with_headers()? {
            npm.env("npm_config_nodedir", prefix);
        }
        done(&mut npm)
    })
}

/// Where Node is installed, if its headers are too; npm downloads them otherwise.
fn node_with_headers() -> Result<Option<PathBuf>> {
    let node = output(program("node").args(["-p", "process.execPath"]))?;
    let prefix = Path::new(node.trim()).ancestors().nth(2);
    Ok(prefix
        .filter(|prefix| prefix.join("include/node/node.h").exists())
        .map(Path::to_owned))
}
