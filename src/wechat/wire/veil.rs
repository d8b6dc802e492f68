//! Masking the credentials that an answer may hold: refresh tokens in the account list, a token in
//! the address of a logged request.

use super::document::Document;
use crate::wechat::secret::Secret;

/// The fields whose value opens something; WeChat names them so wherever they come.
const FIELDS: [&str; 17] = [
    "access_token",
    "component_access_token",
    "authorizer_access_token",
    "cloudbase_access_token",
    "refresh_token",
    "authorizer_refresh_token",
    "pre_auth_code",
    "authorization_code",
    "auth_code",
    "component_verify_ticket",
    "component_appsecret",
    "component_secret",
    "appsecret",
    "encoding_aes_key",
    "secret",
    "session_key",
    "ticket",
];

/// What the platform's own secrets begin with.
const PREFIXES: [&str; 4] = [
    "ticket@@@",
    "preauthcode@@@",
    "queryauthcode@@@",
    "refreshtoken@@@",
];

/// `document` with its credentials masked, and how many there were.
#[must_use]
pub fn veiled(document: Document) -> (Document, usize) {
    let mut count = 0;
    let veiled = document.with_texts(&mut |name, text| {
        let (text, found) = veiled_field(name, text);
        count += found;
        text
    });
    (veiled, count)
}

/// A text with its credentials masked: a value, an address with its query, a JSON document.
#[must_use]
pub fn veiled_text(text: &str) -> String {
    veiled_field("", text.to_owned()).0
}

fn veiled_field(name: &str, text: String) -> (String, usize) {
    let open = FIELDS.contains(&name) || PREFIXES.iter().any(|prefix| text.starts_with(prefix));
    if open && !text.is_empty() {
        return (Secret::new(text).mask(), 1);
    }
    let inner = text.trim_start();
    if inner.starts_with(['{', '['])
        && let Ok(document) = Document::parse(inner.as_bytes())
    {
        let (document, count) = veiled(document);
        return match count {
            0 => (text, 0),
            // Texts, numbers and arrays of them always have a JSON form.
            _ => (serde_json::to_string(&document).unwrap_or_default(), count),
        };
    }
    veiled_query(text)
}

/// The values of the fields in a query, in any text that holds one.
fn veiled_query(text: String) -> (String, usize) {
    let mut count = 0;
    let mut kept = String::with_capacity(text.len());
    for (index, pair) in text.split_inclusive(['?', '&', ' ', '"', '\n']).enumerate() {
        let (body, end) = match pair.char_indices().next_back() {
            Some((at, '?' | '&' | ' ' | '"' | '\n')) => pair.split_at(at),
            _ => (pair, ""),
        };
        match body.split_once('=') {
            Some((name, value))
                if !value.is_empty()
                    && (FIELDS.contains(&name) || (index > 0 && name == "code")) =>
            {
                count += 1;
                kept.push_str(name);
                kept.push('=');
                kept.push_str(&Secret::new(value).mask());
            }
            _ => kept.push_str(body),
        }
        kept.push_str(end);
    }
    match count {
        0 => (text, 0),
        _ => (kept, count),
    }
}
