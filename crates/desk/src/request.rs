use deskbell_protocol::{ReservationId, Status};
use jiff::civil::Date;
use tokio::sync::{mpsc, oneshot};

use crate::{
    DeskLink, DoctorReport, Language, Notifications, OwnServer, Theme, ToastAct, ToastKey, TrayAction,
    UserError,
};

/// Gets what became of a wish.
pub type Reply<T = ()> = oneshot::Sender<Result<T, UserError>>;

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
        reply: Reply,
    },
    /// Forgets the token; the list leaves the screen.
    SignOut,
    /// Starts the app at login, or no longer.
    SetAutostart(bool),
    /// Speaks this language from now on.
    SetLanguage(Language),
    /// Looks like this from now on.
    SetTheme(Theme),
    /// Takes single letters for keys, or no longer.
    SetLetterKeys(bool),
    /// Takes reservations from a hospital's own server from now on.
    UseSocketIo {
        /// Which.
        server: OwnServer,
        /// Gets the outcome.
        reply: Reply,
    },
    /// How much a toast tells, 0 to 3; more counts as 3.
    SetToastDetail(u8),
    /// Rings a toast about nothing.
    TestToast,
    /// Somebody pressed a toast's own button.
    Acted {
        /// The toast's reservation.
        id: ReservationId,
        /// The button.
        act: ToastAct,
    },
    /// Somebody, or some page of the web, followed a link.
    Follow(DeskLink),
    /// Claims a reservation for this desk, or renews its claim.
    Claim {
        /// Which.
        id: ReservationId,
        /// Gets the outcome.
        reply: Reply,
    },
    /// Gives this desk's claim back.
    Release {
        /// Which.
        id: ReservationId,
        /// Gets the outcome.
        reply: Reply,
    },
    /// Moves a reservation on.
    SetStatus {
        /// Which.
        id: ReservationId,
        /// Where to.
        status: Status,
        /// Also where another desk holds the claim.
        overrides: bool,
        /// Gets the outcome.
        reply: Reply,
    },
    /// Takes the last change of a reservation's status back.
    Undo {
        /// Which.
        id: ReservationId,
        /// Gets the outcome.
        reply: Reply,
    },
    /// Who sits at this desk from now on; `None` for nobody in particular.
    SetStaff(Option<String>),
    /// Looks at another day; `None` for today.
    LookAt(Option<Date>),
    /// Looks at what came in lately, or no longer.
    ShowArrivals(bool),
    /// Gets a day's list as CSV.
    Export {
        /// The day.
        date: Date,
        /// What it is for; kept in the gateway's access record.
        reason: String,
        /// Whether names and phones are masked.
        masked: bool,
        /// Gets the CSV.
        reply: Reply<String>,
    },
    /// Changes when and how the bell makes itself heard.
    SetNotifications(Notifications),
    /// Wants quiet for a while, or no longer.
    Pause(PauseFor),
    /// The session was locked, or unlocked: whoever sees the screen now may be anybody.
    SessionLocked(bool),
    /// The machine slept, or its network changed.
    Woke,
    /// There is a tray in which the bell can be seen, or there is none.
    TrayHost(bool),
    /// Opens the window on the settings.
    OpenSettings,
    /// The settings are no longer wanted on the screen.
    CloseSettings,
    /// Agrees to the pairing that a link has asked for, or does not.
    AnswerPairOffer {
        /// Whether the desk is to be paired.
        agreed: bool,
        /// Gets the outcome.
        reply: Reply,
    },
    /// Looks at everything between this PC and its reservations.
    Doctor {
        /// Gets what was found.
        reply: oneshot::Sender<DoctorReport>,
    },
    /// Ends the app.
    Quit,
}

/// How long somebody wants quiet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PauseFor {
    /// So many minutes.
    Minutes(u16),
    /// Until the next day begins at the hospital.
    UntilTomorrow,
    /// No longer.
    Over,
}

impl From<TrayAction> for DeskRequest {
    fn from(action: TrayAction) -> Self {
        match action {
            TrayAction::OpenWindow => Self::OpenWindow,
            TrayAction::OpenReservation(id) => Self::OpenReservation(id),
            TrayAction::OpenSettings => Self::OpenSettings,
            TrayAction::SetAutostart(on) => Self::SetAutostart(on),
            TrayAction::Pause(pause) => Self::Pause(pause),
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
