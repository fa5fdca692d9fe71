use std::fmt;
use std::str::FromStr;

use deskbell_clock::Entropy;
use deskbell_protocol::ReservationId;
use serde::{Deserialize, Serialize};

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
    /// Told by the way: it may leave by itself. All others stay until somebody answers them. None makes a sound of the
    /// system's: where one is to be heard, the desk asks for it by [`crate::Shell::play`].
    pub quiet: bool,
    /// What a click on the toast does, in a word: some desktops show it as a button.
    pub open: String,
    /// The reservations it tells of for the first time, or as they stand now: neither those that a digest tells again
    /// because the one it takes the place of has told them, nor those that a repeat tells again because nobody has
    /// handled them.
    pub tells: Vec<ReservationId>,
    /// What can be answered on the toast itself, from left to right; empty where nothing can.
    pub buttons: Vec<ToastButton>,
}

/// A button on a toast.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ToastButton {
    /// What it does.
    pub act: ToastAct,
    /// Its text, in the user's language.
    pub label: String,
    /// Lets a link do the same from outside this process, once.
    pub nonce: Nonce,
}

/// What a button on a toast does with its reservation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ToastAct {
    /// Confirms it: its status becomes `booked`.
    Confirm,
    /// Claims it for this desk.
    Claim,
}

impl ToastAct {
    /// The word for it in a link: `deskbell://reservation/ID/confirm`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Confirm => "confirm",
            Self::Claim => "claim",
        }
    }
}

/// A secret that lets a link act, once: 128 bits, written as 32 lower-case hex digits.
#[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Nonce([u8; 16]);

impl Nonce {
    /// A fresh one.
    pub(crate) fn mint(entropy: &dyn Entropy) -> Self {
        let mut bits = [0; 16];
        entropy.fill(&mut bits);
        Self(bits)
    }
}

impl From<Nonce> for String {
    fn from(nonce: Nonce) -> Self {
        nonce.to_string()
    }
}

impl TryFrom<String> for Nonce {
    type Error = NotANonce;

    fn try_from(text: String) -> Result<Self, NotANonce> {
        text.parse()
    }
}

impl fmt::Display for Nonce {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Nonce {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Nonce(***)")
    }
}

/// The text is no nonce.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no nonce")]
pub struct NotANonce;

impl FromStr for Nonce {
    type Err = NotANonce;

    fn from_str(text: &str) -> Result<Self, NotANonce> {
        let is_hex = |byte: u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
        if text.len() != 32 || !text.bytes().all(is_hex) {
            return Err(NotANonce);
        }
        let mut bytes = [0; 16];
        for (at, byte) in bytes.iter_mut().enumerate() {
            *byte = u8::from_str_radix(&text[2 * at..2 * at + 2], 16).map_err(|_| NotANonce)?;
        }
        Ok(Self(bytes))
    }
}

/// A sound of the app's own.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Sound {
    /// A desk bell, struck once.
    #[default]
    Bell,
    /// Two soft tones.
    Chime,
    /// Two dry knocks.
    Knock,
}

#[cfg(test)]
mod tests {
    use deskbell_clock::SeededEntropy;

    use super::*;

    #[test]
    fn a_nonce_is_read_only_as_it_is_written_and_a_log_shows_nothing_of_it() {
        let nonce = Nonce::mint(&SeededEntropy::new(1));
        let text = nonce.to_string();
        assert_eq!(text.len(), 32);
        assert_eq!(text.parse(), Ok(nonce.clone()));
        assert_eq!(format!("{nonce:?}"), "Nonce(***)");
        for wrong in [
            String::new(),
            text.to_uppercase(),
            format!("{text}0"),
            text[1..].to_owned(),
            format!("+{}", &text[1..]),
            "가".repeat(10) + "00",
        ] {
            assert_eq!(wrong.parse::<Nonce>(), Err(NotANonce), "{wrong}");
        }
    }
}
