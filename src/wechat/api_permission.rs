//! Which permission sets and which token WeChat's calls need, over `data/api-permissions.json`,
//! parsed on first use.

mod nearness;
mod pasted;

use std::sync::OnceLock;

use serde::{Deserialize, Serialize};

use super::id::PermissionSetId;
use super::table;

pub use nearness::near;
pub use pasted::{Asked, read};

/// The token that a call takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CallToken {
    /// The account's, which the platform holds for it (`authorizer_access_token`).
    Authorizer,
    /// The platform's (`component_access_token`).
    Component,
    /// The account's own, from its own appsecret: no platform can make the call for it.
    Own,
    /// Any of them.
    Any,
}

impl CallToken {
    /// The token's name in JSON: `authorizer`, …
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Authorizer => "authorizer",
            Self::Component => "component",
            Self::Own => "own",
            Self::Any => "any",
        }
    }
}

/// One call of WeChat's API.
#[derive(Clone, Debug, Deserialize)]
pub struct ApiPermission {
    /// `GET` or `POST`.
    pub method: String,
    /// Its path, from `/`, in the case that WeChat documents.
    pub path: String,
    /// WeChat's name for it; empty when its page has none.
    pub name: String,
    /// What its page is called, in Chinese.
    pub name_zh: String,
    /// The permission sets of which any one is enough, within the account's kind; none when the
    /// call needs no set.
    pub permission_sets: Vec<PermissionSetId>,
    /// The token it takes.
    pub token: CallToken,
    /// WeChat's words for the accounts it is for: `mini_program`, `third_party_platform`, …
    pub account_kinds: Vec<String>,
    /// Whether the table itself is unsure of the call.
    #[serde(default)]
    pub uncertain: bool,
    /// The page that says so.
    pub source_url: String,
}

/// Every known call, by path and method.
#[must_use]
pub fn all() -> &'static [ApiPermission] {
    static TABLE: OnceLock<Vec<ApiPermission>> = OnceLock::new();
    TABLE.get_or_init(|| {
        let mut table: Vec<ApiPermission> = table::rows(include_bytes!(concat!(
            env!("OUT_DIR"),
            "/data/api-permissions"
        )));
        table.sort_by(|a, b| (&a.path, &a.method).cmp(&(&b.path, &b.method)));
        table
    })
}

/// The calls with this path, one for each method: in any case, and with or without `/cgi-bin`.
#[must_use]
pub fn find(path: &str) -> Vec<&'static ApiPermission> {
    let with = |path: &str| -> Vec<_> {
        let same = |call: &&ApiPermission| call.path.eq_ignore_ascii_case(path);
        all().iter().filter(same).collect()
    };
    let found = with(path);
    if !found.is_empty() {
        return found;
    }
    match path.strip_prefix("/cgi-bin") {
        Some(rest) => with(rest),
        None => with(&format!("/cgi-bin{path}")),
    }
}

/// The calls that this set opens.
pub fn opened_by(set: PermissionSetId) -> impl Iterator<Item = &'static ApiPermission> {
    all()
        .iter()
        .filter(move |call| call.permission_sets.contains(&set))
}
