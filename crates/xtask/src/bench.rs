//! `cargo xtask bench`: the benchmarks, built as they are shipped.

use std::path::Path;

use anyhow::Result;

use crate::run::{cargo, done, npm, root, step};

/// Measures the link beside Node's; what is printed and judged is crates/bench's.
///
/// # Errors
/// When a target is missed, or anything is lost on the way.
pub(crate) fn link(quick: bool, json: Option<&Path>) -> Result<()> {
    step("npm packages", || {
        done(
            npm()
                .args(["ci", "--no-audit", "--no-fund", "--loglevel=error"])
                .current_dir(root().join("crates/bench/node")),
        )
    })?;
    step("benchmarks (the first time some minutes)", || {
        done(cargo().args(["build", "--release", "--quiet", "--package", "deskbell-bench"]))
    })?;
    let mut bench = cargo();
    bench.args([
        "run",
        "--release",
        "--quiet",
        "--package",
        "deskbell-bench",
        "--",
        "link",
    ]);
    if quick {
        bench.arg("--quick");
    }
    if let Some(file) = json {
        // From where the caller stands, not from the project's folder.
        bench.arg("--json").arg(std::path::absolute(file)?);
    }
    step("link", || done(&mut bench))
}
