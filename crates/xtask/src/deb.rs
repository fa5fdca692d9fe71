//! `cargo xtask deb`: the gateway as a Debian package, the app as a Debian and an RPM one. What is put into the gateway's
//! stands in `crates/gateway/debian`, into the app's in `tauri.conf.json`.

mod app;
mod install;
mod machine;

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use crate::build;
use crate::run::{cargo, done, output, program, root, step};

pub(crate) use app::use_installed;
use machine::Machine;

const VERSION: &str = env!("CARGO_PKG_VERSION");

/// Where what belongs to the package stands.
const DEBIAN: &str = "crates/gateway/debian";

/// What is installed as it stands: from where, to where, its mode. The settings may hold a database's password.
const FILES: &[(&str, &str, &str)] = &[
    (
        "crates/gateway/debian/deskbell-gateway.service",
        "usr/lib/systemd/system/deskbell-gateway.service",
        "644",
    ),
    (
        "crates/gateway/debian/deskbell-gateway.default",
        "etc/default/deskbell-gateway",
        "600",
    ),
    (
        "crates/gateway/debian/deskbell-gatewayctl",
        "usr/sbin/deskbell-gatewayctl",
        "755",
    ),
    (
        "docs/running.md",
        "usr/share/doc/deskbell-gateway/running.md",
        "644",
    ),
    (
        "docs/posting.md",
        "usr/share/doc/deskbell-gateway/posting.md",
        "644",
    ),
];

/// Builds the gateway and the app and packs them; says where the packages are.
pub(crate) fn run(debug: bool) -> Result<()> {
    step("gateway", || {
        let mut build = cargo();
        build.args(["build", "--package", "deskbell-gateway"]);
        if !debug {
            build.arg("--release");
        }
        done(&mut build)
    })?;
    let profile = if debug { "debug" } else { "release" };
    let built = build::target_folder().join(profile).join("deskbell-gateway");
    let package = step("gateway's package", || pack(&built))?;
    println!("   {}", package.display());
    for package in app::pack(debug)?.0 {
        println!("   {}", package.display());
    }
    Ok(())
}

/// Packs the debug builds and uses the packages; where that cannot be done, says so.
pub(crate) fn check() -> Result<()> {
    const NAME: &str = "packages";
    if !Path::new("/etc/debian_version").exists() {
        println!("== {NAME}: skipped, this is no Debian");
        return Ok(());
    }
    if output(program("id").arg("-u"))?.trim() != "0" {
        println!("== {NAME}: skipped, only root may install them");
        return Ok(());
    }
    let folder = build::target_folder().join("debian");
    let Some(machine) = Machine::boot(&folder.join("machine"))? else {
        let why = fs::read_to_string(folder.join("machine.log"))?;
        println!("== {NAME}: skipped, nothing may be mounted here: {}", why.trim());
        return Ok(());
    };
    step("gateway's Debian package", || install::check(&machine, &folder))?;
    let packages = app::pack(true)?;
    step("app's RPM package", || app::check_rpm(&packages))?;
    step("app's Debian package", || app::check_deb(&packages, &machine))
}

/// The package around the gateway at `built`.
fn pack(built: &Path) -> Result<PathBuf> {
    let folder = build::target_folder().join("debian");
    let tree = folder.join("tree");
    if tree.exists() {
        // What an earlier run put there and this one would not.
        fs::remove_dir_all(&tree)?;
    }
    install(built, &tree.join("usr/bin/deskbell-gateway"), "755")?;
    for (from, to, mode) in FILES {
        install(&root().join(from), &tree.join(to), mode)?;
    }
    let documents = tree.join("usr/share/doc/deskbell-gateway");
    for example in fs::read_dir(root().join("docs/examples"))? {
        let example = example?;
        install(
            &example.path(),
            &documents.join("examples").join(example.file_name()),
            "644",
        )?;
    }
    write(&documents.join("copyright"), &copyright()?)?;
    write(&documents.join("changelog"), &changelog()?)?;
    install(
        &root().join("CHANGELOG.md"),
        &documents.join("CHANGELOG.md"),
        "644",
    )?;
    done(
        program("gzip")
            .args(["-9", "--no-name", "changelog", "CHANGELOG.md"])
            .current_dir(&documents),
    )?;

    let (control, architecture) = (
        tree.join("DEBIAN"),
        output(program("dpkg").arg("--print-architecture"))?,
    );
    for script in ["postinst", "prerm", "postrm"] {
        install(&root().join(DEBIAN).join(script), &control.join(script), "755")?;
    }
    install(
        &root().join(DEBIAN).join("conffiles"),
        &control.join("conffiles"),
        "644",
    )?;
    let files = installed(&tree)?;
    write(
        &control.join("md5sums"),
        &output(program("md5sum").args(&files).current_dir(&tree))?,
    )?;
    let kilobytes = files
        .iter()
        .map(|file| Ok(tree.join(file).metadata()?.len().div_ceil(1024)))
        .sum::<Result<u64>>()?;
    let described = fs::read_to_string(root().join(DEBIAN).join("control"))?
        .replace("@VERSION@", VERSION)
        .replace("@ARCHITECTURE@", architecture.trim())
        .replace("@INSTALLED_SIZE@", &kilobytes.to_string())
        .replace("@DEPENDS@", &libraries(&folder, built)?);
    write(&control.join("control"), &described)?;

    let package = folder.join(format!("deskbell-gateway_{VERSION}_{}.deb", architecture.trim()));
    done(
        program("dpkg-deb")
            .args(["--build", "--root-owner-group"])
            .args([&tree, &package]),
    )?;
    Ok(package)
}

/// The shared libraries that the program at `built` needs, as packages with their lowest versions.
fn libraries(folder: &Path, built: &Path) -> Result<String> {
    // dpkg-shlibdeps will not work without a source package's control file.
    write(
        &folder.join("debian/control"),
        "Source: deskbell\n\nPackage: deskbell-gateway\nArchitecture: any\n",
    )?;
    let printed = output(program("dpkg-shlibdeps").arg("-O").arg(built).current_dir(folder))?;
    let found = printed.trim().strip_prefix("shlibs:Depends=");
    Ok(found.context("dpkg-shlibdeps found no library")?.to_owned())
}

fn changelog() -> Result<String> {
    let changelog = fs::read_to_string(root().join(DEBIAN).join("changelog"))?;
    if !changelog.starts_with(&format!("deskbell-gateway ({VERSION}) ")) {
        bail!("{DEBIAN}/changelog does not begin with version {VERSION}");
    }
    Ok(changelog)
}

/// With the whole text of the licence that Debian does not bring along.
fn copyright() -> Result<String> {
    let licence = fs::read_to_string(root().join("LICENSE-MIT"))?;
    let lines: Vec<_> = licence
        .lines()
        .map(|line| format!(" {}", if line.is_empty() { "." } else { line }))
        .collect();
    let copyright = fs::read_to_string(root().join(DEBIAN).join("copyright"))?;
    Ok(copyright.replace("@EXPAT@", &lines.join("\n")))
}

/// Every file of `tree` but those about the package itself, in order.
fn installed(tree: &Path) -> Result<Vec<PathBuf>> {
    let (mut files, mut folders) = (Vec::new(), vec![tree.to_owned()]);
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder)? {
            let path = entry?.path();
            let inside = path.strip_prefix(tree)?;
            if !path.is_dir() {
                files.push(inside.to_owned());
            } else if inside != Path::new("DEBIAN") {
                folders.push(path);
            }
        }
    }
    files.sort();
    Ok(files)
}

/// Copies a file, with the folders above it, whatever the umask is.
fn install(from: &Path, to: &Path, mode: &str) -> Result<()> {
    done(program("install").args(["-D", "-m", mode]).args([from, to]))
}

fn write(to: &Path, text: &str) -> Result<()> {
    if let Some(folder) = to.parent() {
        fs::create_dir_all(folder)?;
    }
    fs::write(to, text)?;
    fs::set_permissions(to, fs::Permissions::from_mode(0o644))?;
    Ok(())
}
