//! What the published tables say: error texts, permission sets, and what each API path needs.

use std::collections::HashMap;
use std::sync::OnceLock;

use serde::Deserialize;

use super::state::kind::{Family, Kind};

/// A permission set of the published table.
#[derive(Deserialize)]
pub struct PermissionSet {
    /// Its number.
    pub id: u32,
    /// Its name, empty where none is published.
    #[serde(rename = "name_zh")]
    pub name: String,
    kind: String,
    mutually_exclusive: Option<bool>,
}

/// Which token an API path takes.
#[derive(Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum TokenOwner {
    /// An authorizer's.
    Authorizer,
    /// The platform's.
    Component,
    /// The account's own, which a platform never has.
    Own,
    /// Any of them.
    Any,
}

/// What an API path needs.
#[derive(Deserialize)]
pub struct Api {
    /// `GET` or `POST`.
    pub method: String,
    /// The path, with its leading slash.
    pub path: String,
    /// Any one of these sets opens it; none listed: any authorization does.
    pub permission_sets: Vec<u32>,
    /// Whose token it takes.
    pub token: TokenOwner,
    account_kinds: Vec<String>,
}

impl Api {
    /// Whether an account of `kind` has this interface at all.
    pub fn serves(&self, kind: Kind) -> bool {
        let names: &[&str] = match kind {
            Kind::Subscription | Kind::Service => &["official_account"],
            Kind::MiniProgram | Kind::SmallShop | Kind::Trial => &["mini_program"],
            Kind::MiniGame => &["mini_game"],
            Kind::Channels => &["channels"],
            Kind::Store => &["store"],
            Kind::SalesAssistant => &["talent_assistant"],
            Kind::Supplier => &["store_supplier"],
        };
        self.account_kinds.is_empty()
            || self
                .account_kinds
                .iter()
                .any(|name| names.contains(&name.as_str()))
    }
}

#[derive(Deserialize)]
struct ErrorRow {
    code: i32,
    message: String,
}

/// The published text of `errcode`, or nothing when no table names it.
pub fn message(errcode: i32) -> Option<&'static str> {
    static TEXTS: OnceLock<HashMap<i32, String>> = OnceLock::new();
    let texts = TEXTS.get_or_init(|| {
        rows::<ErrorRow>(include_bytes!(concat!(env!("OUT_DIR"), "/data/errors")))
            .into_iter()
            .map(|row| {
                let text = row.message.trim_start_matches("(text not confirmed) ");
                (row.code, text.to_owned())
            })
            .collect()
    });
    texts.get(&errcode).map(String::as_str)
}

/// All permission sets by number.
pub fn permission_sets() -> &'static HashMap<u32, PermissionSet> {
    static SETS: OnceLock<HashMap<u32, PermissionSet>> = OnceLock::new();
    SETS.get_or_init(|| {
        rows::<PermissionSet>(include_bytes!(concat!(
            env!("OUT_DIR"),
            "/data/permission-sets"
        )))
        .into_iter()
        .map(|set| (set.id, set))
        .collect()
    })
}

/// Whether one platform at a time may hold this set.
pub fn is_exclusive(id: u32) -> bool {
    permission_sets()
        .get(&id)
        .is_some_and(|set| set.mutually_exclusive == Some(true))
}

/// Whether an account of `kind` can grant this set.
pub fn fits(id: u32, kind: Kind) -> bool {
    let Some(set) = permission_sets().get(&id) else {
        return false;
    };
    let family = match (set.kind.as_str(), id) {
        ("official_account", _) => Family::OfficialAccount,
        ("mini_program", _) => Family::MiniProgram,
        ("channels", _) => Family::Channels,
        (_, 189 | 190) => return kind == Kind::SalesAssistant,
        (_, 173) => return kind == Kind::MiniGame,
        _ => return matches!(kind, Kind::Store | Kind::Supplier),
    };
    kind.family() == family
}

/// What `path` needs, when the published table knows it.
pub fn api(path: &str) -> Option<&'static Api> {
    static APIS: OnceLock<HashMap<String, Api>> = OnceLock::new();
    APIS.get_or_init(|| {
        rows::<Api>(include_bytes!(concat!(
            env!("OUT_DIR"),
            "/data/api-permissions"
        )))
        .into_iter()
        .map(|api| (api.path.clone(), api))
        .collect()
    })
    .get(path)
}

/// The rows of a table that is part of the program; a test reads them all.
fn rows<T: for<'de> Deserialize<'de>>(packed: &[u8]) -> Vec<T> {
    let table = miniz_oxide::inflate::decompress_to_vec(packed).unwrap_or_default();
    serde_json::from_slice(&table).unwrap_or_default()
}
