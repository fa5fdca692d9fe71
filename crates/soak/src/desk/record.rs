//! What a desk has told its people, and what it still knew of that after each of its deaths.

use std::collections::{HashMap, HashSet};
use std::time::Duration;

use anyhow::{Result, bail, ensure};
use deskbell_clock::Timestamp;
use deskbell_protocol::{Position, ReservationId, Seq};
use serde_json::Value;

/// What a desk was told of is in its ledger after this time, on a machine that is busy.
const WRITTEN_WITHIN: Duration = Duration::from_secs(5);

/// The places of a hospital's reservations, as the site was answered.
pub(crate) type Places = HashMap<ReservationId, Seq>;

/// What a desk knows when it starts again.
#[derive(Debug)]
pub(crate) enum Known {
    /// What is in its ledger.
    Ledger {
        decided: HashSet<ReservationId>,
        cursor: Option<Position>,
    },
    /// The ledger is lost: what the gateway was told.
    Shown(Option<Position>),
}

/// What a desk has told its people.
#[derive(Debug, Default)]
pub(crate) struct Record {
    rings: HashMap<ReservationId, Vec<Ring>>,
    /// Toasts that the desk has not been told of yet, by their numbers.
    open: HashMap<u64, Vec<ReservationId>>,
    /// Counts the lives of the app.
    life: u32,
    /// Toasts of their own, and digests.
    pub(crate) toasts: u64,
    pub(crate) digests: u64,
    pub(crate) failed: u64,
}

/// One reservation in one toast.
#[derive(Debug)]
struct Ring {
    life: u32,
    /// When the desk was told that the toast is on the screen.
    reported: Option<Timestamp>,
    /// Why the desk does not know of it any more.
    forgotten: Option<Forgotten>,
}

/// Why a desk does not know what it has told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Forgotten {
    /// The app died between the toast and the ledger.
    Died,
    /// The ledger was lost, and the gateway had not been told yet.
    Lost,
}

/// What came out for a desk.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Told {
    /// Reservations told, each at least once.
    pub(crate) reservations: u64,
    /// Told again because the app had died between the toast and the ledger.
    pub(crate) after_death: u64,
    /// Told again because the ledger was lost before the gateway knew.
    pub(crate) after_loss: u64,
    /// The most that one was told.
    pub(crate) most: u64,
}

impl Known {
    /// What the ledger at hand says.
    pub(crate) fn read(ledger: &[u8]) -> Result<Self> {
        let ledger: Value = serde_json::from_slice(ledger)?;
        let decided = ledger["decided"].as_array().into_iter().flatten();
        Ok(Self::Ledger {
            decided: decided
                .map(|decided| serde_json::from_value(decided["id"].clone()))
                .collect::<Result<_, _>>()?,
            cursor: serde_json::from_value(ledger["cursor"].clone())?,
        })
    }

    fn covers(&self, id: ReservationId, places: &Places) -> bool {
        let up_to = |position: &Option<Position>| {
            position
                .as_ref()
                .zip(places.get(&id))
                .is_some_and(|(position, place)| *place <= position.seq)
        };
        match self {
            Self::Ledger { decided, cursor } => decided.contains(&id) || up_to(cursor),
            Self::Shown(shown) => up_to(shown),
        }
    }
}

impl Record {
    /// A toast is on the screen.
    pub(crate) fn shown(&mut self, attempt: u64, is_digest: bool, tells: Vec<ReservationId>) {
        if is_digest {
            self.digests += 1;
        } else {
            self.toasts += 1;
        }
        for id in &tells {
            self.rings.entry(*id).or_default().push(Ring {
                life: self.life,
                reported: None,
                forgotten: None,
            });
        }
        self.open.insert(attempt, tells);
    }

    /// The desk is told that it is.
    pub(crate) fn reported(&mut self, attempt: u64, at: Timestamp) {
        for id in self.open.remove(&attempt).unwrap_or_default() {
            if let Some(ring) = self.rings.get_mut(&id).and_then(|rings| rings.last_mut()) {
                ring.reported = Some(at);
            }
        }
    }

    /// The app died, and this is what the next one will know.
    ///
    /// # Errors
    /// When it should know more.
    pub(crate) fn died(&mut self, known: &Known, at: Timestamp, places: &Places) -> Result<()> {
        for (id, rings) in &mut self.rings {
            if known.covers(*id, places) {
                continue;
            }
            for ring in rings.iter_mut().filter(|ring| ring.forgotten.is_none()) {
                ring.forgotten = Some(match known {
                    Known::Shown(_) => Forgotten::Lost,
                    Known::Ledger { .. } => {
                        ensure!(
                            ring.life == self.life,
                            "{id} was in the ledger once, and is not any more"
                        );
                        if let Some(reported) = ring.reported {
                            let since = Duration::try_from(at.duration_since(reported)).unwrap_or_default();
                            ensure!(
                                since < WRITTEN_WITHIN,
                                "{id} was told {} ms before the app died, and is not in the ledger",
                                since.as_millis()
                            );
                        }
                        Forgotten::Died
                    }
                });
            }
        }
        self.open.clear();
        self.life += 1;
        Ok(())
    }

    /// Whether it has told every one of `places`.
    pub(crate) fn has_told(&self, places: &Places) -> bool {
        places.keys().all(|id| self.rings.contains_key(id))
    }

    /// How many of `places` it has not told.
    pub(crate) fn missing(&self, places: &Places) -> usize {
        places.keys().filter(|id| !self.rings.contains_key(id)).count()
    }

    /// How often something was forgotten.
    pub(crate) fn forgotten(&self) -> usize {
        let rings = self.rings.values().flatten();
        rings.filter(|ring| ring.forgotten.is_some()).count()
    }

    /// Whether each of `places` was told at least once, and at most once more than it was forgotten.
    ///
    /// # Errors
    /// The one that was not.
    pub(crate) fn verdict(&self, places: &Places) -> Result<Told> {
        let mut told = Told::default();
        for id in places.keys() {
            let Some(rings) = self.rings.get(id) else {
                bail!("{id} was never told");
            };
            let kept = rings.iter().filter(|ring| ring.forgotten.is_none()).count();
            ensure!(kept <= 1, "{id} was told again: {rings:?}");
            // What was forgotten first was told again; the last need not have been.
            for ring in rings.iter().rev().skip(1) {
                match ring.forgotten {
                    Some(Forgotten::Died) => told.after_death += 1,
                    Some(Forgotten::Lost) => told.after_loss += 1,
                    None => bail!("{id} was known and told again: {rings:?}"),
                }
            }
            told.reservations += 1;
            told.most = told.most.max(rings.len() as u64);
        }
        for id in self.rings.keys() {
            ensure!(places.contains_key(id), "{id} is no reservation of this hospital");
        }
        Ok(told)
    }
}

#[cfg(test)]
mod tests {
    use deskbell_protocol::Epoch;

    use super::*;

    fn id(number: u8) -> ReservationId {
        ReservationId::from_bytes([number; 16])
    }

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn places() -> Places {
        [(id(1), Seq(1))].into()
    }

    fn ledger(decided: &[ReservationId], seq: u64) -> Known {
        Known::Ledger {
            decided: decided.iter().copied().collect(),
            cursor: position(seq),
        }
    }

    fn position(seq: u64) -> Option<Position> {
        Some(Position {
            epoch: Epoch("e".to_owned()),
            seq: Seq(seq),
        })
    }

    /// One toast, which the desk was told of at second 10.
    fn told() -> Record {
        let mut record = Record::default();
        record.shown(1, false, vec![id(1)]);
        record.reported(1, at(10));
        record
    }

    #[test]
    fn one_that_is_never_told_is_found() {
        assert!(Record::default().verdict(&places()).is_err());
        assert_eq!(told().verdict(&places()).unwrap().most, 1);
    }

    #[test]
    fn one_that_is_told_again_is_found_unless_it_was_forgotten() {
        let mut record = told();
        record.died(&ledger(&[id(1)], 0), at(20), &places()).unwrap();
        record.shown(1, true, vec![id(1)]);
        assert!(record.verdict(&places()).is_err());

        let mut record = told();
        record.died(&ledger(&[], 0), at(11), &places()).unwrap();
        record.shown(1, true, vec![id(1)]);
        assert_eq!(record.verdict(&places()).unwrap().after_death, 1);
        record.shown(2, false, vec![id(1)]);
        assert!(record.verdict(&places()).is_err());
    }

    #[test]
    fn a_ledger_that_is_not_written_in_time_is_found() {
        assert!(told().died(&ledger(&[], 0), at(15), &places()).is_err());
        assert!(told().died(&ledger(&[], 1), at(15), &places()).is_ok());
        assert!(told().died(&ledger(&[id(1)], 0), at(15), &places()).is_ok());
    }

    #[test]
    fn a_ledger_that_forgets_what_it_held_is_found() {
        let mut record = told();
        record.died(&ledger(&[id(1)], 1), at(11), &places()).unwrap();
        assert!(record.died(&ledger(&[], 0), at(12), &places()).is_err());
    }

    #[test]
    fn without_a_ledger_what_the_gateway_was_told_counts() {
        let mut record = told();
        record
            .died(&Known::Shown(position(1)), at(20), &places())
            .unwrap();
        assert_eq!(record.forgotten(), 0);
        record
            .died(&Known::Shown(position(0)), at(20), &places())
            .unwrap();
        assert_eq!(record.forgotten(), 1);
    }

    #[test]
    fn another_hospitals_reservation_is_found() {
        let mut record = told();
        record.shown(2, false, vec![id(2)]);
        assert!(record.verdict(&places()).is_err());
    }

    #[test]
    fn a_ledger_is_read_as_the_desk_writes_it() {
        let text = format!(
            r#"{{"version":1,"hospital":"{0}","cursor":{{"epoch":"e","seq":7}},"decided":[{{"id":"{0}","seq":9,"version":1,"rung":true}}]}}"#,
            id(1)
        );
        let known = Known::read(text.as_bytes()).unwrap();
        assert!(known.covers(id(1), &Places::new()));
        assert!(known.covers(id(2), &[(id(2), Seq(7))].into()));
        assert!(!known.covers(id(2), &[(id(2), Seq(8))].into()));
    }
}
