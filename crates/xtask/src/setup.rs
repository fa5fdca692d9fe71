//! What a fresh machine lacks: system packages on Debian, npm packages everywhere.

use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, anyhow, bail};

use crate::run::{done, npm, output, program, root, step};

/// For building the app: WebKitGTK is the web view on Linux; SQLite is compiled from source.
const TO_BUILD: &[&str] = &["build-essential", "libwebkit2gtk-4.1-dev", "pkg-config"];

/// For the virtual desktop: display, window manager, session bus, tray host, notification daemon, Hangul, pictures,
/// and hands that click and type.
const TO_SHOW: &[&str] = &[
    "dbus",
    "desktop-file-utils",
    "dunst",
    "fonts-noto-cjk",
    "hsetroot",
    "imagemagick",
    "openbox",
    "webkit2gtk-driver",
    "wmctrl",
    "xdotool",
    "xfce4-panel",
    "xvfb",
];

/// For the page's tests, for the Python peers of the link's, the server that tests throw away, the gateway behind a load
/// balancer, booking sites in PHP, the unit of its package, the keyring that the desk's token is kept in, and the app's packages:
/// what is in them, its start from a menu.
const TO_TEST: &[&str] = &[
    "adduser",
    "chromium",
    "gnome-keyring",
    "haproxy",
    "libglib2.0-bin",
    "libgtk-3-bin",
    "php-cli",
    "php-curl",
    "postgresql",
    "python3-venv",
    "rpm",
    "systemd",
];

/// For `check-targets`: a compiler that brings the source of its standard library along, C for Windows, wine.
const FOR_OTHER_SYSTEMS: &[&str] = &[
    "cargo-web",
    "gcc-mingw-w64-x86-64",
    "rust-web-clippy",
    "rust-web-src",
    "rustc-web",
    "wine64",
];

/// The oldest Node.js that builds the page (Vite 8 says so).
const NODE: (u32, u32) = (20, 19);

/// Everything any task needs.
pub(crate) fn everything() -> Result<()> {
    tools()?;
    system_packages(&[TO_BUILD, TO_SHOW, TO_TEST])?;
    // Where they cannot be had, `check-targets` says so.
    let _ = for_other_systems();
    npm_packages()
}

/// What a demo needs; `headless` brings its own desktop.
pub(crate) fn for_demo(headless: bool) -> Result<()> {
    tools()?;
    system_packages(if headless {
        &[TO_BUILD, TO_SHOW]
    } else {
        &[TO_BUILD]
    })?;
    npm_packages()
}

/// What `check-targets` needs.
///
/// # Errors
/// Why it cannot be had here.
pub(crate) fn for_other_systems() -> Result<()> {
    if !cfg!(all(target_os = "linux", target_arch = "x86_64")) || !is_debian() {
        bail!("this is no Debian on x86_64");
    }
    let missing = FOR_OTHER_SYSTEMS.iter().filter(|package| !is_installed(package));
    for package in missing {
        output(program("apt-cache").args(["show", package]))
            .map_err(|_| anyhow!("this system has no package {package}"))?;
    }
    system_packages(&[FOR_OTHER_SYSTEMS])
}

/// What nobody can install for the user.
fn tools() -> Result<()> {
    let printed = output(program("node").arg("--version"))
        .context("Node.js is needed, 20.19 or newer: https://nodejs.org")?;
    let mut numbers = printed
        .trim()
        .trim_start_matches('v')
        .split('.')
        .map_while(|part| part.parse::<u32>().ok());
    let version = (numbers.next().unwrap_or(0), numbers.next().unwrap_or(0));
    if version < NODE {
        bail!("Node.js {} is too old: 20.19 or newer is needed", printed.trim());
    }
    Ok(())
}

fn system_packages(groups: &[&[&str]]) -> Result<()> {
    if !cfg!(target_os = "linux") {
        return Ok(());
    }
    if !is_debian() {
        println!(
            "== system packages: this is no Debian; their names there: {}",
            groups.concat().join(" ")
        );
        return Ok(());
    }
    let missing: Vec<&str> = groups
        .concat()
        .into_iter()
        .filter(|package| !is_installed(package))
        .collect();
    if missing.is_empty() {
        return Ok(());
    }
    step(&format!("system packages: {}", missing.join(" ")), || {
        // Where the package lists are fresh enough to know every package, the update is not needed; on a new machine it is.
        done(apt_get()?.arg("update"))?;
        done(
            apt_get()?
                .args(["install", "--yes", "--no-install-recommends"])
                .args(&missing),
        )
    })
}

fn is_debian() -> bool {
    Path::new("/etc/debian_version").exists()
}

fn is_installed(package: &str) -> bool {
    output(program("dpkg-query").args(["-W", "-f", "${db:Status-Status}", package]))
        .is_ok_and(|status| status == "installed")
}

/// `apt-get` as root: directly, or by `sudo`.
fn apt_get() -> Result<Command> {
    let root = output(program("id").arg("-u"))?.trim() == "0";
    let mut command = if root {
        program("apt-get")
    } else {
        let mut sudo = program("sudo");
        sudo.args(["--preserve-env=DEBIAN_FRONTEND", "apt-get"]);
        sudo
    };
    command
        .args(["-q", "-o", "DPkg::Lock::Timeout=600"])
        .env("DEBIAN_FRONTEND", "noninteractive");
    Ok(command)
}

/// `npm ci`, unless it has been done.
fn npm_packages() -> Result<()> {
    if is_installed_by_npm(&root().join("ui")) {
        return Ok(());
    }
    step("npm packages", || {
        done(npm().args(["ci", "--no-audit", "--no-fund", "--loglevel=error"]))
    })
}

/// Whether the packages in `folder` are its lock file's already.
pub(crate) fn is_installed_by_npm(folder: &Path) -> bool {
    let age = |file: &str| folder.join(file).metadata().and_then(|m| m.modified());
    matches!(
        (age("package-lock.json"), age("node_modules/.package-lock.json")),
        (Ok(lock), Ok(installed)) if installed >= lock
    )
}
