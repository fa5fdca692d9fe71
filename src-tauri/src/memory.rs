//! Memory that is free but still counts as the app's: glibc keeps what it was given back, for what comes next.

use std::time::Duration;

/// Within this time after a window has gone, its last tasks have ended.
const REST: Duration = Duration::from_secs(3);

/// Gives back to the system what the window that has just gone took, once all is at rest; does not wait for it. Decision
/// 0019 says what it is worth.
pub(crate) fn give_back() {
    tauri::async_runtime::spawn(async {
        tokio::time::sleep(REST).await;
        trim();
    });
}

fn trim() {
    #[expect(unsafe_code, reason = "glibc's heap has no safe binding")]
    // SAFETY: it may be called at any time and from any thread: it locks each part of the heap while it works on it, and
    // touches only what is free.
    unsafe {
        libc::malloc_trim(0);
    }
}
