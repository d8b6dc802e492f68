//! Who and where this process is, for leases and the journal.

/// The machine's host name.
#[must_use]
pub fn name() -> String {
    rustix::system::uname()
        .nodename()
        .to_string_lossy()
        .into_owned()
}

/// The process id.
#[must_use]
pub fn process_id() -> u32 {
    std::process::id()
}
