use std::fs;
use std::io::{BufRead, BufReader};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::process::Process;
use crate::run::{output, program};

/// This system as it is, with every change in memory alone. Nobody outside sees it, and it ends with its process.
const MACHINE: &str = r#"
set -e
mount -t tmpfs -o mode=0755 deskbell "$0"
mkdir "$0/changed" "$0/work" "$0/root"
mount -t overlay -o "lowerdir=/,upperdir=$0/changed,workdir=$0/work" deskbell "$0/root"
mount --rbind /dev "$0/root/dev"
mount --rbind /proc "$0/root/proc"
touch "$0/root/copy"
exec chroot "$0/root" sh -c 'cd /; echo up; exec sleep infinity'
"#;

/// Stands where systemctl was: there is no systemd here. It writes down what it is asked for; a stop ends the service.
const SYSTEMCTL: &str = r#"#!/bin/sh
case "$*" in
    *is-enabled*) SYSTEMD_OFFLINE=1 exec systemctl.real is-enabled deskbell-gateway.service ;;
    *preset*) SYSTEMD_OFFLINE=1 exec systemctl.real preset deskbell-gateway.service ;;
    *is-active*) exit 3 ;;
esac
echo "$*" >> /systemctl.log
case "$*" in
    *stop*) kill -TERM "$(cat /service.pid)" ;;
esac
"#;

/// A copy of this system to install things on.
pub(super) struct Machine {
    process: Process,
    /// Its files, seen from outside.
    root: PathBuf,
    folder: PathBuf,
}

impl Machine {
    /// Sets it up, with its mounts in `folder`; without the gateway and the app, if they are installed here. `None` when this system does
    /// not let it be made, which needs the right to mount; why is in the file beside `folder`, ending in `.log`.
    ///
    /// # Errors
    /// When it is made, and does not do as it should.
    pub(super) fn boot(folder: &Path) -> Result<Option<Self>> {
        fs::create_dir_all(folder)?;
        let mut command = program("unshare");
        command.args(["--mount", "sh", "-c", MACHINE]).arg(folder);
        let log = folder.with_extension("log");
        let mut process = Process::start_piped(command, &log)?;
        let mut line = String::new();
        BufReader::new(process.stdout().context("no output")?).read_line(&mut line)?;
        if line != "up\n" {
            return Ok(None);
        }
        // `unshare`, `sh`, `chroot` and `sh` have each become the next.
        let root = PathBuf::from(format!("/proc/{}/root", process.id()));
        // Nothing may be written before it is certain that this is not the system itself.
        if !root.join("copy").exists() || Path::new("/copy").exists() {
            bail!("it is not apart from this system");
        }
        let machine = Self {
            process,
            root,
            folder: folder.to_owned(),
        };
        machine.without_systemd()?;
        machine.told("dpkg", &["--purge", "deskbell-gateway", "deskbell"])?;
        machine.told("rm", &["-rf", "/var/lib/deskbell-gateway"])?;
        Ok(Some(machine))
    }

    fn without_systemd(&self) -> Result<()> {
        fs::create_dir_all(self.file("/run/systemd/system"))?;
        fs::rename(
            self.file("/usr/bin/systemctl"),
            self.file("/usr/bin/systemctl.real"),
        )?;
        fs::write(self.file("/usr/bin/systemctl"), SYSTEMCTL)?;
        fs::set_permissions(self.file("/usr/bin/systemctl"), fs::Permissions::from_mode(0o755))?;
        // A container's own word that nothing may be started.
        self.told("rm", &["-f", "/usr/sbin/policy-rc.d"])?;
        Ok(())
    }

    /// A file of the machine.
    pub(super) fn file(&self, path: &str) -> PathBuf {
        self.root.join(path.trim_start_matches('/'))
    }

    /// `name`, to be run on the machine by root with root's usual environment.
    pub(super) fn command(&self, name: &str) -> Command {
        let mut command = program("nsenter");
        command
            .env_clear()
            .env(
                "PATH",
                "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
            )
            .args(["--mount", "--root", "--wd", "--target"])
            .arg(self.process.id().to_string())
            .arg(name);
        command
    }

    /// What a command prints that must succeed.
    pub(super) fn told(&self, name: &str, arguments: &[&str]) -> Result<String> {
        output(self.command(name).args(arguments))
    }

    /// What systemctl was asked for since the last time.
    pub(super) fn asked_of_systemd(&self) -> Result<String> {
        let log = self.file("/systemctl.log");
        let asked = fs::read_to_string(&log)?;
        fs::write(&log, "")?;
        Ok(asked)
    }
}

impl Drop for Machine {
    fn drop(&mut self) {
        // Its mounts end with it; the folder they were on is empty then.
        let _ = self.process.kill();
        let _ = fs::remove_dir(&self.folder);
    }
}
