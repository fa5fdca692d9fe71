//! What a command says.

use std::io::Write;

use serde::Serialize;

/// Says it to people, or to programs.
pub(super) fn say(json: bool, value: &impl Serialize, text: &str) -> anyhow::Result<()> {
    let mut stdout = std::io::stdout().lock();
    if json {
        serde_json::to_writer(&mut stdout, value)?;
        writeln!(stdout)?;
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

/// The whole chain of causes in one sentence.
pub(super) fn complain(error: &anyhow::Error) {
    // Nobody is left to hear that nobody hears.
    let _ = writeln!(std::io::stderr().lock(), "deskbell-gateway: {error:#}");
}
