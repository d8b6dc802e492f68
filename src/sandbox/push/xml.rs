//! XML as pushes need it: written from fields, and single elements read out of a reply.

use serde_json::{Map, Value};

/// A field of a push.
#[derive(Clone, Debug)]
pub enum Field {
    /// Text, in CDATA unless asked otherwise.
    Text(String, String),
    /// A number, bare.
    Number(String, i64),
    /// An element with elements in it.
    Group(String, Vec<Field>),
}

/// A text field.
pub fn text(name: &str, value: impl Into<String>) -> Field {
    Field::Text(name.to_owned(), value.into())
}

/// A number.
pub fn number(name: &str, value: i64) -> Field {
    Field::Number(name.to_owned(), value)
}

/// An element with elements in it.
pub fn group(name: &str, fields: Vec<Field>) -> Field {
    Field::Group(name.to_owned(), fields)
}

/// `<xml>…</xml>`; texts are in CDATA or escaped.
pub fn document(fields: &[Field], cdata: bool) -> String {
    let mut into = String::from("<xml>");
    write(fields, cdata, &mut into);
    into.push_str("</xml>");
    into
}

fn write(fields: &[Field], cdata: bool, into: &mut String) {
    for field in fields {
        let name = match field {
            Field::Text(name, _) | Field::Number(name, _) | Field::Group(name, _) => name,
        };
        into.push_str(&format!("<{name}>"));
        match field {
            Field::Text(_, value) if cdata => into.push_str(&self::cdata(value)),
            Field::Text(_, value) => into.push_str(&escape(value)),
            Field::Number(_, value) => into.push_str(&value.to_string()),
            Field::Group(_, inner) => {
                into.push('\n');
                write(inner, cdata, into);
            }
        }
        into.push_str(&format!("</{name}>\n"));
    }
}

/// The same fields as JSON, which store messages are.
pub fn json(fields: &[Field]) -> Value {
    let mut object = Map::new();
    for field in fields {
        match field {
            Field::Text(name, value) => object.insert(name.clone(), value.as_str().into()),
            Field::Number(name, value) => object.insert(name.clone(), (*value).into()),
            Field::Group(name, inner) => object.insert(name.clone(), json(inner)),
        };
    }
    Value::Object(object)
}

/// Sets the field that a path like `info.name` names, or adds it; what stands for a number goes as
/// a number where one was.
pub fn set(fields: &mut Vec<Field>, path: &str, value: &str) {
    let (head, rest) = match path.split_once('.') {
        Some((head, rest)) => (head, Some(rest)),
        None => (path, None),
    };
    let place = fields.iter().position(|field| match field {
        Field::Text(name, _) | Field::Number(name, _) | Field::Group(name, _) => name == head,
    });
    match (place, rest) {
        (Some(place), Some(rest)) => {
            if let Field::Group(_, inner) = &mut fields[place] {
                return set(inner, rest, value);
            }
            fields[place] = nested(head, rest, value);
        }
        (None, Some(rest)) => fields.push(nested(head, rest, value)),
        (Some(place), None) => {
            let parsed = value.parse().ok();
            fields[place] = match (&fields[place], parsed) {
                (Field::Number(..), Some(parsed)) => number(head, parsed),
                _ => text(head, value),
            };
        }
        (None, None) => fields.push(text(head, value)),
    }
}

fn nested(head: &str, rest: &str, value: &str) -> Field {
    let mut inner = Vec::new();
    set(&mut inner, rest, value);
    group(head, inner)
}

/// Whether `path` can be the name of a field: element names joined by dots.
pub fn is_path(path: &str) -> bool {
    path.split('.').all(|name| {
        name.starts_with(|letter: char| letter.is_ascii_alphabetic() || letter == '_')
            && name
                .chars()
                .all(|letter| letter.is_ascii_alphanumeric() || matches!(letter, '_' | '-'))
    })
}

fn cdata(value: &str) -> String {
    format!("<![CDATA[{}]]>", value.replace("]]>", "]]]]><![CDATA[>"))
}

fn escape(value: &str) -> String {
    value
        .replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}

/// The text of the first element of that name, in CDATA or escaped.
pub fn element(document: &str, name: &str) -> Option<String> {
    let (_, rest) = document.split_once(&format!("<{name}>"))?;
    let (inner, _) = rest.split_once(&format!("</{name}>"))?;
    let inner = inner.trim();
    let plain = inner
        .strip_prefix("<![CDATA[")
        .and_then(|rest| rest.strip_suffix("]]>"));
    if let Some(plain) = plain {
        return Some(plain.replace("]]]]><![CDATA[>", "]]>"));
    }
    let text = inner
        .replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&quot;", "\"")
        .replace("&apos;", "'")
        .replace("&amp;", "&");
    Some(text)
}
