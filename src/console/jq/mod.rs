//! `--jq`: a filter over the JSON of an answer, in the language of jq.

mod expression;
mod worker;

use std::ffi::OsStr;
use std::fmt;
use std::io::{self, BufReader, Write as _};
use std::path::PathBuf;
use std::process::{Child, ChildStdin, ChildStdout, ExitCode, Stdio};
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::{Arc, Mutex};

use crate::sys::sync::lock;

use super::list::Next;
use super::{Console, ConsoleError};
use crate::sys::files::{self, TooLong};
use crate::sys::{command, signals};

pub use expression::WrongFilter;
use worker::{MEMORY, Part};

/// The most that a process says when it fails.
const WORDS: u64 = 64 << 10;

/// A filter, ready to be run.
///
/// It sees the answer and nothing else: no environment, no files, no other input. It runs in a
/// process of its own, which may end without ending this one.
pub struct Filter {
    expression: String,
    program: PathBuf,
    worker: Mutex<Option<Worker>>,
}

impl Filter {
    /// Reads an expression; `program` is this program, which is started to run it.
    ///
    /// # Errors
    /// [`WrongFilter`], for the first mistake in it.
    pub fn new(expression: &str, program: PathBuf) -> Result<Self, WrongFilter> {
        expression::compile(expression)?;
        Ok(Self {
            expression: expression.to_owned(),
            program,
            worker: Mutex::default(),
        })
    }
}

impl fmt::Debug for Filter {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Filter")
    }
}

/// Runs filters for the program that started this one, where it was started for that: its first
/// argument says so.
#[must_use]
pub fn run_filters(first: Option<&OsStr>) -> Option<ExitCode> {
    (first? == worker::ROLE).then(worker::run)
}

/// The process that runs the filter; it ends with this value.
struct Worker {
    child: Arc<Mutex<Child>>,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
    /// Whether it was ended because this process was asked to stop.
    stopped: Arc<AtomicBool>,
}

impl Worker {
    fn start(filter: &Filter) -> io::Result<Self> {
        let mut child = command::child(&filter.program)
            .arg(worker::ROLE)
            .env_clear()
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()?;
        let pipes = child.stdin.take().zip(child.stdout.take());
        let (mut input, output) = pipes.ok_or(io::ErrorKind::BrokenPipe)?;
        worker::send(&mut input, filter.expression.as_bytes())?;
        let child = Arc::new(Mutex::new(child));
        let stopped = Arc::new(AtomicBool::default());
        // A filter need not end, and nothing else is looked after while it runs.
        signals::on_stop({
            let (child, stopped) = (Arc::clone(&child), Arc::clone(&stopped));
            move || {
                stopped.store(true, Relaxed);
                let _ = lock(&child).kill();
            }
        });
        Ok(Self {
            child,
            input,
            output: BufReader::with_capacity(1 << 16, output),
            stopped,
        })
    }

    fn send(&mut self, document: &[u8]) -> io::Result<()> {
        worker::send(&mut self.input, document)?;
        self.input.flush()
    }

    /// Why it ended before the document did.
    fn fate(self) -> ConsoleError {
        let mut child = lock(&self.child);
        let status = child.wait();
        let said = child.stderr.take();
        let said = said.and_then(|stderr| files::read_all(stderr, WORDS).ok());
        let said = String::from_utf8_lossy(said.as_deref().unwrap_or_default()).into_owned();
        let asked = status.as_ref().is_ok_and(signals::is_stopped);
        if self.stopped.load(Relaxed) || asked {
            ConsoleError::Interrupted
        } else if said.contains("overflowed its stack") {
            ConsoleError::FilterTooDeep
        } else {
            // It was refused memory, or the system took it back.
            let limit = TooLong { limit: MEMORY }.words();
            ConsoleError::FilterTooLarge { limit }
        }
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        let mut child = lock(&self.child);
        let _ = child.kill();
        let _ = child.wait();
    }
}

impl Console {
    /// Writes what the filter makes of a JSON document, a result a line: strings as they are,
    /// everything else as JSON.
    ///
    /// # Errors
    /// [`ConsoleError::Filter`] where the filter fails on this document; what it gave before is
    /// written. Where it takes too much, the last of that may be lost with its process.
    pub(super) fn filtered(&self, filter: &Filter, json: &[u8]) -> Result<Next, ConsoleError> {
        let mut held = lock(&filter.worker);
        let mut worker = match held.take() {
            Some(worker) => worker,
            None => Worker::start(filter).map_err(ConsoleError::FilterStart)?,
        };
        if worker.send(json).is_err() {
            return Err(worker.fate());
        }
        let mut line = Vec::new();
        loop {
            line.clear();
            match worker::receive_part(&mut worker.output) {
                Ok((Part::Text, text)) if self.is_terminal() => {
                    let text = String::from_utf8_lossy(&text);
                    line.extend_from_slice(self.seen(&text).as_bytes());
                }
                Ok((Part::Text, text)) => line.extend_from_slice(&text),
                Ok((Part::Json, json)) => line.extend_from_slice(&self.seen_json(&json)),
                Ok((Part::End, _)) => break,
                Ok((Part::Failed, reason)) => {
                    self.shared.flush()?;
                    let reason = String::from_utf8_lossy(&reason).into_owned();
                    return Err(ConsoleError::Filter { reason });
                }
                Err(_) => {
                    self.shared.flush()?;
                    return Err(worker.fate());
                }
            }
            line.push(b'\n');
            if self.shared.write(&line)? == Next::Stop {
                return Ok(Next::Stop);
            }
        }
        *held = Some(worker);
        self.shared.flush()
    }
}
