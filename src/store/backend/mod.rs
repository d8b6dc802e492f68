//! A backend's own Redis, where an SDK keeps tickets and tokens: read, and written only under
//! `mint = "shared"` and by an export into its layout.
//!
//! Which keys and values these are the [`layouts`](super::layouts) say.

#[cfg(not(feature = "redis"))]
mod absent;
#[cfg(feature = "redis")]
mod detect;
#[cfg(feature = "redis")]
mod give;
#[cfg(feature = "redis")]
mod lookup;
#[cfg(feature = "redis")]
mod merchants;
#[cfg(feature = "redis")]
mod shared;

use jiff::Timestamp;

use crate::wechat::secret::Secret;

use super::StoreError;
use super::layouts::{Gap, Slot};

#[cfg(not(feature = "redis"))]
pub use absent::{Backend, BackendLock};
#[cfg(feature = "redis")]
pub use detect::{Spotted, Standing, Survey};
#[cfg(feature = "redis")]
pub use lookup::Backend;
#[cfg(feature = "redis")]
pub use shared::BackendLock;

/// What is known besides, for keys that are named by more than appids.
#[derive(Clone, Copy, Debug, Default)]
pub struct Known<'a> {
    /// The platform's appsecret.
    pub appsecret: Option<&'a Secret>,
    /// The refresh token of the merchant whose token is wanted.
    pub refresh_token: Option<&'a Secret>,
}

/// A secret that a backend keeps.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lent {
    /// The ticket or token.
    pub secret: Secret,
    /// When the backend lets go of it, where that can be told.
    pub expires_at: Option<Timestamp>,
    /// When the backend received it, where the life that its key has left tells.
    pub received_at: Option<Timestamp>,
    /// The key it lies under.
    pub key: String,
}

/// Why a backend did not give something.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BackendError {
    /// Its Redis cannot be asked.
    #[error(transparent)]
    Redis(#[from] StoreError),
    /// Its Redis does not have it, or it cannot be found or read there.
    #[error("the backend's Redis does not have it")]
    Gap(Gap),
}

/// What was minted.
#[derive(Clone, Copy, Debug)]
pub struct Minted<'a> {
    /// The token.
    pub token: &'a Secret,
    /// Seconds, as WeChat said.
    pub expires_in: i64,
    /// The refresh token that came with it.
    pub refresh_token: Option<&'a Secret>,
}

/// Whether it was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WriteBack {
    /// It was.
    Written,
    /// The lock was lost, or somebody else had written a token meanwhile: nothing was changed.
    Refused,
}

/// What of ours is offered to a backend.
#[derive(Clone, Copy, Debug)]
pub struct Offer<'a> {
    /// A ticket, or an access token with what goes with it.
    pub slot: &'a Slot,
    /// The ticket or access token; none where only a refresh token is left.
    pub secret: Option<&'a Secret>,
    /// Of a token how many seconds WeChat takes it yet, of a ticket how many ago it came.
    pub seconds: i64,
    /// The refresh token that goes with a merchant's token.
    pub refresh_token: Option<&'a Secret>,
    /// A ticket that is older than ours for certain.
    pub older: Option<&'a Secret>,
    /// The platform's appsecret, which some keys are named by.
    pub appsecret: Option<&'a Secret>,
    /// The ticket that the backend mints with, which some keys are named by.
    pub ticket: Option<&'a Secret>,
}

/// What became of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Given {
    /// It is written.
    Written,
    /// It lay there already.
    Same,
    /// What lies there lives longer, or nothing says that it is older: it stays.
    Newer,
    /// The SDK itself would have let go of it by now.
    Gone,
    /// The SDK's lock is held: it mints at the moment, and nothing was written.
    Locked {
        /// The lock.
        key: String,
    },
}
