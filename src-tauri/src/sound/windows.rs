//! Windows: `PlaySound`, which mixes with what else is heard and keeps no device open.

use std::ptr::null_mut;

use windows_sys::Win32::Media::Audio::{PlaySoundW, SND_MEMORY, SND_NODEFAULT, SND_SYNC};

use super::wave::wav;

/// Plays the samples, and returns when they have been heard.
///
/// # Errors
/// When there is no device to play them on.
pub(super) fn play(samples: &[i16]) -> Result<(), String> {
    let file = wav(samples);
    #[expect(unsafe_code, reason = "a system call")]
    // SAFETY: with SND_MEMORY the first argument points to a whole WAV file, which lives until the call returns: with
    // SND_SYNC that is when the sound has ended.
    let played = unsafe {
        PlaySoundW(
            file.as_ptr().cast(),
            null_mut(),
            SND_MEMORY | SND_SYNC | SND_NODEFAULT,
        )
    };
    if played == 0 {
        return Err("PlaySound: no device".to_owned());
    }
    Ok(())
}
