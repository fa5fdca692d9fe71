use std::time::Duration;

/// One line of an input that plays a peer over time. Any bytes are a script; seeds are readable ones.
pub enum Step<'a> {
    /// `+250`: so many milliseconds pass.
    Wait(Duration),
    /// `*…`: a binary frame.
    Binary(&'a [u8]),
    /// `!…`: what our own side does, as the target reads it.
    Own(&'a str),
    /// Anything else: a frame of text.
    Text(&'a str),
}

impl<'a> Step<'a> {
    /// The steps of a script. Lines that are no text are skipped, except in binary frames.
    pub fn all(script: &'a [u8]) -> impl Iterator<Item = Self> {
        script.split(|byte| *byte == b'\n').filter_map(|line| match line {
            [b'*', bytes @ ..] => Some(Self::Binary(bytes)),
            [b'+', number @ ..] => {
                let number = str::from_utf8(number).ok()?.parse().ok()?;
                Some(Self::Wait(Duration::from_millis(number)))
            }
            [b'!', own @ ..] => str::from_utf8(own).ok().map(Self::Own),
            text => str::from_utf8(text).ok().map(Self::Text),
        })
    }
}
