//! The access record: who was at whose data.

use std::collections::HashMap;

use anyhow::Context;
use deskbell_protocol::ReservationId;
use deskbell_store::{Access, AccessFilter, Who};
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde_json::json;

use super::{Place, output};

/// How many lines are read at once.
const PAGE: u32 = 500;

#[derive(Debug, clap::Subcommand)]
pub(super) enum Command {
    /// Show who was at whose data, when, from where, and what they did; oldest first, with --json one object a line
    List(List),
}

#[derive(Debug, clap::Args)]
pub(super) struct List {
    /// Only this reservation's
    #[arg(long, value_name = "ID")]
    reservation: Option<ReservationId>,

    /// From this day or instant on, as 2026-11-24 (in this machine's time zone) or 2026-11-24T00:00:00Z
    #[arg(long, value_name = "DAY", value_parser = instant)]
    from: Option<Timestamp>,

    /// Before this day or instant
    #[arg(long, value_name = "DAY", value_parser = instant)]
    to: Option<Timestamp>,
}

impl Command {
    pub(super) async fn run(self, place: &Place, json: bool) -> anyhow::Result<()> {
        let Self::List(list) = self;
        let filter = AccessFilter {
            reservation: list.reservation,
            from: list.from,
            to: list.to,
        };
        let hospitals = place.store.hospitals().await?.into_iter();
        let slugs: HashMap<_, _> = hospitals
            .map(|record| (record.hospital.id, record.hospital.slug))
            .collect();
        let mut after = 0;
        loop {
            let page = place.store.accesses(filter, after, PAGE).await?;
            for (number, access) in &page {
                let slug = slugs.get(&access.hospital).map_or("?", String::as_str);
                output::say(json, &value(*number, access), &line(slug, access))?;
            }
            match page.last() {
                Some((number, _)) => after = *number,
                None => return Ok(()),
            }
        }
    }
}

fn value(number: u64, access: &Access) -> serde_json::Value {
    json!({
        "number": number,
        "at": access.at,
        "hospital": access.hospital,
        "who": access.who,
        "from": access.from,
        "reservation": access.reservation,
        "what": access.what.code(),
        "detail": access.detail,
    })
}

fn line(slug: &str, access: &Access) -> String {
    let who = match &access.who {
        Who::Site => "booking site".to_owned(),
        Who::Operator => "command line".to_owned(),
        Who::Desk { desk, staff: None } => desk.name.clone(),
        Who::Desk {
            desk,
            staff: Some(staff),
        } => format!("{} ({staff})", desk.name),
    };
    let mut line = format!("{:.0}  {slug}  {}  {who}", access.at, access.what);
    if let Some(from) = access.from {
        line += &format!("  from {from}");
    }
    if let Some(reservation) = access.reservation {
        line += &format!("  reservation {reservation}");
    }
    if let Some(detail) = &access.detail {
        line += &format!("  {detail}");
    }
    line
}

fn instant(text: &str) -> anyhow::Result<Timestamp> {
    if let Ok(instant) = text.parse() {
        return Ok(instant);
    }
    let date: Date = text
        .parse()
        .ok()
        .context("a day, as 2026-11-24, or an instant, as 2026-11-24T00:00:00Z")?;
    Ok(date.to_zoned(TimeZone::system())?.timestamp())
}
