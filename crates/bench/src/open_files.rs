//! How many sockets a process may have.

/// Lets this process, and those it starts, have as many open files as the system lets it.
#[cfg(unix)]
pub(crate) fn as_many_as_possible() -> std::io::Result<()> {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

    let maximum = getrlimit(Resource::Nofile).maximum;
    let current = maximum;
    setrlimit(Resource::Nofile, Rlimit { current, maximum })?;
    Ok(())
}

/// Windows has no such limit.
#[cfg(not(unix))]
pub(crate) fn as_many_as_possible() -> std::io::Result<()> {
    Ok(())
}
