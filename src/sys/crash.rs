//! Numbered points at which a test may kill the program, to prove what survives.

/// Ends the process as `SIGKILL` would when `WXAUTH_CRASH_POINT` names this point.
///
/// Does nothing unless the crate is built with the feature `crash-points`.
#[inline]
pub fn point(name: &str) {
    #[cfg(all(feature = "crash-points", any(feature = "client", feature = "sandbox")))]
    enabled::point(name);
    #[cfg(not(all(feature = "crash-points", any(feature = "client", feature = "sandbox"))))]
    let _ = name;
}

#[cfg(all(feature = "crash-points", any(feature = "client", feature = "sandbox")))]
mod enabled {
    use std::sync::OnceLock;

    pub(super) fn point(name: &str) {
        static CHOSEN: OnceLock<Option<String>> = OnceLock::new();
        let chosen = CHOSEN.get_or_init(|| {
            crate::sys::env::Environment::capture()
                .get("WXAUTH_CRASH_POINT")
                .map(str::to_owned)
        });
        if chosen.as_deref() == Some(name) {
            let _ = rustix::process::kill_process(
                rustix::process::getpid(),
                rustix::process::Signal::KILL,
            );
            loop {
                std::thread::park();
            }
        }
    }
}
