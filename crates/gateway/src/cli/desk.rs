use std::time::Duration;

use anyhow::{anyhow, bail};
use deskbell_protocol::{DeskId, EnrolmentId};
use deskbell_store::{Act, PairingCode, PairingOffer, StoreError};
use serde_json::json;
use url::Url;

use super::enrolment::{self, EnrolKey};
use super::{Place, output, reachable};
use crate::desk_name::desk_name;

/// How long a pairing code works.
const CODE_LIVES: Duration = Duration::from_secs(10 * 60);

#[derive(Debug, clap::Subcommand)]
pub(super) enum Command {
    /// Give out a code that makes one PC a desk, within 10 minutes
    Pair(Pair),
    /// Make a key by which many PCs become desks, for IT
    EnrolKey(EnrolKey),
    /// List a hospital's enrolment keys
    EnrolKeys {
        /// Whose
        slug: String,
    },
    /// List a hospital's desks
    List {
        /// Whose
        slug: String,
    },
    /// Sign a desk out, or take an enrolment key back, at once and for good
    Revoke {
        /// Whose
        slug: String,
        /// The desk's or the key's id, as the lists show it
        id: String,
    },
}

#[derive(Debug, clap::Args)]
pub(super) struct Pair {
    /// Whose desk it makes
    slug: String,

    /// What the desk is to be called, such as "접수 1"
    #[arg(long)]
    name: Option<String>,

    #[command(flatten)]
    reach: Reach,
}

/// Where desks reach the gateway.
#[derive(Debug, clap::Args)]
pub(super) struct Reach {
    /// Where desks reach the gateway; it goes into the link
    #[arg(
        long,
        env = "DESKBELL_PUBLIC_URL",
        value_name = "URL",
        value_parser = reachable,
        default_value = "http://127.0.0.1:8787"
    )]
    public_url: Url,
}

impl Reach {
    /// What pairs a PC when it is opened there.
    pub(super) fn link(&self, code: &str) -> String {
        let query = form_urlencoded::Serializer::new(String::new())
            .append_pair("server", self.public_url.as_str())
            .append_pair("code", code)
            .finish();
        format!("deskbell://pair?{query}")
    }
}

impl Command {
    pub(super) async fn run(self, place: &Place, json: bool) -> anyhow::Result<()> {
        match self {
            Self::Pair(pair) => pair.run(place, json).await,
            Self::EnrolKey(key) => key.run(place, json).await,
            Self::EnrolKeys { slug } => enrolment::list(place, &slug, json).await,
            Self::Revoke { slug, id } => revoke(place, &slug, &id, json).await,
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
        let name = self.name.as_deref().map(desk_name).transpose();
        let desk_name = name.map_err(|fault| anyhow!("the desk's name {fault}"))?;
        let hospital = place.hospital(&self.slug).await?;
        let code = PairingCode::mint(&**entropy);
        let now = clock.now();
        let expires_at = now + CODE_LIVES;
        let offer = PairingOffer {
            hospital: hospital.id,
            code: code.digest(),
            desk_name,
            expires_at,
        };
        store.offer_pairing(&offer, now).await?;
        let code = code.to_string();
        let link = self.reach.link(&code);
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
    let hospital = place.hospital(slug).await?;
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
    output::say(json, &value, &output::lines(&lines, "There is no desk yet."))
}

async fn revoke(place: &Place, slug: &str, id: &str, json: bool) -> anyhow::Result<()> {
    let hospital = place.hospital(slug).await?;
    let now = place.clock.now();
    let Ok(desk) = id.parse::<DeskId>() else {
        bail!("{id} is no id: look it up with desk list or desk enrol-keys");
    };
    place.note(hospital.id, Act::SignOut, Some(id.to_owned())).await?;
    let text = match place.store.revoke_desk(hospital.id, desk, now).await {
        Ok(()) => format!("The desk {id} of {} is signed out.", hospital.name),
        // Ids are random: what is no desk's may be a key's.
        Err(StoreError::NotFound) => {
            let key = EnrolmentId::from_bytes(*desk.as_bytes());
            match place.store.revoke_enrolment(hospital.id, key, now).await {
                Err(StoreError::NotFound) => bail!("{slug} has no desk and no enrolment key {id}"),
                revoked => revoked?,
            }
            format!("The enrolment key {id} of {} makes no more desks.", hospital.name)
        }
        Err(error) => return Err(error.into()),
    };
    output::say(json, &json!({ "revoked": id }), &text)
}
