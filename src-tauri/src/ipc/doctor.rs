//! A look at everything between this PC and its reservations.

use deskbell_desk::{DeskHandle, DeskRequest, DoctorReport, Finding, Outcome};
use serde::{Deserialize, Serialize};
use specta::Type;
use tauri::State;
use tokio::sync::oneshot;

use super::wish::UserErrorView;

/// What a look at this PC has found.
#[derive(Clone, Debug, Serialize, Deserialize, Type)]
pub(super) struct DoctorView {
    ok: bool,
    steps: Vec<FindingView>,
}

impl DoctorView {
    pub(super) fn of(report: &DoctorReport) -> Self {
        Self {
            ok: report.is_ok(),
            steps: report
                .findings()
                .iter()
                .map(|finding| FindingView::of(finding, report.name_of(finding.step)))
                .collect(),
        }
    }
}

/// What was found at one step.
#[derive(Clone, Debug, Serialize, Deserialize, Type)]
pub(super) struct FindingView {
    /// The step, in the user's language.
    name: String,
    outcome: OutcomeView,
    message: String,
}

impl FindingView {
    pub(super) fn of(finding: &Finding, name: &str) -> Self {
        Self {
            name: name.to_owned(),
            outcome: match finding.outcome {
                Outcome::Ok => OutcomeView::Ok,
                Outcome::Failed => OutcomeView::Failed,
                Outcome::Skipped => OutcomeView::Skipped,
            },
            message: finding.message.clone(),
        }
    }
}

#[derive(Clone, Copy, Debug, Serialize, Deserialize, Type)]
#[serde(rename_all = "lowercase")]
pub(super) enum OutcomeView {
    Ok,
    Failed,
    Skipped,
}

/// Looks at everything between this PC and its reservations; half a minute at most.
#[tauri::command]
#[specta::specta]
pub(super) async fn doctor(desk: State<'_, DeskHandle>) -> Result<DoctorView, UserErrorView> {
    let (reply, answer) = oneshot::channel();
    crate::ask(&desk, DeskRequest::Doctor { reply });
    let report = answer.await.map_err(|_| UserErrorView::internal())?;
    Ok(DoctorView::of(&report))
}
