//! Just enough of a WebDriver client (<https://www.w3.org/TR/webdriver2/>) to read a page and work it.

mod acting;
pub(crate) mod key;

use std::net::TcpListener;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use deskbell_clock::{Clock, SystemClock, Timestamp};
use serde_json::{Value, json};

use super::{PATIENCE, Stage, wait};
use crate::process::Process;

/// The key under which WebDriver names an element.
const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";

/// A running `WebKitWebDriver`, which starts the app and sees into its web views.
pub(crate) struct WebDriver {
    _process: Process,
    address: String,
}

/// The app under WebDriver's eyes; ended with it.
pub(crate) struct Session {
    agent: ureq::Agent,
    address: String,
}

impl WebDriver {
    pub(crate) fn start(stage: &Stage, level: &str) -> Result<Self> {
        // The driver cannot choose a free port by itself; the system can.
        let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let mut command = stage.program("WebKitWebDriver");
        command
            .args(["--host=127.0.0.1", &format!("--port={port}")])
            .env("TAURI_WEBVIEW_AUTOMATION", "true");
        command.env("RUST_LOG", level);
        let process = Process::start(command, &stage.folder().join("app.log"))?;
        let address = format!("http://127.0.0.1:{port}");
        let agent = agent();
        wait("WebKitWebDriver", || {
            Ok(agent
                .get(format!("{address}/status"))
                .call()
                .is_ok()
                .then_some(()))
        })?;
        Ok(Self {
            _process: process,
            address,
        })
    }

    /// Where sessions are asked for; see [`Session::begin`].
    pub(crate) fn address(&self) -> String {
        self.address.clone()
    }
}

impl Session {
    /// Starts the app. Answers only once the app has a window, however long that takes.
    pub(crate) fn begin(driver: &str, app: &Path, arguments: &[&str]) -> Result<Self> {
        let options = json!({"binary": app, "args": arguments});
        let wanted = json!({"capabilities": {"alwaysMatch": {"webkitgtk:browserOptions": options}}});
        let agent = agent();
        let answer = call(agent.post(format!("{driver}/session")).send_json(wanted))?;
        let id = answer["sessionId"].as_str().context("no session")?;
        Ok(Self {
            address: format!("{driver}/session/{id}"),
            agent,
        })
    }

    /// Ends the app.
    pub(crate) fn end(&self) -> Result<()> {
        call(self.agent.delete(&self.address).call()).map(drop)
    }

    /// How many windows the app has; turns to the first.
    pub(crate) fn windows(&self) -> Result<usize> {
        let handles = self.get("window/handles")?;
        let handles = handles.as_array().context("no window list")?;
        if let Some(first) = handles.first() {
            self.post("window", json!({"handle": first}))?;
        }
        Ok(handles.len())
    }

    /// The text of the page as a person sees it.
    pub(crate) fn text(&self) -> Result<String> {
        let text = self.read("return document.body.innerText")?;
        Ok(text.as_str().context("the page has no text")?.to_owned())
    }

    /// Waits until the page shows `wanted`; gives its whole text.
    pub(crate) fn wait_for(&self, wanted: &str) -> Result<String> {
        let mut last = String::new();
        let found = wait(&format!("{wanted:?} in the window"), || {
            // Between two windows there is none to ask.
            if let Ok(text) = self.windows().and_then(|_| self.text()) {
                last = text;
            }
            Ok(last.contains(wanted).then(|| last.clone()))
        });
        found.with_context(|| format!("the window shows: {last:?}"))
    }

    /// Waits until the page shows `unwanted` no more.
    pub(crate) fn wait_without(&self, unwanted: &str) -> Result<()> {
        wait(&format!("{unwanted:?} to leave the window"), || {
            Ok((!self.text()?.contains(unwanted)).then_some(()))
        })
    }

    /// The texts of all elements that an `XPath` names, in the page's order, each with its blanks made one.
    pub(crate) fn texts(&self, path: &str) -> Result<Vec<String>> {
        let script = "const found = document.evaluate(arguments[0], document, null, 7, null); \
             return Array.from({ length: found.snapshotLength }, (_, at) => \
             found.snapshotItem(at).innerText.replace(/\\s+/g, ' ').trim())";
        let texts = self.post("execute/sync", json!({"script": script, "args": [path]}))?;
        Ok(serde_json::from_value(texts)?)
    }

    /// Waits until the elements that an `XPath` names say `wanted`, and no others are there.
    pub(crate) fn wait_for_texts(&self, path: &str, wanted: &[&str]) -> Result<()> {
        let mut last = Vec::new();
        let found = wait(&format!("{wanted:?} in the window"), || {
            last = self.texts(path)?;
            Ok((last == wanted).then_some(()))
        });
        found.with_context(|| format!("{path} is {last:?}"))
    }

    /// Waits until the first element that an `XPath` names says `wanted` among others; gives its whole text.
    pub(crate) fn wait_for_in(&self, path: &str, wanted: &str) -> Result<String> {
        let mut last = Vec::new();
        let found = wait(&format!("{wanted:?} in the window"), || {
            last = self.texts(path)?;
            Ok(last.first().filter(|text| text.contains(wanted)).cloned())
        });
        found.with_context(|| format!("{path} is {last:?}"))
    }

    /// What a script in the page returns.
    pub(crate) fn read(&self, script: &str) -> Result<Value> {
        self.post("execute/sync", json!({"script": script, "args": []}))
    }

    /// Waits until a switch or a box that an `XPath` names is on, or off.
    pub(crate) fn wait_until_on(&self, path: &str, on: bool) -> Result<()> {
        wait(&format!("{path} to be {on}"), || {
            let is_on = self.with(path, |element| self.get(&format!("element/{element}/selected")))?;
            Ok((is_on == on).then_some(()))
        })
    }

    /// Waits until the page has been painted as it is now.
    pub(crate) fn painted(&self) -> Result<()> {
        // The second frame begins when the first is on its way to the screen.
        self.wait_in_page(
            "const done = arguments[0]; requestAnimationFrame(() => requestAnimationFrame(() => done(null)))",
        )
    }

    /// Runs a script that calls its last argument once it is done.
    pub(crate) fn wait_in_page(&self, script: &str) -> Result<()> {
        self.post("execute/async", json!({"script": script, "args": []}))
            .map(drop)
    }

    /// When a page that shows `wanted` was painted. Turns to a new window first, if there is one.
    pub(crate) fn painted_with(&self, wanted: &str) -> Result<Timestamp> {
        // The list is in the page; the second frame from there begins when the first is on its way to the screen.
        let script = "const [wanted, done] = arguments; const look = () => requestAnimationFrame(() => \
             document.body?.innerText.includes(wanted) \
             ? requestAnimationFrame(() => done(performance.timeOrigin + performance.now())) : look()); look()";
        let began = SystemClock.instant();
        loop {
            let painted = self
                .windows()
                .and_then(|_| self.post("execute/async", json!({"script": script, "args": [wanted]})));
            match painted.map(|at| at.as_f64()) {
                Ok(Some(at)) => {
                    #[expect(clippy::cast_possible_truncation, reason = "milliseconds since 1970 fit")]
                    return Ok(Timestamp::from_millisecond(at as i64)?);
                }
                Ok(None) => bail!("the page does not know the time"),
                // Between two windows there is none to ask.
                Err(error) if SystemClock.instant().saturating_since(began) > PATIENCE => return Err(error),
                Err(_) => std::thread::sleep(Duration::from_millis(5)),
            }
        }
    }

    fn get(&self, what: &str) -> Result<Value> {
        call(self.agent.get(format!("{}/{what}", self.address)).call())
    }

    fn post(&self, what: &str, body: Value) -> Result<Value> {
        call(
            self.agent
                .post(format!("{}/{what}", self.address))
                .send_json(body),
        )
    }
}

fn agent() -> ureq::Agent {
    ureq::Agent::config_builder()
        .http_status_as_error(false)
        .build()
        .into()
}

fn call(answer: Result<ureq::http::Response<ureq::Body>, ureq::Error>) -> Result<Value> {
    let mut answer = answer?;
    let mut body: Value = answer.body_mut().read_json()?;
    if !answer.status().is_success() {
        bail!(
            "WebDriver: {} {}",
            body["value"]["error"],
            body["value"]["message"]
        );
    }
    Ok(body["value"].take())
}
