//! Prose in lines that fit a terminal, Chinese counted as two columns.
//!
//! A command in backticks stays whole, so that it can be copied: one that is longer than a line
//! begins a line of its own and runs on over the edge, where the terminal breaks it without a mark.

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// Lines of prose are never made shorter, and never longer: beyond that eyes lose the next line.
const NARROWEST: usize = 40;
const WIDEST: usize = 100;

/// What does not begin a line.
const NO_START: &str = "，。、：；！？）」』】》〉％…—,.;:!?)]}%";
/// What does not end one.
const NO_END: &str = "（「『【《〈([{";

/// `text`, which is one line and cleaned, in lines for a screen of so many columns, of which
/// `taken` are taken on the first line; the others are indented by as many.
pub(super) fn wrap(text: &str, taken: usize, screen: usize) -> String {
    let width = screen.clamp(NARROWEST, WIDEST);
    let mut wrapped = String::with_capacity(text.len() + 16);
    let (mut column, mut fresh) = (taken, true);
    for piece in pieces(text) {
        let gap = usize::from(piece.after_space);
        if !fresh && column + gap + piece.width > width {
            wrapped.truncate(wrapped.trim_end_matches(' ').len());
            wrapped.push('\n');
            // Without the indent it may just fit.
            let without = taken + piece.width > width && piece.width <= width;
            column = if without { 0 } else { taken };
            wrapped.push_str(&" ".repeat(column));
        } else {
            wrapped.push_str(&" ".repeat(gap));
            column += gap;
        }
        wrapped.push_str(&piece.text);
        column += piece.width;
        // The terminal broke it: what follows begins anew, whatever width it is looked at later.
        if column > screen {
            column = width;
        }
        fresh = false;
    }
    wrapped
}

/// What stays on one line.
struct Piece {
    text: String,
    width: usize,
    after_space: bool,
}

fn pieces(line: &str) -> Vec<Piece> {
    let mut pieces: Vec<Piece> = Vec::new();
    let mut rest = line;
    let mut after_space = false;
    while let Some(letter) = rest.chars().next() {
        if letter == ' ' {
            // More than one is somebody's layout.
            if after_space && let Some(last) = pieces.last_mut() {
                last.text.push(' ');
                last.width += 1;
            }
            after_space = true;
            rest = &rest[1..];
            continue;
        }
        let (atom, left) = rest.split_at(atom_length(rest, letter));
        let glued = !after_space
            && pieces
                .last()
                .and_then(|last| last.text.chars().next_back())
                .is_some_and(|before| is_one(before, letter));
        match pieces.last_mut() {
            Some(last) if glued => last.text.push_str(atom),
            _ => pieces.push(Piece {
                text: atom.to_owned(),
                width: 0,
                after_space,
            }),
        }
        if let Some(last) = pieces.last_mut() {
            last.width += atom.width();
        }
        (rest, after_space) = (left, false);
    }
    pieces
}

/// How many bytes a command in backticks or a single character has.
fn atom_length(rest: &str, letter: char) -> usize {
    let one = letter.len_utf8();
    match letter {
        '`' => rest[one..].find('`').map_or(one, |at| one + at + one),
        _ => one,
    }
}

/// Whether no line may end between these two.
fn is_one(before: char, after: char) -> bool {
    let wide = |letter: char| letter.width() == Some(2);
    let breakable = wide(before) || wide(after);
    !breakable || NO_START.contains(after) || NO_END.contains(before)
}
