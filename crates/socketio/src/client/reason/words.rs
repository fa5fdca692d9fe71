use std::fmt;

use serde::Deserialize;

/// Most characters that are kept.
const MAX_WORDS: usize = 200;

/// What a server says of itself, for a person to read: at most 200 characters, none of them a control character. It may
/// quote what it was asked with, so `Debug` does not show it.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[serde(from = "String")]
pub struct ServerWords(String);

impl ServerWords {
    /// The words. They do not belong in a log.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<String> for ServerWords {
    fn from(said: String) -> Self {
        let clean = said.chars().filter(|character| !character.is_control());
        Self(clean.take(MAX_WORDS).collect())
    }
}

impl fmt::Debug for ServerWords {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ServerWords({} characters)", self.0.chars().count())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_cut_and_forge_no_line() {
        let words = ServerWords::from(format!("no\nINFO forged\u{1b}[2J{}", "안".repeat(300)));
        assert!(words.as_str().starts_with("noINFO forged[2J안"));
        assert_eq!(words.as_str().chars().count(), MAX_WORDS);
        assert_eq!(format!("{words:?}"), "ServerWords(200 characters)");
    }
}
