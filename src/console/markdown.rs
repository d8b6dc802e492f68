//! Our own documents for people: plain text, headings strong, tables in columns.

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use super::Console;

/// Between the columns of a table.
const GAP: usize = 2;
/// A last column narrower than this is not broken: the terminal does it.
const NARROW: usize = 20;

impl Console {
    /// A document in Markdown (headings, paragraphs, lists, tables, fenced code) as a plain text.
    #[must_use]
    pub fn markdown(&self, document: &str) -> String {
        let style = self.style();
        let mut text = String::new();
        let mut lines = document.lines().peekable();
        let mut in_code = false;
        while let Some(line) = lines.next() {
            if line.starts_with("```") {
                in_code = !in_code;
            } else if in_code {
                text.push_str(&format!("  {}\n", style.strong(line)));
            } else if line.starts_with('#') {
                let heading = line.trim_start_matches(['#', ' ']);
                text.push_str(&format!("{}\n", style.strong(heading)));
            } else if line.starts_with('|') {
                let mut rows = vec![cells(line)];
                while let Some(row) = lines.next_if(|line| line.starts_with('|')) {
                    rows.push(cells(row));
                }
                self.columns(&rows, &mut text);
            } else {
                text.push_str(&format!("{line}\n"));
            }
        }
        text
    }

    fn columns(&self, rows: &[Vec<String>], text: &mut String) {
        let is_rule = |row: &Vec<String>| {
            row.iter()
                .all(|cell| cell.trim_matches(['-', ':']).is_empty())
        };
        let ruled = rows.get(1).is_some_and(is_rule);
        let count = rows.iter().map(Vec::len).max().unwrap_or(0);
        let widths: Vec<usize> = (0..count.saturating_sub(1))
            .map(|index| {
                let cells = rows.iter().filter_map(|row| row.get(index));
                cells.map(|cell| cell.width()).max().unwrap_or(0) + GAP
            })
            .collect();
        let before: usize = widths.iter().sum();
        let room = self.width().min(100).saturating_sub(before).max(NARROW);
        for (number, row) in rows.iter().enumerate() {
            let heading = ruled && number == 0;
            if ruled && number == 1 || heading && row.iter().all(String::is_empty) {
                continue;
            }
            let mut line = String::new();
            for (cell, width) in row.iter().zip(&widths) {
                line.push_str(cell);
                line.push_str(&" ".repeat(width.saturating_sub(cell.width())));
            }
            let last = row.get(widths.len()).map_or("", String::as_str);
            let last = broken(last, room).join(&format!("\n{}", " ".repeat(before)));
            line.push_str(&last);
            let line = line.trim_end();
            match heading {
                true => text.push_str(&self.style().strong(line)),
                false => text.push_str(line),
            }
            text.push('\n');
        }
    }
}

fn cells(line: &str) -> Vec<String> {
    let inner = line.trim().trim_matches('|');
    inner
        .split('|')
        .map(|cell| cell.trim().to_owned())
        .collect()
}

/// `text` in lines of at most `width` columns, broken at blanks, or between Chinese characters.
fn broken(text: &str, width: usize) -> Vec<String> {
    let (mut lines, mut line) = (Vec::new(), String::new());
    for piece in pieces(text) {
        if !line.is_empty() && line.width() + piece.trim_end().width() > width {
            lines.push(line.trim_end().to_owned());
            line.clear();
        }
        line.push_str(piece);
    }
    lines.push(line.trim_end().to_owned());
    lines
}

/// The parts that a line may be broken between.
fn pieces(text: &str) -> Vec<&str> {
    let (mut pieces, mut start) = (Vec::new(), 0);
    let mut letters = text.char_indices().peekable();
    while let Some((index, letter)) = letters.next() {
        let end = index + letter.len_utf8();
        let wide = letter.width() == Some(2);
        // A mark of punctuation never begins a line.
        let held = letters
            .peek()
            .is_some_and(|(_, next)| "，。；：、）」！？".contains(*next));
        if letter == ' ' || (wide && !held && !"（「".contains(letter)) {
            pieces.push(&text[start..end]);
            start = end;
        }
    }
    pieces.push(&text[start..]);
    pieces
}
