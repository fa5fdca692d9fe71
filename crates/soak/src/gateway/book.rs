//! What a desk knows of its hospital.

use anyhow::{Result, ensure};
use deskbell_protocol::{Reservation, ReservationId, Seq};

/// A hospital's reservations, each at its place: the first has seq 1. Nobody changes one, so none has a second place.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Book(Vec<Entry>);

/// A reservation as far as soaks tell one from another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Entry {
    pub(crate) id: ReservationId,
    /// The hospital's slug and a number that there is once.
    pub(crate) name: String,
}

impl Book {
    /// The one that a list tells of.
    ///
    /// # Errors
    /// When places are empty or taken twice.
    pub(crate) fn of(reservations: Vec<(Seq, Entry)>) -> Result<Self> {
        let mut reservations = reservations;
        reservations.sort_unstable_by_key(|(seq, _)| *seq);
        let mut book = Self::default();
        for (seq, entry) in reservations {
            ensure!(
                seq.0 == book.head() + 1,
                "seq {seq:?} comes after {} reservations",
                book.head()
            );
            book.0.push(entry);
        }
        Ok(book)
    }

    /// The last seq.
    pub(crate) fn head(&self) -> u64 {
        self.0.len() as u64
    }

    /// Takes in what a desk is sent. Whether it is new.
    ///
    /// # Errors
    /// When one is left out, or a place is taken by another.
    pub(crate) fn apply(&mut self, seq: Seq, entry: Entry) -> Result<bool> {
        ensure!(
            (1..=self.head() + 1).contains(&seq.0),
            "seq {} came, and {} was the last",
            seq.0,
            self.head()
        );
        if let Some(before) = self.at(seq) {
            ensure!(
                *before == entry,
                "seq {} is another reservation than before",
                seq.0
            );
            return Ok(false);
        }
        self.0.push(entry);
        Ok(true)
    }

    /// Who is at a place.
    pub(crate) fn at(&self, seq: Seq) -> Option<&Entry> {
        let place = usize::try_from(seq.0.checked_sub(1)?).ok()?;
        self.0.get(place)
    }

    /// All of it, in order.
    pub(crate) fn entries(&self) -> &[Entry] {
        &self.0
    }
}

impl Entry {
    /// What a reservation is to soaks.
    pub(crate) fn of(reservation: &Reservation) -> Self {
        Self {
            id: reservation.id,
            name: reservation.name.as_str().to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use deskbell_clock::{Clock, SystemClock};

    use super::*;

    fn entry(number: u8) -> Entry {
        Entry {
            id: ReservationId::new(SystemClock.now(), &[number; 10]),
            name: format!("hospital-0 {number}"),
        }
    }

    #[test]
    fn a_gap_and_a_changed_place_are_found() {
        let (one, two) = (entry(1), entry(2));
        let mut book = Book::default();
        assert!(book.apply(Seq(2), two.clone()).is_err());
        assert!(book.apply(Seq(0), two.clone()).is_err());
        assert!(book.apply(Seq(1), one.clone()).unwrap());
        assert!(!book.apply(Seq(1), one.clone()).unwrap());
        assert!(book.apply(Seq(1), two.clone()).is_err());
        assert!(book.apply(Seq(2), two.clone()).unwrap());
        assert_eq!(
            Book::of(vec![(Seq(2), two.clone()), (Seq(1), one.clone())]).unwrap(),
            book
        );
        assert!(Book::of(vec![(Seq(1), one.clone()), (Seq(1), two.clone())]).is_err());
        assert!(Book::of(vec![(Seq(1), one), (Seq(3), two)]).is_err());
    }
}
