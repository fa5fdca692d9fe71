//! `cargo xtask bench page`: how long a full day keeps the page's thread busy, in the real window on a virtual display.
//!
//! Measured is the CPU time of the web process's main thread, as the kernel counts it: script, style, layout and
//! painting. What it takes to ask for it is measured too and taken off. A busy machine does not change it much.

use std::fs;
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result, ensure};

use crate::booking::{Booking, PHONE};
use crate::build::Programs;
use crate::gateway::{Gateway, today};
use crate::run::{root, step};
use crate::stage::{App, Stage, wait};

/// Reservations of the day.
const ROWS: usize = 2_000;

/// How often each is done; the middle of them counts.
const ROUNDS: usize = 9;

/// What each may take.
const BUDGET: Duration = Duration::from_millis(50);

/// Runs in the page before each measured action: two frames later, what it led to has been painted.
const SETTLE: &str = "const done = arguments[arguments.length - 1]; \
    const settle = () => requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(() => done(null), 50))); ";

/// Measures on a stage of its own.
///
/// # Errors
/// When one of the three takes longer than it may.
pub(crate) fn run(programs: &Programs) -> Result<()> {
    let folder = root().join("target/bench-page");
    let stage = Stage::open(&folder)?;
    let gateway = Gateway::start(&programs.gateway, &folder.join("gateway"), stage.surroundings())?;
    let today = today()?;
    step("two thousand bookings", || {
        (0..ROWS).try_for_each(|n| {
            // A hospital's website may book a hundred times a second.
            thread::sleep(Duration::from_millis(11));
            gateway.take_in(&booking(n, &today)).map(drop)
        })
    })?;
    App::pair(&stage, &programs.app, &gateway)?;
    let mut app = App::start(&stage, &programs.app, &[])?;
    let window = app.window()?;
    window.wait_for("2000건")?;
    let page = MainThread::of_web_process(&stage)?;
    let click = |text: &str| {
        format!(
            "{SETTLE} [...document.querySelectorAll('header button')].find((one) => one.innerText.includes('{text}')).click(); settle();"
        )
    };
    let type_in = |text: &str| {
        format!(
            "{SETTLE} const field = document.querySelector('main label input'); field.value = '{text}'; \
             field.dispatchEvent(new Event('input', {{ bubbles: true }})); settle();"
        )
    };

    let idle = middle(ROUNDS, || {
        page.busy(|| window.wait_in_page(&format!("{SETTLE} settle();")))
    })?;
    let opening = middle(ROUNDS, || {
        window.wait_in_page(&click("설정"))?;
        page.busy(|| window.wait_in_page(&click("예약 목록")))
    })?;
    let filtering = middle(ROUNDS, || {
        window.wait_in_page(&type_in(""))?;
        page.busy(|| window.wait_in_page(&type_in("ㅎㅈㅇ")))
    })?;
    window.wait_in_page(&type_in(""))?;
    let mut rows = ROWS;
    let inserting = middle(ROUNDS, || {
        rows += 1;
        let seen = format!(
            "{SETTLE} const there = () => document.querySelector('main').innerText.includes('{rows}건'); \
             const seen = new MutationObserver(() => {{ if (there()) {{ seen.disconnect(); settle(); }} }}); \
             if (there()) settle(); else seen.observe(document.body, {{ subtree: true, childList: true, characterData: true }});"
        );
        page.busy(|| {
            thread::scope(|scope| {
                let watching = scope.spawn(|| window.wait_in_page(&seen));
                // The page has to watch before there is something to see.
                thread::sleep(Duration::from_millis(200));
                gateway.take_in(&booking(rows, &today))?;
                watching
                    .join()
                    .map_err(|_| anyhow::anyhow!("the watching thread panicked"))?
            })
        })
    })?;
    app.end(&stage)?;

    println!(
        "   {ROWS} reservations; the page's thread is busy, middle of {ROUNDS} (without the {idle:.1?} of asking):"
    );
    let mut missed = Vec::new();
    for (what, took) in [
        ("opening the list", opening),
        ("filtering by initial consonants", filtering),
        ("a live insert", inserting),
    ] {
        let took = took.saturating_sub(idle);
        println!(
            "   {what}: {:.1} ms of {}",
            took.as_secs_f64() * 1e3,
            BUDGET.as_millis()
        );
        if took > BUDGET {
            missed.push(what);
        }
    }
    ensure!(missed.is_empty(), "too long: {}", missed.join(", "));
    Ok(())
}

fn booking(n: usize, today: &str) -> Booking {
    const FAMILY: [&str; 8] = ["김", "이", "박", "최", "정", "강", "조", "한"];
    const GIVEN: [&str; 7] = ["지우", "서연", "도윤", "하준", "수아", "예준", "지안"];
    let start = 8 * 60 + (n % 48) * 15;
    let clock = |minute: usize| format!("{:02}:{:02}", minute / 60, minute % 60);
    Booking {
        name: format!("{}{}{n}", FAMILY[n % FAMILY.len()], GIVEN[n % GIVEN.len()]),
        phone: PHONE.into(),
        date: today.to_owned(),
        time: format!("{} ~ {}", clock(start), clock(start + 15)),
    }
}

fn middle(rounds: usize, mut measure: impl FnMut() -> Result<Duration>) -> Result<Duration> {
    let mut took = (0..rounds).map(|_| measure()).collect::<Result<Vec<_>>>()?;
    took.sort_unstable();
    took.get(rounds / 2).copied().context("nothing was measured")
}

/// The main thread of the app's web process.
struct MainThread(u32);

impl MainThread {
    fn of_web_process(stage: &Stage) -> Result<Self> {
        let app = App::process(stage)?.context("the app does not run")?;
        wait("the app's web process", || {
            for entry in fs::read_dir("/proc")?.flatten() {
                let Some(process) = entry.file_name().to_str().and_then(|name| name.parse().ok()) else {
                    continue;
                };
                // Whatever has gone by now was not it.
                let Ok(stat) = fs::read_to_string(format!("/proc/{process}/stat")) else {
                    continue;
                };
                let parent = stat
                    .rsplit(')')
                    .next()
                    .and_then(|rest| rest.split_whitespace().nth(1));
                if stat.contains("(WebKitWebProces") && parent == Some(app.to_string().as_str()) {
                    return Ok(Some(Self(process)));
                }
            }
            Ok(None)
        })
    }

    /// How long it is busy while `work` is done.
    fn busy(&self, work: impl FnOnce() -> Result<()>) -> Result<Duration> {
        let before = self.cpu_time()?;
        work()?;
        Ok(self.cpu_time()?.saturating_sub(before))
    }

    fn cpu_time(&self) -> Result<Duration> {
        let stat = fs::read_to_string(format!("/proc/{0}/task/{0}/schedstat", self.0))?;
        let nanoseconds = stat.split_whitespace().next().context("no CPU time")?;
        Ok(Duration::from_nanos(nanoseconds.parse()?))
    }
}
