//! Taking a day along as a table.

use deskbell_protocol::check_remark;
use jiff::civil::Date;

use crate::desk::Running;
use crate::desk::tasks::{Done, Part};
use crate::gateway::ExportError;
use crate::request::Reply;
use crate::{ErrorCode, Shell, UserError};

/// The longest reason that a gateway takes, in characters.
const LONGEST_REASON: usize = 200;

impl<S: Shell> Running<S> {
    /// Asks for a day's table, for `reason`, which the gateway writes into its access record.
    pub(super) fn export(&mut self, date: Date, reason: &str, masked: bool, reply: Reply<String>) {
        let language = self.language();
        let refuse = |code| Err(UserError::new(code, language));
        let reason = check_remark(reason, LONGEST_REASON);
        let (reason, gateway) = match (reason, self.gateway()) {
            (Ok(reason), Some(gateway)) => (reason, gateway),
            (Err(_), _) => return answer(reply, refuse(ErrorCode::ReasonRefused)),
            (Ok(_), None) => return answer(reply, refuse(ErrorCode::NotReached)),
        };
        self.spawn(Part::Export, async move {
            let exported = gateway.export(date, reason, masked).await;
            answer(
                reply,
                exported.map_err(|error| {
                    tracing::warn!(%error, "a day cannot be exported");
                    UserError::new(ErrorCode::from(error), language)
                }),
            );
            Done::Exported
        });
    }
}

/// The window that asked may be gone.
fn answer(reply: Reply<String>, outcome: Result<String, UserError>) {
    let _ = reply.send(outcome);
}

impl From<ExportError> for ErrorCode {
    fn from(error: ExportError) -> Self {
        match error {
            ExportError::Unreachable(_) => Self::NotReached,
            ExportError::NotDeskbell => Self::NotDeskbell,
            ExportError::SignedOut => Self::SignedOut,
            ExportError::Invalid => Self::ReasonRefused,
            ExportError::Failed(_) => Self::ServerFailed,
        }
    }
}
