//! The one place that builds HTTP clients: for questions, and for both ways of a link.

use std::io;
use std::path::Path;
use std::time::Duration;

use reqwest::{Certificate, Client, ClientBuilder, NoProxy};
use url::Url;

use crate::settings::{Mistake, Network, Proxy};

/// The longest a connection may take to come about.
pub(crate) const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// Why no connection can be made with these settings.
#[derive(Debug, thiserror::Error)]
pub(crate) enum HttpError {
    /// `network.ca_file` cannot be read.
    #[error("network.ca_file cannot be read: {0}")]
    CaUnreadable(#[source] io::Error),
    /// `network.ca_file` holds no certificate.
    #[error("network.ca_file holds no PEM certificate")]
    CaNotPem,
    /// The proxy's address cannot be used.
    #[error("network.proxy cannot be used")]
    Proxy,
    /// The system has no certificates to trust, or no TLS.
    #[error("no HTTP client can be made: {0}")]
    Internal(#[source] reqwest::Error),
}

impl HttpError {
    /// What a person has to put right in the settings, where that helps.
    pub(crate) const fn mistake(&self) -> Option<Mistake> {
        match self {
            Self::CaUnreadable(_) => Some(Mistake::CaUnreadable),
            Self::CaNotPem => Some(Mistake::CaNotPem),
            Self::Proxy => Some(Mistake::Proxy),
            Self::Internal(_) => None,
        }
    }
}

/// How the desk reaches its servers.
#[derive(Clone, Debug)]
pub(crate) struct Http {
    /// For `http://`, which stays on this machine: no proxy may see it, and no certificate is asked for.
    plain: Client,
    /// For `https://`; only where a server needs it, since certificates cost memory.
    secure: Option<Client>,
}

impl Http {
    /// What it takes to talk to `servers`.
    ///
    /// # Errors
    /// When a server needs certificates or a proxy, and those of the settings or of the system are of no use.
    pub(crate) fn new(version: &str, network: &Network, servers: &[Url]) -> Result<Self, HttpError> {
        let needs_tls = servers.iter().any(|server| server.scheme() == "https");
        let plain = builder(version).no_proxy().tls_certs_only([]).build();
        Ok(Self {
            plain: plain.map_err(HttpError::Internal)?,
            secure: needs_tls.then(|| secure(version, network)).transpose()?,
        })
    }

    /// What it takes to talk to `server`.
    pub(crate) fn to(&self, server: &Url) -> &Client {
        match &self.secure {
            Some(secure) if server.scheme() == "https" => secure,
            Some(_) | None => &self.plain,
        }
    }
}

/// Built anew with new settings, so no setting is ever changed in a client that lives.
fn secure(version: &str, network: &Network) -> Result<Client, HttpError> {
    let mut builder = builder(version);
    builder = match &network.proxy {
        Proxy::System => builder,
        Proxy::None => builder.no_proxy(),
        Proxy::Url(url) => builder.proxy(
            reqwest::Proxy::all(url.clone())
                .map_err(|_| HttpError::Proxy)?
                .no_proxy(NoProxy::from_env()),
        ),
    };
    if let Some(file) = &network.ca_file {
        builder = builder.tls_certs_merge(certificates(file)?);
    }
    builder.build().map_err(HttpError::Internal)
}

fn certificates(file: &Path) -> Result<Vec<Certificate>, HttpError> {
    let pem = std::fs::read(file).map_err(HttpError::CaUnreadable)?;
    match Certificate::from_pem_bundle(&pem) {
        Ok(certificates) if !certificates.is_empty() => Ok(certificates),
        Ok(_) | Err(_) => Err(HttpError::CaNotPem),
    }
}

/// No redirects: a secret goes nowhere but to the address that was typed. No idle connections: they cost wake-ups.
fn builder(version: &str) -> ClientBuilder {
    Client::builder()
        .user_agent(format!("deskbell/{version}"))
        .connect_timeout(CONNECT_TIMEOUT)
        .redirect(reqwest::redirect::Policy::none())
        .pool_max_idle_per_host(0)
        .http1_only()
}
