//! Who and where this process is, for leases and the journal, and how many files it may open.

const USUAL_OPEN_FILES: usize = 1024;
#[cfg(unix)]
const ENOUGH_OPEN_FILES: u64 = 4096;

/// The machine's host name.
#[must_use]
pub fn name() -> String {
    #[cfg(unix)]
    return rustix::system::uname()
        .nodename()
        .to_string_lossy()
        .into_owned();
    #[cfg(not(unix))]
    return super::env::Environment::capture()
        .get("COMPUTERNAME")
        .unwrap_or_default()
        .to_owned();
}

/// The process id.
#[must_use]
pub fn process_id() -> u32 {
    std::process::id()
}

/// How many files this process may have open, sockets among them; a usual number where the system
/// has no such limit.
#[must_use]
pub fn open_files_limit() -> usize {
    #[cfg(unix)]
    if let Some(limit) = rustix::process::getrlimit(rustix::process::Resource::Nofile).current {
        return usize::try_from(limit).unwrap_or(usize::MAX);
    }
    USUAL_OPEN_FILES
}

/// Lets this process open more files, up to what it is allowed and to what a server needs.
pub fn raise_open_files_limit() {
    #[cfg(unix)]
    {
        use rustix::process::{Resource, getrlimit, setrlimit};
        let mut limit = getrlimit(Resource::Nofile);
        let allowed = limit.maximum.unwrap_or(ENOUGH_OPEN_FILES);
        let wanted = allowed.min(ENOUGH_OPEN_FILES);
        if limit.current.is_some_and(|current| current < wanted) {
            limit.current = Some(wanted);
            // Without it fewer connections are served at once.
            let _ = setrlimit(Resource::Nofile, limit);
        }
    }
}
