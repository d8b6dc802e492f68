//! One door to the files of the SDKs.

use jiff::Timestamp;
use zeroize::Zeroizing;

use crate::wechat::id::{Appid, ComponentAppid};
use crate::wechat::secret::Secret;

use super::{
    Gap, Layout, Slot, Unreadable, easywechat5, easywechat6, powerwechat, senparc, silenceper,
    value, wechatpy, wxjava,
};

/// What names of keys are made of.
#[derive(Clone, Copy, Debug)]
pub(in crate::store) struct Parts<'a> {
    /// What stands before everything else.
    pub(in crate::store) prefix: &'a str,
    pub(in crate::store) platform: &'a ComponentAppid,
    pub(in crate::store) appsecret: Option<&'a Secret>,
    pub(in crate::store) ticket: Option<&'a Secret>,
    /// Of the merchant whose token is looked for.
    pub(in crate::store) refresh_token: Option<&'a Secret>,
}

/// Where something is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::store) enum Place {
    /// A string.
    Key(String),
    /// A field of a hash.
    Field { hash: String, field: String },
}

impl Place {
    pub(in crate::store) fn key(&self) -> &str {
        match self {
            Self::Key(key) => key,
            Self::Field { hash, .. } => hash,
        }
    }
}

/// What was read out of a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::store) struct Kept {
    pub(in crate::store) secret: Secret,
    /// When it ends, where the value itself says so.
    pub(in crate::store) ends_at: Option<Timestamp>,
}

impl Kept {
    pub(super) fn new(secret: impl Into<String>) -> Self {
        Self {
            secret: Secret::new(secret),
            ends_at: None,
        }
    }
}

/// What is to be written into a slot.
#[derive(Clone, Copy, Debug)]
pub(in crate::store) struct Entry<'a> {
    pub(in crate::store) secret: &'a Secret,
    /// What some SDKs keep beside a merchant's token.
    pub(in crate::store) refresh_token: Option<&'a Secret>,
    /// Of a token how many seconds WeChat takes it yet, of a ticket how many ago it came.
    pub(in crate::store) seconds: i64,
    /// What the SDK wrote there, or of the same platform: where its caches write in several ways,
    /// it is written in the same. Empty where nothing lies.
    pub(in crate::store) like: &'a [u8],
}

/// A value as it is to be written.
pub(in crate::store) struct Written {
    pub(in crate::store) key: String,
    pub(in crate::store) value: Zeroizing<String>,
    /// Seconds until it goes; none stays.
    pub(in crate::store) ttl: Option<i64>,
}

/// A key of an SDK, known by its name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::store) struct Mark {
    pub(in crate::store) layout: Layout,
    pub(in crate::store) prefix: String,
    /// The platform, where the name says it.
    pub(in crate::store) platform: Option<ComponentAppid>,
    pub(in crate::store) kind: MarkKind,
}

/// What such a key holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::store) enum MarkKind {
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
    /// Where it is kept: the place to look at first, first.
    pub(in crate::store) fn places(
        self,
        slot: &Slot,
        parts: &Parts<'_>,
    ) -> Result<Vec<Place>, Gap> {
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
    pub(in crate::store) fn read(self, slot: &Slot, value: &[u8]) -> Result<Kept, Unreadable> {
        match self {
            Self::Wxjava | Self::Silenceper => value::plain(value),
            Self::Easywechat6 => easywechat6::read(value),
            Self::Easywechat5 => easywechat5::read(slot, value),
            Self::Powerwechat => powerwechat::read(slot, value),
            Self::Wechatpy => value::json_text(value),
            Self::Senparc => senparc::read(slot, value),
        }
    }

    /// How many seconds the key of a ticket lives from when it came, where the SDK ends it.
    pub(in crate::store) const fn ticket_life(self) -> Option<i64> {
        match self {
            Self::Wxjava => Some(wxjava::TICKET_LIFE),
            Self::Easywechat6 => Some(easywechat6::TICKET_LIFE),
            Self::Easywechat5 => Some(easywechat5::TICKET_LIFE),
            Self::Powerwechat => Some(powerwechat::TICKET_LIFE),
            Self::Silenceper | Self::Wechatpy | Self::Senparc => None,
        }
    }

    /// What a value of [`MarkKind::SomeToken`] is: a component token, or a merchant's.
    pub(in crate::store) fn is_component_token(self, value: &[u8]) -> Result<bool, Unreadable> {
        match self {
            Self::Powerwechat => powerwechat::is_component_token(value),
            _ => easywechat5::is_component_token(value),
        }
    }

    /// How `entry` is written at `place`, as if the SDK had received it when it came; none where
    /// the SDK would have let go of it by now, or must not be given it.
    pub(in crate::store) fn write(
        self,
        slot: &Slot,
        place: &Place,
        entry: Entry<'_>,
    ) -> Option<Written> {
        let (value, ttl) = match self {
            Self::Wxjava => wxjava::write(slot, entry),
            Self::Easywechat6 => easywechat6::write(slot, entry)?,
            Self::Easywechat5 => easywechat5::write(slot, entry)?,
            Self::Silenceper => silenceper::write(slot, entry)?,
            Self::Powerwechat => powerwechat::write(slot, entry)?,
            Self::Wechatpy => wechatpy::write(slot, entry),
            Self::Senparc => return None,
        };
        let lives = ttl.is_none_or(|seconds| seconds > 0);
        lives.then(|| Written {
            key: place.key().to_owned(),
            value,
            ttl,
        })
    }

    /// The SDK's own lock, which all its processes take before they mint.
    pub(in crate::store) fn lock(self, slot: &Slot) -> Option<String> {
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
pub(in crate::store) fn recognise(key: &str) -> Option<Mark> {
    wxjava::recognise(key)
        .or_else(|| powerwechat::recognise(key))
        .or_else(|| easywechat5::recognise(key))
        .or_else(|| easywechat6::recognise(key))
        .or_else(|| senparc::recognise(key))
        .or_else(|| silenceper::recognise(key))
        .or_else(|| wechatpy::recognise(key))
}

pub(super) fn mark(
    layout: Layout,
    prefix: &str,
    platform: Option<&str>,
    kind: MarkKind,
) -> Option<Mark> {
    Some(Mark {
        layout,
        prefix: prefix.to_owned(),
        platform: platform.map(str::parse).transpose().ok()?,
        kind,
    })
}

/// The two sides of the last `words` in `key`.
pub(super) fn around<'a>(key: &'a str, words: &str) -> Option<(&'a str, &'a str)> {
    key.rsplit_once(words)
}

pub(super) fn is_md5(text: &str) -> bool {
    text.len() == 32
        && text
            .bytes()
            .all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
}
