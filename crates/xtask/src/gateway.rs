use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use anyhow::{Context, Result, bail};
use deskbell_clock::{Clock, SystemClock};
use serde_json::Value;

#[cfg(target_os = "linux")]
use crate::booking::Booking;
use crate::process::Process;
use crate::run::output;

/// The demo hospital's name in addresses.
pub(crate) const SLUG: &str = "hanbit";

/// The demo hospital's time zone.
const TIME_ZONE: &str = "Asia/Seoul";

/// Today's date at the demo hospital.
pub(crate) fn today() -> Result<String> {
    in_days(0)
}

/// The demo hospital's date so many days from now.
pub(crate) fn in_days(days: u64) -> Result<String> {
    let then = SystemClock.now() + Duration::from_hours(24 * days);
    Ok(then.in_tz(TIME_ZONE)?.date().to_string())
}

/// A gateway process with one hospital, its files in a folder of its own.
pub(crate) struct Gateway {
    program: PathBuf,
    /// Where the program runs: on this desktop, or on a stage.
    surroundings: Box<dyn Fn(&Path) -> Command>,
    folder: PathBuf,
    /// `None` while it is down.
    process: Option<Process>,
    /// `host:port`; the port is the system's choice at the first start and kept after that.
    address: String,
    key: String,
}

impl Gateway {
    /// Starts the gateway with a new database in `folder` and adds the demo hospital.
    pub(crate) fn start(
        program: &Path,
        folder: &Path,
        surroundings: impl Fn(&Path) -> Command + 'static,
    ) -> Result<Self> {
        fs::create_dir_all(folder)?;
        let mut gateway = Self {
            program: program.to_owned(),
            surroundings: Box::new(surroundings),
            folder: folder.to_owned(),
            process: None,
            address: "127.0.0.1:0".into(),
            key: String::new(),
        };
        gateway.up()?;
        let added = gateway.told(&[
            "hospital",
            "add",
            SLUG,
            "--name",
            "한빛의원",
            "--timezone",
            TIME_ZONE,
        ])?;
        gateway.key = added["intake_key"]
            .as_str()
            .context("hospital add gave no intake key")?
            .to_owned();
        Ok(gateway)
    }

    /// The address for browsers and desks.
    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The booking site's key.
    pub(crate) fn key(&self) -> &str {
        &self.key
    }

    /// Starts it, again on the address it had.
    pub(crate) fn up(&mut self) -> Result<()> {
        let mut command = self.command();
        command
            .args(["serve", "--booking-page", "--listen", &self.address])
            .stdout(Stdio::piped());
        // Everything it can say, so that a search for what it must not say is worth something.
        command.env("RUST_LOG", "trace");
        let log = self.folder.join("gateway.log");
        let mut process = Process::start_piped(command, &log)?;
        let mut line = String::new();
        BufReader::new(process.stdout().context("the gateway has no output")?).read_line(&mut line)?;
        let Some((_, address)) = line.trim().split_once("http://") else {
            bail!("the gateway did not come up; see {}", log.display());
        };
        address.clone_into(&mut self.address);
        self.process = Some(process);
        Ok(())
    }

    /// Kills it without warning.
    #[cfg(target_os = "linux")]
    pub(crate) fn kill(&mut self) -> Result<()> {
        self.process.take().context("the gateway is down already")?.kill()
    }

    /// A pairing code for a new desk.
    pub(crate) fn pairing_code(&self) -> Result<String> {
        let answer = self.told(&["desk", "pair", SLUG, "--name", "접수 1"])?;
        Ok(answer["code"]
            .as_str()
            .context("desk pair gave no code")?
            .to_owned())
    }

    /// Posts a booking form, urlencoded, as the website does; gives the reservation's id.
    ///
    /// # Errors
    /// When the gateway does not take it.
    #[cfg(target_os = "linux")]
    pub(crate) fn take_in(&self, booking: &Booking) -> Result<String> {
        let mut answer = agent()
            .post(format!("{}/v1/reservations", self.url()))
            .header("Authorization", format!("Bearer {}", self.key))
            .send_form(booking.fields())?;
        let text = answer.body_mut().read_to_string()?;
        if answer.status() != 201 {
            bail!("the gateway answered {}: {text}", answer.status());
        }
        let answer: Value = serde_json::from_str(&text)?;
        Ok(answer["id"].as_str().context("no id in the answer")?.to_owned())
    }

    /// Another desk of the hospital, of which only its voice is here.
    ///
    /// # Errors
    /// When the gateway does not pair it.
    #[cfg(target_os = "linux")]
    pub(crate) fn colleague(&self) -> Result<Colleague> {
        let mut answer = agent()
            .post(format!("{}/v1/desks", self.url()))
            .send_json(serde_json::json!({"code": self.pairing_code()?, "name": "접수 2"}))?;
        let paired: Value = answer.body_mut().read_json()?;
        let token = paired["token"].as_str().context("the gateway gave no token")?;
        Ok(Colleague {
            reservations: format!("{}/v1/reservations", self.url()),
            bearer: format!("Bearer {token}"),
        })
    }

    /// The desks that may hear of reservations, by their names.
    #[cfg(target_os = "linux")]
    pub(crate) fn desks(&self) -> Result<Value> {
        self.told(&["desk", "list", SLUG])
    }

    /// The access record, oldest first.
    #[cfg(target_os = "linux")]
    pub(crate) fn accesses(&self) -> Result<Vec<Value>> {
        let printed = output(self.command().args(["access", "list", "--json"]))?;
        printed
            .lines()
            .map(|line| serde_json::from_str(line).context("a line of the access record is no JSON"))
            .collect()
    }

    /// What a command of the gateway's prints.
    fn told(&self, arguments: &[&str]) -> Result<Value> {
        let printed = output(self.command().args(arguments).arg("--json"))?;
        serde_json::from_str(&printed).with_context(|| format!("{arguments:?} printed no JSON"))
    }

    fn command(&self) -> Command {
        let mut command = (self.surroundings)(&self.program);
        command.env(
            "DESKBELL_DATABASE",
            format!("sqlite://{}", self.folder.join("deskbell.sqlite").display()),
        );
        command
    }
}

/// Somebody at another desk of the hospital.
#[cfg(target_os = "linux")]
pub(crate) struct Colleague {
    reservations: String,
    bearer: String,
}

#[cfg(target_os = "linux")]
impl Colleague {
    /// Claims a reservation.
    pub(crate) fn claim(&self, id: &str) -> Result<()> {
        let claimed = agent()
            .post(format!("{}/{id}/claim", self.reservations))
            .header("Authorization", &self.bearer)
            .send_json(serde_json::json!({}))?;
        anyhow::ensure!(
            claimed.status() == 200,
            "the claim was answered {}",
            claimed.status()
        );
        Ok(())
    }

    /// Gives a claim back.
    pub(crate) fn release(&self, id: &str) -> Result<()> {
        let released = agent()
            .delete(format!("{}/{id}/claim", self.reservations))
            .header("Authorization", &self.bearer)
            .call()?;
        anyhow::ensure!(
            released.status().is_success(),
            "the release was answered {}",
            released.status()
        );
        Ok(())
    }

    /// Confirms a reservation as it stands now.
    pub(crate) fn confirm(&self, id: &str) -> Result<()> {
        let seen = &self.look_at(id)?["version"];
        let confirmed = agent()
            .put(format!("{}/{id}/status", self.reservations))
            .header("Authorization", &self.bearer)
            .send_json(serde_json::json!({"status": "booked", "if_version": seen}))?;
        anyhow::ensure!(
            confirmed.status() == 200,
            "the confirmation was answered {}",
            confirmed.status()
        );
        Ok(())
    }

    /// A reservation as it stands now.
    pub(crate) fn look_at(&self, id: &str) -> Result<Value> {
        let mut answer = agent()
            .get(format!("{}/{id}", self.reservations))
            .header("Authorization", &self.bearer)
            .call()?;
        Ok(answer.body_mut().read_json()?)
    }
}

/// What asks the gateway; an answer is an answer, whatever its status.
#[cfg(target_os = "linux")]
fn agent() -> ureq::Agent {
    ureq::Agent::config_builder()
        .http_status_as_error(false)
        .build()
        .into()
}
