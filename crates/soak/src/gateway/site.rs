//! A booking site.

use std::net::SocketAddr;
use std::time::Duration;

use anyhow::{Result, bail};
use deskbell_gateway_program::Hospital;
use deskbell_protocol::Seq;
use deskbell_protocol::http::ShortReservation;
use reqwest::StatusCode;
use serde_json::json;
use tokio::time::sleep;

use super::book::Entry;

/// How long a site waits before it sends again.
const AGAIN: Duration = Duration::from_millis(20);

/// How often it does: a gateway that is away for so long does not come back.
const TRIES: u32 = 1_500;

/// How long an answer is waited for.
const PATIENCE: Duration = Duration::from_secs(10);

/// A booking site of every hospital.
#[derive(Clone)]
pub(crate) struct Site {
    http: reqwest::Client,
    url: String,
}

/// A reservation that was answered for.
#[derive(Clone, Debug)]
pub(crate) struct Booked {
    /// The hospital's number in the town.
    pub(crate) hospital: usize,
    pub(crate) seq: Seq,
    pub(crate) entry: Entry,
    /// How often it was sent.
    pub(crate) tries: u32,
    /// Whether an earlier try had been stored, unheard.
    pub(crate) was_stored: bool,
}

impl Site {
    pub(crate) fn new(address: SocketAddr) -> Result<Self> {
        Ok(Self {
            // Sites keep their connections.
            http: reqwest::Client::builder()
                .no_proxy()
                .http1_only()
                .timeout(PATIENCE)
                .build()?,
            url: format!("http://{address}/v1/reservations"),
        })
    }

    /// Sends reservation `number` of `hospital` until it is answered with its place, each time with the same key.
    ///
    /// # Errors
    /// When it is answered in a way that sending again does not mend, or not at all for half a minute.
    pub(crate) async fn book(&self, town: &[Hospital], hospital: usize, number: u64) -> Result<Booked> {
        let of = &town[hospital];
        let name = format!("{} {number}", of.slug);
        let form = json!({
            "relationship": "본인", "name": name, "phone": "010-1111-1111", "reservationdate": "2026-11-23",
            "reservationtime": "10:30 ~ 11:00",
        });
        for tries in 1..=TRIES {
            let request = self
                .http
                .post(&self.url)
                .bearer_auth(&of.intake_key)
                .header("Idempotency-Key", &name)
                .json(&form);
            // Not reached, or cut off before the whole answer came: it may be stored or not.
            let Ok(answer) = request.send().await else {
                sleep(AGAIN).await;
                continue;
            };
            let status = answer.status();
            match status {
                StatusCode::CREATED | StatusCode::OK => {
                    let Ok(short) = answer.json::<ShortReservation>().await else {
                        sleep(AGAIN).await;
                        continue;
                    };
                    return Ok(Booked {
                        hospital,
                        seq: short.seq,
                        entry: Entry { id: short.id, name },
                        tries,
                        was_stored: status == StatusCode::OK,
                    });
                }
                StatusCode::SERVICE_UNAVAILABLE => sleep(AGAIN).await,
                other => bail!("{name} was answered {other}"),
            }
        }
        bail!("{name} was not answered in {TRIES} tries")
    }
}
