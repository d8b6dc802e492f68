//! Mends the JSON that WeChat makes of what people type: raw control characters in names, halves
//! of emoji (a nickname cut to its length), bytes that are no UTF-8.

use std::borrow::Cow;

/// The body as JSON can hold it; not copied when nothing is wrong with it.
#[must_use]
pub fn mended(body: &[u8]) -> Cow<'_, [u8]> {
    let body = body.trim_ascii();
    if is_sound(body) {
        return Cow::Borrowed(body);
    }
    // Between the parts of JSON a blank is as good as any white space, inside names it is better
    // than a control character.
    let text =
        String::from_utf8_lossy(body).replace(|letter| matches!(letter, '\0'..='\u{1f}'), " ");
    Cow::Owned(without_half_letters(&text).into_bytes())
}

/// Every answer comes by here, and nearly all are sound: what is quick is asked first. WeChat hardly
/// ever writes `\u`, so that each one is looked into.
fn is_sound(body: &[u8]) -> bool {
    let escapes = || body.windows(2).any(|two| two == b"\\u");
    std::str::from_utf8(body).is_ok()
        && !body.iter().any(|byte| *byte < b' ')
        && !(body.contains(&b'\\') && escapes())
}

/// `text` with `\ufffd` for every escaped half of a letter whose other half is missing.
fn without_half_letters(text: &str) -> String {
    let mut mended = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find('\\') {
        let (before, escape) = rest.split_at(start);
        mended.push_str(before);
        let (kept, length) = match (unit(escape), escape.get(6..).and_then(unit)) {
            (Some(0xd800..=0xdbff), Some(0xdc00..=0xdfff)) => (escape.get(..12), 12),
            (Some(0xd800..=0xdfff), _) => (Some("\\ufffd"), 6),
            // Two bytes hold every other escape, so that `\\` hides what stands behind it.
            _ => (escape.get(..2), 2),
        };
        let Some((kept, tail)) = kept.zip(escape.get(length..)) else {
            rest = escape;
            break;
        };
        mended.push_str(kept);
        rest = tail;
    }
    mended.push_str(rest);
    mended
}

/// The UTF-16 unit that a `\uXXXX` at the start of `text` stands for.
fn unit(text: &str) -> Option<u16> {
    let digits = text.strip_prefix("\\u")?.get(..4)?;
    u16::from_str_radix(digits, 16).ok()
}
