//! Who and where this process is, for leases and the journal.

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
