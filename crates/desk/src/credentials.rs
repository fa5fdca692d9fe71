use std::fmt;
use std::io;
use std::path::PathBuf;

use crate::{Folders, disk};

/// A desk's secret.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Token(String);

impl Token {
    /// Wraps a token as the gateway gave it.
    pub(crate) fn new(token: impl Into<String>) -> Self {
        Self(token.into())
    }

    /// The token itself, for the gateway's eyes.
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(***)")
    }
}

/// Where the desk's secret is kept.
pub(crate) trait Credentials: Send + Sync + 'static {
    /// The token; `None` while the desk is not paired.
    fn token(&self) -> io::Result<Option<Token>>;

    /// Keeps `token` in the place of any other.
    fn keep(&self, token: &Token) -> io::Result<()>;

    /// Forgets the token.
    fn forget(&self) -> io::Result<()>;
}

/// Keeps the secret in a file that the user alone can read.
#[derive(Clone, Debug)]
pub(crate) struct TokenFile(PathBuf);

impl TokenFile {
    /// The file in its folder.
    pub(crate) fn new(folders: &Folders) -> Self {
        Self(folders.data.join("token"))
    }
}

impl Credentials for TokenFile {
    fn token(&self) -> io::Result<Option<Token>> {
        let text = disk::read(&self.0)?;
        Ok(text
            .map(|text| Token::new(text.trim()))
            .filter(|token| !token.as_str().is_empty()))
    }

    fn keep(&self, token: &Token) -> io::Result<()> {
        disk::replace(&self.0, token.as_str().as_bytes())
    }

    fn forget(&self) -> io::Result<()> {
        disk::remove(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_kept_and_forgotten_and_never_printed() {
        let folder = tempfile::tempdir().unwrap();
        let file = TokenFile(folder.path().join("token"));
        assert_eq!(file.token().unwrap(), None);
        file.keep(&Token::new("secret")).unwrap();
        let token = file.token().unwrap().unwrap();
        assert_eq!(token.as_str(), "secret");
        assert!(!format!("{token:?}").contains("secret"));
        file.forget().unwrap();
        assert_eq!(file.token().unwrap(), None);
    }
}
