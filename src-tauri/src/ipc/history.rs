//! How a reservation came to stand as it does.

use deskbell_protocol::http::{Actor, HistoryEntry};
use serde::{Deserialize, Serialize};
use specta::Type;

/// One step of a reservation's history.
#[derive(Clone, Debug, Serialize, Deserialize, Type)]
pub(super) struct HistoryView {
    at: String,
    kind: HistoryKind,
    from: Option<String>,
    to: Option<String>,
    by: HistoryByView,
}

impl HistoryView {
    /// `None` for a kind of step that a newer gateway knows and this page has no words for.
    pub(super) fn of(entry: &HistoryEntry) -> Option<Self> {
        let step = match entry.kind.as_str() {
            "created" => HistoryKind::Created,
            "rescheduled" => HistoryKind::Rescheduled,
            "status" => HistoryKind::Status,
            "claimed" => HistoryKind::Claimed,
            "released" => HistoryKind::Released,
            _ => return None,
        };
        let (kind, desk, staff) = match &entry.by {
            Actor::Site => (HistoryByKind::Site, None, None),
            Actor::Desk { desk, staff } => (HistoryByKind::Desk, Some(desk.name.clone()), staff.clone()),
            Actor::System => (HistoryByKind::System, None, None),
        };
        Some(Self {
            at: entry.at.to_string(),
            kind: step,
            from: entry.from.clone(),
            to: entry.to.clone(),
            by: HistoryByView { kind, desk, staff },
        })
    }
}

#[derive(Clone, Copy, Debug, Serialize, Deserialize, Type)]
#[serde(rename_all = "lowercase")]
pub(super) enum HistoryKind {
    Created,
    Rescheduled,
    Status,
    Claimed,
    Released,
}

/// Who took a step.
#[derive(Clone, Debug, Serialize, Deserialize, Type)]
pub(super) struct HistoryByView {
    kind: HistoryByKind,
    desk: Option<String>,
    staff: Option<String>,
}

#[derive(Clone, Copy, Debug, Serialize, Deserialize, Type)]
#[serde(rename_all = "lowercase")]
pub(super) enum HistoryByKind {
    Site,
    Desk,
    System,
}
