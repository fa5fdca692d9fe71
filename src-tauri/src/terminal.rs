//! Windows: a program with windows has no terminal of its own; it borrows the one it was started from.

use windows_sys::Win32::System::Console::{ATTACH_PARENT_PROCESS, AttachConsole};

/// Makes what `deskbell pair`, `--help` and `--version` print appear where they were typed. Started from a menu there
/// is no terminal, and none is needed.
pub(crate) fn attach() {
    #[expect(
        unsafe_code,
        reason = "the system's call; it takes one number and touches no memory of ours"
    )]
    // SAFETY: AttachConsole has no precondition, and its failure is an answer.
    let _attached = unsafe { AttachConsole(ATTACH_PARENT_PROCESS) };
}
