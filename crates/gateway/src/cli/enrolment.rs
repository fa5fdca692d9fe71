//! Enrolment keys, by which IT makes many PCs desks.

use std::time::Duration;

use deskbell_protocol::EnrolmentId;
use deskbell_store::{Act, EnrolmentKey, EnrolmentOffer};
use serde_json::json;

use super::desk::Reach;
use super::{Place, output};

#[derive(Debug, clap::Args)]
pub(super) struct EnrolKey {
    /// Whose desks it makes
    slug: String,

    /// How many
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    count: u32,

    /// For how long
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..=365))]
    days: u32,

    #[command(flatten)]
    reach: Reach,
}

impl EnrolKey {
    pub(super) async fn run(self, place: &Place, json: bool) -> anyhow::Result<()> {
        let hospital = place.hospital(&self.slug).await?;
        let now = place.clock.now();
        let id = EnrolmentId::new(now, &place.random());
        let key = EnrolmentKey::mint(id, &*place.entropy);
        let expires_at = now + Duration::from_secs(24 * 60 * 60) * self.days;
        place
            .note(hospital.id, Act::Enrolment, Some(id.to_string()))
            .await?;
        let offer = EnrolmentOffer {
            id,
            hospital: hospital.id,
            key: key.digest(),
            count: self.count,
            expires_at,
        };
        place.store.offer_enrolment(&offer, now).await?;
        let key = key.reveal();
        let link = self.reach.link(&key);
        let text = format!(
            "Key {id} for {} desks of {}, shown this once: {key}\n{link}\nIt works until {expires_at:.0}.",
            self.count, hospital.name
        );
        let value =
            json!({ "id": id, "key": key, "link": link, "count": self.count, "expires_at": expires_at });
        output::say(json, &value, &text)
    }
}

pub(super) async fn list(place: &Place, slug: &str, json: bool) -> anyhow::Result<()> {
    let hospital = place.hospital(slug).await?;
    let keys = place.store.enrolments(hospital.id).await?;
    let values: Vec<_> = keys
        .iter()
        .map(|key| {
            json!({
                "id": key.id,
                "left": key.left,
                "expires_at": key.expires_at,
                "revoked_at": key.revoked_at,
            })
        })
        .collect();
    let lines: Vec<_> = keys
        .iter()
        .map(|key| {
            let revoked = if key.revoked_at.is_some() { "  revoked" } else { "" };
            format!(
                "{}  {} desks left, until {:.0}{revoked}",
                key.id, key.left, key.expires_at
            )
        })
        .collect();
    output::say(
        json,
        &values,
        &output::lines(&lines, "There is no enrolment key."),
    )
}
