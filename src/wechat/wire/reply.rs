//! One answer of WeChat before its meaning is read: the outcome, and the fields as they came.

use std::borrow::Cow;
use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

use super::lenient;
use super::refusal::Refusal;
use crate::wechat::id::Appid;
use crate::wechat::limits;
use crate::wechat::secret::Secret;

/// A body that is no JSON object.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the answer is no JSON object")]
pub struct NotJson;

/// What is wrong with a field of an answer. It never holds the value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FieldError {
    /// It must be there and is not, or is empty.
    #[error("the answer has no `{0}`")]
    Missing(&'static str),
    /// It is not what such a field is.
    #[error("`{field}` in the answer is not {expected}")]
    Malformed {
        /// The field.
        field: &'static str,
        /// What it must be.
        expected: Expected,
    },
}

/// What a field must be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expected {
    /// A token or code: [`limits::is_token`].
    Token,
    /// An id of an account: [`limits::is_id`].
    Id,
    /// How long something is valid: [`limits::LIFETIME`].
    Lifetime,
    /// Addresses or ranges of them.
    Addresses,
    /// What the request named.
    AsAsked,
}

impl fmt::Display for Expected {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Token => write!(
                formatter,
                "printable ASCII without white space, {} characters at most",
                limits::TOKEN
            ),
            Self::Id => write!(
                formatter,
                "an id: printable ASCII without white space, {} characters at most",
                limits::ID
            ),
            Self::Lifetime => write!(
                formatter,
                "a number of seconds from {} to {}",
                limits::LIFETIME.start(),
                limits::LIFETIME.end()
            ),
            Self::Addresses => formatter.write_str("a list of IP addresses"),
            Self::AsAsked => formatter.write_str("the one that was asked for"),
        }
    }
}

/// An answer; its fields still borrow from the body. `Debug` names the fields only.
pub struct Reply<'a> {
    fields: Vec<(Cow<'a, str>, &'a RawValue)>,
}

impl<'a> Reply<'a> {
    /// Reads a body, in one pass; a byte order mark before it is passed by.
    ///
    /// # Errors
    /// [`NotJson`] when it is cut short, no JSON, or no object.
    pub fn parse(body: &'a [u8]) -> Result<Self, NotJson> {
        let body = body.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(body);
        Self::parse_text(std::str::from_utf8(body).map_err(|_| NotJson)?)
    }

    fn parse_text(text: &'a str) -> Result<Self, NotJson> {
        let mut deserializer = serde_json::Deserializer::from_str(text);
        let fields = deserializer.deserialize_map(Fields).map_err(|_| NotJson)?;
        deserializer.end().map_err(|_| NotJson)?;
        Ok(Self { fields })
    }

    /// The refusal, when `errcode` is there and not 0.
    #[must_use]
    pub fn refusal(&self) -> Option<Refusal> {
        let errcode = self.integer("errcode").filter(|code| *code != 0)?;
        Some(Refusal::new(
            errcode,
            &self.text("errmsg").unwrap_or_default(),
        ))
    }

    pub(super) fn fields(&self) -> impl Iterator<Item = (&str, &'a RawValue)> {
        self.fields.iter().map(|(name, raw)| (name.as_ref(), *raw))
    }

    pub(super) fn raw(&self, name: &str) -> Option<&'a RawValue> {
        self.fields()
            .find_map(|(field, raw)| (field == name).then_some(raw))
    }

    pub(super) fn integer(&self, name: &str) -> Option<i64> {
        let raw = self.raw(name)?;
        lenient::integer(&mut serde_json::Deserializer::from_str(raw.get())).ok()?
    }

    pub(super) fn text(&self, name: &str) -> Option<String> {
        let raw = self.raw(name)?;
        lenient::text(&mut serde_json::Deserializer::from_str(raw.get())).ok()?
    }

    /// A token or code; `None` when it is absent or empty.
    pub(super) fn token(&self, field: &'static str) -> Result<Option<Secret>, FieldError> {
        token(field, self.text(field).map(Secret::new))
    }

    /// The id of an account under one of these names, the first that is there.
    pub(super) fn appid(&self, names: &[&'static str]) -> Result<Option<Appid>, FieldError> {
        let found = names
            .iter()
            .find_map(|name| Some((*name, self.text(name)?)));
        found
            .map(|(name, text)| id(name, text).map(Appid::from_wire))
            .transpose()
    }

    /// How long what came with it is valid, in seconds, as a number or a text that is one; `None`
    /// when it is absent or empty.
    pub(super) fn lifetime(&self, field: &'static str) -> Result<Option<i64>, FieldError> {
        let Some(raw) = self.raw(field).map(RawValue::get) else {
            return Ok(None);
        };
        let text = raw.trim_matches('"').trim();
        if text.is_empty() || text == "null" {
            return Ok(None);
        }
        let whole = text.parse::<i64>().ok();
        match whole.filter(|seconds| limits::LIFETIME.contains(seconds)) {
            Some(seconds) => Ok(Some(seconds)),
            None => Err(FieldError::Malformed {
                field,
                expected: Expected::Lifetime,
            }),
        }
    }

    /// The object `T` of that name; its own fields must be lenient.
    pub(super) fn object<T: Deserialize<'a>>(&self, name: &str) -> Option<T> {
        serde_json::from_str(self.raw(name)?.get()).ok()
    }

    /// The fields of the object of that name.
    pub(super) fn inner(&self, name: &str) -> Option<Self> {
        Self::parse_text(self.raw(name)?.get()).ok()
    }

    /// The objects in the array of that name, none where there is something else.
    pub(super) fn sequence<T: Deserialize<'a>>(&self, name: &str) -> Vec<T> {
        let listed = self
            .raw(name)
            .map(|raw| lenient::sequence(&mut serde_json::Deserializer::from_str(raw.get())));
        listed.and_then(Result::ok).unwrap_or_default()
    }
}

impl fmt::Debug for Reply<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_set()
            .entries(self.fields().map(|(name, _)| name))
            .finish()
    }
}

/// A token or code as it came, if it has the shape of one.
pub(super) fn token(
    field: &'static str,
    secret: Option<Secret>,
) -> Result<Option<Secret>, FieldError> {
    match secret {
        Some(secret) if !limits::is_token(&secret) => Err(FieldError::Malformed {
            field,
            expected: Expected::Token,
        }),
        secret => Ok(secret),
    }
}

/// An id as it came, if it has the shape of one.
pub(super) fn id(field: &'static str, text: String) -> Result<String, FieldError> {
    match limits::is_id(&text) {
        true => Ok(text),
        false => Err(FieldError::Malformed {
            field,
            expected: Expected::Id,
        }),
    }
}

struct Fields;

impl<'de> Visitor<'de> for Fields {
    type Value = Vec<(Cow<'de, str>, &'de RawValue)>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut fields = Vec::with_capacity(4);
        while let Some(name) = map.next_key::<Name<'de>>()? {
            fields.push((name.0, map.next_value()?));
        }
        Ok(fields)
    }
}

/// A member's name, borrowed unless it is escaped; serde's own `Cow` never borrows.
struct Name<'a>(Cow<'a, str>);

impl<'de> Deserialize<'de> for Name<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct NameVisitor;

        impl<'de> Visitor<'de> for NameVisitor {
            type Value = Name<'de>;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("a name")
            }

            fn visit_borrowed_str<E>(self, name: &'de str) -> Result<Name<'de>, E> {
                Ok(Name(Cow::Borrowed(name)))
            }

            fn visit_str<E>(self, name: &str) -> Result<Name<'de>, E> {
                Ok(Name(Cow::Owned(name.to_owned())))
            }
        }

        deserializer.deserialize_str(NameVisitor)
    }
}
