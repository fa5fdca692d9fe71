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
