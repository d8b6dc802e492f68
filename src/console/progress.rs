//! How far bulk work has come, drawn on stderr while a person watches.

use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

use super::Console;
use crate::lang::{Text, clean};

const BAR: &str = "{msg} {wide_bar} {human_pos}/{human_len} ({eta})";
const SPINNER: &str = "{spinner} {msg} {human_pos}";

/// A progress bar, or nothing at all where nobody watches: no terminal, `--quiet`, JSON.
///
/// It vanishes when finished or dropped; clones move the same bar.
#[derive(Clone)]
pub struct Progress {
    bar: ProgressBar,
}

impl Console {
    /// Shows how far work on `total` items has come; a spinner while the total is unknown.
    #[must_use]
    pub fn progress(&self, total: Option<u64>, label: impl Into<Text>) -> Progress {
        if self.bars().is_hidden() {
            return Progress {
                bar: ProgressBar::hidden(),
            };
        }
        let bar = self.bars().add(ProgressBar::no_length());
        bar.set_message(clean(label.into().of(self.lang())).into_owned());
        bar.set_style(style(SPINNER));
        bar.enable_steady_tick(Duration::from_millis(120));
        let progress = Progress { bar };
        if let Some(total) = total {
            progress.set_total(total);
        }
        progress
    }
}

impl Progress {
    /// Counts `items` as done.
    pub fn inc(&self, items: u64) {
        self.bar.inc(items);
    }

    /// Says how many items there are, which turns a spinner into a bar.
    pub fn set_total(&self, total: u64) {
        self.bar.set_length(total);
        self.bar.set_style(style(BAR));
    }

    /// Says how far the work has come, in all.
    pub fn set(&self, done: u64, total: u64) {
        if self.bar.length() != Some(total) {
            self.set_total(total);
        }
        self.bar.set_position(done);
    }

    /// Says what is being done now.
    pub fn message(&self, text: &str) {
        self.bar.set_message(clean(text).into_owned());
    }

    /// Takes the bar off the screen.
    pub fn finish(&self) {
        self.bar.finish_and_clear();
    }
}

/// A style by its template; the plain bar should the template be wrong.
fn style(template: &str) -> ProgressStyle {
    ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar())
}
