//! macOS: `NSSound`, on the output that the account has chosen.

use std::time::Duration;

use objc2::AnyThread;
use objc2_app_kit::NSSound;
use objc2_foundation::NSData;

use super::wave::{RATE, wav};

/// Plays the samples, and returns when they have been heard.
///
/// # Errors
/// When there is no device to play them on.
pub(super) fn play(samples: &[i16]) -> Result<(), String> {
    let file = NSData::with_bytes(&wav(samples));
    let sound = NSSound::initWithData(NSSound::alloc(), &file).ok_or("NSSound does not take the file")?;
    if !sound.play() {
        return Err("NSSound: no device".to_owned());
    }
    // It plays on beside this thread, for as long as the object lives.
    let length = u32::try_from(samples.len()).unwrap_or(RATE);
    std::thread::sleep(Duration::from_secs(1) * length / RATE + Duration::from_millis(200));
    Ok(())
}
