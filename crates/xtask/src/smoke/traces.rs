//! What a day leaves behind on the disk.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Result, ensure};

use super::Play;
use crate::booking::{CANARIES, PHONE};

pub(super) fn what_is_dropped_is_written_nowhere(play: &mut Play<'_>) -> Result<()> {
    let mut seen = BTreeSet::new();
    for file in files(play.stage.folder())? {
        // Whatever has gone by now was a socket or a lock.
        let Ok(bytes) = fs::read(&file) else { continue };
        seen.extend(file.file_name().map(|name| name.to_string_lossy().into_owned()));
        let holds = |text: &str| {
            spellings(text)
                .iter()
                .any(|spelling| holds(&bytes, spelling.as_bytes()))
        };
        for (field, canary) in CANARIES {
            ensure!(!holds(canary), "{field} stands in {}", file.display());
        }
        let is_log = file.extension().is_some_and(|kind| kind == "log");
        if is_log || file.starts_with(play.stage.folder().join("home")) {
            for kept in ["김크리스", "이서연", PHONE] {
                ensure!(!holds(kept), "a patient's field stands in {}", file.display());
            }
        }
    }
    for looked_into in ["deskbell.sqlite", "gateway.log", "app.log", "settings.toml"] {
        ensure!(
            seen.contains(looked_into),
            "{looked_into} was not there to be searched"
        );
    }
    // A search that finds nothing is worth something only if it finds what is there.
    let database = fs::read(play.stage.folder().join("gateway/deskbell.sqlite"))?;
    let log = fs::read(play.stage.folder().join("gateway/deskbell.sqlite-wal")).unwrap_or_default();
    ensure!(
        holds(&database, PHONE.as_bytes()) || holds(&log, PHONE.as_bytes()),
        "the phone is not in the database"
    );
    Ok(())
}

/// `text` as programs write it: as it is, in a form's percent encoding, and with JSON's escapes; word by word, since
/// blanks are spelt in several ways.
fn spellings(text: &str) -> Vec<String> {
    let words = text.split_whitespace().filter(|word| word.len() >= 6);
    words
        .flat_map(|word| {
            let percent: String = word.bytes().map(|byte| format!("%{byte:02X}")).collect();
            let json: String = word.encode_utf16().map(|unit| format!("\\u{unit:04x}")).collect();
            let lower = percent.to_lowercase();
            [word.to_owned(), percent, lower, json]
        })
        .collect()
}

fn holds(bytes: &[u8], wanted: &[u8]) -> bool {
    bytes.windows(wanted.len()).any(|window| window == wanted)
}

fn files(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder)?.flatten() {
        let kind = entry.file_type()?;
        if kind.is_dir() {
            found.extend(files(&entry.path())?);
        } else if kind.is_file() {
            found.push(entry.path());
        }
    }
    Ok(found)
}
