//! Rows for programs whose columns are known only when the command runs, streamed.

use serde::Serialize;

use super::cell::Cell;
use super::list::Next;
use super::near::near;
use super::rows::Rows;
use super::{Console, ConsoleError, Format, delimited};

/// Rows being answered: push them, then finish.
///
/// Dropped unfinished it leaves what was pushed, so that a JSON array is visibly cut off.
pub struct Grid {
    console: Console,
    names: Vec<String>,
    /// The columns that `--columns` chose.
    shown: Vec<usize>,
    pushed: bool,
    line: Vec<u8>,
    out: Rows,
}

impl Console {
    /// Begins rows with the columns `names`. People are answered by [`Console::folded`].
    ///
    /// # Errors
    /// [`ConsoleError::UnknownColumn`] when `--columns` names another, and
    /// [`ConsoleError::FormatDoesNotApply`] for the format of people.
    pub fn grid(&self, names: Vec<String>) -> Result<Grid, ConsoleError> {
        if self.format() == Format::Table {
            return Err(ConsoleError::FormatDoesNotApply {
                format: Format::Table,
            });
        }
        Ok(Grid {
            console: self.clone(),
            shown: self.choose(&names)?,
            names,
            pushed: false,
            line: Vec::new(),
            out: Rows::default(),
        })
    }

    /// The places in `names` of those that `--columns` names, in its order; all when it names none.
    ///
    /// # Errors
    /// [`ConsoleError::UnknownColumn`] with the names there are.
    pub fn choose(&self, names: &[String]) -> Result<Vec<usize>, ConsoleError> {
        if self.options.columns.is_empty() {
            return Ok((0..names.len()).collect());
        }
        let place = |wanted: &String| {
            let found = names.iter().position(|name| name == wanted.trim());
            found.ok_or_else(|| ConsoleError::UnknownColumn {
                name: wanted.clone(),
                near: near(wanted, names.iter().map(|name| (name.as_str(), ["", ""]))),
                known: names.to_vec(),
            })
        };
        self.options.columns.iter().map(place).collect()
    }
}

impl Grid {
    /// Adds a row: `record` in JSON, else `cells`, one per column.
    ///
    /// # Errors
    /// Why the row could not be written.
    pub fn push<T: Serialize>(
        &mut self,
        record: &T,
        cells: impl FnOnce() -> Vec<Cell>,
    ) -> Result<Next, ConsoleError> {
        let first = !self.pushed;
        self.pushed = true;
        self.line.clear();
        match self.console.format() {
            Format::Json => {
                let before: &[u8] = if first { b"[" } else { b",\n" };
                self.line.extend_from_slice(before);
                serialize(&mut self.line, record)?;
            }
            format @ (Format::Csv | Format::Tsv) => {
                if first {
                    self.header(format);
                }
                let cells = cells();
                let chosen = self.shown.iter().filter_map(|index| cells.get(*index));
                delimited::cells(&mut self.line, format, chosen);
            }
            Format::Ndjson | Format::Table => {
                serialize(&mut self.line, record)?;
                self.line.push(b'\n');
            }
        }
        self.out.write(&self.console, &self.line)
    }

    /// Ends the rows: what is still held is written, and having none is said on stderr.
    ///
    /// # Errors
    /// Why the rest could not be written.
    pub fn finish(mut self) -> Result<(), ConsoleError> {
        self.line.clear();
        match (self.console.format(), self.pushed) {
            (Format::Json, true) => self.line.extend_from_slice(b"]\n"),
            (Format::Json, false) => self.line.extend_from_slice(b"[]\n"),
            (format @ (Format::Csv | Format::Tsv), false) => self.header(format),
            _ => {}
        }
        self.out.end(&self.console, &self.line)?;
        self.console.shared.flush()?;
        if !self.pushed {
            self.console.nothing_to_list();
        }
        Ok(())
    }

    fn header(&mut self, format: Format) {
        let chosen = self.shown.iter().filter_map(|index| self.names.get(*index));
        let titles: Vec<Cell> = chosen.map(Cell::text).collect();
        delimited::cells(&mut self.line, format, titles.iter());
    }
}

impl Drop for Grid {
    fn drop(&mut self) {
        // Rows that failed half-way still hand on what they had.
        let _ = self.console.shared.flush();
    }
}

fn serialize<T: Serialize>(line: &mut Vec<u8>, record: &T) -> Result<(), ConsoleError> {
    serde_json::to_writer(line, record).map_err(ConsoleError::Serialize)
}
