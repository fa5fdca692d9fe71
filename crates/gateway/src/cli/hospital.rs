use anyhow::{Context, bail};
use deskbell_protocol::{Hospital, HospitalId, OpeningHours};
use deskbell_store::{Act, HospitalChanges, HospitalRecord, IntakeKey, NewHospital, StoreError};
use jiff::tz::TimeZone;
use serde_json::json;

use super::{Place, output};

#[derive(Debug, clap::Subcommand)]
pub(super) enum Command {
    /// Add a hospital and show its intake key, once
    Add(Add),
    /// Change what is said of a hospital; its desks hear of it when they next connect
    Set(Set),
    /// Give a hospital a new intake key and show it, once; the one before opens nothing from then on
    RotateKey {
        /// Whose
        slug: String,
    },
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

#[derive(Debug, clap::Args)]
pub(super) struct Set {
    /// Which
    slug: String,

    /// The name people use
    #[arg(long)]
    name: Option<String>,

    /// The IANA time zone of its dates and times
    #[arg(long, value_parser = timezone)]
    timezone: Option<String>,

    /// When somebody is there, as "mon-fri 09:00-18:00, sat 09:00-13:00"
    #[arg(long)]
    hours: Option<OpeningHours>,

    /// Say no longer when somebody is there
    #[arg(long, conflicts_with = "hours")]
    no_hours: bool,

    /// How long a claim lasts without renewal
    #[arg(long, value_name = "MINUTES", value_parser = clap::value_parser!(u8).range(1..=30))]
    claim_minutes: Option<u8>,
}

impl Command {
    pub(super) async fn run(self, place: &Place, json: bool) -> anyhow::Result<()> {
        match self {
            Self::Add(add) => add.run(place, json).await,
            Self::Set(set) => set.run(place, json).await,
            Self::RotateKey { slug } => rotate_key(place, &slug, json).await,
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
        let name = name(&self.name)?;
        let now = clock.now();
        let id = HospitalId::new(now, &place.random());
        let key = IntakeKey::mint(id, &**entropy);
        let hospital = Hospital {
            id,
            slug: self.slug,
            name,
            timezone: self.timezone,
            hours: self.hours.map(|hours| hours.to_string()),
        };
        let new = NewHospital {
            hospital: hospital.clone(),
            claim_minutes: self.claim_minutes,
            intake_key: key.digest(),
            epoch: place.fresh_epoch(),
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

impl Set {
    async fn run(self, place: &Place, json: bool) -> anyhow::Result<()> {
        let changes = HospitalChanges {
            name: self.name.as_deref().map(name).transpose()?,
            timezone: self.timezone,
            hours: match self.hours {
                Some(hours) => Some(Some(hours.to_string())),
                None => self.no_hours.then_some(None),
            },
            claim_minutes: self.claim_minutes,
        };
        let hospital = place.hospital(&self.slug).await?;
        let record = place.store.set_hospital(hospital.id, &changes).await?;
        output::say(json, &value(&record), &line(&record))
    }
}

async fn rotate_key(place: &Place, slug: &str, json: bool) -> anyhow::Result<()> {
    let hospital = place.hospital(slug).await?;
    place.note(hospital.id, Act::RotateKey, None).await?;
    let key = IntakeKey::mint(hospital.id, &*place.entropy);
    place.store.set_intake_key(hospital.id, key.digest()).await?;
    let key = key.reveal();
    let text = format!(
        "{}: the intake key before opens nothing any more.\nIntake key, shown this once: {key}",
        hospital.name
    );
    output::say(json, &json!({ "hospital": hospital, "intake_key": key }), &text)
}

async fn list(place: &Place, json: bool) -> anyhow::Result<()> {
    let hospitals = place.store.hospitals().await?;
    let values: Vec<_> = hospitals.iter().map(value).collect();
    let lines: Vec<_> = hospitals.iter().map(line).collect();
    output::say(json, &values, &output::lines(&lines, "There is no hospital yet."))
}

fn value(record: &HospitalRecord) -> serde_json::Value {
    json!({
        "hospital": record.hospital,
        "claim_minutes": record.claim_minutes,
        "position": record.position,
        "added_at": record.added_at,
    })
}

fn line(record: &HospitalRecord) -> String {
    let Hospital {
        slug,
        name,
        timezone,
        hours,
        ..
    } = &record.hospital;
    let hours = hours.as_deref().unwrap_or("no hours");
    format!("{slug}  {name}  {timezone}  {hours}")
}

fn name(text: &str) -> anyhow::Result<String> {
    let name = text.trim();
    if name.is_empty() || name.chars().any(char::is_control) {
        bail!("a hospital needs a name, in one line");
    }
    Ok(name.to_owned())
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
