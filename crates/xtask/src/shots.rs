//! `cargo xtask shots`: the pictures of the window, from the built page on a desk that lives in it.

use anyhow::Result;

use crate::build;
use crate::run::{done, npm, step};

/// Takes them anew, into `docs/screens`.
///
/// # Errors
/// When the page does not build, or there is no Chromium: Debian's, or the one that `CHROMIUM` names.
pub(crate) fn run() -> Result<()> {
    build::page()?;
    step("pictures", || done(npm().args(["run", "--silent", "shots"])))
}
