//! The gateway's package in use: installed, set up, served from, upgraded, removed. On a copy of this system that nobody keeps,
//! without systemd, whose part is played here as the unit says.

use std::fs;
use std::io::{BufRead, BufReader};
use std::os::unix::net::UnixDatagram;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use serde_json::{Value, json};

use super::machine::Machine;
use super::pack;
use crate::build;
use crate::process::Process;
use crate::run::{cargo, done};

const UNIT: &str = "/usr/lib/systemd/system/deskbell-gateway.service";
const SETTINGS: &str = "/etc/default/deskbell-gateway";
const DATABASE: &str = "/var/lib/deskbell-gateway/gateway.sqlite";

/// What `systemd-analyze security` may find at most, of 100.
const EXPOSURE: &str = "20";

/// How long systemd is kept waiting in vain.
const PATIENCE: Duration = Duration::from_secs(30);

/// Packs the debug build and uses it on `machine`.
pub(super) fn check(machine: &Machine, folder: &Path) -> Result<()> {
    done(cargo().args(["build", "--quiet", "--package", "deskbell-gateway"]))?;
    let package = pack(&build::target_folder().join("debug/deskbell-gateway"))?;
    fs::copy(&package, machine.file("/gateway.deb"))?;
    use_it(machine, &folder.join("gateway.log"))
}

fn use_it(machine: &Machine, log: &Path) -> Result<()> {
    install(machine)?;
    ensure!(
        machine
            .asked_of_systemd()?
            .ends_with("start deskbell-gateway.service\n"),
        "installed, it is not started"
    );
    println!("   {}", analyzed(machine)?);
    expect(machine, "root root 600", SETTINGS)?;

    // A port that is free here; an administrator changes the same line.
    let settings = fs::read_to_string(machine.file(SETTINGS))?.replace("127.0.0.1:8787", "127.0.0.1:0");
    fs::write(machine.file(SETTINGS), &settings)?;
    let service = Service::start(machine, log)?;
    let added = machine.told(
        "deskbell-gatewayctl",
        &[
            "hospital",
            "add",
            "hanbit",
            "--name",
            "한빛의원",
            "--timezone",
            "Asia/Seoul",
            "--json",
        ],
    )?;
    let added: Value = serde_json::from_str(&added)?;
    let key = added["intake_key"].as_str().context("no intake key")?;
    let reservation = service.take_in(key)?;
    service.is_confined(machine)?;
    expect(
        machine,
        "deskbell-gateway deskbell-gateway 700",
        "/var/lib/deskbell-gateway",
    )?;
    for suffix in ["", "-wal", "-shm"] {
        expect(
            machine,
            "deskbell-gateway deskbell-gateway 600",
            &format!("{DATABASE}{suffix}"),
        )?;
    }

    install(machine)?;
    ensure!(
        machine
            .asked_of_systemd()?
            .ends_with("restart deskbell-gateway.service\n"),
        "upgraded, it is not restarted"
    );
    service.stop(machine)?;
    let mut service = Service::start(machine, log)?;
    ensure!(
        fs::read_to_string(machine.file(SETTINGS))? == settings,
        "an upgrade changed the settings"
    );
    service.has(key, &reservation)?;

    machine.told("dpkg", &["--remove", "deskbell-gateway"])?;
    let ended = service.process.wait()?;
    ensure!(ended.success(), "stopped by its removal, it ended with {ended}");
    ensure!(
        !machine.file("/usr/bin/deskbell-gateway").exists(),
        "removed, it is still there"
    );
    ensure!(
        machine.file(SETTINGS).exists(),
        "removed, it has forgotten its settings"
    );

    let said = machine.told("dpkg", &["--purge", "deskbell-gateway"])?;
    ensure!(
        said.contains("the reservations stay in /var/lib/deskbell-gateway"),
        "purged, it says: {said}"
    );
    ensure!(
        machine.file(DATABASE).exists(),
        "purged, it took the reservations along"
    );
    for gone in [SETTINGS, UNIT, "/usr/share/doc/deskbell-gateway"] {
        ensure!(!machine.file(gone).exists(), "purged, it left {gone}");
    }
    let links = machine.told(
        "find",
        &["/etc/systemd", "/var/lib/systemd", "-name", "deskbell-gateway*"],
    )?;
    ensure!(links.is_empty(), "purged, it left {links}");
    Ok(())
}

fn install(machine: &Machine) -> Result<()> {
    machine.told("dpkg", &["--install", "/gateway.deb"])?;
    let enabled = machine.told("systemctl", &["is-enabled", "deskbell-gateway.service"])?;
    ensure!(enabled == "enabled\n", "installed, the unit is {enabled}");
    Ok(())
}

/// What systemd thinks of the unit: no mistake in it, and how much it leaves open.
fn analyzed(machine: &Machine) -> Result<String> {
    let faults = machine
        .command("systemd-analyze")
        .args(["verify", "--man=no", "deskbell-gateway.service"])
        .output()?;
    let said = String::from_utf8_lossy(&faults.stderr);
    // Other units of this system are none of ours.
    let ours: Vec<_> = said.lines().filter(|line| line.contains("deskbell")).collect();
    ensure!(
        faults.status.success() && ours.is_empty(),
        "systemd-analyze verify: {said}"
    );
    let security = machine.told(
        "systemd-analyze",
        &[
            "security",
            "--no-pager",
            "--offline=true",
            "--threshold",
            EXPOSURE,
            "deskbell-gateway.service",
        ],
    )?;
    let verdict = security
        .lines()
        .find_map(|line| line.split_once("Overall exposure"));
    let (_, verdict) = verdict.context("systemd-analyze security gave no verdict")?;
    Ok(format!("systemd-analyze security: exposure{verdict}"))
}

/// Owner, group and mode of a file.
fn expect(machine: &Machine, expected: &str, path: &str) -> Result<()> {
    let found = machine.told("stat", &["--format", "%U %G %a", path])?;
    ensure!(
        found.trim() == expected,
        "{path} is {} and not {expected}",
        found.trim()
    );
    Ok(())
}

/// The service, run as the unit says.
struct Service {
    process: Process,
    url: String,
}

impl Service {
    /// Starts it and waits until it has said that it is up.
    fn start(machine: &Machine, log: &Path) -> Result<Self> {
        const NOTIFY: &str = "/run/deskbell-notify";
        let unit = fs::read_to_string(machine.file(UNIT))?;
        let said = |name: &str| -> Result<&str> {
            let mut lines = unit.lines().filter_map(|line| line.split_once('='));
            let (_, value) = lines
                .find(|(key, _)| *key == name)
                .with_context(|| format!("the unit has no {name}"))?;
            Ok(value)
        };
        let (user, group) = (said("User")?, said("Group")?);
        let state = format!("/var/lib/{}", said("StateDirectory")?);
        machine.told(
            "install",
            &[
                "-d",
                "-o",
                user,
                "-g",
                group,
                "-m",
                said("StateDirectoryMode")?,
                &state,
            ],
        )?;
        // systemd's own socket is anybody's to write to.
        machine.told("rm", &["-f", NOTIFY])?;
        let notified = UnixDatagram::bind(machine.file(NOTIFY))?;
        notified.set_read_timeout(Some(PATIENCE))?;
        machine.told("chmod", &["666", NOTIFY])?;

        let mut command = machine.command("env");
        command.arg("--ignore-environment");
        let settings = fs::read_to_string(machine.file(said("EnvironmentFile")?))?;
        command.args(
            settings
                .lines()
                .filter(|line| !line.starts_with('#') && !line.is_empty())
                .map(|line| line.replace('"', "")),
        );
        command.arg(format!("NOTIFY_SOCKET={NOTIFY}")).args([
            "/usr/bin/setpriv",
            "--reuid",
            user,
            "--regid",
            group,
            "--init-groups",
            "--no-new-privs",
            "--bounding-set=-all",
            "/bin/sh",
            "-c",
            &format!("umask {}; exec {}", said("UMask")?, said("ExecStart")?),
        ]);
        let mut process = Process::start_piped(command, log)?;
        fs::write(machine.file("/service.pid"), process.id().to_string())?;
        let mut line = String::new();
        BufReader::new(process.stdout().context("no output")?).read_line(&mut line)?;
        let Some((_, address)) = line.trim().split_once("http://") else {
            bail!("the service did not come up; see {}", log.display());
        };
        let mut word = [0; 16];
        let length = notified
            .recv(&mut word)
            .context("systemd is not told that it is up")?;
        ensure!(
            &word[..length] == b"READY=1",
            "systemd is told {:?}",
            &word[..length]
        );
        Ok(Self {
            process,
            url: format!("http://{address}/v1/reservations"),
        })
    }

    /// Ends it as systemd does.
    fn stop(mut self, machine: &Machine) -> Result<()> {
        machine.told("systemctl", &["stop", "deskbell-gateway.service"])?;
        let ended = self.process.wait()?;
        ensure!(ended.success(), "told to stop, it ended with {ended}");
        Ok(())
    }

    /// Posts a reservation, for its id.
    fn take_in(&self, key: &str) -> Result<String> {
        let form = json!({
            "relationship": "본인", "name": "김크리스", "phone": "010-1111-1111", "reservationdate": "2026-11-23",
            "reservationtime": "10:30 ~ 11:00",
        });
        let mut answer = ureq::post(&self.url)
            .header("Authorization", format!("Bearer {key}"))
            .send_json(&form)?;
        let answer: Value = answer.body_mut().read_json()?;
        Ok(answer["id"].as_str().context("no id")?.to_owned())
    }

    /// That it still has a reservation.
    fn has(&self, key: &str, id: &str) -> Result<()> {
        let url = format!("{}/{id}", self.url);
        ureq::get(&url)
            .header("Authorization", format!("Bearer {key}"))
            .call()
            .context("an upgrade lost a reservation")?;
        Ok(())
    }

    /// That it runs as the unit's user and may not become more.
    fn is_confined(&self, machine: &Machine) -> Result<()> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.process.id()))?;
        let user = machine.told("id", &["-u", "deskbell-gateway"])?;
        let user = user.trim();
        for expected in [
            format!("Uid:\t{user}\t{user}\t{user}\t{user}"),
            "CapEff:\t0000000000000000".to_owned(),
            "NoNewPrivs:\t1".to_owned(),
        ] {
            ensure!(
                status.lines().any(|line| line == expected),
                "no {expected:?} in {status}"
            );
        }
        Ok(())
    }
}
