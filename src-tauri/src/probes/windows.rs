//! Windows: the switch for all toasts, and what keeps them back at the moment. (Do not disturb itself cannot be asked for.)

use deskbell_desk::{NotificationsProbe, TrayProbe, Unasked};
use windows_registry::CURRENT_USER;
use windows_sys::Win32::UI::Shell::{
    QUNS_APP, QUNS_BUSY, QUNS_PRESENTATION_MODE, QUNS_QUIET_TIME, QUNS_RUNNING_D3D_FULL_SCREEN,
    SHQueryUserNotificationState,
};

const SWITCH: &str = r"Software\Microsoft\Windows\CurrentVersion\PushNotifications";

/// Asks the system.
pub(super) async fn look() -> (NotificationsProbe, TrayProbe) {
    (notifications(), TrayProbe::There)
}

fn notifications() -> NotificationsProbe {
    let by = "Windows".to_owned();
    let switch = CURRENT_USER
        .open(SWITCH)
        .and_then(|key| key.get_u32("ToastEnabled"));
    if switch.is_ok_and(|on| on == 0) {
        return NotificationsProbe::HeldBack { by };
    }
    let mut state = 0;
    #[expect(unsafe_code, reason = "a system call")]
    // SAFETY: it writes to its argument, which is borrowed for the call.
    let outcome = unsafe { SHQueryUserNotificationState(&raw mut state) };
    match state {
        _ if outcome < 0 => NotificationsProbe::Unasked(Unasked::NoSession),
        QUNS_BUSY | QUNS_RUNNING_D3D_FULL_SCREEN | QUNS_PRESENTATION_MODE | QUNS_QUIET_TIME | QUNS_APP => {
            NotificationsProbe::HeldBack { by }
        }
        _ => NotificationsProbe::Shown { by },
    }
}
