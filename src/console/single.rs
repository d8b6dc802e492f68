//! Answers that are no list: one record, a document, a bare text.

use std::borrow::Cow;
use std::io::{self, Write};

use serde::Serialize;
use unicode_width::UnicodeWidthStr;

use super::record::{self, Record};
use super::{Console, ConsoleError, Format, Page, delimited};
use crate::lang::{clean, clean_json};

impl Console {
    /// Answers with one record: a line per field for people, one document for programs.
    ///
    /// # Errors
    /// Wrong `--columns`, or why it could not be written.
    pub fn one<T: Record>(&self, record: &T) -> Result<(), ConsoleError> {
        let columns = record::choose(T::COLUMNS, &self.options.columns)?;
        let context = self.cell_context();
        match self.format() {
            Format::Json | Format::Ndjson => self.json(record),
            format @ (Format::Csv | Format::Tsv) => {
                let mut lines = Vec::new();
                delimited::header(&mut lines, format, &columns);
                delimited::row(&mut lines, format, &columns, record, &context);
                self.put(&lines)
            }
            Format::Table => {
                let style = self.style();
                let titles = columns.iter().map(|column| column.heading(self.lang()));
                let widest = titles.clone().map(UnicodeWidthStr::width).max();
                let mut text = String::new();
                for (column, title) in columns.iter().zip(titles) {
                    let cell = record.cell(column.name, &context);
                    let gap = widest.unwrap_or(0) - title.width() + 2;
                    let value = cell.human(&context);
                    let value = match cell.human_tone() {
                        Some(tone) => style.paint(tone, &value),
                        None => value,
                    };
                    text.push_str(&style.muted(title));
                    text.push_str(&" ".repeat(gap));
                    text.push_str(&value);
                    text.push('\n');
                }
                self.put(text.as_bytes())
            }
        }
    }

    /// Answers with a document: `value` as JSON for programs, what `human` writes for people.
    ///
    /// # Errors
    /// [`ConsoleError::FormatDoesNotApply`] for csv and tsv, or why it could not be written.
    pub fn document<T: Serialize>(
        &self,
        value: &T,
        human: impl FnOnce(&mut Page) -> io::Result<()>,
    ) -> Result<(), ConsoleError> {
        match self.format() {
            Format::Json | Format::Ndjson => self.json(value),
            format @ (Format::Csv | Format::Tsv) => {
                Err(ConsoleError::FormatDoesNotApply { format })
            }
            Format::Table => {
                let screen = self.is_terminal().then(|| self.width());
                let mut page = Page::new(self.style(), screen);
                human(&mut page)?;
                self.put(page.into_text().as_bytes())
            }
        }
    }

    /// Answers with `text` itself, whatever the format, and a line break. At a terminal its lines
    /// are cleaned; a pipe gets every character.
    ///
    /// # Errors
    /// Why it could not be written.
    pub fn raw(&self, text: &str) -> Result<(), ConsoleError> {
        self.put(format!("{}\n", self.seen(text)).as_bytes())
    }

    /// Lines as stdout may have them: cleaned at a terminal, as they are in a pipe.
    pub(super) fn seen<'a>(&self, text: &'a str) -> Cow<'a, str> {
        if !self.is_terminal() {
            return Cow::Borrowed(text);
        }
        let lines: Vec<_> = text.split('\n').map(clean).collect();
        Cow::Owned(lines.join("\n"))
    }

    /// JSON as stdout may have it: with nothing that acts on a terminal, if it is one.
    pub(super) fn seen_json<'a>(&self, json: &'a [u8]) -> Cow<'a, [u8]> {
        if !self.is_terminal() {
            return Cow::Borrowed(json);
        }
        let text = String::from_utf8_lossy(json);
        Cow::Owned(clean_json(&text).into_owned().into_bytes())
    }

    /// Answers with bytes as they are: a picture or a file, for whoever reads the pipe.
    ///
    /// # Errors
    /// Why they could not be written.
    pub fn bytes(&self, bytes: &[u8]) -> Result<(), ConsoleError> {
        self.put(bytes)
    }

    /// What takes an answer of bytes piece by piece: lines of JSON, or a file. What nobody reads any
    /// more is dropped; at a terminal nothing of it acts on the terminal.
    #[must_use]
    pub fn bytes_writer(&self) -> impl Write + Send + 'static {
        Bytes {
            console: self.clone(),
            line: Vec::new(),
        }
    }

    /// Answers with a text of our own, which is shown by the pager where it is too long.
    ///
    /// # Errors
    /// Why it could not be written.
    pub fn page(&self, text: &str) -> Result<(), ConsoleError> {
        self.shared.write_long(text)?;
        self.shared.flush()?;
        Ok(())
    }

    /// One JSON document: on one line for programs, spread out on a terminal.
    fn json<T: Serialize>(&self, value: &T) -> Result<(), ConsoleError> {
        #[cfg(feature = "jq")]
        if let Some(filter) = &self.options.filter {
            let document = serde_json::to_vec(value).map_err(ConsoleError::Serialize)?;
            return self.filtered(filter, &document).map(|_| ());
        }
        let document = if self.is_terminal() && self.format() == Format::Json {
            serde_json::to_vec_pretty(value)
        } else {
            serde_json::to_vec(value)
        };
        let mut document = document.map_err(ConsoleError::Serialize)?;
        document.push(b'\n');
        self.put(&self.seen_json(&document))
    }

    fn put(&self, bytes: &[u8]) -> Result<(), ConsoleError> {
        self.shared.write(bytes)?;
        self.shared.flush()?;
        Ok(())
    }
}

struct Bytes {
    console: Console,
    /// What a terminal is to get of the line that is not whole yet.
    line: Vec<u8>,
}

impl Bytes {
    fn put(&self, bytes: &[u8]) -> io::Result<()> {
        let written = self.console.shared.write(bytes);
        written.map_err(io::Error::other)?;
        Ok(())
    }
}

impl Write for Bytes {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if !self.console.is_terminal() {
            self.put(bytes)?;
            return Ok(bytes.len());
        }
        self.line.extend_from_slice(bytes);
        if let Some(end) = self.line.iter().rposition(|byte| *byte == b'\n') {
            let rest = self.line.split_off(end + 1);
            self.put(&self.console.seen_json(&self.line))?;
            self.line = rest;
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        let rest = std::mem::take(&mut self.line);
        self.put(&self.console.seen_json(&rest))?;
        let flushed = self.console.shared.flush();
        flushed.map_err(io::Error::other)?;
        Ok(())
    }
}
