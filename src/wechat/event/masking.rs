//! Messages without what opens something.

use serde_json::Value;

use crate::wechat::masking::{is_secret_field, masked_text};
use crate::wechat::secret::Secret;

/// A message as JSON with tickets, codes and tokens masked, wherever they stand.
#[must_use]
pub fn masked(message: Value) -> Value {
    within(message, false)
}

fn within(value: Value, secret: bool) -> Value {
    match value {
        Value::String(text) if secret && !text.trim().is_empty() => {
            Value::String(Secret::new(text.trim()).mask())
        }
        Value::String(text) => Value::String(masked_text(&text).0),
        Value::Array(items) => items.into_iter().map(|item| within(item, secret)).collect(),
        Value::Object(fields) => fields
            .into_iter()
            .map(|(name, value)| {
                let secret = secret || is_secret_field(&name);
                (masked_text(&name).0, within(value, secret))
            })
            .collect(),
        Value::Number(_) if secret => Value::String("…".to_owned()),
        plain => plain,
    }
}
