//! The right of a toast's buttons to change something: each has a nonce, which works once. No patient data.

use std::collections::VecDeque;
use std::io;
use std::path::PathBuf;

use deskbell_clock::{Entropy, Timestamp};
use deskbell_protocol::ReservationId;
use jiff::SignedDuration;
use serde::{Deserialize, Serialize};

use crate::{Folders, Nonce, ToastAct, disk};

/// How long a nonce works.
const LIFE: SignedDuration = SignedDuration::from_hours(24);

/// So many are kept; the oldest give way. Their buttons only open then.
const KEPT: usize = 1_000;

const VERSION: u32 = 1;

/// The nonces that have not been used, and their file.
#[derive(Debug)]
pub(crate) struct Nonces {
    path: PathBuf,
    /// Oldest first.
    live: VecDeque<Minted>,
    is_saved: bool,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Minted {
    nonce: Nonce,
    id: ReservationId,
    act: ToastAct,
    /// The version that its toast told of.
    version: u64,
    at: Timestamp,
}

#[derive(Serialize, Deserialize)]
struct Page<M> {
    /// The file's shape; another one is not read.
    version: u32,
    nonces: M,
}

impl Nonces {
    /// The nonces of the toasts before this start. A file that cannot be read costs no more than that their buttons only
    /// open: it is written anew with the next toast.
    pub(crate) fn open(folders: &Folders) -> Self {
        let path = folders.data.join("nonces.json");
        let live = load(&path).unwrap_or_else(|error| {
            tracing::warn!(%error, "the nonces cannot be read");
            VecDeque::new()
        });
        Self {
            path,
            live,
            is_saved: true,
        }
    }

    /// A nonce for a toast about `version` of `id`.
    pub(crate) fn mint(
        &mut self,
        id: ReservationId,
        act: ToastAct,
        version: u64,
        entropy: &dyn Entropy,
        now: Timestamp,
    ) -> Nonce {
        let nonce = Nonce::mint(entropy);
        self.live.retain(|minted| minted.lives(now));
        while self.live.len() >= KEPT {
            self.live.pop_front();
        }
        self.live.push_back(Minted {
            nonce: nonce.clone(),
            id,
            act,
            version,
            at: now,
        });
        self.is_saved = false;
        nonce
    }

    /// Uses `nonce` up. Tells the version its toast told of, if it was minted for this and is not too old.
    pub(crate) fn burn(
        &mut self,
        nonce: &Nonce,
        id: ReservationId,
        act: ToastAct,
        now: Timestamp,
    ) -> Option<u64> {
        self.take(now, |minted| {
            minted.id == id && minted.act == act && minted.nonce == *nonce
        })
    }

    /// Uses up the nonce of the last toast about `id`: somebody has pressed its button in this process.
    pub(crate) fn burn_last(&mut self, id: ReservationId, act: ToastAct, now: Timestamp) -> Option<u64> {
        self.take(now, |minted| minted.id == id && minted.act == act)
    }

    /// The last toast about `id` did not come through: its buttons are on no screen. The one that it was to replace may be
    /// there still, and tells of an older version.
    pub(crate) fn revoke_last(&mut self, id: ReservationId) {
        for act in [ToastAct::Confirm, ToastAct::Claim] {
            let last = self
                .live
                .iter()
                .rposition(|minted| minted.id == id && minted.act == act);
            if let Some(at) = last {
                self.live.remove(at);
                self.is_saved = false;
            }
        }
    }

    fn take(&mut self, now: Timestamp, is_it: impl Fn(&Minted) -> bool) -> Option<u64> {
        let at = self.live.iter().rposition(is_it)?;
        let minted = self.live.remove(at)?;
        self.is_saved = false;
        minted.lives(now).then_some(minted.version)
    }

    /// Writes them down, unless the disk has them, without those of reservations that are over. Once this returns, what
    /// was used stays used after a crash.
    pub(crate) fn save(&mut self, is_over: impl Fn(ReservationId) -> bool) -> io::Result<()> {
        if self.is_saved {
            return Ok(());
        }
        self.live.retain(|minted| !is_over(minted.id));
        let page = Page {
            version: VERSION,
            nonces: &self.live,
        };
        disk::replace(&self.path, &serde_json::to_vec(&page)?)?;
        self.is_saved = true;
        Ok(())
    }
}

impl Minted {
    /// Not for ever after a clock was set back, either.
    fn lives(&self, now: Timestamp) -> bool {
        now.duration_since(self.at).abs() < LIFE
    }
}

fn load(path: &std::path::Path) -> io::Result<VecDeque<Minted>> {
    let Some(text) = disk::read(path)? else {
        return Ok(VecDeque::new());
    };
    let page: Page<VecDeque<Minted>> = serde_json::from_str(&text)?;
    if page.version == VERSION {
        Ok(page.nonces)
    } else {
        Err(io::Error::other("another version wrote them"))
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use deskbell_clock::SeededEntropy;

    use super::*;
    use crate::samples::{id, now};

    const CLAIM: ToastAct = ToastAct::Claim;

    struct Bench {
        folders: Folders,
        entropy: SeededEntropy,
        nonces: Nonces,
        _folder: tempfile::TempDir,
    }

    impl Bench {
        fn new() -> Self {
            let folder = tempfile::tempdir().unwrap();
            let folders = crate::samples::pc(&folder).folders;
            Self {
                nonces: Nonces::open(&folders),
                folders,
                entropy: SeededEntropy::new(1),
                _folder: folder,
            }
        }

        fn mint(&mut self, number: u8, act: ToastAct) -> Nonce {
            self.nonces.mint(id(number), act, 7, &self.entropy, now())
        }

        fn restart(&mut self) {
            self.nonces.save(|_| false).unwrap();
            self.nonces = Nonces::open(&self.folders);
        }
    }

    #[test]
    fn a_nonce_works_once_for_what_it_was_minted_for() {
        let mut bench = Bench::new();
        let nonce = bench.mint(1, CLAIM);
        let forged = Nonce::mint(&SeededEntropy::new(2));
        for (nonce, number, act) in [
            (&forged, 1, CLAIM),
            (&nonce, 2, CLAIM),
            (&nonce, 1, ToastAct::Confirm),
        ] {
            assert_eq!(bench.nonces.burn(nonce, id(number), act, now()), None);
        }
        assert_eq!(bench.nonces.burn(&nonce, id(1), CLAIM, now()), Some(7));
        assert_eq!(bench.nonces.burn(&nonce, id(1), CLAIM, now()), None);
    }

    #[test]
    fn a_nonce_is_good_for_a_day_whichever_way_the_clock_goes() {
        for (hours, good) in [(23, true), (24, false), (-23, true), (-24, false)] {
            let mut bench = Bench::new();
            let nonce = bench.mint(1, CLAIM);
            let later = now() + SignedDuration::from_hours(hours);
            let burnt = bench.nonces.burn(&nonce, id(1), CLAIM, later);
            assert_eq!(burnt.is_some(), good, "{hours}");
        }
    }

    #[test]
    fn unused_ones_outlive_a_restart_and_used_ones_do_not() {
        let mut bench = Bench::new();
        let (used, unused) = (bench.mint(1, CLAIM), bench.mint(2, CLAIM));
        assert!(bench.nonces.burn(&used, id(1), CLAIM, now()).is_some());
        bench.restart();
        assert_eq!(bench.nonces.burn(&used, id(1), CLAIM, now()), None);
        assert_eq!(bench.nonces.burn(&unused, id(2), CLAIM, now()), Some(7));
    }

    #[test]
    fn the_button_in_this_process_uses_up_the_last_toasts() {
        let mut bench = Bench::new();
        let (first, second) = (bench.mint(1, CLAIM), bench.mint(1, CLAIM));
        assert!(bench.nonces.burn_last(id(1), CLAIM, now()).is_some());
        assert_eq!(bench.nonces.burn(&second, id(1), CLAIM, now()), None);
        assert!(bench.nonces.burn(&first, id(1), CLAIM, now()).is_some());
    }

    #[test]
    fn their_number_is_bounded_and_so_is_their_age() {
        let mut bench = Bench::new();
        let first = bench.mint(1, CLAIM);
        for _ in 0..KEPT {
            bench.mint(2, CLAIM);
        }
        assert_eq!(bench.nonces.live.len(), KEPT);
        assert_eq!(bench.nonces.burn(&first, id(1), CLAIM, now()), None);
        bench.nonces.save(|_| false).unwrap();
        let size = std::fs::metadata(&bench.nonces.path).unwrap().len();
        assert!(size < 200_000, "{size}");
        let tomorrow = now() + Duration::from_hours(24);
        bench
            .nonces
            .mint(id(3), CLAIM, 1, &SeededEntropy::new(3), tomorrow);
        assert_eq!(bench.nonces.live.len(), 1);
    }

    #[test]
    fn those_of_what_is_over_are_forgotten() {
        let mut bench = Bench::new();
        let (over, open) = (bench.mint(1, CLAIM), bench.mint(2, CLAIM));
        bench.nonces.save(|one| one == id(1)).unwrap();
        assert_eq!(bench.nonces.burn(&over, id(1), CLAIM, now()), None);
        assert!(bench.nonces.burn(&open, id(2), CLAIM, now()).is_some());
    }

    #[test]
    fn a_file_that_cannot_be_read_is_as_none() {
        let mut bench = Bench::new();
        bench.mint(1, CLAIM);
        bench.nonces.save(|_| false).unwrap();
        for text in ["", "{", r#"{"version":2,"nonces":[]}"#] {
            std::fs::write(&bench.nonces.path, text).unwrap();
            assert_eq!(Nonces::open(&bench.folders).live.len(), 0, "{text}");
        }
    }
}
