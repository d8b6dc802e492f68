//! Why a verb could not be done: data, not prose.

use std::time::Duration;

use jiff::Timestamp;

use crate::api::ApiError;
use crate::store::StoreError;
use crate::store::layouts::{Gap, Layout, Slot};
use crate::store::roster::Authorizer;
use crate::store::tokens::TokenOwner;
use crate::sys::command::CommandError;
use crate::wechat::id::Appid;
use crate::wechat::redirect::RedirectError;

use super::{ExternalIdError, LinkRefusal, StateError};

/// What somebody else would have to give us under `mint = "never"`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// The platform's own token.
    ComponentToken,
    /// A merchant's token.
    AuthorizerToken(Appid),
    /// The exchange of an authorization code.
    Exchange,
    /// The refresh of merchants' tokens.
    Refresh,
}

/// Why a verb could not be done.
#[derive(Debug, thiserror::Error)]
pub enum FlowError {
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// WeChat refused or could not be reached.
    #[error(transparent)]
    Api(#[from] ApiError),
    /// A program that should print a secret did not.
    #[error(transparent)]
    Command(#[from] CommandError),
    /// What was given is no authorization code.
    #[error(transparent)]
    Redirect(#[from] RedirectError),
    /// A state could not be signed.
    #[error(transparent)]
    State(#[from] StateError),
    /// What was given cannot be the operator's own id of an authorizer.
    #[error(transparent)]
    ExternalId(#[from] ExternalIdError),
    /// No ticket was ever received.
    #[error("no component_verify_ticket has been received")]
    NoTicket,
    /// The newest ticket is older than 12 hours.
    #[error("the newest component_verify_ticket is past its 12 hours")]
    TicketDead {
        /// When it was received.
        received_at: Timestamp,
    },
    /// The appsecret is not known.
    #[error("the platform's appsecret is not known")]
    NoAppsecret,
    /// We are not to mint, and nobody gives us what is wanted.
    #[error("this platform's tokens are minted by somebody else")]
    NotMinting(Wanted),
    /// The Redis of the backend that holds this platform cannot be asked.
    #[error(transparent)]
    Backend(StoreError),
    /// The backend's keys do not give what is wanted.
    #[error("{layout} at {address} does not give it")]
    NotLent {
        /// Whose keys.
        layout: Layout,
        /// Where its Redis is.
        address: String,
        /// What was looked for.
        wanted: Slot,
        /// Why there is none.
        gap: Gap,
    },
    /// The backend's token has less life left than was asked for.
    #[error("the backend's token ends at {expires_at}")]
    LentTooShort {
        /// Whose token.
        owner: TokenOwner,
        /// When its key ends.
        expires_at: Timestamp,
    },
    /// A process of the backend kept the SDK's lock for longer than we wait.
    #[error("the backend's processes hold the lock `{key}`")]
    SdkLockTimeout {
        /// The lock's key.
        key: String,
        /// How long we waited.
        waited: Duration,
    },
    /// Another holder kept its lease for longer than we wait.
    #[error("another process holds the token's lease")]
    LockTimeout {
        /// Whose token.
        owner: TokenOwner,
        /// The holder's command.
        holder: String,
        /// The holder's host.
        host: String,
        /// The holder's process id.
        process_id: u32,
        /// How long we waited.
        waited: Duration,
    },
    /// No merchant in the store answers to this.
    #[error("no authorizer matches `{who}`")]
    UnknownAuthorizer {
        /// What was asked for.
        who: String,
    },
    /// Several merchants answer to this.
    #[error("`{who}` matches several authorizers")]
    Ambiguous {
        /// What was asked for.
        who: String,
        /// Some that match, sorted by appid.
        candidates: Vec<Authorizer>,
    },
    /// The merchant ended its authorization.
    #[error("{appid} ended its authorization")]
    Ended {
        /// Whose.
        appid: Appid,
    },
    /// The authorization stands, but its code was never exchanged.
    #[error("no refresh token is known for {appid}")]
    NoRefreshToken {
        /// Whose.
        appid: Appid,
    },
    /// The refresh token is dead, and WeChat's list has no other.
    #[error("the refresh token of {appid} is dead")]
    RefreshTokenDead {
        /// Whose.
        appid: Appid,
    },
    /// The answer to an exchange was lost, and the merchant could not be told from WeChat's list.
    #[error("the answer to the exchange was lost")]
    ExchangeLost {
        /// Accounts that are new or without a refresh token.
        candidates: Vec<Appid>,
    },
    /// The code of an event about one account was one of another's: what it gave is stored under
    /// that one.
    #[error("the code for {appid} was exchanged, and WeChat gave what {other} granted")]
    ExchangedForOther {
        /// Whom the event is about.
        appid: Appid,
        /// Whose grant it was.
        other: Appid,
    },
    /// The program or the backend gave a token that is none.
    #[error("what was given as a token is not one")]
    NotAToken {
        /// Whose token.
        owner: TokenOwner,
    },
    /// The link asked for cannot work.
    #[error("the link cannot work")]
    Link(Vec<LinkRefusal>),
    /// More merchants would be marked as ended than one believes without asking.
    #[error("{} of {known} authorizers are missing from WeChat's list", missing.len())]
    Shrinking {
        /// Those missing.
        missing: Vec<Appid>,
        /// How many stood before.
        known: u64,
    },
    /// WeChat's list never held still long enough for a complete pass.
    #[error("the account list kept moving")]
    ListUnstable {
        /// What the list said it holds.
        total: u64,
        /// What it gave.
        seen: u64,
    },
    /// Nobody waits for the token any more.
    #[error("given up while waiting for another holder")]
    Abandoned,
    /// The code was exchanged, and what it gave could not be stored.
    #[error("the code was exchanged, but the store failed: {source}")]
    ExchangeNotStored {
        /// Which merchant.
        appid: Appid,
        /// Why.
        source: StoreError,
    },
    /// A task of ours ended without an answer.
    #[error("internal task failed: {detail}")]
    Broken {
        /// What is known of it.
        detail: String,
    },
}
