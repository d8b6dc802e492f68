//! What SDKs keep of a platform in Redis: the names of their keys, and how their values are written.
//!
//! Pure: nothing here talks to a Redis; [`Backend`](super::backend::Backend) does. One file per SDK holds
//! everything that is its own: the keys, the values, how its keys are known again in a Redis that
//! nobody described, and, where tokens may be written back, how. `value` and `php` read what
//! several of them write.

#[cfg(feature = "redis")]
mod codec;
#[cfg(feature = "redis")]
mod easywechat5;
#[cfg(feature = "redis")]
mod easywechat6;
#[cfg(feature = "redis")]
mod igbinary;
#[cfg(feature = "redis")]
mod php;
#[cfg(feature = "redis")]
mod powerwechat;
#[cfg(feature = "redis")]
mod senparc;
#[cfg(feature = "redis")]
mod silenceper;
#[cfg(feature = "redis")]
mod value;
#[cfg(feature = "redis")]
mod wechatpy;
#[cfg(feature = "redis")]
mod wxjava;

use crate::wechat::id::Appid;

use super::words::words;

#[cfg(feature = "redis")]
pub(super) use codec::{Entry, Kept, Mark, MarkKind, Parts, Place, Written, recognise};

words! {
    /// An SDK whose keys are known.
    Layout {
        /// WxJava (`weixin-java-open`).
        Wxjava => "wxjava",
        /// EasyWeChat 6 and node-easywechat 3.
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
    /// PHP's igbinary extension wrote it, and it is neither a text nor a flat array.
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

impl Layout {
    /// What the SDK puts before its keys unless told otherwise.
    #[must_use]
    pub const fn default_prefix(self) -> &'static str {
        match self {
            Self::Wechatpy => "wechatpy:",
            Self::Senparc => "Senparc:DefaultCache:",
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

    /// Whether what wxauth holds may be put among its keys: an SDK that keeps everything of a
    /// platform in one value writes that value whole, over what was put there.
    #[must_use]
    pub const fn takes_exports(self) -> bool {
        !matches!(self, Self::Senparc)
    }

    /// Whether how values are written is up to the application's cache, so that what lies there
    /// tells.
    #[must_use]
    pub const fn writes_as_its_cache_does(self) -> bool {
        matches!(self, Self::Easywechat6)
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
    #[must_use]
    pub const fn hides_component_token(self) -> bool {
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
}
