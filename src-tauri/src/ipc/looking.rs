//! Wishes about what is looked at.

use deskbell_desk::{DeskHandle, DeskRequest};
use deskbell_protocol::ReservationId;
use jiff::civil::Date;
use tauri::State;

/// Looks at another day, `YYYY-MM-DD`; at today without one.
#[tauri::command]
#[specta::specta]
pub(super) fn look_at(desk: State<'_, DeskHandle>, date: Option<String>) {
    match date.map(|date| date.parse::<Date>()).transpose() {
        Ok(date) => crate::ask(&desk, DeskRequest::LookAt(date)),
        Err(_) => tracing::warn!("the page asked for a day by no date"),
    }
}

/// Looks at what came in lately, or no longer.
#[tauri::command]
#[specta::specta]
pub(super) fn show_arrivals(desk: State<'_, DeskHandle>, on: bool) {
    crate::ask(&desk, DeskRequest::ShowArrivals(on));
}

/// Opens a reservation's details.
#[tauri::command]
#[specta::specta]
pub(super) fn open_reservation(desk: State<'_, DeskHandle>, id: String) {
    match id.parse::<ReservationId>() {
        Ok(id) => crate::ask(&desk, DeskRequest::OpenReservation(id)),
        Err(_) => tracing::warn!("the page asked for a reservation by no id"),
    }
}

/// Closes the details.
#[tauri::command]
#[specta::specta]
pub(super) fn close_reservation(desk: State<'_, DeskHandle>) {
    crate::ask(&desk, DeskRequest::CloseReservation);
}
