//! The way of log lines to stderr, so that they do not tear the progress bars apart.

use std::io::{self, Write};

use super::Console;
use crate::lang::clean;

/// Writes log lines to stderr, above the progress bars; each write is a whole line, and is cleaned.
#[derive(Clone)]
pub struct LogWriter {
    console: Console,
}

impl Console {
    /// A writer for log lines. It never fails: a log that nobody reads is no reason to stop.
    #[must_use]
    pub fn log_writer(&self) -> LogWriter {
        LogWriter {
            console: self.clone(),
        }
    }
}

impl Write for LogWriter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let text = String::from_utf8_lossy(bytes);
        let (line, end) = match text.strip_suffix('\n') {
            Some(line) => (line, "\n"),
            None => (&*text, ""),
        };
        let cleaned = format!("{}{end}", clean(line));
        self.console.shared.write_error(cleaned.as_bytes());
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
