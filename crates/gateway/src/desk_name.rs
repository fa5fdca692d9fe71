use deskbell_protocol::{Fault, check_remark};

/// The longest name of a desk, in characters.
const LONGEST: usize = 60;

/// What a desk may be called, by itself or by a command.
///
/// # Errors
/// The fault. The name comes back without the blanks around it.
pub(crate) fn desk_name(text: &str) -> Result<String, Fault> {
    check_remark(text, LONGEST)
}
