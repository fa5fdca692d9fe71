//! What a server under test is told to broadcast.

use std::ops::Range;

use anyhow::{Result, bail};
use serde_json::{Map, Value};
use tokio::io::{AsyncBufReadExt, BufReader, Lines, Stdin, stdin};

/// What a booking site's form becomes on its way to the desks.
const RESERVATION: &str = include_str!("../../protocol/golden/reservation_created.json");

/// Events to rooms: each of `seqs` to each of `rooms`.
pub(crate) struct Command {
    pub(crate) rooms: Range<usize>,
    pub(crate) seqs: Range<u64>,
}

/// Standard input, a command a line: first room, end of rooms, first event, end of events.
pub(crate) struct Commands(Lines<BufReader<Stdin>>);

impl Commands {
    /// Those of this process.
    pub(crate) fn new() -> Self {
        Self(BufReader::new(stdin()).lines())
    }

    /// The next one; `None` when there are no more.
    ///
    /// # Errors
    /// When it is no command.
    pub(crate) async fn next(&mut self) -> Result<Option<Command>> {
        let Some(line) = self.0.next_line().await? else {
            return Ok(None);
        };
        let numbers: Vec<u32> = line.split(' ').map(str::parse).collect::<Result<_, _>>()?;
        let [first_room, end_of_rooms, first_seq, end_of_seqs] = numbers[..] else {
            bail!("not a command: {line}");
        };
        Ok(Some(Command {
            rooms: usize::try_from(first_room)?..usize::try_from(end_of_rooms)?,
            seqs: first_seq.into()..end_of_seqs.into(),
        }))
    }
}

/// The event of a new reservation, but for where it goes and its number.
pub(crate) struct Reservation(Map<String, Value>);

impl Reservation {
    /// One that is like a real one.
    ///
    /// # Errors
    /// When the example is no object.
    pub(crate) fn new() -> Result<Self> {
        Ok(Self(serde_json::from_str(RESERVATION)?))
    }

    /// The one with number `seq` for `room`.
    pub(crate) fn number(&mut self, room: usize, seq: u64) -> &Map<String, Value> {
        self.0.insert("room".into(), room.into());
        self.0.insert("seq".into(), seq.into());
        &self.0
    }
}
