//! Wishes about where the reservations come from.

use deskbell_desk::{DeskHandle, DeskRequest, OwnServer};
use serde::{Deserialize, Serialize};
use specta::Type;
use tauri::State;

use super::wish::{UserErrorView, granted};

/// A hospital's own Socket.IO server, as typed.
#[derive(Clone, Serialize, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub(super) struct OwnServerView {
    url: String,
    namespace: String,
    event: String,
    timezone: String,
    /// A JSON object; empty for what stands in the settings file.
    auth: String,
    /// Empty for what stands in the settings file.
    join_event: String,
    /// JSON, or a text; empty for none.
    join_payload: String,
}

/// Pairs this desk with its hospital.
#[tauri::command]
#[specta::specta]
pub(super) async fn pair(
    desk: State<'_, DeskHandle>,
    server: String,
    code: String,
) -> Result<(), UserErrorView> {
    granted(&desk, |reply| DeskRequest::Pair { server, code, reply }).await
}

/// Agrees to the pairing that a link has asked for, or does not.
#[tauri::command]
#[specta::specta]
pub(super) async fn answer_pair_offer(
    desk: State<'_, DeskHandle>,
    agreed: bool,
) -> Result<(), UserErrorView> {
    granted(&desk, |reply| DeskRequest::AnswerPairOffer { agreed, reply }).await
}

/// Takes reservations from a hospital's own Socket.IO server.
#[tauri::command]
#[specta::specta]
pub(super) async fn use_own_server(
    desk: State<'_, DeskHandle>,
    server: OwnServerView,
) -> Result<(), UserErrorView> {
    let OwnServerView {
        url,
        namespace,
        event,
        timezone,
        auth,
        join_event,
        join_payload,
    } = server;
    let server = OwnServer {
        url,
        namespace,
        event,
        timezone,
        auth,
        join_event,
        join_payload,
    };
    granted(&desk, |reply| DeskRequest::UseSocketIo { server, reply }).await
}

/// Forgets the hospital on this desk.
#[tauri::command]
#[specta::specta]
pub(super) fn sign_out(desk: State<'_, DeskHandle>) {
    crate::ask(&desk, DeskRequest::SignOut);
}
