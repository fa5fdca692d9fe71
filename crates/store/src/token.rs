use std::fmt;
use std::str::FromStr;

use data_encoding::BASE64URL_NOPAD;
use deskbell_clock::Entropy;
use deskbell_protocol::{DeskId, EnrolmentId, HospitalId};
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq;

/// A bearer secret of 256 random bits, with its owner's id in front so that it can be looked up by what is no secret.
///
/// On the wire it is a prefix that says what it is, then 64 characters of base64url. Kept only as its [`Digest`].
#[derive(Clone, PartialEq, Eq)]
pub struct Token<O> {
    owner: O,
    secret: [u8; 32],
}

/// Opens the intake of exactly one hospital.
pub type IntakeKey = Token<HospitalId>;

/// Makes a program one desk of one hospital.
pub type DeskToken = Token<DeskId>;

/// Makes PCs desks of one hospital, as many as IT allowed.
pub type EnrolmentKey = Token<EnrolmentId>;

/// Whom a [`Token`] can belong to.
pub trait Owner: Copy {
    /// How the token begins, so that one kind is never taken for another and a leaked one is recognised.
    const PREFIX: &'static str;

    /// The owner's id.
    fn as_bytes(&self) -> &[u8; 16];

    /// The owner of that id.
    fn from_bytes(id: [u8; 16]) -> Self;
}

macro_rules! owner {
    ($id:ty, $prefix:literal) => {
        impl Owner for $id {
            const PREFIX: &'static str = $prefix;

            fn as_bytes(&self) -> &[u8; 16] {
                self.as_bytes()
            }

            fn from_bytes(id: [u8; 16]) -> Self {
                Self::from_bytes(id)
            }
        }
    };
}

owner!(HospitalId, "dbsite");
owner!(DeskId, "dbdesk");
owner!(EnrolmentId, "dbenrol");

impl<O: Owner> Token<O> {
    /// A new token of `owner`.
    #[must_use]
    pub fn mint(owner: O, entropy: &dyn Entropy) -> Self {
        let mut secret = [0; 32];
        entropy.fill(&mut secret);
        Self { owner, secret }
    }

    /// Whose it claims to be. True only when the [`Digest`] kept for that owner matches.
    #[must_use]
    pub const fn owner(&self) -> O {
        self.owner
    }

    /// What is kept of it.
    #[must_use]
    pub fn digest(&self) -> Digest {
        Digest(Sha256::digest(self.secret).into())
    }

    /// The token itself, for its owner alone.
    #[must_use]
    pub fn reveal(&self) -> String {
        let mut bytes = self.owner.as_bytes().to_vec();
        bytes.extend(self.secret);
        format!("{}{}", O::PREFIX, BASE64URL_NOPAD.encode(&bytes))
    }
}

impl<O: Owner> FromStr for Token<O> {
    type Err = NotAToken;

    fn from_str(text: &str) -> Result<Self, NotAToken> {
        let encoded = text.strip_prefix(O::PREFIX).ok_or(NotAToken)?;
        let bytes = BASE64URL_NOPAD
            .decode(encoded.as_bytes())
            .map_err(|_| NotAToken)?;
        let (owner, secret) = bytes.split_first_chunk::<16>().ok_or(NotAToken)?;
        let secret = secret.try_into().map_err(|_| NotAToken)?;
        Ok(Self {
            owner: O::from_bytes(*owner),
            secret,
        })
    }
}

/// A secret: never shown.
impl<O: Owner> fmt::Debug for Token<O> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}***", O::PREFIX)
    }
}

/// The text has not the form of this kind of token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("this is no token of that kind")]
pub struct NotAToken;

/// SHA-256 of a secret. The secrets are random, so that it needs no salt.
#[derive(Clone, Copy)]
pub struct Digest(pub [u8; 32]);

impl Digest {
    /// Whether both are of the same secret, in a time that does not depend on where they differ.
    #[must_use]
    pub fn matches(&self, other: &Self) -> bool {
        self.0.ct_eq(&other.0).into()
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Digest(***)")
    }
}

#[cfg(test)]
mod tests {
    use deskbell_clock::SeededEntropy;

    use super::*;

    #[test]
    fn a_token_comes_back_from_its_text_and_never_from_another_kinds() {
        let desk = DeskToken::mint(DeskId::from_bytes([7; 16]), &SeededEntropy::new(1));
        let text = desk.reveal();
        assert_eq!(text.len(), 70);
        assert_eq!(text.parse(), Ok(desk.clone()));
        assert_eq!(text.parse::<IntakeKey>(), Err(NotAToken));
        assert_eq!(text[..69].parse::<DeskToken>(), Err(NotAToken));
        assert_eq!(format!("{desk:?}"), "dbdesk***");
    }

    #[test]
    fn digests_match_only_for_the_same_secret() {
        let entropy = SeededEntropy::new(1);
        let owner = DeskId::from_bytes([7; 16]);
        let (one, two) = (DeskToken::mint(owner, &entropy), DeskToken::mint(owner, &entropy));
        assert!(one.digest().matches(&one.digest()));
        assert!(!one.digest().matches(&two.digest()));
    }
}
