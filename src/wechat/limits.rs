//! What WeChat's values are at most: an answer beyond that is not WeChat's, or is cut.

use std::ops::RangeInclusive;

use super::secret::Secret;

/// How long a token or a pre-auth code is valid, in seconds: WeChat gives two hours at most, and a
/// day is more than it ever gave.
pub const LIFETIME: RangeInclusive<i64> = 1..=86_400;
/// The longest token, ticket or code, in characters. WeChat's have about 160; it asks for room for
/// 512.
pub const TOKEN: usize = 2048;
/// The longest id of an account, in characters. WeChat's have 18 (`wx…`) and 15 (`gh_…`).
pub const ID: usize = 64;
/// The longest name of an account or of its owner that is kept, in characters.
pub const NAME: usize = 200;
/// The longest sentence or address that is kept or shown, in characters.
pub const TEXT: usize = 1_000;
/// What an info call says of one account, at most, in bytes of JSON.
pub const DETAILS: usize = 64 << 10;
/// The most accounts that a list may speak of: a hundred times those of the largest platforms.
pub const ACCOUNTS: u64 = 10_000_000;

/// Whether a text has the shape of a token, ticket or code: printable ASCII without white space.
#[must_use]
pub fn is_token(secret: &Secret) -> bool {
    secret.is_shaped(1..=TOKEN, |letter| letter.is_ascii_graphic())
}

/// Whether a text has the shape of an id, of whatever kind: printable ASCII without white space.
#[must_use]
pub fn is_id(text: &str) -> bool {
    (1..=ID).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic())
}

/// `text` with at most so many characters; an ellipsis stands for the rest.
#[must_use]
pub fn cut(text: String, most: usize) -> String {
    match text.char_indices().nth(most) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}
