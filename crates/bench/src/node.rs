//! Servers that run on Node, as npm installs them.

use std::path::Path;

use tokio::process::Command;

/// Runs a file of the folder `node`.
pub(crate) fn node(file: &str) -> Command {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("node");
    let mut command = Command::new("node");
    // As npm installs it: ws has optional native parts that Socket.IO does not bring along.
    command
        .arg(folder.join(file))
        .env("NODE_ENV", "production")
        .env("WS_NO_BUFFER_UTIL", "1")
        .env("WS_NO_UTF_8_VALIDATE", "1")
        .env_remove("NODE_OPTIONS");
    command
}
