//! What happens on the way, for whoever watches.

use std::sync::Arc;
use std::time::Duration;

use crate::store::tokens::TokenOwner;
use crate::wechat::id::Appid;

/// Takes happenings; called from any task and must not block.
pub type Watcher = Arc<dyn Fn(Happening) + Send + Sync>;

/// Something a watcher may want to show while a verb is at work.
#[derive(Clone, Debug)]
pub enum Happening {
    /// Another process is refreshing this token; we wait for it.
    WaitingForHolder {
        /// Whose token.
        owner: TokenOwner,
        /// The holder's host.
        host: String,
        /// The holder's process id.
        process_id: u32,
        /// When its lease ends at the latest.
        remaining: Duration,
    },
    /// A process of the backend holds its SDK's lock; we wait for it.
    WaitingForSdk {
        /// The lock's key.
        key: String,
    },
    /// A token was minted, and somebody else had written one among the SDK's keys meanwhile.
    WriteRefused {
        /// Whose token.
        owner: TokenOwner,
    },
    /// A holder died in the middle of a call: its token may have been replaced at WeChat.
    HolderDied {
        /// Whose token.
        owner: TokenOwner,
    },
    /// WeChat's answer was lost, and the call is made again under the same lease.
    AnswerLost {
        /// Whose token.
        owner: TokenOwner,
    },
    /// WeChat refused a token we took for good: somebody else may mint for this platform.
    TokenRefused {
        /// Whose token.
        owner: TokenOwner,
        /// 40001 or 42001.
        errcode: i64,
    },
    /// The stored refresh token was dead (61023) and WeChat's list had another.
    RefreshTokenReplaced {
        /// Whose.
        appid: Appid,
    },
    /// WeChat confirmed that a merchant ended its authorization.
    AuthorizationEnded {
        /// Whose.
        appid: Appid,
    },
    /// What bulk work is going to cost.
    Planned {
        /// Calls to WeChat, as far as known beforehand.
        calls: u64,
        /// What WeChat says is left of today's quota, where it says so.
        quota_left: Option<i64>,
    },
    /// Bulk work moved on.
    Progress {
        /// Pieces done.
        done: u64,
        /// Pieces in all, as far as known.
        total: u64,
    },
    /// The account list is being read.
    Listed {
        /// Rows read in this pass.
        rows: u64,
        /// Rows in all.
        total: u64,
    },
    /// The account list moved while it was read: another pass is made.
    ListMoved {
        /// Total at the start of the pass.
        before: u64,
        /// Total at its end.
        after: u64,
    },
    /// An unfinished sync is taken up where it stopped.
    Resumed,
}
