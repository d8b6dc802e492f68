//! Messages without what opens something.

use serde_json::Value;

use crate::wechat::secret::Secret;
use crate::wechat::value::{self, ValueKind};

/// Fields whose values open something.
const FIELDS: [&str; 4] = [
    "ComponentVerifyTicket",
    "AuthorizationCode",
    "PreAuthCode",
    "auth_code",
];
/// What a ticket, a code or a token begins with, wherever in a text it stands.
const PREFIXES: [&str; 4] = [
    "ticket@@@",
    "preauthcode@@@",
    "queryauthcode@@@",
    "refreshtoken@@@",
];

/// A message as JSON with tickets, codes and tokens masked, wherever they stand.
#[must_use]
pub fn masked(message: Value) -> Value {
    within(message, false)
}

fn within(value: Value, secret: bool) -> Value {
    match value {
        Value::String(text) => Value::String(text_of(text, secret)),
        Value::Array(items) => items.into_iter().map(|item| within(item, secret)).collect(),
        Value::Object(fields) => fields
            .into_iter()
            .map(|(name, value)| {
                let secret = secret || FIELDS.contains(&name.as_str());
                (name, within(value, secret))
            })
            .collect(),
        Value::Number(_) if secret => Value::String("…".to_owned()),
        plain => plain,
    }
}

fn text_of(text: String, secret: bool) -> String {
    let whole = text.trim();
    if whole.is_empty() {
        return text;
    }
    if secret || value::recognise(whole) == ValueKind::AccessToken {
        return Secret::new(whole).mask();
    }
    let starts = PREFIXES.iter().filter_map(|prefix| whole.find(prefix));
    match starts.min() {
        Some(start) => format!("{}{}", &whole[..start], Secret::new(&whole[start..]).mask()),
        None => text,
    }
}
