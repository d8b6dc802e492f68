//! The two streams, what they are connected to, and a reader that goes away.

use std::io::{self, BufWriter, IsTerminal, Write};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, OnceLock};

use dialoguer::console::Term;
use indicatif::{MultiProgress, ProgressDrawTarget};
use jiff::tz::TimeZone;

use crate::sys::sync::lock;

use super::error::ConsoleError;
use super::list::Next;
use super::options::{ColorChoice, ConsoleOptions, Format};
use super::style::Style;
use crate::sys::clock::{self, Clock};
use crate::sys::env::Environment;
use crate::sys::pager::Pager;

const BUFFER: usize = 64 * 1024;
const WIDTH: usize = 80;

/// Which streams are terminals.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Terminals {
    pub(super) input: bool,
    pub(super) out: bool,
    pub(super) error: bool,
}

/// Where a console writes, and what is at the other end.
pub struct Streams {
    pub(super) out: Box<dyn Write + Send>,
    pub(super) error: Box<dyn Write + Send>,
    pub(super) terminals: Terminals,
    /// The columns of the terminal at stdout.
    pub(super) width: Option<usize>,
    /// The columns of the terminal at stderr.
    pub(super) error_width: Option<usize>,
    /// The lines of the terminal at stdout.
    pub(super) height: Option<usize>,
    /// Whether progress may be drawn: only ever on the process's own stderr.
    pub(super) draws: bool,
}

impl Streams {
    /// This process's own.
    #[must_use]
    pub fn process() -> Self {
        let terminals = Terminals {
            input: io::stdin().is_terminal(),
            out: io::stdout().is_terminal(),
            error: io::stderr().is_terminal(),
        };
        let size = || Term::stdout().size_checked();
        let size = terminals.out.then(size).flatten();
        let error_size = || Term::stderr().size_checked();
        let error_size = terminals.error.then(error_size).flatten();
        Self {
            out: Box::new(io::stdout()),
            error: Box::new(io::stderr()),
            terminals,
            width: size.map(|(_, columns)| usize::from(columns)),
            error_width: error_size.map(|(_, columns)| usize::from(columns)),
            height: size.map(|(lines, _)| usize::from(lines)),
            draws: terminals.error,
        }
    }

    /// Two writers with no terminal behind them.
    #[must_use]
    pub fn pipes(out: Box<dyn Write + Send>, error: Box<dyn Write + Send>) -> Self {
        Self {
            out,
            error,
            terminals: Terminals::default(),
            width: None,
            error_width: None,
            height: None,
            draws: false,
        }
    }

    /// The same writers taken for terminals of `width` columns that nobody types at.
    #[must_use]
    pub fn as_terminal(mut self, width: usize) -> Self {
        self.terminals.out = true;
        self.terminals.error = true;
        self.width = Some(width);
        self.error_width = Some(width);
        self
    }
}

/// What all clones of a console share.
pub(super) struct Shared {
    out: Mutex<BufWriter<Box<dyn Write + Send>>>,
    error: Mutex<Box<dyn Write + Send>>,
    reader_gone: AtomicBool,
    /// What the pager is to show at the end.
    page: Mutex<Option<Page>>,
    /// Where long answers go, and how many lines are long.
    pager: Option<(Pager, usize)>,
    pub(super) bars: MultiProgress,
    pub(super) terminals: Terminals,
    pub(super) width: usize,
    /// The columns of the terminal at stderr; none where it is no terminal.
    pub(super) error_width: Option<usize>,
    pub(super) light_screen: bool,
    pub(super) out_style: Style,
    pub(super) error_style: Style,
    zone: OnceLock<TimeZone>,
    /// The user's `TZ`, for when the zone is first asked for.
    zone_name: Option<String>,
    pub(super) clock: Clock,
}

impl Shared {
    pub(super) fn new(
        streams: Streams,
        zone: Option<TimeZone>,
        options: &ConsoleOptions,
        environment: &Environment,
        clock: Clock,
    ) -> Self {
        let drawn =
            streams.draws && !options.quiet && (!options.format.is_json() || options.verbose > 0);
        let target = if drawn {
            ProgressDrawTarget::stderr()
        } else {
            ProgressDrawTarget::hidden()
        };
        let columns = || environment.get("COLUMNS")?.parse().ok();
        let width = streams.width.or_else(columns).filter(|width| *width > 0);
        let style = |terminal| Style::new(colored(options.color, environment, terminal));
        Self {
            out: Mutex::new(BufWriter::with_capacity(BUFFER, streams.out)),
            error: Mutex::new(streams.error),
            reader_gone: AtomicBool::new(false),
            page: Mutex::default(),
            pager: streams
                .height
                .and_then(|height| Some((pager(options, environment, streams.terminals)?, height))),
            bars: MultiProgress::with_draw_target(target),
            terminals: streams.terminals,
            width: width.unwrap_or(WIDTH),
            error_width: streams.error_width.filter(|width| *width > 0),
            light_screen: light_screen(environment),
            out_style: style(streams.terminals.out),
            error_style: style(streams.terminals.error),
            zone: zone.map_or_else(OnceLock::new, OnceLock::from),
            zone_name: environment.get("TZ").map(str::to_owned),
            clock,
        }
    }

    /// The zone that people's times are told in; looked up when first asked for, because most
    /// answers for programs need none.
    pub(super) fn zone(&self) -> &TimeZone {
        self.zone
            .get_or_init(|| clock::local_zone(self.zone_name.as_deref()))
    }

    pub(super) fn reader_gone(&self) -> bool {
        self.reader_gone.load(Ordering::Relaxed)
    }

    /// Writes to stdout through the buffer.
    pub(super) fn write(&self, bytes: &[u8]) -> Result<Next, ConsoleError> {
        if let Some(page) = &mut *lock(&self.page) {
            page.answer.extend_from_slice(bytes);
            return Ok(Next::More);
        }
        self.with_out(|out| out.write_all(bytes))
    }

    /// Hands on what the buffer of stdout holds.
    pub(super) fn flush(&self) -> Result<Next, ConsoleError> {
        if self.terminals.out {
            // A bar on the same screen would be torn apart.
            self.bars.suspend(|| self.with_out(Write::flush))
        } else {
            self.with_out(Write::flush)
        }
    }

    fn with_out(
        &self,
        act: impl FnOnce(&mut BufWriter<Box<dyn Write + Send>>) -> io::Result<()>,
    ) -> Result<Next, ConsoleError> {
        if self.reader_gone() {
            return Ok(Next::Stop);
        }
        match act(&mut lock(&self.out)) {
            Ok(()) => Ok(Next::More),
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => {
                self.reader_gone.store(true, Ordering::Relaxed);
                Ok(Next::Stop)
            }
            Err(error) => Err(error.into()),
        }
    }

    /// Writes what may be too long for the screen; if it is, it is kept for the pager with
    /// everything that is written after it.
    pub(super) fn write_long(&self, text: &str) -> Result<Next, ConsoleError> {
        if let Some((_, height)) = &self.pager
            && text.lines().count() >= *height
        {
            self.flush()?;
            lock(&self.page).get_or_insert_default();
        }
        self.write(text.as_bytes())
    }

    /// Lets the pager show what was kept for it, and says afterwards what was said meanwhile.
    pub(super) fn show_page(&self) -> Result<(), ConsoleError> {
        let page = lock(&self.page).take();
        let (Some(page), Some((pager, _))) = (page, &self.pager) else {
            return Ok(());
        };
        if !pager.show(&page.answer) {
            self.write(&page.answer)?;
            self.flush()?;
        }
        self.write_error(&page.said);
        Ok(())
    }

    /// Writes a line to stderr; that nobody reads it is no reason to stop.
    pub(super) fn say(&self, line: &str) {
        self.write_error(format!("{line}\n").as_bytes());
    }

    /// Writes to stderr, above the progress bars.
    pub(super) fn write_error(&self, bytes: &[u8]) {
        if let Some(page) = &mut *lock(&self.page) {
            page.said.extend_from_slice(bytes);
            return;
        }
        self.bars.suspend(|| {
            let mut error = lock(&self.error);
            let _ = error.write_all(bytes);
            let _ = error.flush();
        });
    }
}

/// An answer kept for the pager, and what was said after it.
#[derive(Default)]
struct Page {
    answer: Vec<u8>,
    said: Vec<u8>,
}

/// The pager for tables that a person reads at a terminal.
fn pager(
    options: &ConsoleOptions,
    environment: &Environment,
    terminals: Terminals,
) -> Option<Pager> {
    let reads = terminals.input && terminals.out;
    let wanted = options.pager && options.format == Format::Table && !environment.has("CI");
    (reads && wanted).then(|| Pager::of(environment))
}

fn colored(choice: ColorChoice, environment: &Environment, terminal: bool) -> bool {
    match choice {
        ColorChoice::Always => true,
        ColorChoice::Never => false,
        ColorChoice::Auto if environment.has("NO_COLOR") => false,
        ColorChoice::Auto => {
            let forced = environment.get("CLICOLOR_FORCE");
            let dumb = environment.get("TERM") == Some("dumb");
            forced.is_some_and(|value| value != "0") || (terminal && !dumb)
        }
    }
}

/// Whether the terminal says that its background is light (`COLORFGBG`, as `0;15`).
fn light_screen(environment: &Environment) -> bool {
    environment
        .get("COLORFGBG")
        .and_then(|colors| colors.rsplit(';').next())
        .is_some_and(|background| matches!(background, "7" | "15"))
}
