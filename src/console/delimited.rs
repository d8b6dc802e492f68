//! csv and tsv: values for programs.
//!
//! csv is RFC 4180: lines end in CR LF, and a cell with a comma, a quote or a line break is quoted.
//! Text whose first character makes a spreadsheet compute (`=`, `+`, `-`, `@`, their full-width
//! forms, tab, a carriage return) gets an apostrophe before it, which spreadsheets take for "text";
//! numbers of ours do not. tsv writes a
//! backslash, a tab or a line break in a value as `\\`, `\t`, `\n`, `\r`, and has no quoting. In
//! both, characters that act on a terminal are made visible as [`clean`] does.

use super::cell::{Cell, CellContext};
use super::options::Format;
use super::record::{Column, Record};
use crate::lang::clean;

/// What a formula begins with; spreadsheets in East Asia take the full-width forms as well.
const COMPUTES: [char; 10] = ['=', '+', '-', '@', '＝', '＋', '－', '＠', '\t', '\r'];

pub(super) fn header(line: &mut Vec<u8>, format: Format, columns: &[Column]) {
    write(
        line,
        format,
        columns.iter().map(|column| column.name.to_owned()),
    );
}

pub(super) fn row<T: Record>(
    line: &mut Vec<u8>,
    format: Format,
    columns: &[Column],
    record: &T,
    context: &CellContext,
) {
    let made = columns
        .iter()
        .map(|column| record.cell(column.name, context));
    write(line, format, made.map(|cell| escaped(&cell, format)));
}

/// A line of cells that are made already.
pub(super) fn cells<'a>(line: &mut Vec<u8>, format: Format, cells: impl Iterator<Item = &'a Cell>) {
    write(line, format, cells.map(|cell| escaped(cell, format)));
}

fn escaped(cell: &Cell, format: Format) -> String {
    if format == Format::Csv {
        comma_separated(cell)
    } else {
        tab_separated(cell)
    }
}

fn write(line: &mut Vec<u8>, format: Format, cells: impl Iterator<Item = String>) {
    let (separator, end): (u8, &[u8]) = if format == Format::Csv {
        (b',', b"\r\n")
    } else {
        (b'\t', b"\n")
    };
    for (index, cell) in cells.enumerate() {
        if index > 0 {
            line.push(separator);
        }
        line.extend_from_slice(cell.as_bytes());
    }
    line.extend_from_slice(end);
}

fn comma_separated(cell: &Cell) -> String {
    let value = cell.machine();
    let computes = cell.is_foreign() && value.starts_with(COMPUTES);
    let mut text = clean(&value).into_owned();
    if computes {
        text.insert(0, '\'');
    }
    if text.contains([',', '"', '\r', '\n']) {
        text = format!("\"{}\"", text.replace('"', "\"\""));
    }
    text
}

fn tab_separated(cell: &Cell) -> String {
    clean(&cell.machine().replace('\\', "\\\\")).into_owned()
}
