//! `cargo xtask fuzz`: libFuzzer on stable Rust, by the compiler's own coverage flags (docs/decisions/0013).

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread::available_parallelism;

use anyhow::{Context, Result, bail};

use crate::build::target_folder;
use crate::process::Process;
use crate::run::{cargo, done, output, program, root, step};

/// Counts every edge and shows comparisons to libFuzzer, as its sanitizers' driver would ask for.
const FLAGS: &str = "--cfg fuzzing -Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 \
    -Cllvm-args=-sanitizer-coverage-inline-8bit-counters -Cllvm-args=-sanitizer-coverage-pc-table \
    -Cllvm-args=-sanitizer-coverage-trace-compares";

/// Limits of an input and of what it may take. (Memory that Rust code holds has a tighter bound, in the targets.)
const LIMITS: [&str; 3] = ["-max_len=16384", "-rss_limit_mb=512", "-timeout=10"];

/// What the sample in `cargo xtask test` takes, all targets together, in seconds.
const SAMPLE: u64 = 15;

/// A short run of every target, where libFuzzer is to be had.
pub(crate) fn sample() -> Result<()> {
    if !cfg!(target_os = "linux") {
        println!("== fuzz targets: skipped, only tried on Linux");
        return Ok(());
    }
    step("fuzz: format", || {
        done(cargo().args(["fmt", "--manifest-path", "fuzz/Cargo.toml", "--check"]))
    })?;
    run(None, SAMPLE)
}

/// Runs one target, or all one after the other, for `seconds` in all. What they learn is kept for the next time.
///
/// # Errors
/// When a target finds an input that breaks its property; says where the input is.
pub(crate) fn run(only: Option<&str>, seconds: u64) -> Result<()> {
    let targets = targets(only)?;
    let programs = step("fuzz: build", build)?;
    let at_once = available_parallelism().map_or(1, usize::from);
    let rounds = targets.len().div_ceil(at_once);
    let each = (seconds / u64::try_from(rounds)?).max(1);
    step(&format!("fuzz: {} targets, {each} s each", targets.len()), || {
        let found: Vec<String> = targets
            .chunks(at_once)
            .map(|round| run_round(&programs, round, each))
            .collect::<Result<Vec<_>>>()?
            .concat();
        if found.is_empty() {
            Ok(())
        } else {
            bail!("{}", found.join("\n"))
        }
    })
}

/// The targets there are, each with its seeds in a folder of its name.
fn targets(only: Option<&str>) -> Result<Vec<String>> {
    let mut targets = Vec::new();
    for file in fs::read_dir(root().join("fuzz/fuzz_targets"))? {
        let path = file?.path();
        let name = path.file_stem().and_then(|name| name.to_str());
        targets.extend(
            name.filter(|name| only.is_none_or(|only| *name == only))
                .map(str::to_owned),
        );
    }
    targets.sort();
    if targets.is_empty() {
        bail!("there is no such target; they are in fuzz/fuzz_targets");
    }
    Ok(targets)
}

/// Builds the targets, and gives the folder of their programs.
fn build() -> Result<PathBuf> {
    let printed = output(program("rustc").arg("-vV"))?;
    // With a target named, the flags hold for it alone and not for build scripts.
    let host = printed
        .lines()
        .find_map(|line| line.strip_prefix("host: "))
        .context("rustc names no host")?;
    done(
        cargo()
            .args([
                "build",
                "--quiet",
                "--locked",
                "--release",
                "--manifest-path",
                "fuzz/Cargo.toml",
            ])
            .args(["--target", host, "--target-dir"])
            .arg(target_folder().join("fuzz"))
            .env("RUSTFLAGS", FLAGS),
    )?;
    Ok(target_folder().join("fuzz").join(host).join("release"))
}

/// Runs targets side by side, says what each did, and gives what was found.
fn run_round(programs: &Path, targets: &[String], seconds: u64) -> Result<Vec<String>> {
    let folder = target_folder().join("fuzz");
    let mut running = Vec::new();
    for target in targets {
        let (corpus, log) = (
            folder.join("corpus").join(target),
            folder.join(format!("{target}.log")),
        );
        fs::create_dir_all(&corpus)?;
        fs::write(&log, "")?;
        let mut command = Command::new(programs.join(target));
        command
            // The panic itself says enough.
            .env("RUST_BACKTRACE", "0")
            .args(LIMITS)
            .arg(format!("-max_total_time={seconds}"))
            .arg(format!("-artifact_prefix={}/{target}-", folder.display()))
            .arg(&corpus)
            .arg(root().join("fuzz/seeds").join(target));
        running.push((target, Process::start(command, &log)?, log));
    }
    let mut found = Vec::new();
    for (target, mut process, log) in running {
        let ended = process.wait()?;
        let said = fs::read(&log)?;
        let said = String::from_utf8_lossy(&said);
        // Its last line of numbers: runs, edges covered, inputs kept, speed.
        let numbers = said
            .lines()
            .rfind(|line| line.contains(" cov: "))
            .unwrap_or_default();
        println!("   {target}: {}", numbers.replace('\t', " "));
        if !ended.success() {
            let end: Vec<&str> = said.lines().rev().take(30).collect();
            let end: Vec<&str> = end.into_iter().rev().collect();
            found.push(format!("{target} ended with {ended}:\n{}", end.join("\n")));
        }
    }
    Ok(found)
}
