use std::path::Path;

use notify::{Event, EventKind, RecommendedWatcher, RecursiveMode, Watcher, recommended_watcher};
use tokio::sync::mpsc;

use crate::{Folders, disk};

/// The files that others write while the app runs: `deskbell pair`, a person with an editor, an administrator.
const WATCHED: [&str; 3] = ["settings.toml", "token", "policy.toml"];

/// Tells when somebody changed the settings, the token or the policy. Asks the system to say so: nothing wakes up to look.
#[derive(Debug)]
pub(crate) struct FolderWatch {
    changes: mpsc::Receiver<()>,
    _watcher: RecommendedWatcher,
}

impl FolderWatch {
    /// Watches the folders, which are made where they are missing.
    ///
    /// # Errors
    /// When the system has no watch to give.
    pub(crate) fn new(folders: &Folders) -> notify::Result<Self> {
        // One is enough: whoever hears it reads everything anew.
        let (sender, changes) = mpsc::channel(1);
        let mut watcher = recommended_watcher(move |event: notify::Result<Event>| {
            let concerns_us = event.map_or(true, |event| {
                !matches!(event.kind, EventKind::Access(_)) && event.paths.iter().any(|path| is_watched(path))
            });
            if concerns_us {
                // Full: the change before has not been heard yet.
                let _ = sender.try_send(());
            }
        })?;
        for folder in [&folders.config, &folders.data] {
            disk::make_folder(folder)?;
            watcher.watch(folder, RecursiveMode::NonRecursive)?;
        }
        // Not made where it is missing: it is the administrator's.
        let policy = folders.policy.file().and_then(Path::parent);
        if let Some(folder) = policy.filter(|folder| folder.is_dir()) {
            watcher.watch(folder, RecursiveMode::NonRecursive)?;
        }
        Ok(Self {
            changes,
            _watcher: watcher,
        })
    }

    /// Waits for the next change.
    pub(crate) async fn changed(&mut self) -> Option<()> {
        self.changes.recv().await
    }
}

fn is_watched(path: &Path) -> bool {
    path.file_name()
        .is_some_and(|name| WATCHED.iter().any(|watched| name == *watched))
}
