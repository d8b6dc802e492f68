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

/// Calls `act` when this process is asked to stop, from now on, on a thread of its own: for work
/// that blocks the thread that would wait for it.
pub fn on_stop(act: impl Fn() + Send + 'static) {
    let watch = move || {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build();
        let Ok(runtime) = runtime else { return };
        loop {
            runtime.block_on(stop_requested());
            act();
        }
    };
    let _ = std::thread::Builder::new()
        .name("wxauth-signals".to_owned())
        .spawn(watch);
}

/// Whether a program ended because it was asked to stop.
#[must_use]
pub fn is_stopped(status: &std::process::ExitStatus) -> bool {
    #[cfg(unix)]
    {
        use rustix::process::Signal;
        let signal = std::os::unix::process::ExitStatusExt::signal(status);
        let asks = [Signal::INT, Signal::TERM].map(Signal::as_raw);
        signal.is_some_and(|signal| asks.contains(&signal))
    }
    #[cfg(not(unix))]
    {
        let _ = status;
        false
    }
}
