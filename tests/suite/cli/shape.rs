//! A small language for the shapes of JSON answers, kept under `tests/data/schemas`.
//!
//! A text is `string`, `integer`, `number`, `boolean`, `time` (RFC 3339, UTC), `any`, closed words
//! joined by `|`, or `@NAME` for another file; a final `?` allows null. `[shape]` is an array, an
//! object has exactly the fields it names, and `{"*": shape}` is an object with any.

use std::path::PathBuf;

use serde_json::Value;

/// Where the shapes are kept.
pub fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/data/schemas")
}

/// The shape of that name.
pub fn load(name: &str) -> Value {
    let path = folder().join(format!("{name}.json"));
    let text = std::fs::read_to_string(&path).unwrap_or_else(|_| panic!("no {}", path.display()));
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Why `value` is not of `shape`; nothing when it is.
pub fn differences(value: &Value, shape: &Value) -> Vec<String> {
    let mut found = Vec::new();
    compare(value, shape, "$", &mut found);
    found
}

fn compare(value: &Value, shape: &Value, at: &str, found: &mut Vec<String>) {
    match (shape, value) {
        (Value::String(word), _) => word_of(value, word, at, found),
        (Value::Array(shapes), Value::Array(items)) => {
            for (index, item) in items.iter().enumerate() {
                compare(item, &shapes[0], &format!("{at}[{index}]"), found);
            }
        }
        (Value::Object(shapes), Value::Object(fields)) => {
            if let Some(shape) = shapes.get("*") {
                for (name, field) in fields {
                    compare(field, shape, &format!("{at}.{name}"), found);
                }
                return;
            }
            for (name, shape) in shapes {
                match fields.get(name) {
                    Some(field) => compare(field, shape, &format!("{at}.{name}"), found),
                    None => found.push(format!("{at}.{name} is absent; it has to be null")),
                }
            }
            let unknown = fields.keys().filter(|name| !shapes.contains_key(*name));
            found.extend(unknown.map(|name| format!("{at}.{name} is not in the schema")));
        }
        _ => found.push(format!("{at} is {value}, not {shape}")),
    }
}

fn word_of(value: &Value, word: &str, at: &str, found: &mut Vec<String>) {
    let (word, nullable) = match word.strip_suffix('?') {
        Some(word) => (word, true),
        None => (word, false),
    };
    if value.is_null() && nullable {
        return;
    }
    if let Some(name) = word.strip_prefix('@') {
        return compare(value, &load(name), at, found);
    }
    let fits = match word {
        "any" => true,
        "string" => value.is_string(),
        "integer" => value.is_i64() || value.is_u64(),
        "number" => value.is_number(),
        "boolean" => value.is_boolean(),
        "time" => value
            .as_str()
            .is_some_and(|text| text.ends_with('Z') && text.parse::<jiff::Timestamp>().is_ok()),
        words => value
            .as_str()
            .is_some_and(|text| words.split('|').any(|known| known == text)),
    };
    if !fits {
        found.push(format!("{at} is {value}, not {word}"));
    }
}

#[test]
fn a_field_too_many_too_few_or_of_another_kind_is_found() {
    let shape = serde_json::json!({"a": "integer", "b": ["x|y"], "c": "time?"});
    let good = serde_json::json!({"a": 1, "b": ["x", "y"], "c": null});
    assert_eq!(differences(&good, &shape), Vec::<String>::new());
    for bad in [
        serde_json::json!({"a": 1, "b": [], "c": null, "d": 1}),
        serde_json::json!({"a": 1, "b": []}),
        serde_json::json!({"a": "1", "b": [], "c": null}),
        serde_json::json!({"a": 1, "b": ["z"], "c": null}),
        serde_json::json!({"a": 1, "b": [], "c": "2026-11-22"}),
        serde_json::json!({"a": null, "b": [], "c": null}),
    ] {
        assert_eq!(differences(&bad, &shape).len(), 1, "{bad}");
    }
}
