//! Signals that ask the program to stop.

/// How long work may go on that ought to end by itself.
const STUCK: std::time::Duration = std::time::Duration::from_millis(500);

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

/// Work that cannot be interrupted, counted where it begins and where it ends: an odd number is
/// under way.
pub type Turns = std::sync::Arc<std::sync::atomic::AtomicU64>;

/// Ends this process, from now on, when it is asked to stop in the middle of one of `turns` that
/// goes on and on.
pub fn end_when_stuck(turns: &Turns) {
    use std::sync::atomic::Ordering::Relaxed;
    let turns = Turns::clone(turns);
    let watch = move || {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build();
        let Ok(runtime) = runtime else { return };
        loop {
            runtime.block_on(stop_requested());
            let at = turns.load(Relaxed);
            if at % 2 == 1 {
                std::thread::sleep(STUCK);
                if turns.load(Relaxed) == at {
                    end();
                }
            }
        }
    };
    let _ = std::thread::Builder::new()
        .name("wxauth-signals".to_owned())
        .spawn(watch);
}

fn end() {
    #[cfg(unix)]
    {
        let own = rustix::process::getpid();
        let _ = rustix::process::kill_process(own, rustix::process::Signal::KILL);
    }
}
