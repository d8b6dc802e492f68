//! One answer of WeChat before its meaning is read: the outcome, and the fields as they came.

use std::borrow::Cow;
use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

use super::lenient;
use super::refusal::Refusal;
use crate::wechat::secret::Secret;

/// A body that is no JSON object.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the answer is no JSON object")]
pub struct NotJson;

/// A field that must be there and is not, or is empty.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the answer has no `{0}`")]
pub struct MissingField(pub &'static str);

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

    pub(super) fn secret(&self, name: &str) -> Option<Secret> {
        self.text(name).map(Secret::new)
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
