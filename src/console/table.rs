//! Tables for people: they fit the terminal, count Chinese as two columns, and have no frame.
//!
//! On a terminal the columns with the highest priority number go first until the rest fits, the
//! others are folded; what went is said on stderr. Anywhere else nothing is left out or folded.

use comfy_table::presets::NOTHING;
use comfy_table::{CellAlignment, ColumnConstraint, ContentArrangement, Table, Width};
use unicode_width::UnicodeWidthStr;

use super::cell::{Cell, CellContext};
use super::record::Column;
use super::style::{Style, Tone};
use super::{Console, ConsoleError};
use crate::lang::{Phrase, Text};

const GAP: usize = 2;
/// What a column that may be folded keeps before others are given up for it, and then at the least.
const FOLDED: usize = 12;
/// The same of a column that people read sentences in.
const ROOMY: usize = 20;
const NARROWEST: usize = 4;

/// A row in words.
pub(super) type TableRow = Vec<TableCell>;

pub(super) struct TableCell {
    text: String,
    tone: Option<Tone>,
    number: bool,
}

pub(super) fn row(cells: impl Iterator<Item = Cell>, context: &CellContext) -> TableRow {
    let cells = cells.map(|cell| TableCell {
        text: cell.human(context),
        tone: cell.human_tone(),
        number: cell.is_number(),
    });
    cells.collect()
}

/// Writes the table to stdout.
pub(super) fn write(
    console: &Console,
    columns: &[Column],
    rows: Vec<TableRow>,
) -> Result<(), ConsoleError> {
    let titles: Vec<&str> = columns.iter().map(|c| c.heading(console.lang())).collect();
    let natural: Vec<usize> = (0..columns.len())
        .map(|index| {
            let cells = rows.iter().map(|row| row[index].text.width());
            cells.max().unwrap_or(0).max(titles[index].width())
        })
        .collect();
    let (shown, widths) = if console.is_terminal() {
        let droppable = console.options.columns.is_empty();
        fit(columns, &natural, console.width(), droppable)
    } else {
        ((0..columns.len()).collect(), natural)
    };
    let text = render(&titles, &shown, &widths, rows, console.style());
    console.shared.write_long(&text)?;
    let left_out: Vec<&str> = (0..columns.len())
        .filter(|index| !shown.contains(index))
        .map(|index| columns[index].name)
        .collect();
    if !left_out.is_empty() {
        console.shared.flush()?;
        let left_out = left_out.join(", ");
        console.note(Text::each(|lang| {
            let said = Phrase::ColumnsLeftOut.text(lang);
            format!("{said} {left_out}")
        }));
    }
    Ok(())
}

/// Which columns are shown, and how wide each is.
fn fit(
    columns: &[Column],
    natural: &[usize],
    width: usize,
    droppable: bool,
) -> (Vec<usize>, Vec<usize>) {
    let needed = |shown: &[usize], least: &dyn Fn(usize) -> usize| {
        shown.iter().map(|index| least(*index) + GAP).sum::<usize>() - GAP
    };
    let least = |index: usize| {
        if columns[index].whole || columns[index].is_wide() {
            natural[index]
        } else {
            natural[index].min(if columns[index].roomy { ROOMY } else { FOLDED })
        }
    };
    let mut shown: Vec<usize> = (0..columns.len()).collect();
    while droppable && shown.len() > 1 && needed(&shown, &least) > width {
        let last = shown
            .iter()
            .copied()
            .max_by_key(|index| columns[*index].priority);
        match last {
            Some(index) if columns[index].priority > 0 => shown.retain(|other| *other != index),
            _ => break,
        }
    }
    let mut widths = natural.to_vec();
    // First the columns that may be folded give way, then all of them: the line never breaks.
    for least in [&least as &dyn Fn(usize) -> usize, &|index| {
        natural[index].min(NARROWEST)
    }] {
        while needed(&shown, &|index| widths[index]) > width {
            let yielding = shown
                .iter()
                .copied()
                .filter(|index| widths[*index] > least(*index));
            match yielding.max_by_key(|index| widths[*index]) {
                Some(widest) => widths[widest] -= 1,
                None => break,
            }
        }
    }
    (shown, widths)
}

fn render(
    titles: &[&str],
    shown: &[usize],
    widths: &[usize],
    rows: Vec<TableRow>,
    style: Style,
) -> String {
    let mut table = Table::new();
    table
        .load_style(NOTHING)
        .set_content_arrangement(ContentArrangement::Dynamic)
        .set_header(
            shown
                .iter()
                .map(|index| comfy_table::Cell::new(titles[*index])),
        );
    for row in rows {
        let mut row: Vec<Option<TableCell>> = row.into_iter().map(Some).collect();
        let cells = shown.iter().filter_map(|index| row[*index].take());
        table.add_row(cells.map(|cell| {
            let alignment = if cell.number {
                CellAlignment::Right
            } else {
                CellAlignment::Left
            };
            comfy_table::Cell::new_owned(mark(cell, style)).set_alignment(alignment)
        }));
    }
    for (position, index) in shown.iter().enumerate() {
        if let Some(column) = table.column_mut(position) {
            let gap = if position + 1 == shown.len() { 0 } else { GAP };
            column.set_padding((0, narrow(gap)));
            let width = Width::Fixed(narrow(widths[*index] + gap));
            column.set_constraint(ColumnConstraint::Absolute(width));
        }
    }
    let mut text = String::new();
    for (number, line) in table.lines().enumerate() {
        let line = line.trim_end();
        if number == 0 {
            text.push_str(&style.strong(line));
        } else {
            text.push_str(&unmark(line, style));
        }
        text.push('\n');
    }
    text
}

fn narrow(width: usize) -> u16 {
    u16::try_from(width).unwrap_or(u16::MAX)
}

// The table measures text, so colour sequences would shift its columns. Characters without width
// hold their place instead; cleaned text has none of them.
const TONES: [(char, Tone); 6] = [
    ('\u{2061}', Tone::Good),
    ('\u{2062}', Tone::Warn),
    ('\u{2063}', Tone::Bad),
    ('\u{2064}', Tone::Muted),
    ('\u{206a}', Tone::Strong),
    ('\u{206b}', Tone::Accent),
];
const END: char = '\u{206c}';

fn mark(cell: TableCell, style: Style) -> String {
    let mark = TONES.iter().find(|(_, tone)| Some(*tone) == cell.tone);
    match mark {
        // Word by word: a folded cell must not paint its neighbours.
        Some((mark, _)) if style.color() => {
            let words = cell
                .text
                .split(' ')
                .map(|word| format!("{mark}{word}{END}"));
            words.collect::<Vec<_>>().join(" ")
        }
        _ => cell.text,
    }
}

fn unmark(line: &str, style: Style) -> String {
    let is_start = |c: char| TONES.iter().any(|(mark, _)| *mark == c);
    let mut text = String::with_capacity(line.len());
    let mut rest = line;
    while let Some(start) = rest.find(|c| is_start(c) || c == END) {
        text.push_str(&rest[..start]);
        let mark = rest[start..].chars().next().unwrap_or(END);
        rest = &rest[start + mark.len_utf8()..];
        let end = rest.find(|c| is_start(c) || c == END);
        // A word that was itself folded stays plain: the next end on the line is another's.
        let tone = TONES.iter().find(|(start, _)| *start == mark);
        if let (Some((_, tone)), Some(end)) = (tone, end)
            && rest[end..].starts_with(END)
            && !rest[..end].contains(' ')
        {
            text.push_str(&style.paint(*tone, &rest[..end]));
            rest = &rest[end + END.len_utf8()..];
        }
    }
    text.push_str(rest);
    text
}
