//! Signals that ask the program to stop.

/// What asked the program to stop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stop {
    /// Ctrl-C: every process of the terminal's foreground gets it.
    Interrupt,
    /// `SIGTERM`: this process alone got it.
    Terminate,
}

/// Keeps Ctrl-C from ending this process, from now on: whoever waits for it is told, and nobody
/// else. Must be called within a runtime; elsewhere nothing is kept.
#[must_use]
pub fn hold_interrupts() -> impl Sized {
    #[cfg(unix)]
    if tokio::runtime::Handle::try_current().is_ok() {
        use tokio::signal::unix::{SignalKind, signal};
        return signal(SignalKind::interrupt()).ok();
    }
    #[cfg(unix)]
    return None;
    #[cfg(not(unix))]
    return ();
}

/// Waits for Ctrl-C or, on Unix, `SIGTERM`.
pub async fn stop_requested() -> Stop {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        if let Ok(mut terminate) = signal(SignalKind::terminate()) {
            return tokio::select! {
                _ = tokio::signal::ctrl_c() => Stop::Interrupt,
                _ = terminate.recv() => Stop::Terminate,
            };
        }
    }
    let _ = tokio::signal::ctrl_c().await;
    Stop::Interrupt
}
