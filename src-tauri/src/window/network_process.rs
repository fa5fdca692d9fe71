//! `WebKitGTK` keeps its network process for as long as the program runs, also without a window (decision 0019). It starts
//! another when one is needed.

use std::fs;
use std::io;

use rustix::io::Errno;
use rustix::process::{Pid, Signal, WaitId, WaitIdOptions, getpid, kill_process, waitid};

/// What the kernel calls it: the name's first 15 letters.
const NAME: &str = "WebKitNetworkPr";

/// Ends it, if there is one. On return it is gone, so that `WebKit` does not take it for one that can be used.
///
/// For the window system's thread, while there is no web view.
pub(super) fn end() -> io::Result<()> {
    for process in children(getpid())? {
        let name = fs::read_to_string(format!("/proc/{process}/comm"));
        if name.is_ok_and(|name| name.trim_end() == NAME) {
            kill_process(process, Signal::KILL)?;
            // Left for GLib to reap, whose child it is, and which may have been faster.
            match waitid(
                WaitId::Pid(process),
                WaitIdOptions::EXITED | WaitIdOptions::NOWAIT,
            ) {
                Ok(_) | Err(Errno::CHILD) => {}
                Err(error) => return Err(error.into()),
            }
        }
    }
    Ok(())
}

fn children(of: Pid) -> io::Result<Vec<Pid>> {
    let mut children = Vec::new();
    for entry in fs::read_dir("/proc")? {
        let name = entry?.file_name();
        let process = name.to_str().and_then(|name| name.parse().ok());
        // What has ended meanwhile is nobody's child.
        if let Some(process) = process.and_then(Pid::from_raw)
            && parent(process) == Some(of)
        {
            children.push(process);
        }
    }
    Ok(children)
}

fn parent(process: Pid) -> Option<Pid> {
    let stat = fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    // The name stands in parentheses and may hold anything; the state follows, then the parent.
    let (_, after_name) = stat.rsplit_once(") ")?;
    let parent = after_name.split(' ').nth(1)?.parse().ok()?;
    Pid::from_raw(parent)
}

#[cfg(test)]
mod tests {
    use std::os::unix::process::ExitStatusExt;
    use std::process::Command;

    use super::*;

    #[test]
    fn a_child_of_that_name_is_ended_and_no_other() {
        let folder = tempfile::tempdir().unwrap();
        let disguised = folder.path().join("WebKitNetworkProcess");
        fs::copy("/bin/sleep", &disguised).unwrap();
        let mut other = Command::new("sleep").arg("60").spawn().unwrap();
        let mut child = Command::new(&disguised).arg("60").spawn().unwrap();
        end().unwrap();
        assert_eq!(child.wait().unwrap().signal(), Some(9));
        assert!(other.try_wait().unwrap().is_none());
        other.kill().unwrap();
        other.wait().unwrap();
    }
}
