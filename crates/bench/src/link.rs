//! What is measured of the link, and how much of it.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use deskbell_clock::{Clock, SystemClock};
use tokio::time::sleep;

use crate::crowd::Crowd;
use crate::open_files;
use crate::pace::Pace;
use crate::percentile::percentile;
use crate::report::{Cpu, Idle, Latency, Report};
use crate::subject::{Kind, Subject};
use crate::wire::ROOMS;

/// How much is measured.
struct Size {
    idle_sockets: usize,
    /// How long they are idle: long enough for a ping to each, or not.
    idle_time: Duration,
    /// Sockets and events at once for each measurement of CPU time.
    crowds: &'static [(usize, u64)],
    deliveries: u64,
    timed_deliveries: u64,
}

/// Events that a room is sent at once, after a pause or in a rush.
const SEVERAL: u64 = 16;

/// The whole.
const FULL: Size = Size {
    idle_sockets: 10_000,
    idle_time: Duration::from_secs(30),
    crowds: &[(1_000, SEVERAL), (5_000, SEVERAL), (1_000, 1)],
    deliveries: 500_000,
    timed_deliveries: 10_000,
};

/// Just enough to see that all works.
const QUICK: Size = Size {
    idle_sockets: 400,
    idle_time: Duration::ZERO,
    crowds: &[(400, SEVERAL), (400, 1)],
    deliveries: 20_000,
    timed_deliveries: 1_000,
};

/// Deliveries a second while CPU time is measured; about what keeps Node busy on one core.
const BUSY: u64 = 20_000;

/// Deliveries a second while latency is measured.
const CALM: u64 = 1_000;

/// Measures all and prints it. `quick` is a small run that judges no target.
///
/// # Errors
/// When a target is missed, or a delivery was lost, repeated or out of order.
pub(crate) async fn run(quick: bool, json: Option<&Path>) -> Result<()> {
    open_files::as_many_as_possible().context("the limit of open files stays")?;
    let size = if quick { QUICK } else { FULL };
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let mut report = Report::default();
    for kind in [Kind::Deskbell, Kind::Node, Kind::Bare] {
        eprintln!("{} idle sockets: {kind:?}", size.idle_sockets);
        report.idle.push(idle(kind, &size, &clock).await?);
    }
    for &(sockets, burst) in size.crowds {
        for kind in [Kind::Deskbell, Kind::Node, Kind::Bare] {
            eprintln!("{sockets} sockets, {burst} at once: {kind:?}");
            let pace = Pace {
                rooms: ROOMS,
                burst,
                per_second: BUSY,
                deliveries: size.deliveries,
            };
            report.cpu.push(cpu(kind, sockets, pace, &clock).await?);
        }
    }
    for kind in [Kind::Deskbell, Kind::Node] {
        eprintln!("latency: {kind:?}");
        report
            .latency
            .push(latency(kind, size.timed_deliveries, &clock).await?);
    }
    print!("{report}");
    if let Some(file) = json {
        std::fs::write(file, serde_json::to_vec_pretty(&report)?)?;
    }
    let missed = report.missed_targets();
    if !quick && !missed.is_empty() {
        bail!("missed: {}", missed.join("; "));
    }
    Ok(())
}

async fn idle(kind: Kind, size: &Size, clock: &Arc<dyn Clock>) -> Result<Idle> {
    let mut subject = Subject::start(kind).await?;
    let before = subject.memory().await?;
    let rooms = if kind == Kind::Bare { 0 } else { ROOMS };
    let crowd = Crowd::connect(subject.address(), size.idle_sockets, rooms, Arc::clone(clock)).await?;
    sleep(size.idle_time).await;
    let after = subject.memory().await?;
    crowd.check()?;
    let sockets = u64::try_from(size.idle_sockets)?;
    let each = |after: u64| after.saturating_sub(before) / sockets;
    let bytes_after_events = if kind == Kind::Bare {
        None
    } else {
        let pace = Pace {
            rooms,
            burst: SEVERAL,
            per_second: BUSY,
            deliveries: SEVERAL * sockets,
        };
        pace.run(&mut subject, &crowd).await?;
        Some(each(subject.memory().await?))
    };
    Ok(Idle {
        kind,
        sockets,
        bytes_per_socket: each(after),
        bytes_after_events,
    })
}

async fn cpu(kind: Kind, sockets: usize, pace: Pace, clock: &Arc<dyn Clock>) -> Result<Cpu> {
    let mut subject = Subject::start(kind).await?;
    let crowd = Crowd::connect(subject.address(), sockets, pace.rooms, Arc::clone(clock)).await?;
    let before = subject.cpu_time()?;
    let deliveries = pace.run(&mut subject, &crowd).await?;
    let after = subject.cpu_time()?;
    crowd.check()?;
    let millions = f64::from(u32::try_from(deliveries)?) / 1e6;
    Ok(Cpu {
        kind,
        sockets,
        rooms: pace.rooms,
        burst: pace.burst,
        deliveries,
        user_seconds_per_million: (after.user - before.user) / millions,
        system_seconds_per_million: (after.system - before.system) / millions,
    })
}

async fn latency(kind: Kind, deliveries: u64, clock: &Arc<dyn Clock>) -> Result<Latency> {
    let mut subject = Subject::start(kind).await?;
    let crowd = Crowd::connect(subject.address(), 5 * ROOMS, ROOMS, Arc::clone(clock)).await?;
    let pace = Pace {
        rooms: ROOMS,
        burst: 1,
        per_second: CALM,
        deliveries,
    };
    pace.time(&mut subject, &crowd).await?;
    let latencies = crowd.latencies();
    Ok(Latency {
        kind,
        p50_ms: percentile(&latencies, 50),
        p99_ms: percentile(&latencies, 99),
    })
}
