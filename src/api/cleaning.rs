//! Making a stranger's text fit to be quoted: one short line that holds nothing token-like.

use crate::wechat::limits;
use crate::wechat::masking::masked_text;

const LONGEST: usize = 120;
/// How much of a message is looked into: far more than is shown.
const LOOKED_INTO: usize = 16 * 1024;

/// WeChat's message, cleaned by `clean` and without credentials. A long one is cut, with a note of
/// how long it was.
pub(super) fn message(text: &str, clean: impl Fn(&str) -> String) -> String {
    let most = LOOKED_INTO.min(text.len());
    let end = (0..=most).rev().find(|end| text.is_char_boundary(*end));
    let mut start = &text[..end.unwrap_or(0)];
    // No half of a secret may stand at the end, where nobody would know it for one.
    if start.len() < text.len()
        && let Some(end) = start.rfind(char::is_whitespace)
        && start.len() - end <= limits::TOKEN
    {
        start = &start[..end];
    }
    let cleaned = masked_text(&clean(start)).0;
    let shown = limits::cut(cleaned.clone(), limits::TEXT);
    match shown.len() < cleaned.len() || start.len() < text.len() {
        true => format!("{shown} ({} bytes, cut)", text.len()),
        false => shown,
    }
}

/// The beginning of a body that was not understood. Of what could be JSON no value is kept: a
/// cut answer may hold half a token.
pub(super) fn beginning(body: &[u8]) -> String {
    let start = &body[..body.len().min(2048)];
    let text = String::from_utf8_lossy(start);
    let text = text.trim_start_matches('\u{feff}').trim_start();
    if text.starts_with(['{', '[', '"']) {
        shortened(&without_values(text))
    } else {
        shortened(text)
    }
}

/// At most 120 characters on one line, token-like words left out.
pub(super) fn shortened(text: &str) -> String {
    let (text, _) = masked_text(text);
    let words = text
        .split(|letter: char| letter.is_whitespace() || letter.is_control())
        .filter(|word| !word.is_empty());
    let mut line = String::new();
    for word in words {
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(&without_tokens(word));
        if line.len() > LONGEST * 4 {
            break;
        }
    }
    line.chars().take(LONGEST).collect()
}

fn without_tokens(word: &str) -> String {
    let in_token = |letter: char| letter.is_ascii_alphanumeric() || "-_@%".contains(letter);
    let mut kept = String::with_capacity(word.len());
    let mut rest = word;
    while !rest.is_empty() {
        let run = rest.find(|letter| !in_token(letter)).unwrap_or(rest.len());
        let (token, tail) = rest.split_at(run);
        kept.push_str(if is_token_like(token) { "…" } else { token });
        let gap = tail.find(in_token).unwrap_or(tail.len());
        let (between, tail) = tail.split_at(gap);
        kept.push_str(between);
        rest = tail;
    }
    kept
}

fn is_token_like(run: &str) -> bool {
    let aged = run.split_once('_').is_some_and(|(age, rest)| {
        (2..=3).contains(&age.len())
            && age.bytes().all(|byte| byte.is_ascii_digit())
            && !rest.is_empty()
    });
    run.len() >= 32 || run.contains("@@@") || aged
}

/// JSON-like text whose quoted values are left out; names, which a colon follows, stay.
fn without_values(text: &str) -> String {
    let mut kept = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(open) = rest.find('"') {
        kept.push_str(&rest[..open]);
        let quoted = &rest[open + 1..];
        let Some(close) = quoted.find('"') else {
            kept.push('…');
            return kept;
        };
        let after = &quoted[close + 1..];
        if after.trim_start().starts_with(':') {
            kept.push_str(&quoted[..close]);
        } else {
            kept.push('…');
        }
        rest = after;
    }
    kept.push_str(rest);
    kept
}
