use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::Duration;

use deskbell_desk::{DeskHandle, DeskRequest, Toast, ToastKey};
use notify_rust::{CloseReason, Notification, NotificationResponse, Timeout};

use super::name::act_named;
use super::{Report, Toaster};

/// A toast that is going to fail has failed by then.
const SETTLED: Duration = Duration::from_secs(1);

/// The portable back end, on the crate `notify-rust`. It shows, and hears a click for as long as the toast is on the
/// screen; what has gone into a list of the system's is not heard of again, and nothing can be taken back.
pub(crate) struct NotifyRust {
    desk: DeskHandle,
}

impl NotifyRust {
    /// Reports to `desk`.
    pub(crate) const fn new(desk: DeskHandle) -> Self {
        Self { desk }
    }
}

impl Toaster for NotifyRust {
    fn show(&mut self, toast: Toast) {
        let report = Report::on(&toast, &self.desk);
        let desk = self.desk.clone();
        // The crate can only wait by blocking: two threads a toast, one of them for a moment.
        let spawned = thread::Builder::new().name("toast".into()).spawn(move || {
            let (failed, failure) = mpsc::channel();
            thread::spawn(move || report.is(settled(&failure)));
            let waited = notification(&toast).show().and_then(|handle| {
                handle.wait_for_response(|response: &NotificationResponse| answer(response, &desk, toast.key))
            });
            if let Err(error) = waited {
                // Nobody listens any more when it came too late to be the showing's.
                let _ = failed.send(error.to_string());
            }
        });
        if let Err(error) = spawned {
            tracing::warn!(%error, "no thread for a toast");
        }
    }

    fn withdraw(&mut self, _key: ToastKey) {}
}

/// macOS sends a toast only while its answer is waited for: one that has not failed by now is on the screen.
fn settled(failure: &mpsc::Receiver<String>) -> Result<(), String> {
    match failure.recv_timeout(SETTLED) {
        Ok(error) => Err(error),
        Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => Ok(()),
    }
}

fn answer(response: &NotificationResponse, desk: &DeskHandle, key: ToastKey) {
    match response {
        NotificationResponse::Default => crate::ask(desk, DeskRequest::Clicked(key)),
        NotificationResponse::Closed(CloseReason::Dismissed) => crate::ask(desk, DeskRequest::Dismissed(key)),
        NotificationResponse::Action(name) => {
            if let (ToastKey::Reservation(id), Some(act)) = (key, act_named(name)) {
                crate::ask(desk, DeskRequest::Acted { id, act });
            }
        }
        // It faded: nobody has seen it. There are no replies.
        NotificationResponse::Closed(_) | NotificationResponse::Reply(_) => {}
    }
}

/// Without a sound: the app makes its own, or its user wants none.
fn notification(toast: &Toast) -> Notification {
    let mut notification = Notification::new();
    notification
        .appname("Deskbell")
        .summary(&toast.title)
        .body(&toast.body);
    // A new reservation stays as long as the system lets it; news may fade.
    notification.timeout(if toast.quiet {
        Timeout::Default
    } else {
        Timeout::Never
    });
    for button in &toast.buttons {
        notification.action(button.act.as_str(), &button.label);
    }
    notification
}
