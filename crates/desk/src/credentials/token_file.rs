use std::io;
use std::path::PathBuf;

use crate::credentials::Token;
use crate::{Folders, disk};

/// How the file says that the token stands in the credential store. No token begins so.
const IN_STORE: &str = "store:";

/// Where the desk's token is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Kept {
    /// In the file itself.
    Here(Token),
    /// In the credential store, under this name.
    InStore(String),
}

/// The file that says where the token is, or holds it; the user's alone. It alone decides which token counts: one that is
/// left over in the store is nobody's. Apps that run notice when it changes.
#[derive(Clone, Debug)]
pub(crate) struct TokenFile(PathBuf);

impl TokenFile {
    /// The file in its folder.
    pub(crate) fn new(folders: &Folders) -> Self {
        Self(folders.data.join("token"))
    }

    /// What it says; `None` while the desk is not paired.
    pub(crate) fn read(&self) -> io::Result<Option<Kept>> {
        let text = disk::read(&self.0)?.unwrap_or_default();
        Ok(match (text.trim(), text.trim().strip_prefix(IN_STORE)) {
            ("", _) => None,
            (_, Some(name)) => Some(Kept::InStore(name.to_owned())),
            (token, None) => Some(Kept::Here(Token::new(token))),
        })
    }

    /// Says it anew.
    pub(crate) fn keep(&self, kept: &Kept) -> io::Result<()> {
        let text = match kept {
            Kept::Here(token) => token.as_str().to_owned(),
            Kept::InStore(name) => format!("{IN_STORE}{name}\n"),
        };
        disk::replace(&self.0, text.as_bytes())
    }

    /// From now on the desk has no token.
    pub(crate) fn forget(&self) -> io::Result<()> {
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
        assert_eq!(file.read().unwrap(), None);
        for kept in [
            Kept::Here(Token::new("secret")),
            Kept::InStore("desk-7".to_owned()),
        ] {
            file.keep(&kept).unwrap();
            assert_eq!(file.read().unwrap(), Some(kept.clone()));
            assert!(!format!("{kept:?}").contains("secret"));
        }
        file.forget().unwrap();
        assert_eq!(file.read().unwrap(), None);
    }
}
