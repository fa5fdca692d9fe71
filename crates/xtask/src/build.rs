//! Building the page, the gateway and the app.

use std::path::PathBuf;

use anyhow::Result;

use crate::run::{cargo, done, npm, root, step};

/// The two programs, built.
pub(crate) struct Programs {
    /// The desktop app.
    pub(crate) app: PathBuf,
    /// The gateway.
    pub(crate) gateway: PathBuf,
}

/// Builds the page, then both programs around it.
pub(crate) fn everything() -> Result<Programs> {
    page()?;
    step("gateway and app (the first time some minutes)", || {
        done(cargo().args(["build", "--workspace", "--exclude", "xtask", "--bins"]))
    })?;
    Ok(programs())
}

/// The gateway alone.
pub(crate) fn gateway() -> Result<PathBuf> {
    step("gateway", || {
        done(cargo().args(["build", "--quiet", "--package", "deskbell-gateway", "--bins"]))
    })?;
    Ok(programs().gateway)
}

/// The page, into `ui/dist`.
pub(crate) fn page() -> Result<()> {
    step("page", || done(npm().args(["run", "--silent", "build"])))
}

/// Where cargo puts the two programs.
pub(crate) fn programs() -> Programs {
    let built = |name: &str| {
        target_folder()
            .join("debug")
            .join(format!("{name}{}", std::env::consts::EXE_SUFFIX))
    };
    Programs {
        app: built("deskbell"),
        gateway: built("deskbell-gateway"),
    }
}

/// Where cargo builds.
pub(crate) fn target_folder() -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), PathBuf::from)
}
