//! Permission sets by the kind of account they are for.

use std::collections::BTreeMap;

use crate::wechat::id::PermissionSetId;

/// Permission sets by the kind of account they are for, each list in the order it was written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PermissionSets(BTreeMap<String, Vec<PermissionSetId>>);

impl PermissionSets {
    /// The kinds of accounts that sets are for.
    pub const KINDS: [&str; 5] = [
        "official_account",
        "mini_program",
        "channels",
        "store",
        "other",
    ];

    /// The sets for one of [`PermissionSets::KINDS`].
    #[must_use]
    pub fn of(&self, kind: &str) -> &[PermissionSetId] {
        self.0.get(kind).map_or(&[], Vec::as_slice)
    }

    /// Replaces the sets of one kind. An unknown kind is refused when the profile is written.
    pub fn set(&mut self, kind: impl Into<String>, ids: Vec<PermissionSetId>) {
        let kind = kind.into();
        if ids.is_empty() {
            self.0.remove(&kind);
        } else {
            self.0.insert(kind, ids);
        }
    }

    /// Kinds with their sets, those without any left out.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &[PermissionSetId])> {
        self.0
            .iter()
            .map(|(kind, ids)| (kind.as_str(), ids.as_slice()))
    }

    /// All sets of all kinds.
    pub fn ids(&self) -> impl Iterator<Item = PermissionSetId> + '_ {
        self.0.values().flatten().copied()
    }

    /// Whether no set is named.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}
