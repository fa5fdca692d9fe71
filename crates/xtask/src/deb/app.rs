//! The app's packages, as Tauri's command line makes them by `tauri.conf.json`.

mod in_use;
mod rpm;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};

use super::VERSION;
use super::machine::Machine;
use crate::build;
use crate::run::{done, output, program, root, step};

pub(crate) use in_use::use_installed;
pub(super) use rpm::check as check_rpm;

/// A Debian package and an RPM one.
pub(super) struct Packages(pub(super) [PathBuf; 2]);

/// What the Debian package puts on a system. The licences' texts and the changelog are where Debian wants them.
const FILES: &[&str] = &[
    "/usr/bin/deskbell",
    "/usr/share/applications/deskbell.desktop",
    "/usr/share/doc/deskbell/changelog.gz",
    "/usr/share/doc/deskbell/copyright",
    "/usr/share/doc/deskbell/installing.md",
    "/usr/share/icons/hicolor/128x128/apps/deskbell.png",
    "/usr/share/icons/hicolor/256x256@2/apps/deskbell.png",
    "/usr/share/icons/hicolor/32x32/apps/deskbell.png",
    "/usr/share/icons/hicolor/512x512/apps/deskbell.png",
];

/// Builds the app and packs it.
pub(super) fn pack(debug: bool) -> Result<Packages> {
    let profile = if debug { "debug" } else { "release" };
    let bundles = ["--ci", "--bundles", "deb,rpm"];
    if debug {
        // As every other check builds it: one build serves them all.
        build::everything()?;
        step("app's packages", || {
            output(tauri().args(["bundle", "--debug"]).args(bundles)).map(drop)
        })?;
    } else {
        step("app and its packages", || {
            done(tauri().arg("build").args(bundles))
        })?;
    }
    let architecture = output(program("dpkg").arg("--print-architecture"))?;
    let folder = build::target_folder().join(profile).join("bundle");
    Ok(Packages([
        folder.join(format!("deb/deskbell_{VERSION}_{}.deb", architecture.trim())),
        folder.join(format!("rpm/deskbell-{VERSION}-1.{}.rpm", std::env::consts::ARCH)),
    ]))
}

/// The command line that the page's lock file names.
fn tauri() -> Command {
    program(root().join("ui/node_modules/.bin/tauri"))
}

/// Installs the Debian package on `machine`, uses it there and removes it.
pub(super) fn check_deb(packages: &Packages, machine: &Machine) -> Result<()> {
    let Packages([package, _]) = packages;
    fs::copy(package, machine.file("/app.deb"))?;
    machine.told("dpkg", &["--install", "/app.deb"])?;
    let listed = machine.told("dpkg-query", &["--listfiles", "deskbell"])?;
    let files: BTreeSet<_> = listed
        .lines()
        .filter(|file| !machine.file(file).is_dir())
        .collect();
    ensure!(
        files.iter().eq(FILES),
        "installed, it has the files {files:?} and not {FILES:?}"
    );
    let owner = machine.told("stat", &["--format", "%U %G %a", "/usr/bin/deskbell"])?;
    ensure!(owner == "root root 755\n", "/usr/bin/deskbell is {owner}");
    machine.told(
        "desktop-file-validate",
        &["/usr/share/applications/deskbell.desktop"],
    )?;
    brings_its_libraries(package, machine)?;

    // Its desktop is on the machine, and so is whoever uses it.
    fs::copy(std::env::current_exe()?, machine.file("/xtask"))?;
    done(machine.command("/xtask").args(["deb", "--installed"]))?;

    machine.told("dpkg", &["--purge", "deskbell"])?;
    let left = machine.told(
        "find",
        // The gateway, which was here before, leaves its reservations.
        &[
            "/etc",
            "/opt",
            "/usr",
            "/var",
            "-xdev",
            "-iname",
            "*deskbell*",
            "-not",
            "-path",
            "/var/lib/deskbell-gateway*",
        ],
    )?;
    ensure!(left.is_empty(), "purged, it left {left}");
    for kept in in_use::OF_THE_USER {
        ensure!(
            machine.file(kept).exists(),
            "purged, it took {kept} of its user along"
        );
    }
    Ok(())
}

/// That every shared library of the program is in the packages it depends on, or in those that these depend on.
fn brings_its_libraries(package: &Path, machine: &Machine) -> Result<()> {
    fs::create_dir_all(machine.file("/libraries/debian"))?;
    fs::write(
        machine.file("/libraries/debian/control"),
        "Source: deskbell\n\nPackage: deskbell\nArchitecture: any\n",
    )?;
    let found = output(machine.command("env").args([
        "--chdir=/libraries",
        "dpkg-shlibdeps",
        "-O",
        "/usr/bin/deskbell",
    ]))?;
    let found = found.trim().strip_prefix("shlibs:Depends=");
    let needed = names(found.context("dpkg-shlibdeps found no library")?);
    let depends = output(program("dpkg-deb").arg("--field").arg(package).arg("Depends"))?;
    let mut ask = vec!["depends", "--recurse", "--important"];
    let direct = names(&depends);
    ask.extend(direct.iter().map(String::as_str));
    let reached = machine.told("apt-cache", &ask)?;
    let reached: BTreeSet<_> = reached.lines().collect();
    for library in needed {
        ensure!(
            reached.contains(library.as_str()),
            "it depends on {} alone, and needs {library}",
            depends.trim()
        );
    }
    Ok(())
}

/// The packages that a list of dependencies names.
fn names(dependencies: &str) -> Vec<String> {
    let named = dependencies
        .split(',')
        .filter_map(|one| one.split_whitespace().next());
    named.map(str::to_owned).collect()
}
