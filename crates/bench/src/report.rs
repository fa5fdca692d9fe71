//! What was measured, against what it should be.

use std::fmt;

use serde::Serialize;

use crate::subject::Kind;

/// Bytes an idle socket of ours may take.
const MAX_IDLE_BYTES: u64 = 6 * 1024;

/// How many times the CPU time of ours Node's must be, where rooms are sent several events at once. One event at a time
/// is measured but not judged: the kernel takes most of that, as [`Kind::Bare`] shows, from any server.
const MIN_CPU_RATIO: f64 = 5.0;

/// All of a run.
#[derive(Default, Serialize)]
pub(crate) struct Report {
    /// Memory, per server.
    pub(crate) idle: Vec<Idle>,
    /// CPU time, per crowd; of each, ours and then Node's.
    pub(crate) cpu: Vec<Cpu>,
    /// How long a delivery takes, per server.
    pub(crate) latency: Vec<Latency>,
}

/// Memory of idle sockets.
#[derive(Serialize)]
pub(crate) struct Idle {
    pub(crate) kind: Kind,
    pub(crate) sockets: u64,
    /// Of the server's process, without the kernel's.
    pub(crate) bytes_per_socket: u64,
    /// The same after each was sent a few events at once, where events can be sent.
    pub(crate) bytes_after_events: Option<u64>,
}

/// The server's CPU time for deliveries to rooms.
#[derive(Serialize)]
pub(crate) struct Cpu {
    pub(crate) kind: Kind,
    pub(crate) sockets: usize,
    pub(crate) rooms: usize,
    pub(crate) burst: u64,
    pub(crate) deliveries: u64,
    pub(crate) user_seconds_per_million: f64,
    pub(crate) system_seconds_per_million: f64,
}

/// From the command to a server until a client has the event, in milliseconds.
#[derive(Serialize)]
pub(crate) struct Latency {
    pub(crate) kind: Kind,
    pub(crate) p50_ms: f64,
    pub(crate) p99_ms: f64,
}

impl Cpu {
    fn seconds_per_million(&self) -> f64 {
        self.user_seconds_per_million + self.system_seconds_per_million
    }
}

impl Report {
    /// What is not as it should be, in words.
    pub(crate) fn missed_targets(&self) -> Vec<String> {
        let ours = self.idle.iter().filter(|idle| idle.kind == Kind::Deskbell);
        let memory = ours
            .filter(|idle| idle.bytes_per_socket > MAX_IDLE_BYTES)
            .map(|idle| {
                format!(
                    "{} bytes per idle socket, more than {MAX_IDLE_BYTES}",
                    idle.bytes_per_socket
                )
            });
        let cpu = self
            .ratios()
            .filter(|(ours, ratio)| ours.burst > 1 && *ratio < MIN_CPU_RATIO)
            .map(|(ours, ratio)| {
                format!(
                    "Node takes only {ratio:.1} times the CPU time with {} sockets, {} at once; not {MIN_CPU_RATIO}",
                    ours.sockets, ours.burst
                )
            });
        memory.chain(cpu).collect()
    }

    /// Our measurements of CPU time, each with how many times as much Node took.
    fn ratios(&self) -> impl Iterator<Item = (&Cpu, f64)> {
        let ours = self.cpu.iter().filter(|cpu| cpu.kind == Kind::Deskbell);
        ours.filter_map(|ours| {
            let node = self
                .cpu
                .iter()
                .find(|cpu| (cpu.kind, cpu.sockets, cpu.burst) == (Kind::Node, ours.sockets, ours.burst))?;
            Some((ours, node.seconds_per_million() / ours.seconds_per_million()))
        })
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "\n| idle sockets | server | bytes each | after some events |\n|---:|---|---:|---:|"
        )?;
        for idle in &self.idle {
            writeln!(
                f,
                "| {} | {:?} | {} | {} |",
                idle.sockets,
                idle.kind,
                idle.bytes_per_socket,
                idle.bytes_after_events
                    .map_or(String::new(), |bytes| bytes.to_string()),
            )?;
        }
        writeln!(
            f,
            "\n| sockets | rooms | events at once | server | CPU s per million deliveries | user | system | Node / ours |"
        )?;
        writeln!(f, "|---:|---:|---:|---|---:|---:|---:|---:|")?;
        for cpu in &self.cpu {
            let ratio = self.ratios().find(|(ours, _)| std::ptr::eq(*ours, cpu));
            writeln!(
                f,
                "| {} | {} | {} | {:?} | {:.2} | {:.2} | {:.2} | {} |",
                cpu.sockets,
                cpu.rooms,
                cpu.burst,
                cpu.kind,
                cpu.seconds_per_million(),
                cpu.user_seconds_per_million,
                cpu.system_seconds_per_million,
                ratio.map_or(String::new(), |(_, ratio)| format!("{ratio:.1}")),
            )?;
        }
        writeln!(f, "\n| latency | p50 ms | p99 ms |\n|---|---:|---:|")?;
        for latency in &self.latency {
            writeln!(
                f,
                "| {:?} | {:.2} | {:.2} |",
                latency.kind, latency.p50_ms, latency.p99_ms
            )?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cpu(kind: Kind, seconds: f64) -> Cpu {
        Cpu {
            kind,
            sockets: 1_000,
            rooms: 200,
            burst: 16,
            deliveries: 1_000_000,
            user_seconds_per_million: seconds / 2.0,
            system_seconds_per_million: seconds / 2.0,
        }
    }

    fn report(bytes: u64, ours: f64, node: f64) -> Report {
        let idle = |kind, bytes_per_socket| Idle {
            kind,
            sockets: 10_000,
            bytes_per_socket,
            bytes_after_events: None,
        };
        Report {
            idle: vec![idle(Kind::Deskbell, bytes), idle(Kind::Node, 17_000)],
            cpu: vec![cpu(Kind::Deskbell, ours), cpu(Kind::Node, node)],
            latency: Vec::new(),
        }
    }

    #[test]
    fn a_missed_target_is_told() {
        assert_eq!(report(6_144, 4.0, 20.0).missed_targets(), [""; 0]);
        assert_eq!(report(6_145, 4.0, 20.0).missed_targets().len(), 1);
        assert_eq!(report(6_145, 4.1, 20.0).missed_targets().len(), 2);
    }

    #[test]
    fn the_ratio_stands_beside_ours() {
        let text = report(5_000, 4.0, 20.0).to_string();
        assert!(text.contains("| Deskbell | 4.00 | 2.00 | 2.00 | 5.0 |"), "{text}");
        assert!(text.contains("| Node | 20.00 | 10.00 | 10.00 |  |"), "{text}");
    }
}
