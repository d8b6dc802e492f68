//! Masking the credentials that an answer may hold: refresh tokens in the account list, a token in
//! the address of a logged request.

use super::document::Document;
use crate::wechat::masking::{is_secret_field, masked_text};
use crate::wechat::secret::Secret;

/// `document` with its credentials masked, and how many there were.
#[must_use]
pub fn veiled(document: Document) -> (Document, usize) {
    let mut count = 0;
    let veiled = document.with_texts(&mut |name, text| {
        if is_secret_field(name) && !text.is_empty() {
            count += 1;
            return Secret::new(text).mask();
        }
        let (text, found) = masked_text(&text);
        count += found;
        text
    });
    (veiled, count)
}
