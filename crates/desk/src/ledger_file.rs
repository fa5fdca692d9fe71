use std::io;
use std::path::{Path, PathBuf};

use deskbell_clock::Timestamp;
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
        disk::replace(&self.path, &serde_json::to_vec(&page)?)?;
        self.saved = Some(ledger.clone());
        Ok(())
    }
}

fn load(path: &Path) -> io::Result<Option<Ledger>> {
    let Some(text) = disk::read(path)? else {
        return Ok(None);
    };
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
