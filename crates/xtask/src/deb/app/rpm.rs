use std::path::Path;

use anyhow::{Result, ensure};

use super::Packages;
use crate::run::{output, program};

/// What the package puts on a system.
const FILES: &[&str] = &[
    "/usr/bin/deskbell",
    "/usr/share/applications/deskbell.desktop",
    "/usr/share/doc/deskbell/CHANGELOG.md",
    "/usr/share/doc/deskbell/installing.md",
    "/usr/share/icons/hicolor/128x128/apps/deskbell.png",
    "/usr/share/icons/hicolor/256x256@2/apps/deskbell.png",
    "/usr/share/icons/hicolor/32x32/apps/deskbell.png",
    "/usr/share/icons/hicolor/512x512/apps/deskbell.png",
    "/usr/share/licenses/deskbell/LICENSE-APACHE",
    "/usr/share/licenses/deskbell/LICENSE-MIT",
];

/// What it asks of a system, by the names that Fedora and openSUSE share. (rpm's own features stand beside these.)
const REQUIRES: &[&str] = &["libgtk-3.so.0()(64bit)", "libwebkit2gtk-4.1.so.0()(64bit)"];

/// Checks what is in the RPM package; there is no system here to install it on.
///
/// # Errors
/// When it holds other files, wants other libraries, or would run a script.
pub(in crate::deb) fn check(packages: &Packages) -> Result<()> {
    let Packages([_, package]) = packages;
    let files = asked(package, &["--list"])?;
    let mut files: Vec<_> = files.lines().collect();
    files.sort_unstable();
    ensure!(files == FILES, "it has the files {files:?} and not {FILES:?}");

    let requires = asked(package, &["--requires"])?;
    let mut requires: Vec<_> = requires
        .lines()
        .filter(|name| !name.starts_with("rpmlib("))
        .collect();
    requires.sort_unstable();
    ensure!(
        requires == REQUIRES,
        "it requires {requires:?} and not {REQUIRES:?}"
    );

    // The system's own triggers tell menus and links of it.
    let scripts = asked(package, &["--scripts", "--triggers"])?;
    ensure!(scripts.trim().is_empty(), "it runs scripts: {scripts}");

    let about = asked(package, &["--queryformat", "%{NAME} %{VERSION} %{LICENSE}"])?;
    let expected = format!("deskbell {} MIT OR Apache-2.0", super::VERSION);
    ensure!(about == expected, "it is {about:?} and not {expected:?}");
    Ok(())
}

fn asked(package: &Path, what: &[&str]) -> Result<String> {
    output(
        program("rpm")
            .args(["--query", "--package"])
            .args(what)
            .arg(package),
    )
}
