use deskbell_protocol::ReservationId;

/// What a toast is about. A toast replaces the one that is on the screen under the same key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ToastKey {
    /// One reservation.
    Reservation(ReservationId),
    /// What came while the desk was away.
    Digest,
    /// The toast a person asked for, to see whether toasts come through.
    Test,
}

/// A toast, ready to be shown: its texts are in the user's language and as detailed as the settings allow.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Toast {
    /// What it is about.
    pub key: ToastKey,
    /// Counts the desk's toasts; comes back in [`crate::DeskRequest::Rang`], so that an answer meets its question.
    pub attempt: u64,
    /// One line.
    pub title: String,
    /// One or two lines, plain text: no markup.
    pub body: String,
    /// Told by the way: no sound, and it may leave by itself. All others stay until somebody answers them.
    pub quiet: bool,
}
