use std::collections::BTreeSet;
use std::fmt;

use anyhow::{Context, Result, ensure};
use serde::Serialize;

use super::Room;
use super::desks::Arrival;
use super::posts::Posts;
use crate::percentile::percentile;

/// All of a run.
#[derive(Serialize)]
pub(crate) struct Report {
    pub(crate) rooms: usize,
    pub(crate) desks: usize,
    pub(crate) posts_per_second: u32,
    pub(crate) delays: Vec<Delay>,
}

/// Who took in and rang.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Server {
    /// `deskbell-gateway serve` on SQLite.
    Deskbell,
    /// Express, better-sqlite3 and Socket.IO.
    Node,
}

/// Since when it is measured.
#[derive(Clone, Copy, Debug, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Since {
    /// The request was sent.
    Sent,
    /// Its 201 was read. An event may come before; that counts as no delay.
    Accepted,
}

/// How long it took until a desk had the event, of all desks.
#[derive(Serialize)]
pub(crate) struct Delay {
    pub(crate) server: Server,
    pub(crate) since: Since,
    pub(crate) events: usize,
    pub(crate) p50_ms: f64,
    pub(crate) p99_ms: f64,
    pub(crate) max_ms: f64,
}

/// What it comes to.
///
/// # Errors
/// When an event did not come once to each desk of its room and to no other.
pub(crate) fn delays(
    server: Server,
    rooms: &[Room],
    posts: &Posts,
    arrivals: &[Arrival],
) -> Result<[Delay; 2]> {
    let (mut since_sent, mut since_accepted) = (Vec::new(), Vec::new());
    let mut came = BTreeSet::new();
    for &Arrival {
        room,
        desk,
        number,
        at,
    } in arrivals
    {
        let post = posts.get(number).context("an event that nobody posted")?;
        ensure!(
            room == number % rooms.len(),
            "{server:?}: reservation {number} came to room {room}"
        );
        ensure!(
            came.insert((number, desk)),
            "{server:?}: reservation {number} came twice to a desk"
        );
        since_sent.push(at.saturating_since(post.sent));
        since_accepted.push(at.saturating_since(post.accepted));
    }
    let expected: usize = rooms
        .iter()
        .cycle()
        .take(posts.len())
        .map(|room| room.desks.len())
        .sum();
    ensure!(
        came.len() == expected,
        "{server:?}: {} of {expected} events came",
        came.len()
    );
    Ok(
        [(Since::Sent, since_sent), (Since::Accepted, since_accepted)].map(|(since, mut delays)| {
            delays.sort_unstable();
            Delay {
                server,
                since,
                events: delays.len(),
                p50_ms: percentile(&delays, 50),
                p99_ms: percentile(&delays, 99),
                max_ms: percentile(&delays, 100),
            }
        }),
    )
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "\n{} desks in {} rooms, {} posts a second",
            self.desks, self.rooms, self.posts_per_second
        )?;
        writeln!(
            f,
            "\n| push | since the request was | p50 ms | p99 ms | max ms | events, each once to each desk of its room |\n\
             |---|---|---:|---:|---:|---:|"
        )?;
        for delay in &self.delays {
            writeln!(
                f,
                "| {:?} | {} | {:.2} | {:.2} | {:.2} | {} |",
                delay.server,
                match delay.since {
                    Since::Sent => "sent",
                    Since::Accepted => "accepted",
                },
                delay.p50_ms,
                delay.p99_ms,
                delay.max_ms,
                delay.events
            )?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use deskbell_clock::Instant;
    use serde_json::Value;

    use super::super::posts::Post;
    use super::*;

    fn at(milliseconds: u64) -> Instant {
        Instant::ORIGIN + Duration::from_millis(milliseconds)
    }

    fn arrival(room: usize, desk: usize, number: usize) -> Arrival {
        Arrival {
            room,
            desk,
            number,
            at: at(15),
        }
    }

    /// Two rooms with two desks each, and a reservation for each room.
    fn judge(arrivals: &[Arrival]) -> Result<[Delay; 2]> {
        let room = || Room {
            site: String::new(),
            desks: vec![Value::Null; 2],
        };
        let post = Post {
            sent: at(0),
            accepted: at(10),
        };
        delays(
            Server::Deskbell,
            &[room(), room()],
            &Posts::of(vec![post; 2]),
            arrivals,
        )
    }

    #[test]
    fn what_came_to_the_wrong_desk_twice_or_not_at_all_is_a_fault() {
        let right = [
            arrival(0, 0, 0),
            arrival(0, 1, 0),
            arrival(1, 0, 1),
            arrival(1, 1, 1),
        ];
        let [sent, accepted] = judge(&right).unwrap();
        assert_eq!((sent.events, sent.p50_ms, accepted.max_ms), (4, 15.0, 5.0));
        for wrong in [arrival(0, 1, 1), arrival(1, 0, 1), arrival(1, 1, 2)] {
            let [one, two, three, _] = right;
            assert!(judge(&[one, two, three, wrong]).is_err(), "{wrong:?}");
        }
        assert!(judge(&right[..3]).is_err());
    }
}
