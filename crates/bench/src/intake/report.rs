use std::fmt;

use serde::Serialize;

/// The part of the bare rate that ours must reach.
const MIN_OF_BARE: f64 = 0.6;

/// How many times Node's rate ours must be.
const MIN_OF_NODE: f64 = 3.0;

/// Beyond this many confirmations a second a disk's are as good as free, and a commit for each reservation costs Node nothing.
const FREE_SYNCS: f64 = 20_000.0;

/// Below this many, waiting for the disk is all that a server with a commit for each does.
const DEAR_SYNCS: f64 = 200.0;

/// All of a run.
#[derive(Serialize)]
pub(crate) struct Report {
    /// Requests under way at a time.
    pub(crate) connections: usize,
    /// Writes of 4 KiB that the disk confirms a second, one after the other.
    pub(crate) syncs_per_second: f64,
    pub(crate) servers: Vec<Intake>,
}

/// Who took in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Server {
    /// `deskbell-gateway serve` on SQLite.
    Deskbell,
    /// A loop that writes the same rows in groups.
    Bare,
    /// Express, better-sqlite3 and Socket.IO, a commit for each.
    Node,
}

/// How fast.
#[derive(Serialize)]
pub(crate) struct Intake {
    pub(crate) server: Server,
    /// All that was taken in, and found in the database afterwards.
    pub(crate) reservations: usize,
    /// The median of the turns.
    pub(crate) per_second: f64,
    /// Each turn's.
    pub(crate) turns: Vec<f64>,
    /// The server's, user and system.
    pub(crate) cpu_seconds_per_thousand: f64,
    /// From the request sent until its 201 was read.
    pub(crate) p50_ms: Option<f64>,
    pub(crate) p99_ms: Option<f64>,
}

impl Intake {
    pub(crate) fn new(server: Server, reservations: usize, turns: Vec<f64>, cpu_seconds: f64) -> Self {
        let mut sorted = turns.clone();
        sorted.sort_unstable_by(f64::total_cmp);
        let thousands = f64::from(u32::try_from(reservations).unwrap_or(u32::MAX)) / 1e3;
        Self {
            server,
            reservations,
            per_second: sorted.get(sorted.len() / 2).copied().unwrap_or_default(),
            turns,
            cpu_seconds_per_thousand: cpu_seconds / thousands,
            p50_ms: None,
            p99_ms: None,
        }
    }
}

impl Report {
    /// What is not as it should be, in words.
    pub(crate) fn missed_targets(&self) -> Vec<String> {
        [(Server::Bare, MIN_OF_BARE), (Server::Node, MIN_OF_NODE)]
            .into_iter()
            .filter_map(|(other, target)| {
                let ratio = self.ratio(other)?;
                (ratio < target).then(|| format!("{ratio:.2} of {other:?}'s rate, not {target}"))
            })
            .collect()
    }

    /// How many times the rate of `other` ours is.
    fn ratio(&self, other: Server) -> Option<f64> {
        let rate = |server| self.servers.iter().find(|intake| intake.server == server);
        Some(rate(Server::Deskbell)?.per_second / rate(other)?.per_second)
    }

    /// Why a ratio says less than it seems to.
    fn doubt(&self) -> Option<&'static str> {
        if self.syncs_per_second > FREE_SYNCS {
            Some("so fast that a commit costs next to nothing: the ratios compare CPU time alone")
        } else if self.syncs_per_second < DEAR_SYNCS {
            Some(
                "so slow that Node's rate is the disk's: its ratio says how many reservations share a commit",
            )
        } else {
            None
        }
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "\n{} connections; the disk confirms {:.0} writes a second",
            self.connections, self.syncs_per_second
        )?;
        if let Some(doubt) = self.doubt() {
            writeln!(f, "That is {doubt}.")?;
        }
        writeln!(
            f,
            "\n| intake | reservations/s | slowest to fastest turn | ours / its | CPU s per 1,000 | p50 ms | p99 ms | in the database |\n\
             |---|---:|---:|---:|---:|---:|---:|---:|"
        )?;
        for intake in &self.servers {
            let shown = |value: Option<f64>| value.map_or(String::new(), |value| format!("{value:.2}"));
            let turn =
                |pick: fn(f64, f64) -> f64| intake.turns.iter().copied().reduce(pick).unwrap_or_default();
            writeln!(
                f,
                "| {:?} | {:.0} | {:.0} to {:.0} | {} | {:.3} | {} | {} | {} |",
                intake.server,
                intake.per_second,
                turn(f64::min),
                turn(f64::max),
                shown(
                    self.ratio(intake.server)
                        .filter(|_| intake.server != Server::Deskbell)
                ),
                intake.cpu_seconds_per_thousand,
                shown(intake.p50_ms),
                shown(intake.p99_ms),
                intake.reservations,
            )?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report(ours: f64, bare: f64, node: f64) -> Report {
        let intake = |server, rate| Intake::new(server, 1_000, vec![rate, 1.0, 1e9], 1.0);
        Report {
            connections: 64,
            syncs_per_second: 2_000.0,
            servers: vec![
                intake(Server::Deskbell, ours),
                intake(Server::Bare, bare),
                intake(Server::Node, node),
            ],
        }
    }

    #[test]
    fn a_missed_target_is_told() {
        assert_eq!(report(6_000.0, 10_000.0, 2_000.0).missed_targets(), [""; 0]);
        assert_eq!(report(5_900.0, 10_000.0, 1_900.0).missed_targets().len(), 1);
        assert_eq!(report(5_900.0, 10_000.0, 2_000.0).missed_targets().len(), 2);
    }

    #[test]
    fn a_disk_that_makes_the_comparison_odd_is_told() {
        let mut report = report(1.0, 1.0, 1.0);
        assert!(!report.to_string().contains("That is"));
        for odd in [100.0, 30_000.0] {
            report.syncs_per_second = odd;
            assert!(report.to_string().contains("That is so"), "{report}");
        }
    }

    #[test]
    fn the_ratio_stands_beside_the_others() {
        let text = report(6_000.0, 10_000.0, 2_000.0).to_string();
        assert!(
            text.contains("| Deskbell | 6000 | 1 to 1000000000 |  |"),
            "{text}"
        );
        assert!(text.contains("| 0.60 | 1.000 |"), "{text}");
        assert!(text.contains("| 3.00 | 1.000 |"), "{text}");
    }
}
