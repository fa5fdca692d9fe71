use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

use crate::build::target_folder;
use crate::run::{done, output, program, step};
use crate::setup;

/// The Rust that this project is written in, as cargo knows it.
const OLDEST: &str = env!("CARGO_PKG_RUST_VERSION");

/// Debian's own.
const CARGO: &str = "/usr/bin/cargo";
const RUSTC: &str = "/usr/bin/rustc";
const HOST: &str = "x86_64-unknown-linux-gnu";

/// What tests and macros link against, too.
const LIBRARIES: &str = "-Zbuild-std=std,core,alloc,proc_macro,panic_unwind,panic_abort,test";

/// Of the cargo that runs this, and of whoever called it: none may reach the other compiler.
const NOT_ITS_OWN: &[&str] = &[
    "CARGO",
    "CARGO_BUILD_TARGET",
    "CARGO_ENCODED_RUSTFLAGS",
    "LD_LIBRARY_PATH",
    "RUSTC",
    "RUSTC_WORKSPACE_WRAPPER",
    "RUSTC_WRAPPER",
    "RUSTDOC",
    "RUSTFLAGS",
    "RUSTUP_TOOLCHAIN",
];

/// Stands where a C compiler for macOS would be.
const APPLE_CC: &str = include_str!("apple-cc");

/// Debian's Rust, with the standard library of other systems beside that of this one.
pub(super) struct Compiler {
    folder: PathBuf,
}

/// What came of preparing it.
pub(super) enum Prepared {
    /// It compiles.
    Ready(Compiler),
    /// What it lacks cannot be had here, and that is no fault of the code.
    Missing(String),
}

impl Compiler {
    /// Installs it, and builds the standard libraries of `targets` once for each of its versions.
    ///
    /// # Errors
    /// When a library does not build.
    pub(super) fn prepare(targets: &[&str]) -> Result<Prepared> {
        if let Err(why) = setup::for_other_systems() {
            return Ok(Prepared::Missing(format!("{why:#}")));
        }
        let version = output(program(RUSTC).arg("--version"))?;
        if !is_new_enough(&version) {
            return Ok(Prepared::Missing(format!(
                "Debian's compiler is {} and not {OLDEST} or newer",
                version.trim()
            )));
        }
        let compiler = Self {
            folder: target_folder().join("check-targets"),
        };
        compiler.write_tools()?;
        let missing = compiler.missing_libraries(targets)?;
        if !compiler.can_fetch(targets, &missing)? {
            return Ok(Prepared::Missing(
                "crates are missing and cannot be downloaded".to_owned(),
            ));
        }
        for target in missing {
            step(&format!("standard library for {target}"), || {
                compiler.build_library(target)
            })?;
        }
        Ok(Prepared::Ready(compiler))
    }

    /// Where all of it is kept.
    pub(super) fn folder(&self) -> &Path {
        &self.folder
    }

    /// cargo, about to do `what` to this project for other systems.
    pub(super) fn cargo(&self, what: &str) -> Command {
        let tool = |name: &str| self.folder.join("bin").join(name);
        let mut cargo = foreign(CARGO);
        cargo
            .env("PATH", path())
            .env("CARGO_TARGET_DIR", self.folder.join("target"))
            .env("RUSTC", tool("rustc"))
            .env("RUSTDOC", tool("rustdoc"))
            // For clippy, which asks nobody.
            .env("SYSROOT", self.sysroot())
            .env("CC_aarch64_apple_darwin", tool("apple-cc"))
            .env("CXX_aarch64_apple_darwin", tool("apple-cc"))
            .env("AR_aarch64_apple_darwin", "/usr/bin/ar")
            .args([what, "--quiet", "--locked"]);
        cargo
    }

    fn sysroot(&self) -> PathBuf {
        self.folder.join("sysroot")
    }

    fn libraries(&self, target: &str) -> PathBuf {
        self.sysroot().join("lib/rustlib").join(target)
    }

    /// The compilers' front ends. clippy knows rustc by this name alone.
    fn write_tools(&self) -> Result<()> {
        let bin = self.folder.join("bin");
        fs::create_dir_all(&bin)?;
        for name in ["rustc", "rustdoc"] {
            let sysroot = self.sysroot();
            let script = format!(
                "#!/bin/sh\nexec /usr/bin/{name} --sysroot '{}' \"$@\"\n",
                sysroot.display()
            );
            write_script(&bin.join(name), &script)?;
        }
        write_script(&bin.join("apple-cc"), APPLE_CC)?;

        let host = self.libraries(HOST);
        if !host.exists() {
            fs::create_dir_all(host.parent().context("no folder")?)?;
            symlink(Path::new("/usr/lib/rustlib").join(HOST), host)?;
        }
        Ok(())
    }

    /// Those of `targets` whose library is not there, or is another compiler's.
    fn missing_libraries<'a>(&self, targets: &[&'a str]) -> Result<Vec<&'a str>> {
        let version = library_version()?;
        let is_missing = |target: &&str| {
            fs::read_to_string(self.libraries(target).join("version"))
                .ok()
                .is_none_or(|built| built != version)
        };
        Ok(targets.iter().copied().filter(is_missing).collect())
    }

    /// Whether every crate is here, or can be fetched: this project's, and those of the libraries to build.
    fn can_fetch(&self, targets: &[&str], libraries: &[&str]) -> Result<bool> {
        let mut ours = self.cargo("fetch");
        for target in targets {
            ours.args(["--target", target]);
        }
        if done(&mut ours).is_err() {
            return Ok(false);
        }
        for target in libraries {
            if done(&mut self.library_cargo("fetch", target)?).is_err() {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Builds it as nightly's `-Zbuild-std` does, for this step alone: whatever is compiled later sees a stable compiler.
    fn build_library(&self, target: &str) -> Result<()> {
        let mut build = self.library_cargo("build", target)?;
        done(build.arg("--release"))?;

        let (built, kept) = (self.library_folder(), self.libraries(target));
        if kept.exists() {
            fs::remove_dir_all(&kept)?;
        }
        fs::create_dir_all(kept.join("lib"))?;
        for file in fs::read_dir(built.join("target").join(target).join("release/deps"))? {
            let file = file?.path();
            let name = file
                .file_name()
                .and_then(|name| name.to_str())
                .unwrap_or_default();
            if name.ends_with(".rlib") && !name.starts_with("libnothing") {
                fs::copy(&file, kept.join("lib").join(name))?;
            }
        }
        fs::write(kept.join("version"), library_version()?)?;
        fs::remove_dir_all(built)?;
        Ok(())
    }

    fn library_folder(&self) -> PathBuf {
        self.folder.join("library")
    }

    /// cargo for the library of `target`, which it builds only for somebody: a crate with nothing in it.
    fn library_cargo(&self, what: &str, target: &str) -> Result<Command> {
        let folder = self.library_folder();
        fs::create_dir_all(folder.join("src"))?;
        fs::write(
            folder.join("Cargo.toml"),
            "[package]\nname = \"nothing\"\nedition = \"2024\"\n[workspace]\n",
        )?;
        fs::write(folder.join("src/lib.rs"), "")?;
        let mut cargo = foreign(CARGO);
        cargo
            .current_dir(&folder)
            .env("PATH", path())
            .env("CARGO_TARGET_DIR", folder.join("target"))
            .env("RUSTC", RUSTC)
            .env("RUSTC_BOOTSTRAP", "1")
            .args([what, "--quiet", LIBRARIES, "--target", target]);
        Ok(cargo)
    }
}

/// A program that is none of this cargo's.
fn foreign(name: &str) -> Command {
    let mut command = program(name);
    for name in NOT_ITS_OWN {
        command.env_remove(name);
    }
    command
}

/// Debian's programs before rustup's of the same names.
fn path() -> String {
    let others = std::env::var("PATH").unwrap_or_default();
    format!("/usr/bin:/bin:{others}")
}

/// The compiler, and the source that its library is built from.
fn library_version() -> Result<String> {
    let compiler = output(program(RUSTC).arg("-vV"))?;
    let source = output(program("dpkg-query").args(["-W", "rust-web-src"]))?;
    Ok(format!("{compiler}{source}"))
}

/// Whether `rustc --version` names [`OLDEST`] or a newer one.
fn is_new_enough(printed: &str) -> bool {
    let numbers = |version: &str| -> Vec<u32> {
        version
            .split(|c: char| !c.is_ascii_digit())
            .take(2)
            .map_while(|part| part.parse().ok())
            .collect()
    };
    let found = printed.split_whitespace().nth(1).unwrap_or_default();
    numbers(found) >= numbers(OLDEST)
}

/// Only when it says something new: a compiler of another time would compile everything again.
fn write_script(path: &Path, script: &str) -> Result<()> {
    if fs::read_to_string(path).is_ok_and(|written| written == script) {
        return Ok(());
    }
    fs::write(path, script)?;
    fs::set_permissions(path, fs::Permissions::from_mode(0o755))?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_older_compiler_is_not_asked() {
        assert!(!is_new_enough(
            "rustc 1.85.0 (4d91de4e4 2025-02-17) (built from a source tarball)"
        ));
        assert!(!is_new_enough("rustc 0.99.0"));
        assert!(!is_new_enough("what?"));
        assert!(is_new_enough(&format!("rustc {OLDEST}.1")));
        assert!(is_new_enough("rustc 2.0.0-beta.1"));
    }
}
