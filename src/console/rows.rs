//! Rows of an answer on their way to stdout, through the filter of `--jq` if there is one.

use std::borrow::Cow;

use super::list::Next;
use super::{Console, ConsoleError};
#[cfg(feature = "jq")]
use super::{Filter, Format};

#[derive(Default)]
pub(super) struct Rows {
    /// The array that a filter gets as a whole.
    #[cfg(feature = "jq")]
    document: Vec<u8>,
}

impl Rows {
    /// Writes a row.
    pub(super) fn write(&mut self, console: &Console, row: &[u8]) -> Result<Next, ConsoleError> {
        #[cfg(feature = "jq")]
        if let Some(filter) = filter(console) {
            if console.format() == Format::Ndjson {
                return console.filtered(filter, row);
            }
            self.document.extend_from_slice(row);
            return Ok(Next::More);
        }
        let row = match console.format().is_json() {
            true => console.seen_json(row),
            false => Cow::Borrowed(row),
        };
        let next = console.shared.write(&row)?;
        if next == Next::More && console.is_terminal() {
            return console.shared.flush();
        }
        Ok(next)
    }

    /// Writes what stands after the last row.
    pub(super) fn end(&mut self, console: &Console, end: &[u8]) -> Result<(), ConsoleError> {
        #[cfg(feature = "jq")]
        if let Some(filter) = filter(console) {
            if console.format() == Format::Json {
                self.document.extend_from_slice(end);
                console.filtered(filter, &self.document)?;
            }
            return Ok(());
        }
        console.shared.write(end)?;
        Ok(())
    }
}

/// The filter of JSON rows.
#[cfg(feature = "jq")]
fn filter(console: &Console) -> Option<&Filter> {
    let filter = console.options.filter.as_deref()?;
    console.format().is_json().then_some(filter)
}
