use deskbell_clock::{Instant, Timestamp};

/// Why nothing rings for now. What comes meanwhile waits, and is told together once this is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Hush {
    /// A person wants it.
    Pause,
    /// The settings want it.
    QuietHours,
}

/// A pause that a person asked for. It does not outlive the app: a desk that was started anew rings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Pause {
    /// When it ends.
    pub until: Instant,
    /// The same, as the PC's clock said when it began.
    pub shown: Timestamp,
}
