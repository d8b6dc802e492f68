//! How a call fails. No variant ever holds a secret, the URL, or the body that was sent.

use super::call::{Call, Effect};
use crate::wechat::errcode;
use crate::wechat::id::Appid;
use crate::wechat::wire::{FieldError, Refusal};

/// Why a call gave nothing, after all repeats.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ApiError {
    /// WeChat answered and said no.
    #[error("{call}: errcode {}: {}", refusal.errcode, refusal.errmsg)]
    Refused {
        /// The call.
        call: Call,
        /// Code, message, rid.
        refusal: Refusal,
    },
    /// The settings of the HTTP client do not hold together; nothing was sent.
    #[error("{call}: {reason}")]
    NoClient {
        /// The call.
        call: Call,
        /// What is wrong: a CA file that cannot be read, a proxy that is no URL.
        reason: String,
    },
    /// Nothing reached WeChat: repeating is safe, whatever the call.
    #[error("{call}: cannot reach {host}: {detail}")]
    Unreachable {
        /// The call.
        call: Call,
        /// The host of the base, with its port where the base has one.
        host: String,
        /// What stood in the way.
        reason: UnreachableReason,
        /// The innermost cause in its own words.
        detail: String,
    },
    /// The request went out and no whole answer came: what WeChat did is not known.
    #[error("{call}: the answer was lost")]
    AnswerLost {
        /// The call.
        call: Call,
        /// How.
        cause: LostCause,
    },
    /// A success by HTTP whose body is no JSON object: a login page, a proxy, a wrong base.
    #[error("{call}: the answer (HTTP {status}) is no JSON object")]
    NotJson {
        /// The call.
        call: Call,
        /// The HTTP status.
        status: u16,
        /// The `Content-Type` it came with.
        content_type: Option<String>,
        /// At most 120 characters of the body; whatever could be a token is left out.
        beginning: String,
    },
    /// An HTTP status other than success, without an `errcode`.
    #[error("{call}: HTTP status {status}")]
    Status {
        /// The call.
        call: Call,
        /// The HTTP status.
        status: u16,
    },
    /// A success without a field that it must have, or with one that is not what it must be.
    #[error("{call}: {error}")]
    Field {
        /// The call.
        call: Call,
        /// Which, and why.
        error: FieldError,
    },
    /// A success about another account than the one that was asked about.
    #[error("{call}: the answer is about {answered}, not about {asked}")]
    OtherAccount {
        /// The call.
        call: Call,
        /// The account that was asked about.
        asked: Appid,
        /// The account that the answer names.
        answered: Appid,
    },
    /// A list that does not end: it grows with every page, or gives a few rows of very many.
    #[error("{call}: the list does not end: page {pages}, {rows} accounts so far, of {total}")]
    Endless {
        /// The call.
        call: Call,
        /// Pages that were read.
        pages: u64,
        /// Rows in them.
        rows: u64,
        /// How many there are, says the last page.
        total: u64,
    },
    /// An answer above the limit; the rest was not read.
    #[error("{call}: the answer is longer than {limit} bytes")]
    TooLarge {
        /// The call.
        call: Call,
        /// The limit in bytes.
        limit: usize,
    },
}

/// What stood between here and WeChat.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UnreachableReason {
    /// The host's name has no address.
    Dns,
    /// No connection: refused, unroutable, or too slow.
    Connect,
    /// No trust: certificate, name, protocol.
    Tls,
    /// The proxy would not pass the request on.
    Proxy,
    /// Anything else before the request went out.
    Other,
}

/// How an answer was lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LostCause {
    /// It did not come in time.
    Timeout,
    /// The connection ended before it was whole.
    Cut,
}

impl ApiError {
    /// The call that failed.
    #[must_use]
    pub const fn call(&self) -> Call {
        match self {
            Self::Refused { call, .. }
            | Self::NoClient { call, .. }
            | Self::Unreachable { call, .. }
            | Self::AnswerLost { call, .. }
            | Self::NotJson { call, .. }
            | Self::Status { call, .. }
            | Self::Field { call, .. }
            | Self::OtherAccount { call, .. }
            | Self::Endless { call, .. }
            | Self::TooLarge { call, .. } => *call,
        }
    }

    /// WeChat's code, where WeChat refused.
    #[must_use]
    pub const fn errcode(&self) -> Option<i64> {
        match self {
            Self::Refused { refusal, .. } => Some(refusal.errcode),
            _ => None,
        }
    }

    /// WeChat's refusal, where there is one.
    #[must_use]
    pub const fn refusal(&self) -> Option<&Refusal> {
        match self {
            Self::Refused { refusal, .. } => Some(refusal),
            _ => None,
        }
    }

    /// Whether the same call, sent again as it stands, can do no harm and may succeed.
    #[must_use]
    pub fn repeat_is_safe(&self) -> bool {
        match self {
            Self::Refused { refusal, .. } => errcode::is_transient(refusal.errcode),
            Self::Unreachable { .. } => true,
            Self::Status { status, .. } if *status < 500 => false,
            Self::AnswerLost { call, .. } | Self::Status { call, .. } => {
                matches!(call.effect(), Effect::Harmless | Effect::Idempotent)
            }
            Self::NoClient { .. }
            | Self::NotJson { .. }
            | Self::Field { .. }
            | Self::OtherAccount { .. }
            | Self::Endless { .. }
            | Self::TooLarge { .. } => false,
        }
    }

    /// Whether the answer did not come in time: WeChat may still be at it.
    #[must_use]
    pub const fn timed_out(&self) -> bool {
        matches!(
            self,
            Self::AnswerLost {
                cause: LostCause::Timeout,
                ..
            }
        )
    }

    /// Whether WeChat may have done what was asked although no usable answer came: a token may
    /// have been replaced, a code spent.
    #[must_use]
    pub const fn may_have_taken_effect(&self) -> bool {
        if matches!(self.call().effect(), Effect::Harmless) {
            return false;
        }
        match self {
            Self::Refused { .. } | Self::NoClient { .. } | Self::Unreachable { .. } => false,
            Self::Status { status, .. } => *status >= 500,
            Self::AnswerLost { .. }
            | Self::NotJson { .. }
            | Self::Field { .. }
            | Self::OtherAccount { .. }
            | Self::Endless { .. }
            | Self::TooLarge { .. } => true,
        }
    }
}
