use std::io;
use std::path::{Path, PathBuf};

use deskbell_clock::Timestamp;
use ring::digest::{SHA256, digest};
use serde::{Deserialize, Serialize};

use crate::Folders;
use crate::disk;
use crate::ledger::Ledger;

/// The ledger on the disk, and what of it is there already.
#[derive(Debug)]
pub(crate) struct LedgerFile {
    path: PathBuf,
    saved: Option<Ledger>,
}

#[derive(Serialize, Deserialize)]
struct Page<L> {
    /// The file's shape; another one is not read.
    version: u32,
    #[serde(flatten)]
    ledger: L,
}

const VERSION: u32 = 1;

/// Begins the last field, a SHA-256 of all that is written before it, in hex. Not against people: a disk that changes a
/// digit of the cursor would make the desk forget.
const SUM: &str = ",\"sha256\":\"";

impl LedgerFile {
    /// Reads the ledger. One that cannot be read is kept aside, and told of by `true`: the desk goes on with none.
    pub(crate) fn open(folders: &Folders, now: Timestamp) -> (Self, bool) {
        let path = folders.data.join("ledger.json");
        let (saved, broken) = match load(&path) {
            Ok(saved) => (saved, false),
            Err(error) => {
                let aside = disk::keep_aside(&path, now);
                tracing::error!(%error, ?aside, "the ledger cannot be read");
                (None, true)
            }
        };
        (Self { path, saved }, broken)
    }

    /// The ledger as it is on the disk.
    pub(crate) const fn saved(&self) -> Option<&Ledger> {
        self.saved.as_ref()
    }

    /// Writes `ledger` down, unless it is what the disk has. Once this returns, it outlives a crash.
    pub(crate) fn save(&mut self, ledger: &Ledger) -> io::Result<()> {
        if self.saved.as_ref() == Some(ledger) {
            return Ok(());
        }
        let page = Page {
            version: VERSION,
            ledger,
        };
        disk::replace(&self.path, sealed(&serde_json::to_string(&page)?).as_bytes())?;
        self.saved = Some(ledger.clone());
        Ok(())
    }
}

fn load(path: &Path) -> io::Result<Option<Ledger>> {
    let Some(text) = disk::read(path)? else {
        return Ok(None);
    };
    check(&text)?;
    let page: Page<Ledger> = serde_json::from_str(&text)?;
    if page.version == VERSION {
        Ok(Some(page.ledger))
    } else {
        Err(io::Error::other(format!(
            "its version is {}, not {VERSION}",
            page.version
        )))
    }
}

/// `page`, an object, with its checksum.
fn sealed(page: &str) -> String {
    let written = page.strip_suffix('}').unwrap_or(page);
    format!("{written}{SUM}{}", end_of(written))
}

/// Looks whether `page` is as it was written. One without a checksum is an older app's.
fn check(page: &str) -> io::Result<()> {
    match page.rsplit_once(SUM) {
        Some((written, end)) if end != end_of(written) => Err(io::Error::other("its checksum is another")),
        Some(_) | None => Ok(()),
    }
}

/// What stands behind [`SUM`] where `written` stands before it.
fn end_of(written: &str) -> String {
    let sum = digest(&SHA256, written.as_bytes());
    let hex: String = sum.as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
    format!("{hex}\"}}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples::{hospital, id, now, pc, position};

    fn written() -> (tempfile::TempDir, Folders, Ledger) {
        let folder = tempfile::tempdir().unwrap();
        let folders = pc(&folder).folders;
        let mut ledger = Ledger::new(hospital().id, position(7));
        ledger.decide(id(1), position(8).seq, 1, true);
        let (mut file, broken) = LedgerFile::open(&folders, now());
        assert!(!broken);
        file.save(&ledger).unwrap();
        (folder, folders, ledger)
    }

    fn aside(folders: &Folders) -> usize {
        let names = std::fs::read_dir(&folders.data).unwrap();
        let names = names.map(|entry| entry.unwrap().file_name().into_string().unwrap());
        names.filter(|name| name.contains(".broken-")).count()
    }

    #[test]
    fn a_ledger_is_read_back_as_it_was_written() {
        let (_folder, folders, ledger) = written();
        let (file, broken) = LedgerFile::open(&folders, now());
        assert_eq!((file.saved(), broken), (Some(&ledger), false));
    }

    #[test]
    fn no_byte_that_the_disk_changes_makes_another_ledger() {
        let (_folder, folders, ledger) = written();
        let path = folders.data.join("ledger.json");
        let whole = std::fs::read(&path).unwrap();
        let mut noticed = 0;
        for at in 0..whole.len() {
            let mut flipped = whole.clone();
            flipped[at] ^= 1;
            std::fs::write(&path, &flipped).unwrap();
            let (file, broken) = LedgerFile::open(&folders, now());
            assert!(broken || file.saved() == Some(&ledger), "{at}");
            noticed += usize::from(broken);
        }
        assert!(
            noticed > whole.len() - SUM.len(),
            "only the sum's own name goes unnoticed: {noticed}"
        );
    }

    #[test]
    fn a_ledger_without_a_checksum_is_read() {
        let (_folder, folders, ledger) = written();
        let path = folders.data.join("ledger.json");
        let text = std::fs::read_to_string(&path).unwrap();
        let (older, _) = text.split_once(SUM).unwrap();
        std::fs::write(&path, format!("{older}}}")).unwrap();
        let (file, broken) = LedgerFile::open(&folders, now());
        assert_eq!((file.saved(), broken), (Some(&ledger), false));
    }

    #[test]
    fn a_ledger_that_is_cut_garbled_of_another_version_or_unreadable_is_kept_aside_and_the_desk_goes_on() {
        let (_folder, folders, ledger) = written();
        let path = folders.data.join("ledger.json");
        let whole = std::fs::read(&path).unwrap();
        let text = String::from_utf8(whole.clone()).unwrap();
        let newer = text.replace("\"version\":1,", "\"version\":2,").into_bytes();
        assert_ne!(newer, whole);
        let cuts = (0..whole.len()).map(|length| whole[..length].to_vec());
        let others = [newer, b"\xFF\xFE\0".to_vec(), b"null".to_vec(), b"{}".to_vec()];
        for bytes in cuts.chain(others) {
            std::fs::write(&path, &bytes).unwrap();
            let (mut file, broken) = LedgerFile::open(&folders, now());
            assert_eq!((file.saved(), broken), (None, true), "{bytes:?}");
            assert!(!path.exists());
            file.save(&ledger).unwrap();
            assert!(!LedgerFile::open(&folders, now()).1);
        }
        assert_eq!(aside(&folders), 1, "the last of this second");
        std::fs::remove_file(&path).unwrap();
        std::fs::create_dir(&path).unwrap();
        std::fs::write(path.join("inside"), "").unwrap();
        let later = now() + std::time::Duration::from_secs(1);
        let (mut file, broken) = LedgerFile::open(&folders, later);
        assert!(broken);
        file.save(&ledger).unwrap();
        assert_eq!(aside(&folders), 2);
    }
}
