use deskbell_protocol::ReservationId;
use tokio::sync::{mpsc, oneshot};

use crate::{Language, ToastKey, TrayAction, UserError};

/// What reaches the desk from the window, the tray, a toast or another start of the app.
#[derive(Debug)]
pub enum DeskRequest {
    /// What came of [`crate::Shell::ring`].
    Rang {
        /// The toast's key.
        key: ToastKey,
        /// The toast's number.
        attempt: u64,
        /// `Err` says why the system did not show it, for the log: nothing of the toast's text.
        outcome: Result<(), String>,
    },
    /// Somebody clicked a toast.
    Clicked(ToastKey),
    /// Somebody put a toast away without following it.
    Dismissed(ToastKey),
    /// Somebody wants the window: tray, or a second start of the app.
    OpenWindow,
    /// The window is gone.
    WindowClosed,
    /// Somebody wants the details of a reservation; opens the window too.
    OpenReservation(ReservationId),
    /// The details are no longer on the screen.
    CloseReservation,
    /// Pairs this desk by the code that IT was given.
    Pair {
        /// The gateway's address, as typed.
        server: String,
        /// The code, as typed.
        code: String,
        /// Gets the outcome.
        reply: oneshot::Sender<Result<(), UserError>>,
    },
    /// Forgets the token; the list leaves the screen.
    SignOut,
    /// Starts the app at login, or no longer.
    SetAutostart(bool),
    /// Speaks this language from now on.
    SetLanguage(Language),
    /// How much a toast tells, 0 to 3; more counts as 3.
    SetToastDetail(u8),
    /// Rings a toast about nothing.
    TestToast,
    /// Ends the app.
    Quit,
}

impl From<TrayAction> for DeskRequest {
    fn from(action: TrayAction) -> Self {
        match action {
            TrayAction::OpenWindow => Self::OpenWindow,
            TrayAction::OpenReservation(id) => Self::OpenReservation(id),
            TrayAction::SetAutostart(on) => Self::SetAutostart(on),
            TrayAction::Quit => Self::Quit,
        }
    }
}

/// Reaches the desk from anywhere. Clones reach the same one.
#[derive(Clone, Debug)]
pub struct DeskHandle(mpsc::UnboundedSender<DeskRequest>);

/// The desk's loop has ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the desk has stopped")]
pub struct DeskStopped;

impl DeskHandle {
    /// A handle and what it reaches.
    ///
    /// Unbounded, because the senders are window-system threads that can neither wait nor drop; what they send is
    /// bounded by human hands and by the toasts that the desk itself asked for.
    pub(crate) fn channel() -> (Self, mpsc::UnboundedReceiver<DeskRequest>) {
        let (sender, receiver) = mpsc::unbounded_channel();
        (Self(sender), receiver)
    }

    /// Hands `request` over, without waiting.
    ///
    /// # Errors
    /// When the desk has ended.
    pub fn send(&self, request: impl Into<DeskRequest>) -> Result<(), DeskStopped> {
        self.0.send(request.into()).map_err(|_| DeskStopped)
    }
}
