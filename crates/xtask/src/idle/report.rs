use std::fmt;
use std::time::Duration;

use anyhow::{Result, bail};
use serde_json::{Value, json};

use super::tree::Usage;

/// The most memory, in MiB, before any window was opened. A bare Tauri program with a tray and nothing else had 46.
const MEMORY_BEFORE: f64 = 55.0;

/// The same after one was opened and closed. The bare one had 118.
const MEMORY_AFTER: f64 = 125.0;

/// The most wake-ups a second.
const WAKEUPS: f64 = 1.0;

/// All that was measured.
pub(super) struct Report {
    /// In the tray, before any window was opened.
    pub(super) before: Usage,
    /// With the window open.
    pub(super) open: Usage,
    /// In the tray, after it was closed.
    pub(super) after: Usage,
    /// The browser's.
    pub(super) tab: Option<Usage>,
    /// From the start to a link that holds.
    pub(super) connected: Times,
    /// From the first click on the tray to the painted list.
    pub(super) first_opened: Times,
    /// The same after the window was closed.
    pub(super) opened_again: Times,
}

/// How long something took, each time.
#[derive(Default)]
pub(super) struct Times(Vec<Duration>);

impl FromIterator<Duration> for Times {
    fn from_iter<T: IntoIterator<Item = Duration>>(times: T) -> Self {
        Self(times.into_iter().collect())
    }
}

impl Times {
    /// One more.
    pub(super) fn push(&mut self, time: Duration) {
        self.0.push(time);
    }

    /// The least time within which so many hundredths of all were done, in milliseconds.
    fn within(&self, hundredths: usize) -> u128 {
        let mut times = self.0.clone();
        times.sort_unstable();
        let last = (times.len() * hundredths).div_ceil(100).saturating_sub(1);
        times.get(last).map_or(0, Duration::as_millis)
    }

    fn json(&self) -> Value {
        let all: Vec<_> = self.0.iter().map(Duration::as_millis).collect();
        json!({"ms": all, "median": self.within(50), "p95": self.within(95)})
    }
}

impl Report {
    /// # Errors
    /// The targets that are missed.
    pub(super) fn judge(&self) -> Result<()> {
        let missed: Vec<_> = [
            ("memory before any window", self.before.memory, MEMORY_BEFORE),
            ("memory after one", self.after.memory, MEMORY_AFTER),
            ("wake-ups before any window", self.before.wakeups, WAKEUPS),
            ("wake-ups after one", self.after.wakeups, WAKEUPS),
        ]
        .into_iter()
        .filter(|(_, is, most)| is > most)
        .map(|(what, is, most)| format!("{what}: {is:.1}, the target is {most:.1}"))
        .collect();
        if missed.is_empty() {
            Ok(())
        } else {
            bail!("missed: {}", missed.join("; "))
        }
    }

    /// All numbers, for programs.
    pub(super) fn json(&self) -> Value {
        json!({
            "before": self.before.json(),
            "open": self.open.json(),
            "after": self.after.json(),
            "tab": self.tab.as_ref().map(Usage::json),
            "connected": self.connected.json(),
            "first_opened": self.first_opened.json(),
            "opened_again": self.opened_again.json(),
        })
    }
}

impl Usage {
    fn json(&self) -> Value {
        json!({
            "pss_mib": self.memory, "processes_mib": self.processes, "cpu_ms_per_s": self.cpu,
            "wakeups_per_s": self.wakeups,
        })
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "{:32} {:>8} {:>8} {:>10} {:>10}",
            "idle, the whole tree", "PSS MiB", "of tab", "CPU ms/s", "wake-ups/s"
        )?;
        let states = [
            ("in the tray, no window yet", Some(&self.before)),
            ("window open", Some(&self.open)),
            ("in the tray, window closed", Some(&self.after)),
            ("Chromium, one tab", self.tab.as_ref()),
        ];
        for (name, usage) in states {
            let Some(usage) = usage else { continue };
            let share = self.tab.as_ref().map_or(1.0, |tab| usage.memory / tab.memory);
            writeln!(
                f,
                "{name:32} {:8.1} {share:8.2} {:10.2} {:10.2}",
                usage.memory, usage.cpu, usage.wakeups
            )?;
            for (process, memory) in &usage.processes {
                writeln!(f, "    {process:28} {memory:8.1}")?;
            }
        }
        writeln!(
            f,
            "targets: {MEMORY_BEFORE} MiB before, {MEMORY_AFTER} MiB after, {WAKEUPS} wake-up/s (a bare Tauri tray: 46 and 118 MiB)"
        )?;
        writeln!(f, "{:32} {:>8} {:>8}", "milliseconds", "median", "p95")?;
        for (name, times) in [
            ("start to connected", &self.connected),
            ("first window to painted list", &self.first_opened),
            ("next window to painted list", &self.opened_again),
        ] {
            writeln!(f, "{name:32} {:8} {:8}", times.within(50), times.within(95))?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn usage(memory: f64, wakeups: f64) -> Usage {
        Usage {
            memory,
            processes: std::collections::BTreeMap::new(),
            cpu: 0.1,
            wakeups,
        }
    }

    fn report(before: Usage, after: Usage) -> Report {
        Report {
            before,
            open: usage(250.0, 3.0),
            after,
            tab: Some(usage(378.0, 5.0)),
            connected: Times::default(),
            first_opened: Times::default(),
            opened_again: Times::default(),
        }
    }

    #[test]
    fn each_target_that_is_missed_is_named() {
        assert!(report(usage(55.0, 1.0), usage(125.0, 1.0)).judge().is_ok());
        let missed = report(usage(55.1, 0.2), usage(118.0, 2.2)).judge();
        let missed = missed.unwrap_err().to_string();
        assert!(
            missed.contains("memory before") && missed.contains("wake-ups after"),
            "{missed}"
        );
        assert!(
            !missed.contains("memory after") && !missed.contains("wake-ups before"),
            "{missed}"
        );
    }

    #[test]
    fn of_ten_times_the_median_is_the_fifth_and_p95_the_last() {
        let times: Times = (1..=10).rev().map(Duration::from_millis).collect();
        assert_eq!((times.within(50), times.within(95)), (5, 10));
    }
}
