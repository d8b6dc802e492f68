//! Masking the credentials that an answer may hold: refresh tokens in the account list, a token in
//! the address of a logged request.

use super::document::Document;
use crate::wechat::secret::Secret;

/// The fields whose value opens something; WeChat names them so wherever they come.
const FIELDS: [&str; 15] = [
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
    // A log may have cut a document short, or put words before it.
    let (text, pieces) = veiled_pieces(text);
    let (text, pairs) = veiled_query(text);
    (text, pieces + pairs)
}

/// The values of the fields in what is left of a JSON document.
fn veiled_pieces(text: String) -> (String, usize) {
    let (mut kept, mut rest, mut count) = (String::new(), text.as_str(), 0);
    while let Some((before, after)) = next_field(rest) {
        let end = closing_quote(after);
        kept.push_str(before);
        kept.push_str(&Secret::new(&after[..end]).mask());
        rest = &after[end..];
        count += 1;
    }
    if count == 0 {
        return (text, 0);
    }
    kept.push_str(rest);
    (kept, count)
}

/// The text up to the next value of a known field, its opening quote included, and from there on.
fn next_field(text: &str) -> Option<(&str, &str)> {
    let value_at = |name: &&str| {
        let quoted = format!("\"{name}\"");
        text.match_indices(&quoted).find_map(|(at, found)| {
            let after = text[at + found.len()..].trim_start().strip_prefix(':')?;
            let value = after.trim_start().strip_prefix('"')?;
            (!value.is_empty() && !value.starts_with('"')).then(|| text.len() - value.len())
        })
    };
    let at = FIELDS.iter().filter_map(value_at).min()?;
    Some(text.split_at(at))
}

/// Where a string ends: at its quote that nothing escapes, else at the end of the text.
fn closing_quote(text: &str) -> usize {
    let mut escaped = false;
    let end = text.find(|letter| match letter {
        _ if escaped => {
            escaped = false;
            false
        }
        '\\' => {
            escaped = true;
            false
        }
        letter => letter == '"',
    });
    end.unwrap_or(text.len())
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
