//! Text from strangers, made safe to show.

use std::borrow::Cow;
use std::fmt::Write as _;

/// `text` with every character that could act on a terminal or hide something made visible.
///
/// Control characters become `\n`, `\r`, `\t` or `\u{1b}`; so do line separators and those that
/// change the direction of text or have no width of their own, as `\u{202e}`. The joiners that
/// emoji and Persian need stay.
#[must_use]
pub fn clean(text: &str) -> Cow<'_, str> {
    escape(text, is_hostile)
}

/// Like [`clean`], but keeps line breaks and the colour sequences the console's own style makes.
pub(super) fn clean_styled(text: &str) -> Cow<'_, str> {
    if !text
        .chars()
        .any(|character| is_hostile(character) && character != '\n')
    {
        return Cow::Borrowed(text);
    }
    let mut cleaned = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(character) = rest.chars().next() {
        let length = match sequence_length(rest) {
            Some(length) => length,
            None if character == '\n' => 1,
            None => {
                if is_hostile(character) {
                    escape_into(&mut cleaned, character);
                } else {
                    cleaned.push(character);
                }
                rest = &rest[character.len_utf8()..];
                continue;
            }
        };
        cleaned.push_str(&rest[..length]);
        rest = &rest[length..];
    }
    Cow::Owned(cleaned)
}

/// How long the colour sequence (`ESC [ digits and semicolons m`) at the start of `text` is.
fn sequence_length(text: &str) -> Option<usize> {
    let parameters = text.strip_prefix("\u{1b}[")?;
    let end = parameters.find(|c: char| !c.is_ascii_digit() && c != ';')?;
    parameters[end..].starts_with('m').then_some(end + 3)
}

fn escape(text: &str, hostile: fn(char) -> bool) -> Cow<'_, str> {
    if !text.chars().any(hostile) {
        return Cow::Borrowed(text);
    }
    let mut escaped = String::with_capacity(text.len() + 8);
    for character in text.chars() {
        if hostile(character) {
            escape_into(&mut escaped, character);
        } else {
            escaped.push(character);
        }
    }
    Cow::Owned(escaped)
}

fn escape_into(text: &mut String, character: char) {
    match character {
        '\n' => text.push_str("\\n"),
        '\r' => text.push_str("\\r"),
        '\t' => text.push_str("\\t"),
        other => {
            // Writing to a string cannot fail.
            let _ = write!(text, "\\u{{{:x}}}", u32::from(other));
        }
    }
}

fn is_hostile(character: char) -> bool {
    character.is_control()
        || matches!(character,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{180e}' | '\u{200b}' | '\u{200e}' | '\u{200f}'
            | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{feff}'
            | '\u{ffa0}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}
