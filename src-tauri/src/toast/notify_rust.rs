use std::collections::HashMap;
use std::time::Duration;

use deskbell_desk::{DeskHandle, DeskRequest, Toast, ToastKey};
use notify_rust::{CloseReason, Notification, NotificationResponse, Timeout};
use tokio::sync::oneshot;

use super::Toaster;

/// How long the notification daemon may take to show a toast.
#[cfg(all(unix, not(target_os = "macos")))]
const PATIENCE: Duration = Duration::from_secs(10);

/// A toast that is going to fail has failed by then.
#[cfg(not(all(unix, not(target_os = "macos"))))]
const SETTLED: Duration = Duration::from_secs(1);

/// The sound of a new reservation, by the system's name for it.
#[cfg(windows)]
const SOUND: &str = "Reminder";
#[cfg(target_os = "macos")]
const SOUND: &str = "Ping";
#[cfg(all(unix, not(target_os = "macos")))]
const SOUND: &str = "message-new-instant";

/// The portable back end, on the crate `notify-rust`. On Linux it shows, clicks, replaces and withdraws; on Windows and
/// macOS, where the crate cannot take a toast back, it shows and clicks.
pub(crate) struct NotifyRust {
    desk: DeskHandle,
    /// The toasts on the screen. Dropping the sender withdraws its toast; a closed one belongs to a toast that is gone.
    open: HashMap<ToastKey, oneshot::Sender<()>>,
}

impl NotifyRust {
    /// Reports to `desk`.
    pub(crate) fn new(desk: DeskHandle) -> Self {
        Self {
            desk,
            open: HashMap::new(),
        }
    }
}

impl Toaster for NotifyRust {
    fn show(&mut self, toast: Toast) {
        self.open.retain(|_, on_screen| !on_screen.is_closed());
        let (on_screen, withdrawn) = oneshot::channel();
        let replaced = self.open.insert(toast.key, on_screen);
        tauri::async_runtime::spawn(attend(toast, self.desk.clone(), withdrawn, replaced));
    }

    fn withdraw(&mut self, key: ToastKey) {
        self.open.remove(&key);
    }
}

/// Stays with a toast from its showing to its end. The one it replaces stays until this one is on the screen.
#[cfg(all(unix, not(target_os = "macos")))]
async fn attend(
    toast: Toast,
    desk: DeskHandle,
    withdrawn: oneshot::Receiver<()>,
    replaced: Option<oneshot::Sender<()>>,
) {
    let (key, attempt) = (toast.key, toast.attempt);
    // A task of its own: whatever happens to it, the desk hears of this toast.
    let showing = tauri::async_runtime::spawn(tokio::time::timeout(PATIENCE, async move {
        // Asked each time, since the notification daemon may be another one by now.
        let reads_markup = tauri::async_runtime::spawn_blocking(reads_markup)
            .await
            .unwrap_or(false);
        notification(&toast, reads_markup).show_async().await
    }));
    let shown = match showing.await {
        Ok(Ok(shown)) => shown.map_err(|error| error.to_string()),
        Ok(Err(_)) => Err(format!(
            "the notification daemon did not answer within {} s",
            PATIENCE.as_secs()
        )),
        Err(_) => Err("showing it panicked".to_owned()),
    };
    let (handle, outcome) = match shown {
        Ok(handle) => (Some(handle), Ok(())),
        Err(error) => (None, Err(error)),
    };
    crate::ask(
        &desk,
        DeskRequest::Rang {
            key,
            attempt,
            outcome,
        },
    );
    let Some(handle) = handle else {
        // The old one goes when this key is withdrawn, or when a later toast takes its place.
        let _ = withdrawn.await;
        return;
    };
    drop(replaced);
    tokio::select! {
        () = handle.wait_for_action_async(|response: &NotificationResponse| answer(response, &desk, key)) => {}
        _ = withdrawn => handle.close_async().await,
    }
}

/// Whether the daemon takes a toast's text as markup (freedesktop Desktop Notifications, "body-markup").
#[cfg(all(unix, not(target_os = "macos")))]
fn reads_markup() -> bool {
    notify_rust::get_capabilities().is_ok_and(|can| can.iter().any(|what| what == "body-markup"))
}

/// Stays with a toast from its showing to its end, on a thread of its own: here the crate can only wait by blocking, and
/// cannot take a toast back.
#[cfg(not(all(unix, not(target_os = "macos"))))]
async fn attend(
    toast: Toast,
    desk: DeskHandle,
    _withdrawn: oneshot::Receiver<()>,
    _replaced: Option<oneshot::Sender<()>>,
) {
    let (key, attempt) = (toast.key, toast.attempt);
    let (failed, failure) = oneshot::channel();
    let of_thread = desk.clone();
    std::thread::spawn(move || {
        let waited = notification(&toast, false).show().and_then(|handle| {
            handle.wait_for_response(|response: &NotificationResponse| answer(response, &of_thread, key))
        });
        if let Err(error) = waited {
            // Nobody listens any more when it came too late to be the showing's.
            let _ = failed.send(error.to_string());
        }
    });
    // macOS sends a toast only while its answer is waited for: one that has not failed by now is on the screen.
    let outcome = match tokio::time::timeout(SETTLED, failure).await {
        Ok(Ok(error)) => Err(error),
        Ok(Err(_)) | Err(_) => Ok(()),
    };
    crate::ask(
        &desk,
        DeskRequest::Rang {
            key,
            attempt,
            outcome,
        },
    );
}

fn answer(response: &NotificationResponse, desk: &DeskHandle, key: ToastKey) {
    match response {
        NotificationResponse::Default => crate::ask(desk, DeskRequest::Clicked(key)),
        NotificationResponse::Closed(CloseReason::Dismissed) => crate::ask(desk, DeskRequest::Dismissed(key)),
        // It faded, or we took it back: nobody has seen it. There are no buttons and no replies.
        NotificationResponse::Closed(_)
        | NotificationResponse::Action(_)
        | NotificationResponse::Reply(_) => {}
    }
}

fn notification(toast: &Toast, reads_markup: bool) -> Notification {
    let mut notification = Notification::new();
    let body = if reads_markup {
        escaped(&toast.body)
    } else {
        toast.body.clone()
    };
    notification.appname("Deskbell").summary(&toast.title).body(&body);
    // A new reservation stays until somebody looks at it, and is heard; news may fade, and is not.
    notification.timeout(if toast.quiet {
        Timeout::Default
    } else {
        Timeout::Never
    });
    if !toast.quiet {
        notification.sound_name(SOUND);
    }
    #[cfg(all(unix, not(target_os = "macos")))]
    {
        use notify_rust::Hint;
        // Without an action of this name a click on the body is not told.
        notification.action("default", "").icon("deskbell");
        notification
            .hint(Hint::DesktopEntry("deskbell".into()))
            .hint(Hint::SuppressSound(toast.quiet));
    }
    notification
}

/// Freedesktop's body markup takes these three for its own.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_no_markup() {
        let toast = Toast {
            key: ToastKey::Test,
            attempt: 1,
            title: "A&B".into(),
            body: "<b>김&이</b>".into(),
            quiet: false,
            tells: Vec::new(),
            open: String::new(),
            buttons: Vec::new(),
        };
        assert_eq!(notification(&toast, true).body, "&lt;b&gt;김&amp;이&lt;/b&gt;");
        assert_eq!(notification(&toast, false).body, "<b>김&이</b>");
        assert_eq!(notification(&toast, true).summary, "A&B");
    }

    #[test]
    fn only_news_may_fade() {
        let toast = |quiet| Toast {
            key: ToastKey::Test,
            attempt: 1,
            title: String::new(),
            body: String::new(),
            quiet,
            tells: Vec::new(),
            open: String::new(),
            buttons: Vec::new(),
        };
        assert_eq!(notification(&toast(false), true).timeout, Timeout::Never);
        assert_eq!(notification(&toast(true), true).timeout, Timeout::Default);
    }
}
