//! A desk's process: the desk as it is in the product, before a screen that only writes down.

use std::fs::File;
use std::io::{self, BufRead, Write};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::{Context, Result};
use deskbell_clock::{Clock, Entropy, SeededEntropy, SystemClock};
use deskbell_desk::{
    Desk, DeskConfig, DeskHandle, DeskRequest, Folders, Link, PolicyPlace, Probing, Screen, Shell, Sound,
    Toast, ToastKey, TrayMenu,
};
use deskbell_protocol::ReservationId;
use tokio::sync::{mpsc, oneshot};
use tokio::time::sleep;

use super::order::{Beginning, Fact, Order, What};
use super::sleepy_clock::SleepyClock;
use crate::NoStore;
use crate::gateway::chance::within;

/// A toast is on the screen within this time, and the desk hears of it within as much again.
const SHOWS: Duration = Duration::from_millis(40);

/// One toast in so many does not come through.
const FAILS: f64 = 0.03;

/// Half of the toasts are put away within this time.
const PUT_AWAY: Duration = Duration::from_secs(2);

/// Runs a desk as the orders on standard input say, until they end.
///
/// # Errors
/// When the orders cannot be understood, or nothing can be written down.
pub fn run() -> Result<()> {
    let (orders, received) = mpsc::unbounded_channel();
    // A thread of its own: a read that nobody ends would keep a runtime from ending.
    std::thread::spawn(move || {
        for line in io::stdin().lock().lines().map_while(io::Result::ok) {
            if orders.send(line).is_err() {
                return;
            }
        }
    });
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()?
        .block_on(obey(received))
}

async fn obey(mut orders: mpsc::UnboundedReceiver<String>) -> Result<()> {
    let beginning = orders.recv().await.context("no orders")?;
    let beginning: Beginning = serde_json::from_str(&beginning)?;
    // Another may have installed it.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let clock = SleepyClock::new();
    let chance: Arc<dyn Entropy> = Arc::new(SeededEntropy::new(beginning.seed));
    let (desk, handle) = Desk::new(DeskConfig {
        folders: Folders {
            // There is none, whatever this machine's administrator has decided.
            policy: PolicyPlace::File(beginning.config.join("policy.toml")),
            config: beginning.config,
            data: beginning.data,
        },
        version: env!("CARGO_PKG_VERSION").to_owned(),
        host_name: None,
        locale: None,
        clock: Arc::new(clock.clone()),
        entropy: Arc::clone(&chance),
        credentials: Arc::new(NoStore),
    });
    let facts = File::options().create(true).append(true).open(&beginning.facts)?;
    let screen = Arc::new(Written {
        facts: Mutex::new(facts),
        listed: Mutex::default(),
        is_calm: AtomicBool::new(false),
        chance,
    });
    let shell = WritingShell {
        written: Arc::clone(&screen),
        desk: handle.clone(),
        is_live: None,
    };
    let running = tokio::spawn(desk.run(shell));
    tokio::pin!(running);
    loop {
        let order = tokio::select! {
            ended = &mut running => return ended.context("the desk failed"),
            order = orders.recv() => order,
        };
        // Whoever gave them is gone.
        let Some(order) = order else { return Ok(()) };
        match serde_json::from_str(&order)? {
            Order::Pair { server, code } => {
                let (reply, paired) = oneshot::channel();
                handle.send(DeskRequest::Pair { server, code, reply })?;
                let paired = paired.await?.map_err(|error| error.to_string());
                screen.write(What::Paired(paired))?;
            }
            Order::Sleep(time) => clock.sleep(Duration::from_millis(time)),
            Order::Calm => screen.is_calm.store(true, Ordering::Relaxed),
            Order::List => {
                let listed = screen
                    .listed
                    .lock()
                    .unwrap_or_else(PoisonError::into_inner)
                    .clone();
                screen.write(What::Listed(listed))?;
            }
        }
    }
}

/// The screen, as far as there is one.
struct Written {
    facts: Mutex<File>,
    listed: Mutex<Vec<ReservationId>>,
    is_calm: AtomicBool,
    chance: Arc<dyn Entropy>,
}

impl Written {
    /// With one write, so that a line is there whole or not at all.
    fn write(&self, what: What) -> Result<()> {
        let fact = Fact {
            at: SystemClock.now(),
            what,
        };
        let line = serde_json::to_string(&fact)? + "\n";
        let mut facts = self.facts.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(facts.write_all(line.as_bytes())?)
    }

    async fn show(&self, toast: Toast, desk: DeskHandle) -> Result<()> {
        let Toast {
            key, attempt, tells, ..
        } = toast;
        sleep(within(&*self.chance, SHOWS)).await;
        let fails = !self.is_calm.load(Ordering::Relaxed) && self.chance.fraction() < FAILS;
        let outcome = if fails {
            self.write(What::Failed { attempt })?;
            Err("as chance would have it".to_owned())
        } else {
            let digest = key == ToastKey::Digest;
            self.write(What::Shown {
                attempt,
                digest,
                tells,
            })?;
            sleep(within(&*self.chance, SHOWS)).await;
            self.write(What::Reported { attempt })?;
            Ok(())
        };
        desk.send(DeskRequest::Rang {
            key,
            attempt,
            outcome,
        })?;
        if self.chance.fraction() < 0.5 {
            sleep(within(&*self.chance, PUT_AWAY)).await;
            desk.send(DeskRequest::Dismissed(key))?;
        }
        Ok(())
    }
}

/// A shell that writes down what it is to show.
struct WritingShell {
    written: Arc<Written>,
    desk: DeskHandle,
    is_live: Option<bool>,
}

#[expect(
    clippy::panic,
    reason = "a desk that cannot say what it does is of no use to a soak"
)]
fn must<T>(done: Result<T>) -> T {
    done.unwrap_or_else(|error| panic!("{error:#}"))
}

impl Shell for WritingShell {
    fn ring(&mut self, toast: Toast) {
        let (written, desk) = (Arc::clone(&self.written), self.desk.clone());
        tokio::spawn(async move { must(written.show(toast, desk).await) });
    }

    fn withdraw(&mut self, _: ToastKey) {}

    fn play(&mut self, _: Sound, _: u8) {}

    fn draw_tray(&mut self, _: &TrayMenu) {}

    fn show(&mut self, screen: &Screen) {
        let listed = screen.day.iter().chain(&screen.other_days);
        *self.written.listed.lock().unwrap_or_else(PoisonError::into_inner) =
            listed.map(|reservation| reservation.id).collect();
        let is_live = screen.link == Link::Live;
        if self.is_live.replace(is_live) != Some(is_live) {
            must(self.written.write(What::Live(is_live)));
        }
    }

    fn open_window(&mut self) {}

    fn has_window(&self) -> bool {
        false
    }

    fn set_autostart(&mut self, _: bool) -> Result<(), String> {
        Err("a soak does not start at login".to_owned())
    }

    fn autostart(&self) -> bool {
        false
    }

    fn probe(&self) -> Probing {
        // Nobody asks the doctor.
        Box::pin(std::future::pending())
    }

    fn quit(&mut self) {}
}
