//! The way of log lines to stderr, so that they do not tear the progress bars apart.

use std::io::{self, Write};

use super::{Console, Style};

/// Writes log lines to stderr, above the progress bars; give it whole lines.
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

    /// Paints text for stderr.
    #[must_use]
    pub fn error_style(&self) -> Style {
        self.shared.error_style
    }
}

impl Write for LogWriter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.console.shared.write_error(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
