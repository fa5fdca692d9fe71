//! What sessions say, in words a test can compare.

use super::Outgoing;
use crate::Args;

pub(super) fn sent(frame: &Outgoing) -> String {
    match frame {
        Outgoing::Text(text) => format!("send {text}"),
        Outgoing::Binary(bytes) => format!("send {:?}", bytes.to_vec()),
    }
}

/// The arguments as a list, and the bytes of each attachment.
pub(super) fn args(args: &Args) -> String {
    let json: Vec<&str> = args.json.iter().map(|arg| arg.get()).collect();
    let attachments: String = args
        .attachments
        .iter()
        .map(|bytes| format!(" + {:?}", bytes.to_vec()))
        .collect();
    format!("[{}]{attachments}", json.join(","))
}
