//! What `tauri.conf.json` and its parts for Windows and macOS say of the packages, held to the command line's own types.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use tauri::utils::config::parse::read_from;
use tauri::utils::config::{BundleTarget, BundleType, Config, WebviewInstallMode};
use tauri::utils::platform::Target;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The configuration as the command line reads it on `target`; a word it does not know is a fault.
fn config(target: Target) -> Config {
    let (merged, _) = read_from(target, root()).unwrap();
    Config::deserialize(merged).unwrap()
}

fn packages(config: &Config) -> Vec<String> {
    let BundleTarget::List(types) = &config.bundle.targets else {
        panic!("every kind of package there is")
    };
    types.iter().map(BundleType::to_string).collect()
}

#[test]
fn every_system_has_its_packages() {
    assert_eq!(packages(&config(Target::Linux)), ["deb", "rpm"]);
    assert_eq!(packages(&config(Target::Windows)), ["nsis", "msi"]);
    assert_eq!(packages(&config(Target::MacOS)), ["app", "dmg"]);
}

#[test]
fn every_file_that_a_package_names_is_there() {
    let (linux, windows, macos) = (
        config(Target::Linux).bundle,
        config(Target::Windows).bundle,
        config(Target::MacOS).bundle,
    );
    let nsis = windows.windows.nsis.unwrap();
    let named: BTreeSet<PathBuf> = linux
        .icon
        .iter()
        .map(PathBuf::from)
        .chain(linux.linux.deb.files.into_values())
        .chain(linux.linux.deb.changelog)
        .chain(linux.linux.deb.desktop_template)
        .chain(linux.linux.rpm.files.into_values())
        .chain(linux.linux.rpm.desktop_template)
        .chain(nsis.installer_icon)
        .chain(nsis.installer_hooks)
        .chain(macos.macos.info_plist)
        .chain(macos.macos.files.into_values())
        .collect();
    let missing: Vec<_> = named.iter().filter(|file| !root().join(file).is_file()).collect();
    assert!(missing.is_empty(), "{missing:?}");
}

#[test]
fn every_system_opens_our_links_with_it() {
    for target in [Target::Linux, Target::Windows, Target::MacOS] {
        let links = &config(target).plugins.0["deep-link"]["desktop"]["schemes"];
        assert_eq!(links.as_array().unwrap(), &["deskbell"], "{target}");
    }
    let entry = std::fs::read_to_string(root().join("src-tauri/bundle/linux/deskbell.desktop.hbs")).unwrap();
    assert!(entry.contains("\nExec={{exec}} %u\n"), "{entry}");
    assert!(
        entry.contains("\nMimeType=x-scheme-handler/deskbell;\n"),
        "{entry}"
    );
}

#[test]
fn a_new_version_replaces_the_old_one_on_windows() {
    let config = config(Target::Windows);
    let wix = config.bundle.windows.wix.unwrap();
    // Another would make of every upgrade a second program.
    assert_eq!(
        wix.upgrade_code.unwrap().to_string(),
        "e7c7a7c5-8032-47e6-b7e8-99f9c5d4a97f"
    );
    assert_eq!(config.identifier, "app.deskbell.desk");
    assert_eq!(config.product_name.unwrap(), "Deskbell");
    // Nobody is asked anything.
    assert!(matches!(
        config.bundle.windows.webview_install_mode,
        WebviewInstallMode::EmbedBootstrapper { silent: true }
    ));
}
