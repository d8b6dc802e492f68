//! Lists of records, streamed wherever the format allows it.

use std::marker::PhantomData;

use super::cell::CellContext;
use super::record::{self, Column, Record};
use super::rows::Rows;
use super::table::{self, TableRow};
use super::{Console, ConsoleError, Format, delimited};
use crate::lang::{Phrase, Text};

/// Whether the reader wants more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    /// It reads on.
    More,
    /// It closed the pipe: stop producing, and end with exit code 0.
    Stop,
}

/// A list being answered: push the rows, then finish.
///
/// A list dropped unfinished leaves what was pushed, so that a JSON array is visibly cut off.
pub struct List<T> {
    console: Console,
    columns: Vec<Column>,
    refused: Option<ConsoleError>,
    context: CellContext,
    /// Kept for a table alone: its widths are known only at the end.
    rows: Vec<TableRow>,
    pushed: bool,
    line: Vec<u8>,
    out: Rows,
    record: PhantomData<fn(&T)>,
}

impl Console {
    /// Answers with a list.
    ///
    /// # Errors
    /// The first error among the records, or why they could not be written.
    pub fn answer<T, E>(&self, records: impl IntoIterator<Item = Result<T, E>>) -> Result<(), E>
    where
        T: Record,
        E: From<ConsoleError>,
    {
        self.check_columns::<T>()?;
        let mut list = self.list::<T>();
        for record in records {
            if list.push(&record?)? == Next::Stop {
                break;
            }
        }
        Ok(list.finish()?)
    }

    /// Begins a list whose rows are pushed one by one.
    ///
    /// Wrong `--columns` are told by the first push, or by [`Console::check_columns`] before any
    /// work is done.
    #[must_use]
    pub fn list<T: Record>(&self) -> List<T> {
        let (columns, refused) = match record::choose(T::COLUMNS, &self.options.columns) {
            Ok(columns) => (columns, None),
            Err(error) => (Vec::new(), Some(error)),
        };
        List {
            console: self.clone(),
            columns,
            refused,
            context: self.cell_context(),
            rows: Vec::new(),
            pushed: false,
            line: Vec::new(),
            out: Rows::default(),
            record: PhantomData,
        }
    }

    /// Whether `--columns` names only columns of `T`.
    ///
    /// # Errors
    /// [`ConsoleError::UnknownColumn`] with the names there are.
    pub fn check_columns<T: Record>(&self) -> Result<(), ConsoleError> {
        record::choose(T::COLUMNS, &self.options.columns).map(|_| ())
    }

    /// Says that there are no rows.
    pub fn nothing_to_list(&self) {
        self.note(Text::each(|lang| {
            Phrase::NothingToList.text(lang).to_owned()
        }));
    }
}

impl<T: Record> List<T> {
    /// Adds a row.
    ///
    /// # Errors
    /// Wrong `--columns`, or why the row could not be written.
    pub fn push(&mut self, row: &T) -> Result<Next, ConsoleError> {
        if let Some(error) = self.refused.take() {
            return Err(error);
        }
        let first = !self.pushed;
        self.line.clear();
        match self.console.format() {
            Format::Table => {
                self.pushed = true;
                let cells = self.columns.iter();
                let cells = cells.map(|column| row.cell(column.name, &self.context));
                self.rows.push(table::row(cells, &self.context));
                return Ok(Next::More);
            }
            Format::Json => {
                self.line
                    .extend_from_slice(if first { b"[" } else { b",\n" });
                serialize(&mut self.line, row)?;
            }
            Format::Ndjson => {
                serialize(&mut self.line, row)?;
                self.line.push(b'\n');
            }
            format @ (Format::Csv | Format::Tsv) => {
                if first {
                    delimited::header(&mut self.line, format, &self.columns);
                }
                delimited::row(&mut self.line, format, &self.columns, row, &self.context);
            }
        }
        self.pushed = true;
        self.out.write(&self.console, &self.line)
    }

    /// Ends the list: what is still held is written, and an empty one says so on stderr.
    ///
    /// # Errors
    /// Wrong `--columns`, or why the rest could not be written.
    pub fn finish(self) -> Result<(), ConsoleError> {
        let (console, pushed) = (self.console.clone(), self.pushed);
        self.finish_quietly()?;
        if !pushed {
            console.nothing_to_list();
        }
        Ok(())
    }

    /// Ends the list as [`List::finish`] does; an empty one is not spoken of.
    ///
    /// # Errors
    /// As [`List::finish`].
    pub fn finish_quietly(mut self) -> Result<(), ConsoleError> {
        if let Some(error) = self.refused.take() {
            return Err(error);
        }
        let console = self.console.clone();
        self.line.clear();
        match (console.format(), self.pushed) {
            (Format::Table, true) => {
                let rows = std::mem::take(&mut self.rows);
                table::write(&console, &self.columns, rows)?;
            }
            (Format::Json, pushed) => {
                let end: &[u8] = if pushed { b"]\n" } else { b"[]\n" };
                self.out.end(&console, end)?;
            }
            (format @ (Format::Csv | Format::Tsv), false) => {
                delimited::header(&mut self.line, format, &self.columns);
                console.shared.write(&self.line)?;
            }
            (Format::Table, false) | (Format::Ndjson | Format::Csv | Format::Tsv, _) => {}
        }
        console.shared.flush()?;
        Ok(())
    }
}

impl<T> Drop for List<T> {
    fn drop(&mut self) {
        // A list that failed half-way still hands on the rows it had.
        let _ = self.console.shared.flush();
    }
}

fn serialize<T: Record>(line: &mut Vec<u8>, row: &T) -> Result<(), ConsoleError> {
    serde_json::to_writer(line, row).map_err(ConsoleError::Serialize)
}
