//! Tables of many narrow columns for people: where a terminal is too narrow for all of them, the
//! table is folded into blocks, one under the other, each with the titles of its rows.

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use super::style::Tone;
use super::{Console, ConsoleError};
use crate::lang::clean;

/// Between columns of titles, and after the last of them.
const GAP: usize = 2;
/// A terminal narrower than this gives names less room.
const NARROW: usize = 100;

/// Rows that share their columns.
#[derive(Clone, Debug, Default)]
pub struct Section {
    /// What the rows are.
    pub heading: String,
    /// What the parts of a row's title are called; the last part is cut where room is short.
    pub titles: Vec<String>,
    /// The narrow columns.
    pub columns: Vec<String>,
    /// The rows.
    pub rows: Vec<MarkedRow>,
    /// What the columns mean, told below the rows.
    pub legend: Vec<String>,
}

/// A row: its title in parts, and a mark for each column.
#[derive(Clone, Debug)]
pub struct MarkedRow {
    /// The parts of its title; they may come from strangers.
    pub titles: Vec<String>,
    /// A mark for each column.
    pub marks: Vec<Mark>,
}

/// What stands in a narrow column: a sign, so that colour is not its only carrier of meaning.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mark {
    /// The sign; nothing is an empty text.
    pub sign: &'static str,
    /// What it means to people.
    pub tone: Tone,
}

impl Console {
    /// Answers people with the sections one under the other, and what the signs mean at the end.
    ///
    /// Only a terminal is folded for; elsewhere every row is one line.
    ///
    /// # Errors
    /// Why they could not be written.
    pub fn folded(&self, sections: &[Section], signs: &[(Mark, &str)]) -> Result<(), ConsoleError> {
        let width = match self.is_terminal() {
            true => self.width(),
            false => usize::MAX,
        };
        let mut text = String::new();
        for section in sections {
            text.push_str(&self.section(section, width));
        }
        let signs: Vec<(String, usize)> = signs
            .iter()
            .map(|(mark, meaning)| {
                let width = mark.sign.width() + 1 + meaning.width();
                let sign = self.style().paint(mark.tone, mark.sign);
                (format!("{sign} {meaning}"), width)
            })
            .collect();
        text.push_str(&flow(&signs, self.width()));
        self.shared.write_long(&text)?;
        self.shared.flush()?;
        Ok(())
    }

    fn section(&self, section: &Section, width: usize) -> String {
        let style = self.style();
        let rows: Vec<Vec<String>> = section
            .rows
            .iter()
            .map(|row| row.titles.iter().map(|part| clean(part).into_owned()))
            .map(Iterator::collect)
            .collect();
        let widths = title_widths(&section.titles, &rows, width);
        let stub = widths.iter().map(|part| part + GAP).sum::<usize>();
        let mut text = format!("{}\n", style.strong(&clean(&section.heading)));
        for block in blocks(&section.columns, width.saturating_sub(stub)) {
            let columns = &section.columns[block.clone()];
            let mut line = stub_of(&section.titles, &widths);
            for column in columns {
                line.push_str(column);
                line.push(' ');
            }
            text.push_str(&style.strong(line.trim_end()));
            text.push('\n');
            for (row, titles) in section.rows.iter().zip(&rows) {
                let mut line = stub_of(titles, &widths);
                for (column, mark) in columns.iter().zip(&row.marks[block.clone()]) {
                    let before = column.width().saturating_sub(mark.sign.width());
                    line.push_str(&" ".repeat(before));
                    line.push_str(&style.paint(mark.tone, mark.sign));
                    line.push(' ');
                }
                text.push_str(line.trim_end());
                text.push('\n');
            }
            text.push('\n');
        }
        let legend: Vec<(String, usize)> = section
            .legend
            .iter()
            .map(|entry| (style.muted(entry), entry.width()))
            .collect();
        if !legend.is_empty() {
            text.push_str(&flow(&legend, self.width()));
            text.push('\n');
        }
        text
    }
}

/// How wide each part of the titles is; on a terminal the last one is cut.
fn title_widths(titles: &[String], rows: &[Vec<String>], width: usize) -> Vec<usize> {
    let natural = |index: usize| {
        let cells = rows.iter().filter_map(|row| row.get(index));
        let widest = cells.map(|cell| cell.width()).max().unwrap_or(0);
        widest.max(titles[index].width())
    };
    let mut widths: Vec<usize> = (0..titles.len()).map(natural).collect();
    let most = match width {
        usize::MAX => usize::MAX,
        width if width < NARROW => 16,
        _ => 28,
    };
    if let Some(last) = widths.last_mut() {
        *last = (*last).min(most);
    }
    widths
}

/// The columns in blocks that fit into `room`; at least one column each.
fn blocks(columns: &[String], room: usize) -> Vec<std::ops::Range<usize>> {
    let (mut blocks, mut start, mut used) = (Vec::new(), 0, 0_usize);
    for (index, column) in columns.iter().enumerate() {
        let needed = column.width() + 1;
        if index > start && used + needed > room.saturating_add(1) {
            blocks.push(start..index);
            (start, used) = (index, 0);
        }
        used += needed;
    }
    blocks.push(start..columns.len());
    blocks
}

fn stub_of(titles: &[String], widths: &[usize]) -> String {
    let mut line = String::new();
    for (title, width) in titles.iter().zip(widths) {
        let cut = cut(title, *width);
        line.push_str(&cut);
        line.push_str(&" ".repeat(width - cut.width() + GAP));
    }
    line
}

/// `text` within `width` columns of the screen.
fn cut(text: &str, width: usize) -> String {
    if text.width() <= width {
        return text.to_owned();
    }
    let mut cut = String::new();
    let mut used = 1;
    for character in text.chars() {
        used += character.width().unwrap_or(0);
        if used > width {
            break;
        }
        cut.push(character);
    }
    cut.push('…');
    cut
}

/// Entries, each with its width, one after the other on lines of `width`.
fn flow(entries: &[(String, usize)], width: usize) -> String {
    let (mut text, mut used) = (String::new(), 0);
    for (entry, wide) in entries {
        if used > 0 && used + GAP + wide > width {
            text.push('\n');
            used = 0;
        }
        if used > 0 {
            text.push_str("  ");
            used += GAP;
        }
        text.push_str(entry);
        used += wide;
    }
    text.push('\n');
    text
}
