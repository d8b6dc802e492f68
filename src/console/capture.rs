//! A console whose output is kept in memory, for tests and embedders.

use std::io::{self, Write};
use std::sync::{Arc, Mutex};

use jiff::tz::TimeZone;

use crate::sys::sync::lock;

use super::{Console, ConsoleOptions, Streams};
use crate::sys::clock::Clock;
use crate::sys::env::Environment;

/// What captured consoles wrote so far.
#[derive(Clone, Default)]
pub struct Capture {
    out: Kept,
    error: Kept,
}

impl Capture {
    /// Nothing written yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Streams that write here: pipes, to be taken for terminals with [`Streams::as_terminal`].
    #[must_use]
    pub fn streams(&self) -> Streams {
        Streams::pipes(Box::new(self.out.clone()), Box::new(self.error.clone()))
    }

    /// A console that writes here, in UTC and with an empty environment.
    #[must_use]
    pub fn console(&self, options: ConsoleOptions) -> Console {
        let environment = Environment::default();
        let clock = Clock::system();
        Console::over(self.streams(), TimeZone::UTC, options, &environment, clock)
    }

    /// Everything written to stdout and flushed.
    #[must_use]
    pub fn stdout(&self) -> String {
        self.out.text()
    }

    /// Everything written to stderr.
    #[must_use]
    pub fn stderr(&self) -> String {
        self.error.text()
    }
}

impl Console {
    /// A console with the default options, and what it writes.
    #[must_use]
    pub fn captured() -> (Self, Capture) {
        let capture = Capture::new();
        (capture.console(ConsoleOptions::default()), capture)
    }
}

#[derive(Clone, Default)]
struct Kept(Arc<Mutex<Vec<u8>>>);

impl Kept {
    fn text(&self) -> String {
        let bytes = lock(&self.0);
        String::from_utf8_lossy(&bytes).into_owned()
    }
}

impl Write for Kept {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut kept = lock(&self.0);
        kept.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
