//! What WeChat's error codes mean: a table over `data/errors.json`, parsed on first use.

use std::sync::OnceLock;

use serde::Deserialize;

use super::table;

/// One error code: what it says, why it comes, what to do.
#[derive(Clone, Debug, Deserialize)]
pub struct ErrorEntry {
    /// The `errcode`.
    pub code: i64,
    /// The `errmsg`, without its rid.
    pub message: String,
    /// Why it comes, in English.
    pub cause_en: String,
    /// Why it comes, in Chinese.
    pub cause_zh: String,
    /// What to do, in English.
    pub fix_en: String,
    /// What to do, in Chinese.
    pub fix_zh: String,
    /// Whether the same call may succeed later or with a newer token.
    pub retryable: bool,
    /// The exit code of a command that ends with it.
    pub exit: u8,
    /// The calls that answer with it; `*` and `group:*` are patterns.
    pub endpoints: Vec<String>,
    /// The page that says so.
    pub source_url: String,
    /// Whether the table itself is unsure of the code.
    #[serde(default)]
    pub uncertain: bool,
}

/// Every known code, in ascending order.
#[must_use]
pub fn all() -> &'static [ErrorEntry] {
    static TABLE: OnceLock<Vec<ErrorEntry>> = OnceLock::new();
    TABLE.get_or_init(|| {
        let mut table: Vec<ErrorEntry> =
            table::rows(include_bytes!(concat!(env!("OUT_DIR"), "/data/errors")));
        table.sort_by_key(|entry| entry.code);
        table
    })
}

/// What is known of `code`.
#[must_use]
pub fn lookup(code: i64) -> Option<&'static ErrorEntry> {
    let table = all();
    table
        .binary_search_by_key(&code, |entry| entry.code)
        .ok()
        .and_then(|index| table.get(index))
}

/// The account has not authorized this platform, or no longer.
pub const NOT_AUTHORIZED: i64 = 61003;

/// The authorization code is spent, of another account, or no authorization code at all.
pub const CODE_INVALID: i64 = 61009;

/// The authorization code is past its life.
pub const CODE_EXPIRED: i64 = 61010;

/// The refresh token is not, or no longer, the account's.
pub const INVALID_REFRESH_TOKEN: i64 = 61023;

/// The caller's address is not in the platform's list.
pub const ADDRESS_NOT_LISTED: i64 = 61004;

/// The day's calls are used up.
pub const QUOTA_USED_UP: i64 = 45009;

/// Whether the call that got `code` may succeed when repeated, perhaps with a newer token.
#[must_use]
pub fn is_retryable(code: i64) -> bool {
    lookup(code).is_some_and(|entry| entry.retryable)
}

/// Whether `code` says that the token in the query is not, or no longer, good.
#[must_use]
pub const fn is_stale_token(code: i64) -> bool {
    matches!(code, 40001 | 40014 | 42001 | 42006)
}

/// Whether `code` says that the token in the query is not the newest one. One that reached its end
/// gets another code, which a wrong clock can bring about as well.
#[must_use]
pub const fn is_replaced_token(code: i64) -> bool {
    matches!(code, 40001 | 40014)
}

/// Whether `code` says that a day's, minute's or month's quota is used up.
#[must_use]
pub const fn is_quota(code: i64) -> bool {
    matches!(code, 45009 | 45011 | 45040 | 45104 | 48006)
}

/// Whether `code` rejects the ticket or the appsecret rather than the call.
#[must_use]
pub const fn is_credential(code: i64) -> bool {
    matches!(code, 40091 | 40094 | 40125 | 61005 | 61006)
}

/// Whether `code` is a passing trouble: the very same call may be repeated after a wait.
#[must_use]
pub fn is_transient(code: i64) -> bool {
    is_retryable(code) && !is_stale_token(code) && !is_quota(code) && !is_credential(code)
}
