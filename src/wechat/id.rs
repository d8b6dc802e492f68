//! Ids as types of their own, so that one is never taken for another.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A text that is no id of the kind asked for.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is no {expected}")]
pub struct InvalidId {
    /// What was given.
    pub text: String,
    /// What was expected, with its shape.
    pub expected: &'static str,
}

macro_rules! text_id {
    ($(#[$doc:meta])* $name:ident, $expected:literal, $check:expr) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(String);

        impl $name {
            /// Takes what WeChat sent, whatever its shape: ids of new kinds must not stop a client.
            #[must_use]
            pub fn from_wire(text: impl Into<String>) -> Self {
                Self(text.into())
            }

            /// The id as text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl FromStr for $name {
            type Err = InvalidId;

            fn from_str(text: &str) -> Result<Self, InvalidId> {
                let check: fn(&str) -> bool = $check;
                if check(text) {
                    Ok(Self(text.to_owned()))
                } else {
                    Err(InvalidId { text: text.to_owned(), expected: $expected })
                }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str(&self.0)
            }
        }

        impl AsRef<str> for $name {
            fn as_ref(&self) -> &str {
                &self.0
            }
        }
    };
}

fn is_appid(text: &str) -> bool {
    text.strip_prefix("wx").is_some_and(|rest| {
        rest.len() == 16
            && rest
                .bytes()
                .all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
    })
}

text_id!(
    /// The appid of a third-party platform (`component_appid`): `wx` and 16 hexadecimal digits.
    ComponentAppid,
    "platform appid (wx and 16 hexadecimal digits)",
    is_appid
);

text_id!(
    /// The appid of an account that authorizes platforms: `wx` and 16 hexadecimal digits.
    Appid,
    "appid (wx and 16 hexadecimal digits)",
    is_appid
);

text_id!(
    /// The original id of an account (`user_name`): `gh_` and 12 characters.
    UserName,
    "original id (gh_ and 12 characters)",
    |text| text.strip_prefix("gh_").is_some_and(|rest| {
        rest.len() == 12 && rest.bytes().all(|b| b.is_ascii_alphanumeric())
    })
);

/// Whether a text has the shape of an account's appid or original id, and so is read as nothing else.
#[must_use]
pub fn is_account_id(text: &str) -> bool {
    text.parse::<Appid>().is_ok() || text.parse::<UserName>().is_ok()
}

/// The number of a permission set (权限集).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PermissionSetId(pub u32);

impl fmt::Display for PermissionSetId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}

impl FromStr for PermissionSetId {
    type Err = InvalidId;

    fn from_str(text: &str) -> Result<Self, InvalidId> {
        text.parse().map(Self).map_err(|_| InvalidId {
            text: text.to_owned(),
            expected: "permission-set id (a number)",
        })
    }
}
