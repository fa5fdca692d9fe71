//! The bell's own sounds: made by arithmetic, played by what the system has for it.
//!
//! Each sound is played on a thread that ends with it; in between no device is open and nothing runs. A machine that
//! cannot play is told about in the log, and the window asks for attention instead.

#[cfg(target_os = "linux")]
#[path = "sound/linux.rs"]
mod system;
#[cfg(target_os = "macos")]
#[path = "sound/macos.rs"]
mod system;
#[cfg(windows)]
#[path = "sound/windows.rs"]
mod system;
mod wave;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use deskbell_desk::Sound;

/// Plays sounds, one at a time.
#[derive(Default)]
pub(crate) struct Player {
    is_playing: Arc<AtomicBool>,
}

impl Player {
    /// Plays `sound` at `volume`, 0 to 100, and does not wait for it; calls `silent` when the machine could not. What is
    /// asked for while another sound is heard is that sound.
    pub(crate) fn play(&self, sound: Sound, volume: u8, silent: impl FnOnce() + Send + 'static) {
        if volume == 0 || self.is_playing.swap(true, Ordering::AcqRel) {
            return;
        }
        let is_playing = Arc::clone(&self.is_playing);
        tauri::async_runtime::spawn_blocking(move || {
            let played = system::play(&wave::samples(sound, volume));
            is_playing.store(false, Ordering::Release);
            if let Err(error) = played {
                tracing::warn!(%error, "no sound could be played");
                silent();
            }
        });
    }
}
