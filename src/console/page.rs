//! The words of a document, for people.

use std::{fmt, io};

use super::Console;
use super::qr::{Qr, QrError};
use super::style::{Style, Tone};
use super::wrap::wrap;
use crate::lang::clean;

/// What people read of a document, written line by line with `writeln!`.
///
/// Whatever is written is cleaned: a line stays one line, and no value acts on the terminal. Colour
/// comes from [`Page::paint`] alone, and several lines at once from [`Page::lines`] and
/// [`Page::prose`].
#[derive(Debug)]
pub struct Page {
    text: String,
    style: Style,
    /// The columns of the terminal; none where it is no terminal.
    screen: Option<usize>,
}

impl Page {
    pub(super) const fn new(style: Style, screen: Option<usize>) -> Self {
        Self {
            text: String::new(),
            style,
            screen,
        }
    }

    /// Ends the line with these words: `writeln!(page, …)`.
    ///
    /// # Errors
    /// None: the result is what `writeln!` and its callers expect.
    pub fn write_fmt(&mut self, words: fmt::Arguments<'_>) -> io::Result<()> {
        let words = fmt::format(words);
        self.put(words.strip_suffix('\n').unwrap_or(&words));
        self.text.push('\n');
        Ok(())
    }

    /// Begins the line, or continues it, with these words.
    pub fn put(&mut self, words: &str) {
        self.text.push_str(&clean(words));
    }

    /// The same, in the colour of `tone`.
    pub fn paint(&mut self, tone: Tone, words: &str) {
        self.text.push_str(&self.style.paint(tone, &clean(words)));
    }

    /// Ends a line whose first `taken` columns are written: at a terminal in lines that fit,
    /// indented by as many.
    pub fn prose(&mut self, words: &str, taken: usize) {
        let words = self.wrapped(words, taken);
        self.text.push_str(&words);
        self.text.push('\n');
    }

    /// The same, in the colour of `tone`.
    pub fn paint_prose(&mut self, tone: Tone, words: &str, taken: usize) {
        let words = self.style.paint(tone, &self.wrapped(words, taken));
        self.text.push_str(&words);
        self.text.push('\n');
    }

    fn wrapped(&self, words: &str, taken: usize) -> String {
        let words = clean(words);
        match self.screen {
            Some(screen) => wrap(&words, taken, screen),
            None => words.into_owned(),
        }
    }

    /// Lines of a text of our own, whose values were cleaned when it was composed.
    pub fn lines(&mut self, text: &str) {
        for line in text.lines() {
            self.put(line);
            self.text.push('\n');
        }
    }

    /// A QR code, as [`Console::qr`] draws it.
    ///
    /// # Errors
    /// As [`Console::qr`].
    pub fn qr(&mut self, code: &Qr, console: &Console) -> Result<(), QrError> {
        self.text.push_str(&console.qr(code)?);
        self.text.push('\n');
        Ok(())
    }

    pub(super) fn into_text(self) -> String {
        self.text
    }
}
