/// Lets this process have as many files open as the system allows it, and says how many, where that is limited. Each
/// connection is one; many systems begin with 1,024.
#[cfg(unix)]
pub(crate) fn raise() -> Option<u64> {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

    let limit = getrlimit(Resource::Nofile);
    let raised = Rlimit {
        current: limit.maximum,
        ..limit
    };
    match setrlimit(Resource::Nofile, raised) {
        Ok(()) => limit.maximum,
        Err(error) => {
            tracing::debug!(%error, "the limit of open files cannot be raised");
            limit.current
        }
    }
}

/// Connections are no files here.
#[cfg(not(unix))]
pub(crate) fn raise() -> Option<u64> {
    None
}
