//! The kinds of account that authorize platforms.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// What an authorizer is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AccountKind {
    /// A subscription or service account (公众号).
    OfficialAccount,
    /// A mini program (小程序).
    MiniProgram,
    /// A channels account (视频号).
    Channels,
    /// A WeChat store (微信小店).
    Store,
    /// An account of a newer kind: sales assistant, supplier, promoter.
    Other,
    /// Nothing WeChat said tells the kind.
    Unknown,
}

/// A text that names no kind of account.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no kind of account")]
pub struct UnknownAccountKind(pub String);

impl AccountKind {
    /// Every kind, in the order of the contract.
    pub const ALL: [Self; 6] = [
        Self::OfficialAccount,
        Self::MiniProgram,
        Self::Channels,
        Self::Store,
        Self::Other,
        Self::Unknown,
    ];

    /// The kind's name in JSON: `official_account`, `mini_program`, …
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::OfficialAccount => "official_account",
            Self::MiniProgram => "mini_program",
            Self::Channels => "channels",
            Self::Store => "store",
            Self::Other => "other",
            Self::Unknown => "unknown",
        }
    }
}

impl fmt::Display for AccountKind {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(self.as_str())
    }
}

impl FromStr for AccountKind {
    type Err = UnknownAccountKind;

    fn from_str(text: &str) -> Result<Self, UnknownAccountKind> {
        Self::ALL
            .into_iter()
            .find(|kind| kind.as_str() == text)
            .ok_or_else(|| UnknownAccountKind(text.to_owned()))
    }
}
