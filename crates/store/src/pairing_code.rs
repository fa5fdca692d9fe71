use std::fmt;
use std::str::FromStr;

use deskbell_clock::Entropy;
use sha2::{Digest as _, Sha256};

use crate::Digest;

/// No I, L, O and U: nobody mistakes one for another, and no words come out (Crockford's base 32).
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// What a person types to make a PC a desk: 40 random bits as `XXXX-XXXX`. Works once, for a few minutes.
#[derive(Clone, PartialEq, Eq)]
pub struct PairingCode([u8; 8]);

/// The text is no [`PairingCode`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a pairing code is 8 letters and digits, as XXXX-XXXX")]
pub struct NotAPairingCode;

impl PairingCode {
    /// A new code.
    #[must_use]
    pub fn mint(entropy: &dyn Entropy) -> Self {
        let mut random = [0; 8];
        entropy.fill(&mut random);
        // 256 is a multiple of 32: every letter is as likely as every other.
        Self(random.map(|byte| ALPHABET[usize::from(byte % 32)]))
    }

    /// What is kept of it. Guessable by who has the database, but not in the minutes for which it is worth anything.
    #[must_use]
    pub fn digest(&self) -> Digest {
        Digest(Sha256::digest(self.0).into())
    }
}

impl FromStr for PairingCode {
    type Err = NotAPairingCode;

    /// Reads a code as people type it: in either case, with blanks or hyphens anywhere, `O` for `0`, `I` or `L` for `1`.
    fn from_str(text: &str) -> Result<Self, NotAPairingCode> {
        let mut letters = text.chars().filter(|c| !matches!(c, ' ' | '-'));
        let mut code = [0; 8];
        for place in &mut code {
            let letter = match letters.next().ok_or(NotAPairingCode)?.to_ascii_uppercase() {
                'O' => '0',
                'I' | 'L' => '1',
                other => other,
            };
            let letter = u8::try_from(letter).map_err(|_| NotAPairingCode)?;
            if !ALPHABET.contains(&letter) {
                return Err(NotAPairingCode);
            }
            *place = letter;
        }
        if letters.next().is_some() {
            return Err(NotAPairingCode);
        }
        Ok(Self(code))
    }
}

/// As it is shown to people.
impl fmt::Display for PairingCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, letter) in self.0.iter().enumerate() {
            if at == 4 {
                f.write_str("-")?;
            }
            write!(f, "{}", char::from(*letter))?;
        }
        Ok(())
    }
}

/// A secret for as long as it works: never shown by accident.
impl fmt::Debug for PairingCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PairingCode(***)")
    }
}

#[cfg(test)]
mod tests {
    use deskbell_clock::SeededEntropy;

    use super::*;

    #[test]
    fn a_code_is_read_as_people_type_it() {
        let code: PairingCode = "10AB-CD1Z".parse().unwrap();
        for typed in ["10abcd1z", " 10AB CD1Z ", "IOab-cdLz", "1-0-A-B-C-D-1-Z"] {
            assert_eq!(typed.parse().as_ref(), Ok(&code), "{typed}");
        }
        for wrong in ["", "10AB-CD1", "10AB-CD1Z9", "10AB-CD1U", "10AB-CD1가"] {
            assert_eq!(wrong.parse::<PairingCode>(), Err(NotAPairingCode), "{wrong}");
        }
    }

    #[test]
    fn what_is_shown_is_what_is_read() {
        let entropy = SeededEntropy::new(1);
        for _ in 0..100 {
            let code = PairingCode::mint(&entropy);
            assert_eq!(code.to_string().len(), 9);
            assert_eq!(code.to_string().parse(), Ok(code));
        }
    }
}
