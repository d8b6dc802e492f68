//! What SDKs keep of a platform in Redis: the names of their keys, and how their values are written.
//!
//! Pure: nothing here talks to a Redis; [`Backend`](super::Backend) does. One file per SDK holds
//! everything that is its own: the keys, the values, how its keys are known again in a Redis that
//! nobody described, and, where tokens may be written back, how. `value` and `php` read what
//! several of them write.

mod easywechat5;
mod easywechat6;
mod php;
mod powerwechat;
mod senparc;
mod silenceper;
mod value;
mod wechatpy;
mod wxjava;

use jiff::Timestamp;
use zeroize::Zeroizing;

use crate::wechat::id::{Appid, ComponentAppid};
use crate::wechat::secret::Secret;

use super::words::words;

words! {
    /// An SDK whose keys are known.
    Layout {
        /// WxJava (`weixin-java-open`).
        Wxjava => "wxjava",
        /// EasyWeChat 6, and node-easywechat 3 where it writes as PHP does.
        Easywechat6 => "easywechat6",
        /// EasyWeChat 4 and 5.
        Easywechat5 => "easywechat5",
        /// silenceper/wechat 2.
        Silenceper => "silenceper",
        /// PowerWeChat 3.
        Powerwechat => "powerwechat",
        /// wechatpy 1 and 2.
        Wechatpy => "wechatpy",
        /// Senparc.Weixin.Open.
        Senparc => "senparc",
    }
}

/// One thing that is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Slot {
    /// The platform's newest ticket.
    Ticket,
    /// The platform's token.
    ComponentToken,
    /// A merchant's token.
    AuthorizerToken(Appid),
    /// A merchant's refresh token.
    RefreshToken(Appid),
}

/// What names of keys are made of.
#[derive(Clone, Copy, Debug)]
pub(super) struct Parts<'a> {
    /// What stands before everything else.
    pub(super) prefix: &'a str,
    pub(super) platform: &'a ComponentAppid,
    pub(super) appsecret: Option<&'a Secret>,
    pub(super) ticket: Option<&'a Secret>,
    /// Of the merchant whose token is looked for.
    pub(super) refresh_token: Option<&'a Secret>,
}

/// Where something is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// A string.
    Key(String),
    /// A field of a hash.
    Field { hash: String, field: String },
}

impl Place {
    pub(super) fn key(&self) -> &str {
        match self {
            Self::Key(key) => key,
            Self::Field { hash, .. } => hash,
        }
    }
}

/// Why a layout does not give what is wanted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Gap {
    /// This SDK never keeps it in Redis.
    NotKept,
    /// The key's name is made from the appsecret, which is not known here.
    NeedsAppsecret,
    /// The key's name is made from the ticket, which the backend does not have.
    NeedsTicket {
        /// Where the ticket would be.
        key: String,
    },
    /// The key's name is made from the merchant's refresh token, which the backend keeps in a
    /// database of its own.
    NeedsRefreshToken,
    /// There is no such key: never written, or past its end.
    Absent {
        /// Its name.
        key: String,
    },
    /// What is there says that it is past its end.
    Ended {
        /// The key.
        key: String,
    },
    /// What is there cannot be read.
    Unreadable {
        /// The key.
        key: String,
        /// Why.
        why: Unreadable,
    },
}

/// Why a value cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Unreadable {
    /// PHP's igbinary extension wrote it.
    Igbinary,
    /// A binary codec of Redisson wrote it.
    Redisson,
    /// Java's own serialization wrote it.
    JavaSerialized,
    /// It has another shape than this SDK writes.
    OtherShape,
}

impl Unreadable {
    /// The word for programs.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Igbinary => "igbinary",
            Self::Redisson => "redisson",
            Self::JavaSerialized => "java_serialized",
            Self::OtherShape => "other_shape",
        }
    }
}

/// What was read out of a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Kept {
    pub(super) secret: Secret,
    /// When it ends, where the value itself says so.
    pub(super) ends_at: Option<Timestamp>,
}

impl Kept {
    fn new(secret: impl Into<String>) -> Self {
        Self {
            secret: Secret::new(secret),
            ends_at: None,
        }
    }
}

/// A value as it is to be written.
pub(super) struct Written {
    pub(super) key: String,
    pub(super) value: Zeroizing<String>,
    /// Seconds until it goes; none stays.
    pub(super) ttl: Option<i64>,
}

/// A key of an SDK, known by its name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Mark {
    pub(super) layout: Layout,
    pub(super) prefix: String,
    /// The platform, where the name says it.
    pub(super) platform: Option<ComponentAppid>,
    pub(super) kind: MarkKind,
}

/// What such a key holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum MarkKind {
    Ticket,
    ComponentToken,
    AuthorizerToken(Appid),
    RefreshToken(Appid),
    /// A token of somebody: its value says whose kind.
    SomeToken,
    /// A hash of bags; `true` for platforms, `false` for merchants.
    Bags(bool),
}

impl Layout {
    /// What the SDK puts before its keys unless told otherwise.
    #[must_use]
    pub const fn default_prefix(self) -> &'static str {
        match self {
            Self::Wechatpy => wechatpy::PREFIX,
            Self::Senparc => senparc::PREFIX,
            _ => "",
        }
    }

    /// Whether a token minted elsewhere may be written among its keys.
    #[must_use]
    pub const fn takes_tokens(self) -> bool {
        matches!(self, Self::Wxjava | Self::Silenceper | Self::Wechatpy)
    }

    /// Whether merchants' tokens may be written back too: their refresh tokens are kept there.
    #[must_use]
    pub const fn takes_authorizer_tokens(self) -> bool {
        matches!(self, Self::Wxjava | Self::Wechatpy)
    }

    /// Whether the SDK keeps the ticket in Redis.
    #[must_use]
    pub const fn keeps_tickets(self) -> bool {
        !matches!(self, Self::Silenceper)
    }

    /// Whether the SDK keeps refresh tokens where they can be read.
    #[must_use]
    pub const fn keeps_refresh_tokens(self) -> bool {
        matches!(self, Self::Wxjava | Self::Wechatpy | Self::Senparc)
    }

    /// Whether the key of the component token can be named only with appsecret and ticket.
    pub(super) const fn hides_component_token(self) -> bool {
        matches!(self, Self::Easywechat5 | Self::Powerwechat)
    }

    /// Whether the key of a merchant's token can be named only with the refresh token.
    #[must_use]
    pub const fn hides_authorizer_tokens(self) -> bool {
        matches!(
            self,
            Self::Easywechat5 | Self::Easywechat6 | Self::Powerwechat
        )
    }

    /// Where it is kept: the place to look at first, first.
    pub(super) fn places(self, slot: &Slot, parts: &Parts<'_>) -> Result<Vec<Place>, Gap> {
        match self {
            Self::Wxjava => Ok(vec![Place::Key(wxjava::key(slot, parts))]),
            Self::Easywechat6 => easywechat6::key(slot, parts).map(one),
            Self::Easywechat5 => easywechat5::key(slot, parts).map(one),
            Self::Silenceper => silenceper::key(slot, parts).map(one),
            Self::Powerwechat => powerwechat::key(slot, parts).map(one),
            Self::Wechatpy => Ok(wechatpy::keys(slot, parts).map(Place::Key).into()),
            Self::Senparc => Ok(senparc::places(slot, parts).into()),
        }
    }

    /// Reads a value.
    pub(super) fn read(self, slot: &Slot, value: &[u8]) -> Result<Kept, Unreadable> {
        match self {
            Self::Wxjava | Self::Silenceper => value::plain(value),
            Self::Easywechat6 => php::text(value),
            Self::Easywechat5 => easywechat5::read(slot, value),
            Self::Powerwechat => powerwechat::read(slot, value),
            Self::Wechatpy => value::json_text(value),
            Self::Senparc => senparc::read(slot, value),
        }
    }

    /// What a value of [`MarkKind::SomeToken`] is: a component token, or a merchant's.
    pub(super) fn is_component_token(self, value: &[u8]) -> Result<bool, Unreadable> {
        match self {
            Self::Powerwechat => powerwechat::is_component_token(value),
            _ => easywechat5::is_component_token(value),
        }
    }

    /// How a token that lives for `expires_in` seconds is written at `place`; none where it must
    /// not be.
    pub(super) fn write(
        self,
        slot: &Slot,
        place: &Place,
        secret: &Secret,
        expires_in: i64,
    ) -> Option<Written> {
        let (value, ttl) = match self {
            Self::Wxjava => wxjava::write(slot, secret, expires_in),
            Self::Silenceper => silenceper::write(slot, secret, expires_in)?,
            Self::Wechatpy => wechatpy::write(slot, secret, expires_in),
            _ => return None,
        };
        Some(Written {
            key: place.key().to_owned(),
            value,
            ttl,
        })
    }

    /// The SDK's own lock, which all its processes take before they mint.
    pub(super) fn lock(self, slot: &Slot) -> Option<String> {
        match self {
            Self::Wxjava => Some(wxjava::lock(slot)),
            _ => None,
        }
    }
}

fn one(key: String) -> Vec<Place> {
    vec![Place::Key(key)]
}

/// What `key` is, if any SDK named it. The more particular names come first: one SDK's key may end
/// as another's begins.
pub(super) fn recognise(key: &str) -> Option<Mark> {
    wxjava::recognise(key)
        .or_else(|| powerwechat::recognise(key))
        .or_else(|| easywechat5::recognise(key))
        .or_else(|| easywechat6::recognise(key))
        .or_else(|| senparc::recognise(key))
        .or_else(|| silenceper::recognise(key))
        .or_else(|| wechatpy::recognise(key))
}

fn mark(layout: Layout, prefix: &str, platform: Option<&str>, kind: MarkKind) -> Option<Mark> {
    Some(Mark {
        layout,
        prefix: prefix.to_owned(),
        platform: platform.map(str::parse).transpose().ok()?,
        kind,
    })
}

/// The two sides of the last `words` in `key`.
fn around<'a>(key: &'a str, words: &str) -> Option<(&'a str, &'a str)> {
    key.rsplit_once(words)
}

fn is_md5(text: &str) -> bool {
    text.len() == 32
        && text
            .bytes()
            .all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
}
