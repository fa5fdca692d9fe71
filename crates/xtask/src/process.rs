use std::fs::File;
use std::path::Path;
#[cfg(target_os = "linux")]
use std::process::ChildStdin;
use std::process::{Child, ChildStdout, Command, ExitStatus, Stdio};

use anyhow::{Context, Result};

/// A program that runs beside the test and is killed when this is dropped. What it prints goes into a log file.
pub(crate) struct Process(Child);

impl Process {
    /// Starts `command`; both its outputs go to the end of `log`.
    pub(crate) fn start(mut command: Command, log: &Path) -> Result<Self> {
        let log = open(log)?;
        command.stdout(log.try_clone()?);
        Self::spawn(command, log)
    }

    /// Starts `command`; its error output goes to the end of `log`, its output is the caller's to read.
    pub(crate) fn start_piped(mut command: Command, log: &Path) -> Result<Self> {
        command.stdout(Stdio::piped());
        Self::spawn(command, open(log)?)
    }

    fn spawn(mut command: Command, errors: File) -> Result<Self> {
        let child = command.stderr(errors).spawn();
        child
            .map(Self)
            .with_context(|| format!("{} does not start", command.get_program().to_string_lossy()))
    }

    /// The number it has on this system.
    #[cfg(target_os = "linux")]
    pub(crate) fn id(&self) -> u32 {
        self.0.id()
    }

    /// What it prints, once.
    pub(crate) fn stdout(&mut self) -> Option<ChildStdout> {
        self.0.stdout.take()
    }

    /// What it reads, once, where the caller has asked for a pipe.
    #[cfg(target_os = "linux")]
    pub(crate) fn stdin(&mut self) -> Option<ChildStdin> {
        self.0.stdin.take()
    }

    /// Waits until it ends by itself.
    pub(crate) fn wait(&mut self) -> Result<ExitStatus> {
        Ok(self.0.wait()?)
    }

    /// Ends it at once, as a power cut would.
    pub(crate) fn kill(&mut self) -> Result<()> {
        self.0.kill()?;
        self.0.wait()?;
        Ok(())
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // Already gone is as good.
        let _ = self.kill();
    }
}

fn open(log: &Path) -> Result<File> {
    Ok(File::options().create(true).append(true).open(log)?)
}
