use std::net::SocketAddr;
use std::num::NonZeroU32;
use std::path::PathBuf;

use anyhow::Context;
use url::Url;

use super::{Place, output};
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
        default_value = "127.0.0.1:8787"
    )]
    listen: SocketAddr,

    /// Where desks reach this gateway, when that is not where it listens
    #[arg(long, env = "DESKBELL_PUBLIC_URL", value_name = "URL")]
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
        crate::serve(gateway, listener, stop).await
    }
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
