use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Result;

use crate::run::{done, output, program};

/// Without Windows' own random numbers, which wine 8 lacks, no program of Rust's starts.
const RANDOM: &str = include_str!("bcryptprimitives.c");

/// How a test program is started: none may keep the others waiting for ever.
const RUNNER: &str = "timeout --kill-after=5 300 /usr/lib/wine/wine64";

/// A Windows of its own to run tests in, with nothing of this account's in it.
pub(super) struct Wine {
    prefix: PathBuf,
}

impl Wine {
    /// Sets it up below `folder`, once.
    ///
    /// # Errors
    /// When wine does not start.
    pub(super) fn prepare(folder: &Path) -> Result<Self> {
        let wine = Self {
            prefix: folder.join("wine"),
        };
        let system = wine.prefix.join("drive_c/windows/system32");
        let library = system.join("bcryptprimitives.dll");
        if library.exists() {
            return Ok(wine);
        }
        fs::create_dir_all(&wine.prefix)?;
        let mut boot = program("timeout");
        boot.args([
            "--kill-after=5",
            "120",
            "/usr/lib/wine/wine64",
            "wineboot",
            "--init",
        ])
        // Links to the account's documents, a menu of its programs: not of this one.
        .env("HOME", &wine.prefix);
        // It misses what 32-bit programs would need, and says so.
        output(wine.in_it(&mut boot))?;
        let source = folder.join("bcryptprimitives.c");
        fs::write(&source, RANDOM)?;
        done(
            program("x86_64-w64-mingw32-gcc")
                .args(["-shared", "-O2", "-o"])
                .args([&library, &source])
                .arg("-ladvapi32"),
        )?;
        Ok(wine)
    }

    /// `command`, with what it starts for Windows in this Windows.
    pub(super) fn in_it<'a>(&self, command: &'a mut Command) -> &'a mut Command {
        command
            .env("WINEPREFIX", &self.prefix)
            .env("WINEDEBUG", "-all")
            .env("WINEDLLOVERRIDES", "mscoree=;mshtml=;winemenubuilder.exe=")
            .env("CARGO_TARGET_X86_64_PC_WINDOWS_GNU_RUNNER", RUNNER)
    }
}
