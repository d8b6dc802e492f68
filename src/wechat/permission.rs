//! The catalogue of permission sets (权限集) over `data/permission-sets.json`, parsed on first use.

use std::sync::OnceLock;

use serde::{Deserialize, Serialize};

use super::account::AccountKind;
use super::id::PermissionSetId;
use super::table;

/// The table of WeChat's documentation that a set stands in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SetKind {
    /// Subscription and service accounts.
    OfficialAccount,
    /// Mini programs, and the sets of stores.
    MiniProgram,
    /// Channels accounts.
    Channels,
    /// Anything newer.
    Other,
}

impl SetKind {
    /// The kind's name in JSON: `official_account`, …
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::OfficialAccount => "official_account",
            Self::MiniProgram => "mini_program",
            Self::Channels => "channels",
            Self::Other => "other",
        }
    }
}

/// One permission set.
#[derive(Clone, Debug, Deserialize)]
pub struct PermissionSet {
    /// Its number.
    pub id: PermissionSetId,
    /// The kind of account it is for.
    pub kind: SetKind,
    /// Its Chinese name; empty when unknown. Names are not unique.
    pub name_zh: String,
    /// Its English name; empty when unknown.
    pub name_en: String,
    /// What it lets a platform do, in English.
    pub description_en: String,
    /// Whether one platform only can hold it of an account; `None` when no source says.
    pub mutually_exclusive: Option<bool>,
    /// What else is known, in English.
    pub notes: String,
    /// The page that names it.
    pub source_url: String,
    /// Narrower kinds: `store`, `mini_program`, `talent`, `mini_game`.
    #[serde(default)]
    pub applies_to: Vec<String>,
    /// Whether the catalogue itself is unsure of the set.
    #[serde(default)]
    pub uncertain: bool,
}

impl PermissionSet {
    /// Whether an account of `kind` may hold the set; what is not known is not ruled out.
    #[must_use]
    pub fn fits(&self, kind: AccountKind) -> bool {
        match kind {
            AccountKind::OfficialAccount => self.kind == SetKind::OfficialAccount,
            AccountKind::MiniProgram => self.kind == SetKind::MiniProgram,
            AccountKind::Channels => self.kind == SetKind::Channels,
            AccountKind::Store => self.applies_to.iter().any(|narrow| narrow == "store"),
            AccountKind::Other => self.kind == SetKind::Other,
            AccountKind::Unknown => true,
        }
    }
}

/// A text that names no set, or more than one.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` names {} permission sets", candidates.len())]
pub struct UnknownSet {
    /// What was given.
    pub text: String,
    /// The sets it could mean, by ascending id; empty when there is none.
    pub candidates: Vec<PermissionSetId>,
}

/// Every known set, by ascending id.
#[must_use]
pub fn all() -> &'static [PermissionSet] {
    static CATALOGUE: OnceLock<Vec<PermissionSet>> = OnceLock::new();
    CATALOGUE.get_or_init(|| {
        let mut sets: Vec<PermissionSet> = table::rows(include_bytes!(concat!(
            env!("OUT_DIR"),
            "/data/permission-sets"
        )));
        sets.sort_by_key(|set| set.id);
        sets
    })
}

/// The set of that number, when the catalogue knows it.
#[must_use]
pub fn get(id: PermissionSetId) -> Option<&'static PermissionSet> {
    let sets = all();
    sets.binary_search_by_key(&id, |set| set.id)
        .ok()
        .and_then(|index| sets.get(index))
}

/// Finds the set that `text` means: its number, its Chinese or English name, or a part of a name
/// that no other set has. Any number above 0 is taken: WeChat's sets grow, the catalogue lags.
///
/// # Errors
/// [`UnknownSet`] when nothing or more than one set fits; two sets may share a whole name.
pub fn resolve(text: &str) -> Result<PermissionSetId, UnknownSet> {
    let wanted = text.trim();
    if let Ok(id) = wanted.parse::<PermissionSetId>()
        && id.0 > 0
    {
        return Ok(id);
    }
    let wanted = wanted.to_lowercase();
    let exact = matching(|name| name == wanted);
    let candidates = if exact.is_empty() && !wanted.is_empty() {
        matching(|name| name.contains(&wanted))
    } else {
        exact
    };
    match candidates.as_slice() {
        [id] => Ok(*id),
        _ => Err(UnknownSet {
            text: text.to_owned(),
            candidates,
        }),
    }
}

fn matching(fits: impl Fn(&str) -> bool) -> Vec<PermissionSetId> {
    all()
        .iter()
        .filter(|set| {
            [&set.name_zh, &set.name_en]
                .into_iter()
                .any(|name| !name.is_empty() && fits(&name.to_lowercase()))
        })
        .map(|set| set.id)
        .collect()
}
