//! macOS: the menu bar is always there; whether toasts are allowed, the system tells only the app that shows them.

use deskbell_desk::{NotificationsProbe, TrayProbe, Unasked};

/// Nothing to ask.
pub(super) async fn look() -> (NotificationsProbe, TrayProbe) {
    (NotificationsProbe::Unasked(Unasked::NoQuestion), TrayProbe::There)
}
