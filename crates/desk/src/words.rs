//! Every sentence the desk says, in both languages side by side, so that none is forgotten.
//!
//! One topic a file; the compiler asks for each language.

mod bell;
mod doctor;
mod error;
mod export;
mod handling;
mod hearing;
mod history;
mod link;
mod managed;
mod mistake;
mod status;
mod toast;
mod tray;
mod warning;

pub(crate) use hearing::Gap;
pub(crate) use toast::ToastWords;

/// `text`, cut to `most` characters with an ellipsis as the last of them.
pub(crate) fn shorten(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        return text.to_owned();
    }
    let mut short: String = text.chars().take(most.saturating_sub(1)).collect();
    short.truncate(short.trim_end().len());
    short.push('…');
    short
}

#[cfg(test)]
mod tests;
