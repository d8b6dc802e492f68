//! Any answer of WeChat as it came: the order of its fields and every digit of its numbers.

use std::fmt;

use serde::ser::{SerializeMap, SerializeSeq};
use serde::{Serialize, Serializer};
use serde_json::value::RawValue;

use super::mending::mended;
use super::reply::{NotJson, Reply};

/// How deep arrays and objects may lie in each other, as in `serde_json`.
const DEPTH: usize = 128;

/// A JSON value. `Debug` names its kind only: what is in it may be anybody's.
#[derive(Clone)]
pub enum Document {
    /// An object, in its order; a name may come twice, as it was sent.
    Object(Vec<(String, Document)>),
    /// An array.
    Array(Vec<Document>),
    /// A text.
    Text(String),
    /// A number, `true`, `false` or `null`, as it was written.
    Scalar(Box<RawValue>),
}

impl Document {
    /// Reads a whole body; a byte order mark is passed by and raw control characters are mended.
    ///
    /// # Errors
    /// [`NotJson`] when it is none, or nested deeper than 128.
    pub fn parse(body: &[u8]) -> Result<Self, NotJson> {
        let body = body.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(body);
        let body = mended(body);
        let raw: &RawValue = serde_json::from_slice(&body).map_err(|_| NotJson)?;
        Self::read(raw, DEPTH)
    }

    fn read(raw: &RawValue, depth: usize) -> Result<Self, NotJson> {
        let text = raw.get();
        match text.as_bytes().first() {
            Some(b'{' | b'[') if depth == 0 => Err(NotJson),
            Some(b'{') => {
                let reply = Reply::parse(text.as_bytes())?;
                let fields = reply
                    .fields()
                    .map(|(name, raw)| Ok((name.to_owned(), Self::read(raw, depth - 1)?)));
                Ok(Self::Object(fields.collect::<Result<_, _>>()?))
            }
            Some(b'[') => {
                let items: Vec<&RawValue> = serde_json::from_str(text).map_err(|_| NotJson)?;
                let items = items.into_iter().map(|raw| Self::read(raw, depth - 1));
                Ok(Self::Array(items.collect::<Result<_, _>>()?))
            }
            Some(b'"') => serde_json::from_str(text)
                .map(Self::Text)
                .map_err(|_| NotJson),
            _ => Ok(Self::Scalar(raw.to_owned())),
        }
    }

    /// The field of that name, of an object.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Self> {
        match self {
            Self::Object(fields) => fields
                .iter()
                .find_map(|(field, value)| (field == name).then_some(value)),
            _ => None,
        }
    }

    /// A text that is not empty, or a number as text: what the next page may be asked for by.
    #[must_use]
    pub fn mark(&self) -> Option<String> {
        match self {
            Self::Text(text) if !text.is_empty() => Some(text.clone()),
            Self::Scalar(raw) => raw.get().parse::<i64>().ok().map(|_| raw.get().to_owned()),
            _ => None,
        }
    }

    /// A whole number, or a text that is one.
    #[must_use]
    pub fn integer(&self) -> Option<i64> {
        self.mark()?.trim().parse().ok()
    }

    /// `true` or `false`, also as 1 or 0.
    #[must_use]
    pub fn flag(&self) -> Option<bool> {
        match self {
            Self::Scalar(raw) if raw.get() == "true" => Some(true),
            Self::Scalar(raw) if raw.get() == "false" => Some(false),
            _ => self.integer().map(|number| number != 0),
        }
    }

    /// The same value with each text given to `change`, along with the name of the field it is in.
    #[must_use]
    pub fn with_texts(self, change: &mut impl FnMut(&str, String) -> String) -> Self {
        self.changed("", change)
    }

    fn changed(self, name: &str, change: &mut impl FnMut(&str, String) -> String) -> Self {
        match self {
            Self::Object(fields) => Self::Object(
                fields
                    .into_iter()
                    .map(|(field, value)| {
                        let value = value.changed(&field, change);
                        (field, value)
                    })
                    .collect(),
            ),
            Self::Array(items) => Self::Array(
                items
                    .into_iter()
                    .map(|item| item.changed(name, change))
                    .collect(),
            ),
            Self::Text(text) => Self::Text(change(name, text)),
            scalar @ Self::Scalar(_) => scalar,
        }
    }
}

impl Serialize for Document {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Object(fields) => {
                let mut map = serializer.serialize_map(Some(fields.len()))?;
                for (name, value) in fields {
                    map.serialize_entry(name, value)?;
                }
                map.end()
            }
            Self::Array(items) => {
                let mut list = serializer.serialize_seq(Some(items.len()))?;
                for item in items {
                    list.serialize_element(item)?;
                }
                list.end()
            }
            Self::Text(text) => serializer.serialize_str(text),
            Self::Scalar(raw) => raw.serialize(serializer),
        }
    }
}

impl fmt::Debug for Document {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Object(_) => "an object",
            Self::Array(_) => "an array",
            Self::Text(_) => "a text",
            Self::Scalar(_) => "a scalar",
        })
    }
}
