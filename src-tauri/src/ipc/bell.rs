//! What the bell does and why.

use deskbell_desk::{BellShown, Verdict};
use serde::{Deserialize, Serialize};
use specta::Type;

/// What the bell does and why.
#[derive(Clone, Debug, Default, Serialize, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub(super) struct BellView {
    /// RFC 3339: until when somebody wants quiet.
    paused_until: Option<String>,
    /// It is a time of quiet by the settings.
    quiet_now: bool,
    /// What was decided last, newest first.
    recent: Vec<VerdictView>,
}

impl BellView {
    pub(super) fn of(bell: &BellShown) -> Self {
        Self {
            paused_until: bell.paused_until.map(|until| until.to_string()),
            quiet_now: bell.quiet_now,
            recent: bell.recent.iter().map(VerdictView::of).collect(),
        }
    }
}

/// What was decided about a toast, and why.
#[derive(Clone, Debug, Serialize, Deserialize, Type)]
pub(super) struct VerdictView {
    at: String,
    /// `None` for a digest.
    id: Option<String>,
    rang: bool,
    /// The reason, in the user's language.
    sentence: String,
}

impl VerdictView {
    pub(super) fn of(verdict: &Verdict) -> Self {
        Self {
            at: verdict.at.to_string(),
            id: verdict.id.map(|id| id.to_string()),
            rang: verdict.rang,
            sentence: verdict.sentence.clone(),
        }
    }
}
