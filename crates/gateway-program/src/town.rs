use std::net::SocketAddr;

use anyhow::{Context, Result, ensure};
use deskbell_protocol::DeskId;
use deskbell_protocol::http::{PairRequest, Paired};
use futures_util::{StreamExt, TryStreamExt, stream};

use crate::Program;

/// Commands at once. Each is a process that wants the database for itself for a moment.
const AT_ONCE: usize = 4;

/// Hospitals and their desks.
#[derive(Clone)]
pub struct Town {
    /// Their order is that of their numbers.
    pub hospitals: Vec<Hospital>,
}

/// A hospital that was added.
#[derive(Clone)]
pub struct Hospital {
    /// `hospital-0`, `hospital-1`, …
    pub slug: String,
    /// Its booking site's key.
    pub intake_key: String,
    /// Its desks.
    pub desks: Vec<Desk>,
}

/// A desk that was paired.
#[derive(Clone)]
pub struct Desk {
    /// Who the gateway says it is.
    pub id: DeskId,
    /// What lets it in.
    pub token: String,
}

impl Town {
    /// Adds `hospitals` with `desks` each; the desks are paired with the gateway at `address`.
    ///
    /// # Errors
    /// When a command or a request fails.
    pub async fn build(
        program: &Program,
        address: SocketAddr,
        hospitals: usize,
        desks: usize,
    ) -> Result<Self> {
        let http = &http()?;
        let building = (0..hospitals).map(async |number| {
            let slug = format!("hospital-{number}");
            let added = program.json(&["hospital", "add", &slug, "--name", &slug]).await?;
            let key = added["intake_key"].as_str().context("no intake key")?;
            let mut hospital = Hospital {
                slug,
                intake_key: key.to_owned(),
                desks: Vec::with_capacity(desks),
            };
            for _ in 0..desks {
                hospital.desks.push(hospital.pair(program, http, address).await?);
            }
            anyhow::Ok(hospital)
        });
        let hospitals = stream::iter(building).buffered(AT_ONCE).try_collect().await?;
        Ok(Self { hospitals })
    }
}

impl Hospital {
    /// Pairs one more desk with the gateway at `address`.
    ///
    /// # Errors
    /// When no code can be had, or the gateway does not take it.
    pub async fn pair(&self, program: &Program, http: &reqwest::Client, address: SocketAddr) -> Result<Desk> {
        let offered = program.json(&["desk", "pair", &self.slug]).await?;
        let code = offered["code"].as_str().context("no pairing code")?.to_owned();
        let answer = http
            .post(format!("http://{address}/v1/desks"))
            .json(&PairRequest { code, name: None })
            .send()
            .await?;
        ensure!(answer.status() == 201, "pairing was answered {}", answer.status());
        let paired: Paired = answer.json().await?;
        Ok(Desk {
            id: paired.desk.id,
            token: paired.token,
        })
    }
}

/// An HTTP client for loopback, as a desk's link wants it: it follows nobody and keeps no idle connections.
///
/// # Errors
/// When none can be made.
pub fn http() -> Result<reqwest::Client> {
    // Another may have installed it.
    let _ = rustls::crypto::ring::default_provider().install_default();
    Ok(reqwest::Client::builder()
        .no_proxy()
        .http1_only()
        .redirect(reqwest::redirect::Policy::none())
        .pool_max_idle_per_host(0)
        .build()?)
}
