//! Values that several SDKs write in the same way, and the one place where secrets become text.

use zeroize::Zeroizing;

use crate::wechat::secret::Secret;

use super::Unreadable;
use super::codec::Kept;

/// How Java's `ObjectOutputStream` begins.
const JAVA: &[u8] = &[0xac, 0xed];

pub(super) fn text_of(secret: &Secret) -> Zeroizing<String> {
    Zeroizing::new(secret.expose().to_owned())
}

/// The text as a JSON document of its own.
pub(super) fn json_of(secret: &Secret) -> Zeroizing<String> {
    Zeroizing::new(serde_json::Value::from(secret.expose()).to_string())
}

/// The MD5 of a text, in lower-case hexadecimal. It names keys, and guards nothing.
pub(super) fn md5(text: &str) -> String {
    let hash = <md5::Md5 as md5::Digest>::digest(text.as_bytes());
    hash.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A bare text.
pub(super) fn plain(value: &[u8]) -> Result<Kept, Unreadable> {
    if value.starts_with(JAVA) {
        return Err(Unreadable::JavaSerialized);
    }
    match std::str::from_utf8(value) {
        Ok(text) if is_token(text) => Ok(Kept::new(text)),
        Ok(text) if !text.is_empty() && !text.contains(char::is_control) => {
            Err(Unreadable::OtherShape)
        }
        Ok("") => Err(Unreadable::OtherShape),
        _ => Err(Unreadable::Redisson),
    }
}

/// A text in JSON, with its quotes.
pub(super) fn json_text(value: &[u8]) -> Result<Kept, Unreadable> {
    let text: String = serde_json::from_slice(value).map_err(|_| Unreadable::OtherShape)?;
    match is_token(&text) {
        true => Ok(Kept::new(text)),
        false => Err(Unreadable::OtherShape),
    }
}

/// Tokens and tickets are visible ASCII; quotes and braces would be another SDK's writing.
pub(super) fn is_token(text: &str) -> bool {
    !text.is_empty()
        && text
            .bytes()
            .all(|byte| byte.is_ascii_graphic() && !b"\"'{};".contains(&byte))
}
