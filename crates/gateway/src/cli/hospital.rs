use anyhow::{Context, bail};
use data_encoding::BASE64URL_NOPAD;
use deskbell_protocol::{Epoch, Hospital, HospitalId, OpeningHours};
use deskbell_store::{IntakeKey, NewHospital, StoreError};
use jiff::tz::TimeZone;
use serde_json::json;

use super::{Place, output};

#[derive(Debug, clap::Subcommand)]
pub(super) enum Command {
    /// Add a hospital and show its intake key, once
    Add(Add),
    /// List the hospitals
    List,
}

#[derive(Debug, clap::Args)]
pub(super) struct Add {
    /// Names it in addresses and commands: a-z, 0-9 and hyphens
    #[arg(value_parser = slug)]
    slug: String,

    /// The name people use
    #[arg(long)]
    name: String,

    /// The IANA time zone of its dates and times
    #[arg(long, value_parser = timezone, default_value = "Asia/Seoul")]
    timezone: String,

    /// When somebody is there, as "mon-fri 09:00-18:00, sat 09:00-13:00"
    #[arg(long)]
    hours: Option<OpeningHours>,

    /// How long a claim lasts without renewal
    #[arg(long, value_name = "MINUTES", default_value = "5", value_parser = clap::value_parser!(u8).range(1..=30))]
    claim_minutes: u8,
}

impl Command {
    pub(super) async fn run(self, place: &Place, json: bool) -> anyhow::Result<()> {
        match self {
            Self::Add(add) => add.run(place, json).await,
            Self::List => list(place, json).await,
        }
    }
}

impl Add {
    async fn run(self, place: &Place, json: bool) -> anyhow::Result<()> {
        let Place {
            store,
            clock,
            entropy,
        } = place;
        let name = self.name.trim();
        if name.is_empty() || name.chars().any(char::is_control) {
            bail!("a hospital needs a name, in one line");
        }
        let now = clock.now();
        let mut random = [0; 10];
        entropy.fill(&mut random);
        let id = HospitalId::new(now, &random);
        let key = IntakeKey::mint(id, &**entropy);
        let mut epoch = [0; 9];
        entropy.fill(&mut epoch);
        let hospital = Hospital {
            id,
            slug: self.slug,
            name: name.to_owned(),
            timezone: self.timezone,
            hours: self.hours.map(|hours| hours.to_string()),
        };
        let new = NewHospital {
            hospital: hospital.clone(),
            claim_minutes: self.claim_minutes,
            intake_key: key.digest(),
            epoch: Epoch(BASE64URL_NOPAD.encode(&epoch)),
        };
        match store.add_hospital(&new, now).await {
            Ok(()) => {}
            Err(StoreError::Conflict) => bail!("there is a hospital {} already", hospital.slug),
            Err(error) => return Err(error.into()),
        }
        let text = format!(
            "{} ({}) is added.\nIntake key, shown this once: {}",
            hospital.name,
            hospital.slug,
            key.reveal()
        );
        output::say(
            json,
            &json!({ "hospital": hospital, "intake_key": key.reveal() }),
            &text,
        )
    }
}

async fn list(place: &Place, json: bool) -> anyhow::Result<()> {
    let hospitals = place.store.hospitals().await?;
    let value: Vec<_> = hospitals
        .iter()
        .map(|record| {
            json!({
                "hospital": record.hospital,
                "claim_minutes": record.claim_minutes,
                "position": record.position,
                "added_at": record.added_at,
            })
        })
        .collect();
    let lines: Vec<_> = hospitals
        .iter()
        .map(|record| {
            let Hospital {
                slug,
                name,
                timezone,
                hours,
                ..
            } = &record.hospital;
            let hours = hours.as_deref().unwrap_or("no hours");
            format!("{slug}  {name}  {timezone}  {hours}")
        })
        .collect();
    let text = if lines.is_empty() {
        "There is no hospital yet.".to_owned()
    } else {
        lines.join("\n")
    };
    output::say(json, &value, &text)
}

fn slug(text: &str) -> Result<String, &'static str> {
    let allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    if (1..=63).contains(&text.len()) && text.chars().all(allowed) {
        Ok(text.to_owned())
    } else {
        Err("a slug is 1 to 63 of a-z, 0-9 and hyphens")
    }
}

fn timezone(text: &str) -> anyhow::Result<String> {
    let zone = TimeZone::get(text).context("no IANA time zone, such as Asia/Seoul")?;
    Ok(zone.iana_name().unwrap_or(text).to_owned())
}
