//! The loop's own waits, on invented time.

use std::sync::Arc;
use std::time::Duration;

use deskbell_clock::{Clock, Instant, SeededEntropy, Timestamp};
use deskbell_protocol::Seq;
use deskbell_protocol::event::{CaughtUp, Replay};
use jiff::civil::date;

use super::fake_shell::FakeShell;
use crate::desk::{DeskConfig, Running};
use crate::samples::{created, id, now, pc, position, welcome};
use crate::update::{LinkUpdate, Snapshot, Update};
use crate::{DeskHandle, DeskRequest, ToastKey};

/// Both clocks follow tokio's, which a test holds still.
struct PausedClock(tokio::time::Instant);

impl Clock for PausedClock {
    fn now(&self) -> Timestamp {
        now() + self.0.elapsed()
    }

    fn instant(&self) -> Instant {
        Instant::from_origin(self.0.elapsed())
    }
}

fn start(shell: &FakeShell, updates: impl IntoIterator<Item = Update>) -> (DeskHandle, tempfile::TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let config = DeskConfig {
        clock: Arc::new(PausedClock(tokio::time::Instant::now())),
        entropy: Arc::new(SeededEntropy::new(1)),
        ..pc(&folder)
    };
    let mut desk = Running::start(config, shell.clone());
    let welcome = welcome(3, Replay::None);
    let caught_up = CaughtUp { seq: Seq(3) };
    for link in [
        LinkUpdate::Welcomed(Box::new(welcome)),
        LinkUpdate::CaughtUp(caught_up),
    ] {
        desk.hear(Some(Update::Link(link)));
    }
    desk.hear(Some(Update::Snapshot(Snapshot {
        day: date(2026, 11, 22),
        position: position(3),
        reservations: Vec::new(),
    })));
    for update in updates {
        desk.hear(Some(update));
    }
    let (handle, requests) = DeskHandle::channel();
    tokio::spawn(desk.run(requests));
    (handle, folder)
}

#[tokio::test(start_paused = true)]
async fn the_loop_wakes_at_the_hospitals_midnight() {
    let shell = FakeShell::default();
    let (_handle, _folder) = start(&shell, []);
    // It is 11:00 in Seoul.
    tokio::time::sleep(Duration::from_secs(13 * 3_600 - 1)).await;
    assert_eq!(shell.screen().today, Some(date(2026, 11, 22)));
    tokio::time::sleep(Duration::from_secs(2)).await;
    assert_eq!(shell.screen().today, Some(date(2026, 11, 23)));
}

#[tokio::test(start_paused = true)]
async fn the_loop_wakes_for_a_toast_that_failed() {
    let shell = FakeShell::default();
    let (handle, _folder) = start(&shell, [Update::Changed(Box::new(created(1, 4)))]);
    let key = ToastKey::Reservation(id(1));
    handle
        .send(DeskRequest::Rang {
            key,
            attempt: 1,
            outcome: Err("no daemon".to_owned()),
        })
        .unwrap();
    tokio::time::sleep(Duration::from_secs(4)).await;
    assert_eq!(shell.toasts(), [key]);
    tokio::time::sleep(Duration::from_secs(2)).await;
    assert_eq!(shell.toasts(), [key, key]);
}
