//! What is logged: our own events as `RUST_LOG` says, and of dependencies `info` and up.
//!
//! HTTP, WebSocket and database libraries write whole messages at debug and trace level. These are switched off here,
//! for good: no environment variable brings a patient's data into a log.

use std::error::Error;
use std::panic::PanicHookInfo;
use std::str::FromStr;

use tracing::{Level, Metadata, Subscriber};
use tracing_subscriber::filter::{EnvFilter, FilterExt, filter_fn};
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::{Layer, Registry, fmt};

/// How a log line looks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum LogFormat {
    /// For people.
    #[default]
    Text,
    /// For programs: one JSON object a line.
    Json,
}

/// The subscriber of a gateway, writing to `writer`. `directives` are those of `RUST_LOG`; `info` without them.
pub fn subscriber<W>(
    format: LogFormat,
    directives: Option<&str>,
    writer: W,
) -> Box<dyn Subscriber + Send + Sync>
where
    W: for<'writer> MakeWriter<'writer> + Send + Sync + 'static,
{
    let wanted = directives.and_then(|directives| EnvFilter::from_str(directives).ok());
    let filter = wanted
        .unwrap_or_else(|| EnvFilter::new("info"))
        .and(filter_fn(may_be_logged));
    let layer = fmt::layer().with_ansi(false).with_writer(writer);
    match format {
        LogFormat::Text => Box::new(Registry::default().with(layer.with_filter(filter))),
        LogFormat::Json => Box::new(Registry::default().with(layer.json().with_filter(filter))),
    }
}

/// Logs that and where a thread panicked. A panic's own words stay out: they may quote a patient's field.
pub fn log_panic(panic: &PanicHookInfo<'_>) {
    let place = panic.location().map(ToString::to_string).unwrap_or_default();
    let thread = std::thread::current();
    let thread = thread.name().unwrap_or("unnamed");
    tracing::error!(place, thread, "panicked");
}

fn may_be_logged(metadata: &Metadata<'_>) -> bool {
    let target = metadata.target();
    let is_ours = target
        .split("::")
        .next()
        .is_some_and(|name| name.starts_with("deskbell_"));
    is_ours || *metadata.level() <= Level::INFO
}

/// What went wrong, and why, and why that: as one text, which both formats show whole.
pub(crate) fn chain(error: &dyn Error) -> String {
    let (mut text, mut cause) = (error.to_string(), error.source());
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use std::io::{Result, Write};
    use std::sync::{Arc, Mutex};

    use super::*;

    #[derive(Clone, Default)]
    struct Lines(Arc<Mutex<Vec<u8>>>);

    impl Write for Lines {
        fn write(&mut self, bytes: &[u8]) -> Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }

        fn flush(&mut self) -> Result<()> {
            Ok(())
        }
    }

    fn logged(format: LogFormat, directives: Option<&str>) -> String {
        let lines = Lines::default();
        let writer = lines.clone();
        let subscriber = subscriber(format, directives, move || writer.clone());
        tracing::subscriber::with_default(subscriber, || {
            tracing::trace!("ours in detail");
            tracing::info!(seq = 7, "ours");
            tracing::trace!(target: "tokio_tungstenite::compat", "theirs with a payload");
            tracing::debug!(target: "hyper::proto", "theirs with a header");
            tracing::debug!(target: "sqlx::query", "theirs with a statement");
            tracing::info!(target: "sqlx::pool", "theirs in short");
        });
        let bytes = lines.0.lock().unwrap().clone();
        String::from_utf8(bytes).unwrap()
    }

    #[test]
    fn no_directive_brings_a_dependencys_details_into_the_log() {
        for directives in [
            "trace",
            "deskbell_gateway=trace,hyper=trace,sqlx=trace,tokio_tungstenite=trace",
        ] {
            let log = logged(LogFormat::Text, Some(directives));
            assert!(log.contains("ours in detail"), "{log}");
            assert!(!log.contains("theirs with"), "{log}");
        }
        assert!(logged(LogFormat::Text, Some("trace")).contains("theirs in short"));
    }

    #[test]
    fn without_directives_it_says_what_happens_and_no_more() {
        for directives in [None, Some("no=such=directive")] {
            let log = logged(LogFormat::Text, directives);
            assert!(log.contains("ours seq=7") && !log.contains("in detail"), "{log}");
        }
    }

    #[test]
    fn a_chain_of_causes_is_one_text() {
        let disk = std::io::Error::other("no space left");
        let error = deskbell_store::StoreError::Unavailable(Box::new(disk));
        assert_eq!(chain(&error), "the database cannot be used: no space left");
    }

    #[test]
    fn a_panic_is_logged_without_its_words() {
        let lines = Lines::default();
        let writer = lines.clone();
        let subscriber = subscriber(LogFormat::Text, None, move || writer.clone());
        // The hook is the process's: it logs what this thread panics about alone, as only it has the subscriber.
        let before = std::panic::take_hook();
        std::panic::set_hook(Box::new(log_panic));
        tracing::subscriber::with_default(subscriber, || {
            std::panic::catch_unwind(|| panic!("canary")).unwrap_err();
        });
        std::panic::set_hook(before);
        let log = String::from_utf8(lines.0.lock().unwrap().clone()).unwrap();
        assert!(
            log.contains("panicked place=") && log.contains("logging.rs"),
            "{log}"
        );
        assert!(!log.contains("canary"), "{log}");
    }

    #[test]
    fn json_is_one_object_a_line() {
        let log = logged(LogFormat::Json, None);
        let lines: Vec<serde_json::Value> = log
            .lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect();
        assert_eq!(lines[0]["fields"]["seq"], 7);
    }
}
