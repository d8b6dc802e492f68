//! Fields given one by one: `name=value`, nested by brackets as in `text[content]=hi` and `ids[]=1`.

use serde_json::{Map, Value};

use crate::cli::error::CliError;
use crate::lang::text;

/// The name and the value of `NAME=VALUE`.
pub(super) fn split(text: &str) -> Result<(&str, &str), CliError> {
    text.split_once('=')
        .filter(|(name, _)| !name.trim().is_empty())
        .ok_or_else(|| {
            CliError::usage(text!(
                "`{text}` is no field: write NAME=VALUE",
                "`{text}` 不是字段，请写成 NAME=VALUE"
            ))
        })
}

/// What a typed field's text means: a number, `true`, `false`, `null`, or itself.
pub(super) fn typed(text: &str) -> Value {
    match serde_json::from_str(text) {
        Ok(value @ (Value::Bool(_) | Value::Null | Value::Number(_))) => value,
        _ => Value::from(text),
    }
}

/// Puts a value where its name says.
pub(super) fn put(
    fields: &mut Map<String, Value>,
    name: &str,
    value: Value,
) -> Result<(), CliError> {
    let wrong = || {
        CliError::usage(text!(
            "the field `{name}` does not fit those before it",
            "字段 `{name}` 与前面的字段冲突"
        ))
    };
    let (first, rest) = name
        .split_once('[')
        .map_or((name, ""), |(first, rest)| (first, rest));
    let mut steps = vec![first];
    if !rest.is_empty() {
        let inner = rest.strip_suffix(']').ok_or_else(wrong)?;
        steps.extend(inner.split("]["));
    }
    if name.ends_with('[') || first.is_empty() {
        return Err(wrong());
    }
    let mut place = fields.entry(first).or_insert(Value::Null);
    for step in steps.iter().skip(1) {
        if place.is_null() {
            *place = match *step {
                "" => Value::Array(Vec::new()),
                _ => Value::Object(Map::new()),
            };
        }
        place = match (place, *step) {
            (Value::Array(items), "") => {
                items.push(Value::Null);
                items.last_mut().ok_or_else(wrong)?
            }
            (Value::Object(inner), step) if !step.is_empty() => {
                inner.entry(step).or_insert(Value::Null)
            }
            _ => return Err(wrong()),
        };
    }
    if place.is_object() || place.is_array() {
        return Err(wrong());
    }
    *place = value;
    Ok(())
}

/// The fields as the pairs of a query.
pub(super) fn pairs(fields: &Map<String, Value>) -> Result<Vec<(String, String)>, CliError> {
    let pair = |(name, value): (&String, &Value)| match value {
        Value::String(text) => Ok((name.clone(), text.clone())),
        Value::Bool(_) | Value::Number(_) => Ok((name.clone(), value.to_string())),
        Value::Null => Ok((name.clone(), String::new())),
        Value::Array(_) | Value::Object(_) => Err(CliError::usage(text!(
            "the field `{name}` does not fit into the query of a GET",
            "字段 `{name}` 无法放入 GET 请求的查询参数"
        ))
        .hint(text!(
            "send a body: `-X POST`",
            "如需发送请求体，请用 `-X POST`"
        ))),
    };
    fields.iter().map(pair).collect()
}
