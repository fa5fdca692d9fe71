use std::path::{Path, PathBuf};
use std::thread::{self, JoinHandle};

use anyhow::{Context, Result, anyhow};
use rustix::process::{Pid, Signal, kill_process};

use super::webdriver::{Session, WebDriver};
use super::{Stage, wait};
use crate::gateway::Gateway;
use crate::run::{done, output};

/// The name by which a second start finds the first (tauri-plugin-single-instance).
const SINGLE_INSTANCE: &str = "app.deskbell.desk.SingleInstance";

/// The app on the stage, started hidden, in WebDriver's hands so that its window can be read.
pub(crate) struct App {
    program: PathBuf,
    beginning: Option<JoinHandle<Result<Session>>>,
    session: Option<Session>,
    _driver: WebDriver,
}

impl App {
    /// Runs `deskbell pair` with a fresh code of `gateway`, as IT would.
    pub(crate) fn pair(stage: &Stage, program: &Path, gateway: &Gateway) -> Result<()> {
        let code = gateway.pairing_code()?;
        output(stage.program(program).args(["pair", &gateway.url(), &code])).map(drop)
    }

    /// Starts the app with `arguments` and waits until it is the one instance.
    pub(crate) fn start(stage: &Stage, program: &Path, arguments: &'static [&str]) -> Result<Self> {
        // What it may say at its most talkative, for the search afterwards.
        Self::start_saying(stage, program, arguments, "trace")
    }

    /// The same; `level` is what its log begins with.
    pub(crate) fn start_saying(
        stage: &Stage,
        program: &Path,
        arguments: &'static [&str],
        level: &str,
    ) -> Result<Self> {
        let driver = WebDriver::start(stage, level)?;
        let (address, app) = (driver.address(), program.to_owned());
        // WebDriver answers only once there is a window; a hidden start has none yet.
        let beginning = thread::spawn(move || Session::begin(&address, &app, arguments));
        let app = Self {
            program: program.to_owned(),
            beginning: Some(beginning),
            session: None,
            _driver: driver,
        };
        wait("the app on the session bus", || {
            Ok(Self::process(stage)?.map(drop))
        })?;
        Ok(app)
    }

    /// The app's process, while it runs.
    pub(crate) fn process(stage: &Stage) -> Result<Option<u32>> {
        stage.owner_of(SINGLE_INSTANCE)
    }

    /// The app's window for reading; waits for the first one to be made.
    pub(crate) fn window(&mut self) -> Result<&Session> {
        if let Some(beginning) = self.beginning.take() {
            self.session = Some(
                beginning
                    .join()
                    .map_err(|_| anyhow!("the WebDriver thread panicked"))??,
            );
        }
        self.session.as_ref().context("the app's window never came")
    }

    /// Closes the window as its user does, and waits until its web view is gone.
    pub(crate) fn close_window(&mut self, stage: &Stage) -> Result<()> {
        done(stage.program("wmctrl").args(["-c", "Deskbell"]))?;
        let session = self.window()?;
        // A window on its way out answers with an error.
        wait("the window to go", || {
            Ok(session.windows().is_ok_and(|count| count == 0).then_some(()))
        })
    }

    /// Starts the program once more with `arguments`; ends by itself, since there is one already.
    pub(crate) fn second_start(&self, stage: &Stage, arguments: &[&str]) -> Result<()> {
        done(stage.program(&self.program).args(arguments))
    }

    /// Stops the app's time, as a machine that sleeps does, until [`Self::wake`].
    pub(crate) fn sleep(stage: &Stage) -> Result<()> {
        signal(
            Self::process(stage)?.context("the app does not run")?,
            Signal::STOP,
        )
    }

    /// Lets the app go on.
    pub(crate) fn wake(stage: &Stage) -> Result<()> {
        signal(
            Self::process(stage)?.context("the app does not run")?,
            Signal::CONT,
        )
    }

    /// Ends the app that runs, whoever started it, as the end of a session does.
    pub(crate) fn terminate(stage: &Stage) -> Result<()> {
        signal(
            Self::process(stage)?.context("the app does not run")?,
            Signal::TERM,
        )?;
        wait("the app to end", || {
            Ok(Self::process(stage)?.is_none().then_some(()))
        })
    }

    /// Ends the app and waits until it is gone.
    pub(crate) fn end(mut self, stage: &Stage) -> Result<()> {
        self.window()?.end()?;
        wait("the app to end", || {
            Ok(Self::process(stage)?.is_none().then_some(()))
        })
    }
}

/// Sends `signal` to a process that is not our child.
fn signal(process: u32, signal: Signal) -> Result<()> {
    let pid = i32::try_from(process)
        .ok()
        .and_then(Pid::from_raw)
        .context("no such process")?;
    Ok(kill_process(pid, signal)?)
}
