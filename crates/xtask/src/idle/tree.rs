//! What a program and everything it has started use, as Linux's `/proc` tells.

use std::collections::{BTreeMap, HashMap};
use std::fs;
use std::time::Duration;

use anyhow::{Context, Result};
use deskbell_clock::{Clock, Instant, SystemClock};

/// A tree of processes at one moment.
pub(super) struct Tree {
    at: Instant,
    /// The memory of each process in KiB, pages that several use divided among them (PSS), by the processes' names.
    memory: BTreeMap<String, u64>,
    threads: HashMap<u32, Thread>,
}

/// A thread's life so far.
#[derive(Clone, Copy, Default)]
struct Thread {
    ran: Duration,
    /// How often it was put on a processor: it had slept, or another had taken its place.
    switches: u64,
}

/// What a tree uses while nobody does anything.
#[derive(Clone, Debug)]
pub(super) struct Usage {
    /// PSS of the whole tree, in MiB.
    pub(super) memory: f64,
    /// The same of each process.
    pub(super) processes: BTreeMap<String, f64>,
    /// Processor time, milliseconds a second.
    pub(super) cpu: f64,
    /// How often a second a thread of it ran.
    pub(super) wakeups: f64,
}

impl Tree {
    /// The process `root` and all that come from it.
    pub(super) fn of(root: u32) -> Result<Self> {
        let mut tree = Self {
            at: SystemClock.instant(),
            memory: BTreeMap::new(),
            threads: HashMap::new(),
        };
        for pid in with_descendants(root)? {
            // One may end while it is looked at; the root may not.
            match tree.add(pid) {
                Err(error) if pid == root => return Err(error),
                Ok(()) | Err(_) => {}
            }
        }
        Ok(tree)
    }

    fn add(&mut self, pid: u32) -> Result<()> {
        let name = fs::read_to_string(format!("/proc/{pid}/comm"))?.trim().to_owned();
        let rollup = fs::read_to_string(format!("/proc/{pid}/smaps_rollup"))?;
        *self.memory.entry(name).or_default() += number_after(&rollup, "Pss:")?;
        for thread in fs::read_dir(format!("/proc/{pid}/task"))? {
            let thread = thread?;
            let id = thread.file_name().to_string_lossy().parse()?;
            let read = |file: &str| fs::read_to_string(thread.path().join(file));
            let (Ok(status), Ok(times)) = (read("status"), read("schedstat")) else {
                continue;
            };
            let ran: u64 = times.split(' ').next().context("no time")?.parse()?;
            let seen = Thread {
                ran: Duration::from_nanos(ran),
                switches: number_after(&status, "\nvoluntary_ctxt_switches:")?
                    + number_after(&status, "nonvoluntary_ctxt_switches:")?,
            };
            self.threads.insert(id, seen);
        }
        Ok(())
    }

    /// Whether a process of this name is in it.
    pub(super) fn has(&self, name: &str) -> bool {
        self.memory.keys().any(|known| name.starts_with(known.as_str()))
    }

    /// What it has used since `earlier`, and the memory it has now.
    #[expect(clippy::cast_precision_loss, reason = "counts of a minute")]
    pub(super) fn usage_since(&self, earlier: &Self) -> Usage {
        let (mut ran, mut switches) = (Duration::ZERO, 0);
        for (id, now) in &self.threads {
            let before = earlier.threads.get(id).copied().unwrap_or_default();
            ran += now.ran.saturating_sub(before.ran);
            switches += now.switches.saturating_sub(before.switches);
        }
        let seconds = self.at.saturating_since(earlier.at).as_secs_f64();
        let mebibytes = |kibibytes: u64| kibibytes as f64 / 1_024.0;
        Usage {
            memory: mebibytes(self.memory.values().sum()),
            processes: self
                .memory
                .iter()
                .map(|(name, kibibytes)| (name.clone(), mebibytes(*kibibytes)))
                .collect(),
            cpu: ran.as_secs_f64() * 1_000.0 / seconds,
            wakeups: switches as f64 / seconds,
        }
    }
}

fn with_descendants(root: u32) -> Result<Vec<u32>> {
    let mut children: HashMap<u32, Vec<u32>> = HashMap::new();
    for entry in fs::read_dir("/proc")? {
        let Ok(pid) = entry?.file_name().to_string_lossy().parse::<u32>() else {
            continue;
        };
        // The name stands in parentheses and may hold anything; the state follows, then the parent.
        let parent = fs::read_to_string(format!("/proc/{pid}/stat"))
            .ok()
            .and_then(|stat| stat.rsplit_once(") ")?.1.split(' ').nth(1)?.parse().ok());
        if let Some(parent) = parent {
            children.entry(parent).or_default().push(pid);
        }
    }
    let mut tree = vec![root];
    let mut next = 0;
    while let Some(pid) = tree.get(next) {
        tree.extend(children.remove(pid).unwrap_or_default());
        next += 1;
    }
    Ok(tree)
}

fn number_after(text: &str, label: &str) -> Result<u64> {
    let (_, rest) = text.split_once(label).with_context(|| format!("no {label}"))?;
    Ok(rest
        .split_whitespace()
        .next()
        .with_context(|| format!("{label} is empty"))?
        .parse()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_process_uses_memory_and_its_work_is_counted() {
        let before = Tree::of(std::process::id()).unwrap();
        let mut child = std::process::Command::new("sleep").arg("60").spawn().unwrap();
        std::thread::sleep(Duration::from_millis(50));
        let after = Tree::of(std::process::id()).unwrap();
        child.kill().unwrap();
        child.wait().unwrap();
        assert!(after.has("sleep") && !before.has("sleep"));
        let usage = after.usage_since(&before);
        assert!(
            usage.memory > 0.5 && usage.cpu > 0.0 && usage.wakeups > 0.0,
            "{usage:?}"
        );
    }
}
