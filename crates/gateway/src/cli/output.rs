//! What a command says.

use std::io::{self, ErrorKind, Write};

use serde::Serialize;

/// Says it to people, or to programs.
pub(super) fn say(json: bool, value: &impl Serialize, text: &str) -> anyhow::Result<()> {
    let mut stdout = std::io::stdout().lock();
    if json {
        writeln!(stdout, "{}", serde_json::to_string(value)?)?;
    } else {
        writeln!(stdout, "{text}")?;
    }
    stdout.flush()?;
    Ok(())
}

/// One below the other, or `none`.
pub(super) fn lines(lines: &[String], none: &str) -> String {
    if lines.is_empty() {
        none.to_owned()
    } else {
        lines.join("\n")
    }
}

/// The whole chain of causes in one sentence. Whoever has read enough, as `head` has, is told nothing.
pub(super) fn complain(error: &anyhow::Error) {
    let cause = error.downcast_ref::<io::Error>();
    if cause.is_some_and(|cause| cause.kind() == ErrorKind::BrokenPipe) {
        return;
    }
    // Nobody is left to hear that nobody hears.
    let _ = writeln!(std::io::stderr().lock(), "deskbell-gateway: {error:#}");
}
