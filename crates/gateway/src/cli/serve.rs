use std::net::SocketAddr;

use anyhow::Context;
use tokio::net::TcpListener;
use url::Url;

use super::{Place, output};
use crate::{Gateway, Options};

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
}

/// What a program is told once it serves.
#[derive(serde::Serialize)]
struct Listening<'a> {
    listening: &'a str,
}

impl Args {
    pub(super) async fn run(self, place: Place, json: bool) -> anyhow::Result<()> {
        let options = Options {
            public_url: self.public_url,
            booking_page: self.booking_page,
        };
        let gateway = Gateway::new(place.store, place.clock, place.entropy, options).await?;
        let listener = TcpListener::bind(self.listen)
            .await
            .with_context(|| format!("cannot listen on {}", self.listen))?;
        // Asked for port 0, the system chose one.
        let address = listener.local_addr()?;
        let stop = stop()?;
        let url = format!("http://{address}");
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
