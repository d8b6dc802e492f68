//! Answers that are no list: one record, a document, a bare text.

use std::io::{self, Write};

use serde::Serialize;
use unicode_width::UnicodeWidthStr;

use super::clean::clean_styled;
use super::record::{self, Record};
use super::{Console, ConsoleError, Format, delimited};

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
    /// What `human` writes may be coloured by [`Console::style`]; anything else that acts on a
    /// terminal is made visible, line breaks excepted.
    ///
    /// # Errors
    /// [`ConsoleError::FormatDoesNotApply`] for csv and tsv, or why it could not be written.
    pub fn document<T: Serialize>(
        &self,
        value: &T,
        human: impl FnOnce(&mut dyn Write) -> io::Result<()>,
    ) -> Result<(), ConsoleError> {
        match self.format() {
            Format::Json | Format::Ndjson => self.json(value),
            format @ (Format::Csv | Format::Tsv) => {
                Err(ConsoleError::FormatDoesNotApply { format })
            }
            Format::Table => {
                let mut page = Vec::new();
                human(&mut page)?;
                self.put(clean_styled(&String::from_utf8_lossy(&page)).as_bytes())
            }
        }
    }

    /// Answers with `text` itself, whatever the format, and a line break.
    ///
    /// # Errors
    /// Why it could not be written.
    pub fn raw(&self, text: &str) -> Result<(), ConsoleError> {
        self.put(format!("{text}\n").as_bytes())
    }

    /// Answers with bytes as they are: a picture or a file, for whoever reads the pipe.
    ///
    /// # Errors
    /// Why they could not be written.
    pub fn bytes(&self, bytes: &[u8]) -> Result<(), ConsoleError> {
        self.put(bytes)
    }

    /// What takes an answer of bytes piece by piece. What nobody reads any more is dropped.
    #[must_use]
    pub fn bytes_writer(&self) -> impl Write + Send + 'static {
        Bytes(self.clone())
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
        self.put(&document)
    }

    fn put(&self, bytes: &[u8]) -> Result<(), ConsoleError> {
        self.shared.write(bytes)?;
        self.shared.flush()?;
        Ok(())
    }
}

struct Bytes(Console);

impl Write for Bytes {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.0.shared.write(bytes);
        written.map_err(io::Error::other)?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        let flushed = self.0.shared.flush();
        flushed.map_err(io::Error::other)?;
        Ok(())
    }
}
