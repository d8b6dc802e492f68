//! Java properties, with the sections of Spring Boot.

use super::error::Damage;
use super::leaf::{Leaves, Raw};

pub(super) fn read(text: &str) -> Result<Leaves, Damage> {
    let mut leaves = Leaves::default();
    let mut lines = text.lines().zip(1..);
    while let Some((first, line)) = lines.next() {
        let start = first.trim_start();
        if matches!(start.trim_end(), "#---" | "!---") {
            leaves.part += 1;
            continue;
        }
        if start.is_empty() || start.starts_with(['#', '!']) {
            continue;
        }
        let mut logical = start.to_owned();
        while goes_on(&logical) {
            logical.pop();
            match lines.next() {
                Some((next, _)) => logical.push_str(next.trim_start()),
                None => break,
            }
        }
        let (name, value) = divide(&logical);
        let broken = || Damage::new(line, "four hexadecimal digits follow \\u");
        let name = unescape(name).ok_or_else(broken)?;
        let value = unescape(value).ok_or_else(broken)?;
        leaves.push(&name, line, Raw::text(value.trim()));
    }
    Ok(leaves)
}

/// Whether a line ends in a backslash that is not escaped itself.
fn goes_on(line: &str) -> bool {
    line.bytes().rev().take_while(|byte| *byte == b'\\').count() % 2 == 1
}

/// Name and value: `=`, `:` or white space divides them.
fn divide(line: &str) -> (&str, &str) {
    let mut escaped = false;
    let end = line.find(|letter: char| {
        let divides = !escaped && (letter == '=' || letter == ':' || letter.is_whitespace());
        escaped = letter == '\\' && !escaped;
        divides
    });
    let Some(end) = end else { return (line, "") };
    let (name, rest) = line.split_at(end);
    let rest = rest.trim_start();
    let rest = rest.strip_prefix(['=', ':']).unwrap_or(rest);
    (name, rest.trim_start())
}

fn unescape(text: &str) -> Option<String> {
    let mut plain = String::new();
    let mut letters = text.chars();
    while let Some(letter) = letters.next() {
        if letter != '\\' {
            plain.push(letter);
            continue;
        }
        match letters.next() {
            Some('t') => plain.push('\t'),
            Some('n') => plain.push('\n'),
            Some('r') => plain.push('\r'),
            Some('f') => plain.push('\u{c}'),
            Some('u') => {
                let digits: String = letters.by_ref().take(4).collect();
                let whole = digits.len() == 4 && digits.bytes().all(|it| it.is_ascii_hexdigit());
                let number = u32::from_str_radix(&digits, 16).ok().filter(|_| whole)?;
                // Halves of a pair stand in comments and titles only.
                plain.push(char::from_u32(number).unwrap_or(char::REPLACEMENT_CHARACTER));
            }
            Some(other) => plain.push(other),
            None => {}
        }
    }
    Some(plain)
}
