//! What a person or a pipe sees. Nothing else in the crate writes to stdout or stderr.
//!
//! stdout carries the answer, in the [`Format`] asked for; stderr carries everything else. A
//! command hands over [`Record`]s ([`Console::answer`], [`Console::list`], [`Console::one`]),
//! whole documents ([`Console::document`]) or a bare text ([`Console::raw`]), and says the rest by
//! [`Console::note`], [`Console::hint`], [`Console::warn`] and [`Console::error`].
//!
//! A reader that closes the pipe ends an answer, not in an error but in silence: the rest is
//! dropped, [`Next::Stop`] tells the one who produces rows, and the command ends as if all had
//! been read.

mod capture;
mod cell;
mod delimited;
mod error;
mod folded;
mod grid;
#[cfg(feature = "jq")]
mod jq;
mod list;
mod log;
mod markdown;
mod message;
mod near;
mod options;
mod page;
mod progress;
mod prompt;
pub mod qr;
mod record;
mod rows;
mod single;
mod streams;
mod style;
mod table;
pub mod when;
mod wrap;

use std::sync::Arc;

use indicatif::MultiProgress;
use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::lang::Lang;
use crate::sys::clock::Clock;
use crate::sys::env::Environment;

pub use capture::Capture;
pub use cell::{Cell, CellContext};
pub use error::{ConsoleError, PromptRefused};
pub use folded::{Mark, MarkedRow, Section};
pub use grid::Grid;
#[cfg(feature = "jq")]
pub use jq::{Filter, WrongFilter, run_filters};
pub use list::{List, Next};
pub use log::LogWriter;
pub use message::Failure;
pub use options::{ColorChoice, ConsoleOptions, Format};
pub use page::Page;
pub use progress::Progress;
pub use record::{Column, Record};
pub use streams::Streams;
pub use style::{Style, Tone};

use streams::Shared;

/// The way to the user: cheap to clone, and all clones write to the same streams.
#[derive(Clone)]
pub struct Console {
    shared: Arc<Shared>,
    options: Arc<ConsoleOptions>,
}

impl Console {
    /// A console over this process's own streams.
    ///
    /// Colour: `--color`; else none with `NO_COLOR`, then some with `CLICOLOR_FORCE`, then none
    /// with `TERM=dumb`, then what the stream is: a terminal or not.
    #[must_use]
    pub fn new(options: ConsoleOptions, environment: &Environment, clock: Clock) -> Self {
        Self::with(Streams::process(), None, options, environment, clock)
    }

    /// A console over other streams, whose times are told in `zone`.
    #[must_use]
    pub fn over(
        streams: Streams,
        zone: TimeZone,
        options: ConsoleOptions,
        environment: &Environment,
        clock: Clock,
    ) -> Self {
        Self::with(streams, Some(zone), options, environment, clock)
    }

    fn with(
        streams: Streams,
        zone: Option<TimeZone>,
        options: ConsoleOptions,
        environment: &Environment,
        clock: Clock,
    ) -> Self {
        let shared = Shared::new(streams, zone, &options, environment, clock);
        Self {
            shared: Arc::new(shared),
            options: Arc::new(options),
        }
    }

    /// The same console answering in another format, for an answer that has no form in the one set.
    #[must_use]
    pub fn with_format(&self, format: Format) -> Self {
        Self {
            shared: Arc::clone(&self.shared),
            options: Arc::new(ConsoleOptions {
                format,
                ..(*self.options).clone()
            }),
        }
    }

    /// The same console, the JSON of whose answers goes through a filter.
    #[cfg(feature = "jq")]
    #[must_use]
    pub fn with_filter(&self, filter: Filter) -> Self {
        Self {
            shared: Arc::clone(&self.shared),
            options: Arc::new(ConsoleOptions {
                filter: Some(Arc::new(filter)),
                ..(*self.options).clone()
            }),
        }
    }

    /// How the user wants to be answered.
    #[must_use]
    pub fn options(&self) -> &ConsoleOptions {
        &self.options
    }

    /// The form of the answer.
    #[must_use]
    pub fn format(&self) -> Format {
        self.options.format
    }

    /// The language for people.
    #[must_use]
    pub fn lang(&self) -> Lang {
        self.options.lang
    }

    /// The present moment by the console's clock.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.shared.clock.now()
    }

    /// The zone that people's times are told in.
    #[must_use]
    pub fn zone(&self) -> &TimeZone {
        self.shared.zone()
    }

    /// How many columns a line on stdout has: the terminal's, else `COLUMNS`, else 80.
    #[must_use]
    pub fn width(&self) -> usize {
        self.shared.width
    }

    /// Whether stdout is a terminal.
    #[must_use]
    pub fn is_terminal(&self) -> bool {
        self.shared.terminals.out
    }

    /// Whether the user can be asked: stdin and stderr are terminals and prompts are allowed.
    #[must_use]
    pub fn can_ask(&self) -> bool {
        let terminals = self.shared.terminals;
        self.options.input && terminals.input && terminals.error
    }

    /// Paints text for stdout.
    #[must_use]
    pub fn style(&self) -> Style {
        self.shared.out_style
    }

    /// A moment for people: `2026-11-22 19:50 (in 29 min)`.
    #[must_use]
    pub fn moment(&self, at: Timestamp) -> String {
        when::moment(at, self.now(), self.zone(), self.lang())
    }

    /// Whether the reader of stdout closed it, so that nothing more need be produced.
    #[must_use]
    pub fn reader_gone(&self) -> bool {
        self.shared.reader_gone()
    }

    /// Hands on what is still held back and lets go of stdout, so that its reader sees the end of
    /// the answer although this process lives on.
    pub fn end_answer(&self) {
        // Nobody waits for the end of what a terminal shows.
        if self.is_terminal() {
            return;
        }
        // A failed write was told to whoever wrote.
        let _ = self.shared.flush();
        crate::sys::stdout::let_go();
    }

    /// Lets a person read a long answer by their pager, now that all work is done and nobody waits
    /// for this process.
    ///
    /// # Errors
    /// Without a pager: why the answer could not be written.
    pub fn show_page(&self) -> Result<(), ConsoleError> {
        self.shared.show_page()
    }

    fn bars(&self) -> &MultiProgress {
        &self.shared.bars
    }

    /// Whether stderr is to keep silent but for the error line.
    fn is_silent(&self) -> bool {
        self.format().is_json() && self.options.verbose == 0
    }

    fn cell_context(&self) -> CellContext {
        CellContext {
            lang: self.lang(),
            now: self.now(),
            // Programs are told the time in UTC.
            zone: match self.format() {
                Format::Table => self.zone().clone(),
                _ => TimeZone::UTC,
            },
            reveal: self.options.reveal,
            machine: self.format().is_delimited(),
        }
    }
}
