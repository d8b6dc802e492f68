//! `.env`: `NAME=value` lines, `export` before them or not.

use super::error::Damage;
use super::leaf::{Leaves, Raw};
use super::text::Cursor;
use crate::wechat::secret::Secret;

pub(super) fn read(text: &str) -> Result<Leaves, Damage> {
    let mut leaves = Leaves::default();
    let mut cursor = Cursor::new(text);
    loop {
        cursor.take_while(char::is_whitespace);
        let line = cursor.line();
        match cursor.peek() {
            None => return Ok(leaves),
            Some('#') => {
                cursor.take_while(|letter| letter != '\n');
                continue;
            }
            Some(_) => {}
        }
        let exported = cursor.take("export ");
        cursor.take_while(is_gap);
        // `:` and `__` divide names of .NET, `.` those of Spring.
        let name =
            cursor.take_while(|letter| letter.is_alphanumeric() || "_.-:[]".contains(letter));
        cursor.take_while(is_gap);
        if name.is_empty() || !cursor.take("=") {
            if exported && !name.is_empty() && matches!(cursor.peek(), None | Some('\n' | ' ')) {
                cursor.take_while(|letter| letter != '\n');
                continue;
            }
            return Err(Damage::new(line, "a line is NAME=value"));
        }
        cursor.take_while(is_gap);
        let raw = value(&mut cursor)?;
        leaves.push(name, line, raw);
    }
}

fn is_gap(letter: char) -> bool {
    letter == ' ' || letter == '\t'
}

fn value(cursor: &mut Cursor<'_>) -> Result<Raw, Damage> {
    let line = cursor.line();
    let unclosed = || Damage::new(line, "a quotation mark is not closed");
    let raw = if cursor.take("'") {
        Raw::Literal(Secret::new(cursor.take_until("'").ok_or_else(unclosed)?))
    } else if cursor.take("\"") {
        double_quoted(cursor).ok_or_else(unclosed)?
    } else {
        let rest = cursor.take_while(|letter| letter != '\n');
        let comment = rest.find(" #").or_else(|| rest.find("\t#"));
        let bare = rest[..comment.unwrap_or(rest.len())].trim();
        return Ok(Raw::text(if bare.starts_with('#') { "" } else { bare }));
    };
    let after = cursor.take_while(|letter| letter != '\n').trim();
    if !after.is_empty() && !after.starts_with('#') {
        return Err(Damage::new(
            line,
            "something follows the closing quotation mark",
        ));
    }
    Ok(raw)
}

fn double_quoted(cursor: &mut Cursor<'_>) -> Option<Raw> {
    let (mut text, mut literal) = (String::new(), false);
    loop {
        match cursor.next()? {
            '"' => break,
            '\\' => match cursor.next()? {
                'n' => text.push('\n'),
                'r' => text.push('\r'),
                't' => text.push('\t'),
                '$' => {
                    literal = true;
                    text.push('$');
                }
                other => text.push(other),
            },
            other => text.push(other),
        }
    }
    Some(match literal {
        true => Raw::Literal(Secret::new(text)),
        false => Raw::text(text),
    })
}
