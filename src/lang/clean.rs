//! Values from outside, made safe to show.

use std::borrow::Cow;
use std::fmt::Write as _;

/// `text` with every character that could act on a terminal or hide something made visible.
///
/// Control characters become `\n`, `\r`, `\t` or `\u{1b}`; so do line separators and those that
/// change the direction of text or have no width of their own, as `\u{202e}`. The joiners and
/// variation selectors that emoji, Persian and Chinese names need stay.
#[must_use]
pub fn clean(text: &str) -> Cow<'_, str> {
    escape(text, is_hostile, |escaped, character| match character {
        '\n' => escaped.push_str("\\n"),
        '\r' => escaped.push_str("\\r"),
        '\t' => escaped.push_str("\\t"),
        other => {
            // Writing to a string cannot fail.
            let _ = write!(escaped, "\\u{{{:x}}}", u32::from(other));
        }
    })
}

/// JSON in which the characters that [`clean`] makes visible are escaped as JSON has it (`\u202e`):
/// programs read the same values. Line breaks stand between values only, and stay.
#[must_use]
pub fn clean_json(json: &str) -> Cow<'_, str> {
    let hostile = |character: char| character != '\n' && is_hostile(character);
    escape(json, hostile, |escaped, character| {
        for unit in character.encode_utf16(&mut [0; 2]) {
            let _ = write!(escaped, "\\u{unit:04x}");
        }
    })
}

fn escape(
    text: &str,
    hostile: impl Fn(char) -> bool,
    escape: impl Fn(&mut String, char),
) -> Cow<'_, str> {
    if !text.chars().any(&hostile) {
        return Cow::Borrowed(text);
    }
    let mut escaped = String::with_capacity(text.len() + 8);
    for character in text.chars() {
        if hostile(character) {
            escape(&mut escaped, character);
        } else {
            escaped.push(character);
        }
    }
    Cow::Owned(escaped)
}

/// Whether a character could act on a terminal or hide something: controls, separators of lines,
/// changes of direction, and what Unicode calls ignorable.
#[must_use]
pub fn is_hostile(character: char) -> bool {
    character.is_control()
        || matches!(character,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
            | '\u{180b}'..='\u{180f}' | '\u{200b}' | '\u{200e}' | '\u{200f}'
            | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{feff}'
            | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}' | '\u{1bca0}'..='\u{1bca3}'
            | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e00ff}' | '\u{e01f0}'..='\u{e0fff}')
}
