//! The last known day on the disk, encrypted: a desk that starts during an outage still has its list.
//!
//! What can be read of it without the key is that there is one, and how long it is.

use std::path::PathBuf;
use std::{fmt, io};

use deskbell_clock::{Entropy, Timestamp};
use deskbell_protocol::{HospitalId, Reservation, ReservationId};
use jiff::civil::Date;
use ring::aead::{Aad, CHACHA20_POLY1305, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use serde::{Deserialize, Serialize};

use crate::hospital_clock::HospitalClock;
use crate::{Folders, disk};

/// How the file begins; another shape of it begins otherwise, and is not read.
const MAGIC: &[u8] = b"deskbell-day-1\n";

/// The lists as they were last known.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct KeptDay {
    /// When they were known to be so.
    pub as_of: Timestamp,
    /// The day whose list is in it.
    pub day: Date,
    /// The hospital's IANA zone.
    pub timezone: String,
    /// The day's reservations and the unhandled of all others, each once.
    pub reservations: Vec<Reservation>,
}

impl fmt::Debug for KeptDay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let count = self.reservations.len();
        write!(f, "KeptDay({}, {count} reservations)", self.day)
    }
}

impl KeptDay {
    /// The date at the hospital, by the PC's clock `now`: no gateway has told the time yet.
    pub(crate) fn today(&self, now: Timestamp) -> Date {
        self.clock(now).today(now)
    }

    /// The hospital's clock, set by the PC's.
    pub(crate) fn clock(&self, now: Timestamp) -> HospitalClock {
        HospitalClock::new(&self.timezone, now, now)
    }

    /// The day's reservations, by time.
    pub(crate) fn of_day(&self) -> Vec<&Reservation> {
        self.those(|reservation| reservation.reservationdate == self.day)
    }

    /// The unhandled reservations of any other day, by date and time.
    pub(crate) fn unhandled_of_other_days(&self) -> Vec<&Reservation> {
        self.those(|reservation| reservation.reservationdate != self.day)
    }

    /// The unhandled reservations.
    pub(crate) fn unhandled(&self) -> impl Iterator<Item = &Reservation> {
        self.reservations.iter().filter(|r| !r.status.is_handled())
    }

    fn those(&self, wanted: impl Fn(&Reservation) -> bool) -> Vec<&Reservation> {
        self.reservations.iter().filter(|r| wanted(r)).collect()
    }

    /// One reservation, as it was then.
    pub(crate) fn get(&self, id: ReservationId) -> Option<&Reservation> {
        self.reservations.iter().find(|reservation| reservation.id == id)
    }
}

/// Why the kept day is of no use. Nothing of it is in here.
#[derive(Debug, thiserror::Error)]
pub(crate) enum KeptDayError {
    /// The disk.
    #[error("{0}")]
    Disk(#[from] io::Error),
    /// It is damaged, of another desk, hospital or version.
    #[error("it is damaged, or not this desk's")]
    Foreign,
}

/// What opens and closes a day: this desk's key, for this hospital's.
#[derive(Clone)]
pub(crate) struct DayKey {
    /// From the credential store.
    pub key: [u8; 32],
    /// Whose day it is.
    pub hospital: HospitalId,
}

impl fmt::Debug for DayKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DayKey(***, {})", self.hospital)
    }
}

impl DayKey {
    fn cipher(&self) -> Result<LessSafeKey, KeptDayError> {
        let key = UnboundKey::new(&CHACHA20_POLY1305, &self.key).map_err(|_| KeptDayError::Foreign)?;
        Ok(LessSafeKey::new(key))
    }

    /// Another hospital's day, or another version's, is none of ours, whatever the key.
    fn context(&self) -> Aad<Vec<u8>> {
        Aad::from([MAGIC, self.hospital.to_string().as_bytes()].concat())
    }
}

/// The file that keeps it.
#[derive(Clone, Debug)]
pub(crate) struct KeptDayFile(PathBuf);

impl KeptDayFile {
    /// The file in its folder.
    pub(crate) fn new(folders: &Folders) -> Self {
        Self(folders.data.join("day"))
    }

    /// What it keeps; `None` where there is none.
    ///
    /// # Errors
    /// When it cannot be read with `key`.
    pub(crate) fn load(&self, key: &DayKey) -> Result<Option<KeptDay>, KeptDayError> {
        let bytes = match std::fs::read(&self.0) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error.into()),
        };
        let (nonce, sealed) = bytes
            .strip_prefix(MAGIC)
            .and_then(|rest| rest.split_first_chunk::<NONCE_LEN>())
            .ok_or(KeptDayError::Foreign)?;
        let mut sealed = sealed.to_owned();
        let opened = key
            .cipher()?
            .open_in_place(Nonce::assume_unique_for_key(*nonce), key.context(), &mut sealed)
            .map_err(|_| KeptDayError::Foreign)?;
        // Not the error's own words: they may quote a patient's data.
        serde_json::from_slice(opened)
            .map(Some)
            .map_err(|_| KeptDayError::Foreign)
    }

    /// Writes `day` in the place of any other, all or nothing.
    ///
    /// The nonce is random: at a writing every ten seconds, two of 2^96 do not meet in a key's life.
    pub(crate) fn keep(
        &self,
        day: &KeptDay,
        key: &DayKey,
        entropy: &dyn Entropy,
    ) -> Result<(), KeptDayError> {
        let mut nonce = [0; NONCE_LEN];
        entropy.fill(&mut nonce);
        let mut sealed = serde_json::to_vec(day).map_err(|_| KeptDayError::Foreign)?;
        key.cipher()?
            .seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), key.context(), &mut sealed)
            .map_err(|_| KeptDayError::Foreign)?;
        let file = [MAGIC, &nonce, &sealed].concat();
        Ok(disk::replace(&self.0, &file)?)
    }

    /// Removes it.
    pub(crate) fn forget(&self) -> io::Result<()> {
        disk::remove(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use deskbell_clock::SeededEntropy;
    use jiff::civil::date;

    use super::*;
    use crate::samples::{hospital, now, pc, reservation};

    fn day() -> KeptDay {
        KeptDay {
            as_of: now(),
            day: date(2026, 11, 22),
            timezone: "Asia/Seoul".to_owned(),
            reservations: vec![reservation(1, 1), reservation(2, 2)],
        }
    }

    fn key(byte: u8) -> DayKey {
        DayKey {
            key: [byte; 32],
            hospital: hospital().id,
        }
    }

    fn kept() -> (tempfile::TempDir, KeptDayFile) {
        let folder = tempfile::tempdir().unwrap();
        let file = KeptDayFile::new(&pc(&folder).folders);
        file.keep(&day(), &key(1), &SeededEntropy::new(1)).unwrap();
        (folder, file)
    }

    #[test]
    fn a_day_is_read_back_and_nothing_of_it_can_be_read_on_the_disk() {
        let (_folder, file) = kept();
        assert_eq!(file.load(&key(1)).unwrap(), Some(day()));
        let bytes = std::fs::read(&file.0).unwrap();
        let found = |text: &str| bytes.windows(text.len()).any(|part| part == text.as_bytes());
        for reservation in day().reservations {
            for value in [
                reservation.name.as_str(),
                reservation.phone.as_str(),
                reservation.relationship.as_str(),
                &reservation.id.to_string(),
            ] {
                assert!(!found(value), "{value}");
            }
        }
        assert!(!found("2026-11-22") && !found("reservation"));
        assert!(!format!("{:?}{:?}", day(), key(1)).contains(day().reservations[0].name.as_str()));
        file.forget().unwrap();
        assert_eq!(file.load(&key(1)).unwrap(), None);
    }

    #[test]
    fn the_same_day_never_looks_the_same_twice() {
        let (_folder, file) = kept();
        let first = std::fs::read(&file.0).unwrap();
        file.keep(&day(), &key(1), &SeededEntropy::new(2)).unwrap();
        let second = std::fs::read(&file.0).unwrap();
        let same = first.iter().zip(&second).filter(|(a, b)| a == b).count();
        assert!(same < first.len() / 8, "{same} of {} bytes", first.len());
    }

    #[test]
    fn another_key_another_hospital_and_any_damage_open_nothing() {
        let (_folder, file) = kept();
        assert!(matches!(file.load(&key(2)), Err(KeptDayError::Foreign)));
        let elsewhere = DayKey {
            hospital: HospitalId::new(now(), &[9; 10]),
            ..key(1)
        };
        assert!(matches!(file.load(&elsewhere), Err(KeptDayError::Foreign)));
        let whole = std::fs::read(&file.0).unwrap();
        for length in 0..whole.len() {
            std::fs::write(&file.0, &whole[..length]).unwrap();
            assert!(file.load(&key(1)).is_err(), "cut at {length}");
        }
        for at in 0..whole.len() {
            let mut bytes = whole.clone();
            bytes[at] ^= 1;
            std::fs::write(&file.0, &bytes).unwrap();
            assert!(file.load(&key(1)).is_err(), "a bit of byte {at}");
        }
        std::fs::remove_file(&file.0).unwrap();
        std::fs::create_dir(&file.0).unwrap();
        assert!(matches!(file.load(&key(1)), Err(KeptDayError::Disk(_))));
    }
}
