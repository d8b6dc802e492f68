//! What happens in a server, told once: to the log, the metrics and the alerts.

use std::time::Duration;

use jiff::SignedDuration;

use crate::flow::{AnotherHolder, ClockFault, CodeFate};
use crate::store::events::EventOutcome;
use crate::store::messages::MessageOutcome;
use crate::wechat::id::{Appid, ComponentAppid};

/// Something that happened. Holds no secret.
#[derive(Clone, Debug)]
pub enum Notice {
    /// An event was verified and stored, or known already.
    EventAccepted {
        /// Whose.
        platform: ComponentAppid,
        /// Its number in the store.
        id: i64,
        /// Its `InfoType`.
        info_type: String,
        /// Whom it is about.
        appid: Option<Appid>,
        /// It had come before.
        repeated: bool,
        /// It was encrypted with the previous key.
        previous_key: bool,
        /// From the first byte to the durable row.
        elapsed: Duration,
    },
    /// An event was worked off.
    EventWorked {
        /// Whose.
        platform: ComponentAppid,
        /// Its number in the store.
        id: i64,
        /// Its `InfoType`.
        info_type: String,
        /// Whom it is about.
        appid: Option<Appid>,
        /// How it ended; pending when it is tried again.
        outcome: EventOutcome,
        /// What became of its code.
        code: CodeFate,
        /// Why it failed.
        error: Option<String>,
    },
    /// A message of an account was verified; it is passed on only when it is new.
    MessageTaken {
        /// Whose.
        platform: ComponentAppid,
        /// The account: its appid, or its original id.
        account: String,
        /// Its kind: `text`, `event/subscribe` …
        what: String,
        /// Whether it was counted; new as well when the store failed.
        outcome: MessageOutcome,
        /// It was part of the full-release check and answered as that.
        release_check: bool,
    },
    /// The part of the full-release check that follows after the answer was done.
    ReleaseCheckAnswered {
        /// Whose.
        platform: ComponentAppid,
        /// The check's account.
        appid: Appid,
        /// Why it could not be done.
        error: Option<String>,
    },
    /// A request was refused.
    Rejected {
        /// Whose, when that is known.
        platform: Option<ComponentAppid>,
        /// The route.
        route: &'static str,
        /// Why.
        why: Rejection,
    },
    /// Something was passed on, or given up.
    Forwarded {
        /// Whose.
        platform: ComponentAppid,
        /// The event's number; none for a message.
        event: Option<i64>,
        /// How it went.
        result: ForwardResult,
        /// Tries made.
        tries: u32,
    },
    /// The launch page made a link.
    LinkMade {
        /// Whose.
        platform: ComponentAppid,
    },
    /// A browser came back.
    BrowserReturned {
        /// Whose.
        platform: ComponentAppid,
        /// Who authorized, when that is known.
        appid: Option<Appid>,
        /// Why the code was not exchanged here, if it was not.
        left: Option<String>,
    },
    /// The refresher was at work.
    Refreshed {
        /// Whose.
        platform: ComponentAppid,
        /// Tokens replaced.
        refreshed: u64,
        /// Tokens that could not be.
        failed: u64,
        /// Those of `failed` whose refresh token proved dead.
        died: u64,
        /// All merchants whose refresh token is known to be dead: a person must act.
        dead: Vec<Appid>,
        /// What ended the round, if something did.
        error: Option<String>,
    },
    /// A page could not be shown.
    PageFailed {
        /// Whose.
        platform: ComponentAppid,
        /// The route.
        route: &'static str,
        /// What the visitor was shown in place of the reason.
        id: String,
        /// The reason.
        error: String,
    },
    /// An alert was sent, or could not be.
    AlertSent {
        /// Its kind.
        kind: &'static str,
        /// Why it could not be sent.
        error: Option<String>,
    },
    /// Notices of one kind that strangers can cause without end were left out of the log.
    LeftOut {
        /// What they tell: the reason of a [`Notice::Rejected`], or another kind of notice.
        what: &'static str,
        /// How many.
        count: u64,
    },
    /// Ticket or component token turned out to be stored with a time in the future, or no longer are.
    ClockFault {
        /// Whose.
        platform: ComponentAppid,
        /// What is; `None` when it is over.
        fault: Option<ClockFault>,
    },
    /// This machine's clock was set back.
    ClockSetBack {
        /// Whose clock it is too.
        platform: ComponentAppid,
        /// By how much.
        by: SignedDuration,
    },
    /// WeChat refused tokens before their expiry although wxauth had not replaced them, or has not for a
    /// day.
    AnotherHolder {
        /// Whose tokens.
        platform: ComponentAppid,
        /// What shows that another program requests them; `None` when it is over.
        holder: Option<AnotherHolder>,
    },
    /// The store can be written again after a write failed.
    StoreRecovered {
        /// Whose.
        platform: ComponentAppid,
    },
    /// A message was not counted because the store failed or was slow; it is passed on all the same.
    MessageNotCounted {
        /// Whose.
        platform: ComponentAppid,
        /// What the store said.
        error: String,
    },
    /// The store failed.
    StoreFailed {
        /// Whose.
        platform: ComponentAppid,
        /// What it said.
        error: String,
    },
}

/// Why a request was refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Rejection {
    /// A query parameter is missing.
    Query(&'static str),
    /// The body is no envelope.
    Envelope(String),
    /// The signature is wrong.
    Signature,
    /// It could not be decrypted.
    Decryption(String),
    /// It is meant for another platform.
    ForeignAppid(String),
    /// The body is larger than allowed.
    TooLarge,
    /// The body did not come in time.
    TooSlow,
    /// The address asked for too much.
    TooMany,
    /// The path and query of the request are longer than allowed.
    TooLong,
    /// As many pages as may be are being answered.
    Busy,
    /// No such platform is served.
    UnknownPlatform(String),
    /// The store failed; WeChat is not told `success`.
    Store(String),
}

impl Rejection {
    /// Its kind, as log and metrics call it.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Query(_) => "query",
            Self::Envelope(_) => "envelope",
            Self::Signature => "signature",
            Self::Decryption(_) => "decryption",
            Self::ForeignAppid(_) => "foreign_appid",
            Self::TooLarge => "too_large",
            Self::TooSlow => "too_slow",
            Self::TooMany => "too_many",
            Self::TooLong => "too_long",
            Self::Busy => "busy",
            Self::UnknownPlatform(_) => "unknown_platform",
            Self::Store(_) => "store",
        }
    }

    /// What is known beyond the kind. Strangers may have written it.
    #[must_use]
    pub fn detail(&self) -> Option<&str> {
        match self {
            Self::Query(name) => Some(name),
            Self::Envelope(detail)
            | Self::Decryption(detail)
            | Self::ForeignAppid(detail)
            | Self::UnknownPlatform(detail)
            | Self::Store(detail) => Some(detail),
            Self::Signature
            | Self::TooLarge
            | Self::TooSlow
            | Self::TooMany
            | Self::TooLong
            | Self::Busy => None,
        }
    }
}

/// How passing on went.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ForwardResult {
    /// The backend took it.
    Delivered {
        /// Its HTTP status.
        status: u16,
    },
    /// It did not, and is not asked again.
    Failed {
        /// What went wrong last.
        why: String,
    },
    /// It will be tried again.
    Retrying {
        /// What went wrong.
        why: String,
    },
    /// There was no room in the queue.
    Dropped,
}
