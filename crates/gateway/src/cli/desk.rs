use std::time::Duration;

use anyhow::{bail, ensure};
use deskbell_protocol::Hospital;
use deskbell_store::{PairingCode, PairingOffer, StoreError};
use serde_json::json;
use url::Url;

use super::{Place, output};

/// How long a pairing code works.
const CODE_LIVES: Duration = Duration::from_secs(10 * 60);

#[derive(Debug, clap::Subcommand)]
pub(super) enum Command {
    /// Give out a code that makes one PC a desk, within 10 minutes
    Pair(Pair),
    /// List a hospital's desks
    List {
        /// Whose
        slug: String,
    },
}

#[derive(Debug, clap::Args)]
pub(super) struct Pair {
    /// Whose desk it makes
    slug: String,

    /// What the desk is to be called, such as "접수 1"
    #[arg(long)]
    name: Option<String>,

    /// Where desks reach the gateway; it goes into the link
    #[arg(
        long,
        env = "DESKBELL_PUBLIC_URL",
        value_name = "URL",
        default_value = "http://127.0.0.1:8787"
    )]
    public_url: Url,
}

impl Command {
    pub(super) async fn run(self, place: &Place, json: bool) -> anyhow::Result<()> {
        match self {
            Self::Pair(pair) => pair.run(place, json).await,
            Self::List { slug } => list(place, &slug, json).await,
        }
    }
}

impl Pair {
    async fn run(self, place: &Place, json: bool) -> anyhow::Result<()> {
        let Place {
            store,
            clock,
            entropy,
        } = place;
        if let Some(name) = &self.name {
            let named = !name.trim().is_empty() && !name.chars().any(char::is_control);
            ensure!(named, "a desk's name is one line that is not blank");
        }
        let hospital = hospital(place, &self.slug).await?;
        let code = PairingCode::mint(&**entropy);
        let now = clock.now();
        let expires_at = now + CODE_LIVES;
        let offer = PairingOffer {
            hospital: hospital.id,
            code: code.digest(),
            desk_name: self.name.map(|name| name.trim().to_owned()),
            expires_at,
        };
        store.offer_pairing(&offer, now).await?;
        let code = code.to_string();
        let query = form_urlencoded::Serializer::new(String::new())
            .append_pair("server", self.public_url.as_str())
            .append_pair("code", &code)
            .finish();
        let link = format!("deskbell://pair?{query}");
        let text = format!(
            "Code for one desk of {}: {code}\n{link}\nIt works until {expires_at:.0}.",
            hospital.name
        );
        output::say(
            json,
            &json!({ "code": code, "link": link, "expires_at": expires_at }),
            &text,
        )
    }
}

async fn list(place: &Place, slug: &str, json: bool) -> anyhow::Result<()> {
    let hospital = hospital(place, slug).await?;
    let desks = place.store.desks(hospital.id).await?;
    let value: Vec<_> = desks
        .iter()
        .map(|record| {
            json!({
                "desk": record.desk,
                "paired_at": record.paired_at,
                "shown": record.shown,
                "revoked_at": record.revoked_at,
            })
        })
        .collect();
    let lines: Vec<_> = desks
        .iter()
        .map(|record| {
            let revoked = if record.revoked_at.is_some() {
                "  revoked"
            } else {
                ""
            };
            format!(
                "{}  {}  since {}{revoked}",
                record.desk.id, record.desk.name, record.paired_at
            )
        })
        .collect();
    let text = if lines.is_empty() {
        "There is no desk yet.".to_owned()
    } else {
        lines.join("\n")
    };
    output::say(json, &value, &text)
}

async fn hospital(place: &Place, slug: &str) -> anyhow::Result<Hospital> {
    match place.store.hospital_by_slug(slug).await {
        Err(StoreError::NotFound) => bail!("there is no hospital {slug}"),
        found => Ok(found?),
    }
}
