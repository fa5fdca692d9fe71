//! Wishes about a reservation, and who it is that wishes.

use deskbell_desk::{DeskHandle, DeskRequest};
use tauri::State;

use super::reservation::StatusCode;
use super::wish::{UserErrorView, granted, id_of};

/// Claims a reservation for this desk, or renews its claim.
#[tauri::command]
#[specta::specta]
pub(super) async fn claim(desk: State<'_, DeskHandle>, id: String) -> Result<(), UserErrorView> {
    let id = id_of(&id)?;
    granted(&desk, |reply| DeskRequest::Claim { id, reply }).await
}

/// Gives this desk's claim back.
#[tauri::command]
#[specta::specta]
pub(super) async fn release(desk: State<'_, DeskHandle>, id: String) -> Result<(), UserErrorView> {
    let id = id_of(&id)?;
    granted(&desk, |reply| DeskRequest::Release { id, reply }).await
}

/// Moves a reservation on; with `overrides` also where another desk holds the claim.
#[tauri::command]
#[specta::specta]
pub(super) async fn set_status(
    desk: State<'_, DeskHandle>,
    id: String,
    status: StatusCode,
    overrides: bool,
) -> Result<(), UserErrorView> {
    let (id, status) = (id_of(&id)?, status.status());
    granted(&desk, |reply| DeskRequest::SetStatus {
        id,
        status,
        overrides,
        reply,
    })
    .await
}

/// Takes the last change of a reservation's status back.
#[tauri::command]
#[specta::specta]
pub(super) async fn undo(desk: State<'_, DeskHandle>, id: String) -> Result<(), UserErrorView> {
    let id = id_of(&id)?;
    granted(&desk, |reply| DeskRequest::Undo { id, reply }).await
}

/// Says who sits at this desk from now on.
#[tauri::command]
#[specta::specta]
pub(super) fn set_staff(desk: State<'_, DeskHandle>, staff: Option<String>) {
    crate::ask(&desk, DeskRequest::SetStaff(staff));
}
