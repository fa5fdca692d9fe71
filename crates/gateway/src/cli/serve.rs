use std::net::SocketAddr;
use std::num::NonZeroU32;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::Context;
use url::Url;

#[cfg(target_os = "linux")]
use super::notify;
use super::{Place, output, reachable};
use crate::edge::{listen, raise_open_files};
use crate::gateway::INTAKE_RATE;
use crate::{Edge, Gateway, Limits, Options, Tls, TrustedProxies};

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Where to listen
    #[arg(
        long,
        env = "DESKBELL_LISTEN",
        value_name = "ADDRESS:PORT",
        value_parser = socket,
        default_value = "127.0.0.1:8787"
    )]
    listen: SocketAddr,

    /// Where desks reach this gateway, when that is not where it listens
    #[arg(long, env = "DESKBELL_PUBLIC_URL", value_name = "URL", value_parser = reachable)]
    public_url: Option<Url>,

    /// Let patients book on a page of the gateway's own, /book/SLUG
    #[arg(long, env = "DESKBELL_BOOKING_PAGE", value_parser = clap::builder::FalseyValueParser::new())]
    booking_page: bool,

    /// Speak TLS with this chain of certificates, in PEM; looked at again when the file changes
    #[arg(long, env = "DESKBELL_TLS_CERT", value_name = "FILE", requires = "tls_key")]
    tls_cert: Option<PathBuf>,

    /// The private key of the first certificate, in PEM
    #[arg(long, env = "DESKBELL_TLS_KEY", value_name = "FILE", requires = "tls_cert")]
    tls_key: Option<PathBuf>,

    /// Proxies whose `X-Forwarded-For` and `X-Forwarded-Proto` are believed, with commas between them; name no network in
    /// which clients are
    #[arg(long, env = "DESKBELL_TRUSTED_PROXIES", value_name = "CIDR,…")]
    trusted_proxies: Option<TrustedProxies>,

    /// Requests a second that each hospital's booking site may send; twice as many at once
    #[arg(long, env = "DESKBELL_INTAKE_RATE", value_name = "NUMBER", default_value_t = INTAKE_RATE)]
    intake_rate: NonZeroU32,

    /// Forget changes, and reservations of days, that are older: 90d, 12w, 1y. Everything is kept without it
    #[arg(long, env = "DESKBELL_RETAIN", value_name = "AGE", value_parser = age)]
    retain: Option<Duration>,
}

/// What a program is told once it serves.
#[derive(serde::Serialize)]
struct Listening<'a> {
    listening: &'a str,
}

impl Args {
    pub(super) async fn run(self, place: Place, json: bool) -> anyhow::Result<()> {
        let tls = self.tls_cert.zip(self.tls_key);
        let limits = Limits::default();
        let edge = Edge {
            tls: tls
                .map(|(certificate, key)| Tls::read(certificate, key))
                .transpose()?,
            trusted: self.trusted_proxies.unwrap_or_default(),
            limits: match raise_open_files() {
                Some(files) => limits.within(files),
                None => limits,
            },
        };
        let scheme = edge.scheme();
        let is_in_the_clear = edge.tls.is_none() && edge.trusted.is_empty();
        let options = Options {
            public_url: self.public_url,
            booking_page: self.booking_page,
            intake_rate: self.intake_rate,
            edge,
            retain: self.retain,
        };
        let gateway = Gateway::new(place.store, place.clock, place.entropy, options).await?;
        let listener = listen(self.listen).with_context(|| format!("cannot listen on {}", self.listen))?;
        // Asked for port 0, the system chose one.
        let address = listener.local_addr()?;
        if is_in_the_clear && !address.ip().is_loopback() {
            tracing::warn!(%address, "no TLS and no trusted proxy: names and phone numbers cross the network in the clear");
        }
        let stop = stop()?;
        let url = format!("{scheme}://{address}");
        // Said at once: somebody may be waiting for it at the other end of a pipe.
        output::say(
            json,
            &Listening { listening: &url },
            &format!("deskbell-gateway listens on {url}"),
        )?;
        #[cfg(target_os = "linux")]
        if let Some(socket) = std::env::var_os("NOTIFY_SOCKET") {
            notify::ready(&socket).context("systemd cannot be told that the gateway is up")?;
        }
        crate::serve(gateway, listener, stop).await
    }
}

fn socket(text: &str) -> Result<SocketAddr, &'static str> {
    text.parse()
        .map_err(|_| "an IP address and a port, as 127.0.0.1:8787, 0.0.0.0:8787 or [::]:8787")
}

/// At least a day: what is younger, desks that were off over night still ask for.
fn age(text: &str) -> Result<Duration, &'static str> {
    let days = |text: &str| {
        let (number, unit) = text.split_at_checked(text.len().checked_sub(1)?)?;
        let days = match unit {
            "d" => 1,
            "w" => 7,
            "y" => 365,
            _ => return None,
        };
        let number: u16 = number.parse().ok().filter(|number| *number > 0)?;
        Some(u64::from(number) * days)
    };
    let days = days(text).ok_or("an age is a number of days, weeks or years, as 90d, 12w or 1y")?;
    Ok(Duration::from_secs(days * 24 * 60 * 60))
}

/// Done when the gateway is to stop: ctrl-c, or what the system sends to end a service.
fn stop() -> std::io::Result<impl Future<Output = ()>> {
    #[cfg(unix)]
    let mut terminate = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())?;
    #[cfg(windows)]
    let mut terminate = tokio::signal::windows::ctrl_shutdown()?;
    Ok(async move {
        tokio::select! {
            _ = tokio::signal::ctrl_c() => {}
            _ = terminate.recv() => {}
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_age_is_a_number_of_days_weeks_or_years() {
        for (text, days) in [("1d", 1), ("90d", 90), ("12w", 84), ("1y", 365)] {
            assert_eq!(age(text), Ok(Duration::from_secs(days * 86_400)), "{text}");
        }
        for text in ["", "d", "0d", "90", "90h", "-1d", "1.5d", "90 d", "70000d", "1가"] {
            assert!(age(text).is_err(), "{text}");
        }
    }
}
