//! One struct is both the row of a table and the JSON object, so that the two cannot disagree.

use serde::Serialize;

use super::cell::{Cell, CellContext};
use super::error::ConsoleError;
use super::near::near;
use crate::lang::Lang;

/// A record that an answer consists of.
pub trait Record: Serialize {
    /// The columns there are, in the order they are shown.
    const COLUMNS: &'static [Column];

    /// The value of `column`, which is a name out of [`Record::COLUMNS`].
    fn cell(&self, column: &'static str, context: &CellContext) -> Cell;
}

/// A column of a table, csv or tsv answer, named after the JSON field it shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Column {
    /// The JSON field, and the name for `--columns` and header rows.
    pub name: &'static str,
    /// The title for people in English.
    pub title: &'static str,
    /// The title for people in Chinese.
    pub title_zh: &'static str,
    /// 0 always stays; of the others the highest goes first where a terminal is too narrow.
    pub priority: u8,
    /// Whether its values are never folded over several lines: ids, states, times.
    pub whole: bool,
    /// Whether its values are sentences, for which other columns are given up earlier.
    pub roomy: bool,
}

impl Column {
    /// A column that always stays and may be folded; its title is the same in both languages.
    #[must_use]
    pub const fn new(name: &'static str, title: &'static str) -> Self {
        Self {
            name,
            title,
            title_zh: title,
            priority: 0,
            whole: false,
            roomy: false,
        }
    }

    /// The same column with a Chinese title.
    #[must_use]
    pub const fn zh(mut self, title: &'static str) -> Self {
        self.title_zh = title;
        self
    }

    /// The same column, given up in the order of `priority`, highest first.
    #[must_use]
    pub const fn priority(mut self, priority: u8) -> Self {
        self.priority = priority;
        self
    }

    /// The same column, the first to be given up: only terminals that show it unfolded have it.
    #[must_use]
    pub const fn wide(self) -> Self {
        self.priority(u8::MAX)
    }

    pub(super) const fn is_wide(&self) -> bool {
        self.priority == u8::MAX
    }

    /// The same column, its values never folded over several lines.
    #[must_use]
    pub const fn whole(mut self) -> Self {
        self.whole = true;
        self
    }

    /// The same column, with room for sentences.
    #[must_use]
    pub const fn roomy(mut self) -> Self {
        self.roomy = true;
        self
    }

    /// The title for people in `lang`.
    #[must_use]
    pub const fn heading(&self, lang: Lang) -> &'static str {
        match lang {
            Lang::En => self.title,
            Lang::Zh => self.title_zh,
        }
    }
}

/// The columns of `known` that `wanted` names, in its order; all when it names none.
pub(super) fn choose(
    known: &'static [Column],
    wanted: &[String],
) -> Result<Vec<Column>, ConsoleError> {
    if wanted.is_empty() {
        return Ok(known.to_vec());
    }
    wanted
        .iter()
        .map(|name| {
            known
                .iter()
                .find(|column| column.name == name.trim())
                .copied()
                .ok_or_else(|| ConsoleError::UnknownColumn {
                    name: name.clone(),
                    near: near(
                        name,
                        known
                            .iter()
                            .map(|column| (column.name, [column.title, column.title_zh])),
                    ),
                    known: known.iter().map(|column| column.name.to_owned()).collect(),
                })
        })
        .collect()
}
