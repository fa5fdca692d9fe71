//! Taking a day along as a table.

use deskbell_protocol::http::ExportRequest;
use jiff::civil::Date;
use reqwest::StatusCode;

use crate::gateway::{Gateway, MOST_BYTES, body, endpoint};

/// Why a day cannot be taken along.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ExportError {
    /// Nobody answered, or not to the end.
    #[error("no answer: {0}")]
    Unreachable(#[source] reqwest::Error),
    /// An answer that no gateway gives.
    #[error("not a gateway's answer")]
    NotDeskbell,
    /// The token is not, or no longer, good.
    #[error("the desk is signed out")]
    SignedOut,
    /// The day or the reason is not taken.
    #[error("not taken")]
    Invalid,
    /// The gateway has trouble, or too much to do.
    #[error("status {0}")]
    Failed(StatusCode),
}

impl Gateway {
    /// The reservations of `date` as CSV: a whole day of patients' data, whose reason goes into the access record.
    pub(crate) async fn export(
        &self,
        date: Date,
        reason: String,
        masked: bool,
    ) -> Result<String, ExportError> {
        let request = ExportRequest {
            date: date.to_string(),
            reason,
            masked,
        };
        let url = endpoint(&self.server, &["v1", "exports"]);
        let response = self
            .authorized(self.http.to(&self.server).post(url).json(&request))
            .send()
            .await
            .map_err(ExportError::Unreachable)?;
        match response.status() {
            StatusCode::OK => {
                let table = body(response).await.map_err(ExportError::Unreachable)?;
                // One that was cut would pass for a whole day.
                if table.len() >= MOST_BYTES {
                    return Err(ExportError::NotDeskbell);
                }
                String::from_utf8(table).map_err(|_| ExportError::NotDeskbell)
            }
            StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => Err(ExportError::SignedOut),
            StatusCode::UNPROCESSABLE_ENTITY => Err(ExportError::Invalid),
            status if status.is_server_error() || status == StatusCode::TOO_MANY_REQUESTS => {
                Err(ExportError::Failed(status))
            }
            _ => Err(ExportError::NotDeskbell),
        }
    }
}
