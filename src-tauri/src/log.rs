use std::io::IsTerminal;

use tracing::Level;
use tracing_subscriber::filter::{EnvFilter, filter_fn};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{Layer, fmt};

/// Writes the log to standard error: what `RUST_LOG` asks for, or else `level` and up.
///
/// Whatever it asks for, other people's crates are not heard below `info`: WebSocket, HTTP and D-Bus crates write whole
/// messages into their debug and trace logs, and those hold patients' data. For the same reason a panic's own words
/// stay out: they may quote the text that broke something.
pub(crate) fn start(level: &str) {
    let wanted = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new(level));
    let ours = filter_fn(|event| *event.level() <= Level::INFO || event.target().starts_with("deskbell"));
    // Set twice only by a test; the first stays.
    let _ = tracing_subscriber::registry()
        .with(
            fmt::layer()
                .with_ansi(std::io::stderr().is_terminal())
                .with_writer(std::io::stderr)
                .with_filter(wanted)
                .with_filter(ours),
        )
        .try_init();
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(ToString::to_string).unwrap_or_default();
        let thread = std::thread::current().name().unwrap_or("unnamed").to_owned();
        tracing::error!(place, thread, "panicked");
    }));
}
