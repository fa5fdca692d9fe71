//! A wish of the page that is granted, or not and why.

use deskbell_desk::{DeskHandle, DeskRequest, ErrorCode, Reply, UserError};
use deskbell_protocol::ReservationId;
use serde::{Deserialize, Serialize};
use specta::Type;
use tokio::sync::oneshot;

/// Why a wish was not granted.
#[derive(Clone, Debug, Serialize, Deserialize, Type)]
pub(super) struct UserErrorView {
    code: String,
    /// A sentence in the user's language.
    message: String,
}

impl UserErrorView {
    /// A fault of the app's own, without a sentence.
    pub(super) fn internal() -> Self {
        Self {
            code: ErrorCode::Internal.as_str().to_owned(),
            message: String::new(),
        }
    }
}

impl From<UserError> for UserErrorView {
    fn from(error: UserError) -> Self {
        Self {
            code: error.code.as_str().to_owned(),
            message: error.message,
        }
    }
}

/// Hands a wish over and waits for what becomes of it.
pub(super) async fn granted<T: Default>(
    desk: &DeskHandle,
    wish: impl FnOnce(Reply<T>) -> DeskRequest,
) -> Result<T, UserErrorView> {
    let (reply, answer) = oneshot::channel();
    crate::ask(desk, wish(reply));
    match answer.await {
        Ok(outcome) => outcome.map_err(UserErrorView::from),
        // The desk is on its way out, and the page with it.
        Err(_) => Ok(T::default()),
    }
}

/// The id that the page names.
pub(super) fn id_of(text: &str) -> Result<ReservationId, UserErrorView> {
    text.parse().map_err(|_| {
        tracing::warn!("the page asked for a reservation by no id");
        UserErrorView::internal()
    })
}
