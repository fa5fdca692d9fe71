use crate::Language;

/// Why something a person asked for did not happen: a code for programs, a sentence for the person.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct UserError {
    /// What went wrong.
    pub code: ErrorCode,
    /// The same, and what to do, in the user's language.
    pub message: String,
}

impl UserError {
    /// The error with its sentence.
    #[must_use]
    pub fn new(code: ErrorCode, language: Language) -> Self {
        Self {
            code,
            message: language.error(code).to_owned(),
        }
    }
}

/// What can go wrong with what a person asked for. A closed set: the window may decide by it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ErrorCode {
    /// The address is none.
    NotAnAddress,
    /// `http://` to another machine: the token and the patients' data could be read on the way.
    PlainHttp,
    /// Nobody answers at the address.
    Unreachable,
    /// Somebody answers, who is no Deskbell gateway.
    NotDeskbell,
    /// The code is wrong, used up or too old.
    CodeRefused,
    /// Too many wrong codes from this place; wait.
    TooManyTries,
    /// The gateway has trouble of its own.
    ServerFailed,
    /// The pairing worked, but could not be written to this PC's disk.
    NotSaved,
    /// The settings file cannot be read, and is not overwritten.
    SettingsBroken,
    /// The settings name another source than a gateway: a pairing would change nothing.
    AnotherSource,
    /// Another was first, or it has changed meanwhile; the sentence says how it stands.
    Conflict,
    /// The server was not reached: nothing was done.
    NotReached,
    /// The server was asked and did not answer: it may have been done or not.
    Unanswered,
    /// The desk was signed out.
    SignedOut,
    /// There is no such reservation.
    NotFound,
    /// No way leads from its status to that one.
    NotTaken,
    /// The source of the reservations knows of no status and no claims.
    NoHandling,
    /// The reason of an export or a print is missing, too long, or names a resident.
    ReasonRefused,
    /// The administrator has decided it for this PC.
    Managed,
    /// Namespace, event or zone of a hospital's own server cannot be what was typed.
    NotASource,
    /// What a hospital's own server is to be told at each connection is no JSON object.
    NotAuth,
    /// The payload of a join has no event, or cannot be kept.
    NotAJoin,
    /// A file that somebody wants cannot be written where they want it.
    FileNotWritten,
    /// The app failed inside; its log says more.
    Internal,
}

impl ErrorCode {
    /// Every code.
    pub const ALL: [Self; 24] = [
        Self::NotAnAddress,
        Self::PlainHttp,
        Self::Unreachable,
        Self::NotDeskbell,
        Self::CodeRefused,
        Self::TooManyTries,
        Self::ServerFailed,
        Self::NotSaved,
        Self::SettingsBroken,
        Self::AnotherSource,
        Self::Conflict,
        Self::NotReached,
        Self::Unanswered,
        Self::SignedOut,
        Self::NotFound,
        Self::NotTaken,
        Self::NoHandling,
        Self::ReasonRefused,
        Self::Managed,
        Self::NotASource,
        Self::NotAuth,
        Self::NotAJoin,
        Self::FileNotWritten,
        Self::Internal,
    ];

    /// The code as programs spell it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::NotAnAddress => "not_an_address",
            Self::PlainHttp => "plain_http",
            Self::Unreachable => "unreachable",
            Self::NotDeskbell => "not_deskbell",
            Self::CodeRefused => "code_refused",
            Self::TooManyTries => "too_many_tries",
            Self::ServerFailed => "server_failed",
            Self::NotSaved => "not_saved",
            Self::SettingsBroken => "settings_broken",
            Self::AnotherSource => "another_source",
            Self::Conflict => "conflict",
            Self::NotReached => "not_reached",
            Self::Unanswered => "unanswered",
            Self::SignedOut => "signed_out",
            Self::NotFound => "not_found",
            Self::NotTaken => "not_taken",
            Self::NoHandling => "no_handling",
            Self::ReasonRefused => "reason_refused",
            Self::Managed => "managed",
            Self::NotASource => "not_a_source",
            Self::NotAuth => "not_auth",
            Self::NotAJoin => "not_a_join",
            Self::FileNotWritten => "file_not_written",
            Self::Internal => "internal",
        }
    }
}
