//! What a merchant's grant means for a call that needs permission sets. Pure.

use serde::Serialize;

use crate::store::roster::{AuthorizationStatus, Authorizer};
use crate::wechat::account::AccountKind;
use crate::wechat::id::PermissionSetId;
use crate::wechat::permission;

/// How an account stands towards permission sets of which any one is enough.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum GrantState {
    /// It granted one of them.
    Granted,
    /// It granted none, and can: by an update, or by a first authorization when it ended its last.
    Missing,
    /// It granted other sets, and all that are offered are mutually exclusive: another platform
    /// probably holds them (spec R5). An inference: WeChat tells nobody who holds a set, and a
    /// merchant who was not asked since the set was configured looks the same.
    HeldElsewhere,
    /// The platform offers none of them: it must configure one first (spec R7).
    NotConfigured,
    /// The account's kind or grant is not known, or the sets are for other kinds of account.
    Unknown,
}

impl GrantState {
    /// Every state, in the order of the contract.
    pub const ALL: [Self; 5] = [
        Self::Granted,
        Self::Missing,
        Self::HeldElsewhere,
        Self::NotConfigured,
        Self::Unknown,
    ];

    /// The state's name in JSON: `granted`, `held_elsewhere`, …
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Granted => "granted",
            Self::Missing => "missing",
            Self::HeldElsewhere => "held_elsewhere",
            Self::NotConfigured => "not_configured",
            Self::Unknown => "unknown",
        }
    }
}

/// The sets that the platform offers, as its operator declared them: WeChat has no call for them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ConfiguredSets {
    /// The sets offered to each kind; a kind that is not here was not declared.
    pub by_kind: Vec<(AccountKind, Vec<PermissionSetId>)>,
}

impl ConfiguredSets {
    /// The sets offered to accounts of this kind; `None` when nobody said.
    #[must_use]
    pub fn of(&self, kind: AccountKind) -> Option<&[PermissionSetId]> {
        let declared = self.by_kind.iter().find(|(of, _)| *of == kind);
        declared.map(|(_, ids)| ids.as_slice())
    }

    /// Whether the set is offered to any kind; `None` when nothing was declared at all.
    #[must_use]
    pub fn offers(&self, id: PermissionSetId) -> Option<bool> {
        let offered = self.by_kind.iter().any(|(_, ids)| ids.contains(&id));
        (!self.by_kind.is_empty()).then_some(offered)
    }
}

/// How `account`, of this kind, stands towards `sets`, of which any one that fits its kind is
/// enough. `configured` are the sets the platform offers to the kind, where that is known.
///
/// A set the catalogue does not know is taken to fit every kind and not to be exclusive.
#[must_use]
pub fn state_of(
    sets: &[PermissionSetId],
    kind: AccountKind,
    account: &Authorizer,
    configured: Option<&[PermissionSetId]>,
) -> GrantState {
    let fitting: Vec<PermissionSetId> = sets
        .iter()
        .copied()
        .filter(|id| permission::get(*id).is_none_or(|set| set.fits(kind)))
        .collect();
    if fitting.is_empty() {
        return GrantState::Unknown;
    }
    if account.status == AuthorizationStatus::Revoked {
        return GrantState::Missing;
    }
    if fitting.iter().any(|id| account.permission_ids.contains(id)) {
        return GrantState::Granted;
    }
    if account.synced_at.is_none() || kind == AccountKind::Unknown {
        return GrantState::Unknown;
    }
    let Some(configured) = configured else {
        return GrantState::Missing;
    };
    let mut offered = fitting
        .iter()
        .filter(|id| configured.contains(id))
        .peekable();
    if offered.peek().is_none() {
        return GrantState::NotConfigured;
    }
    // One that is not exclusive is enough, and nobody can hold that one away from us.
    let all_exclusive = offered.all(|id| is_exclusive(*id) == Some(true));
    if all_exclusive && !account.permission_ids.is_empty() {
        GrantState::HeldElsewhere
    } else {
        GrantState::Missing
    }
}

/// Whether one platform only can hold the set of an account; `None` when no source says.
#[must_use]
pub fn is_exclusive(id: PermissionSetId) -> Option<bool> {
    permission::get(id)?.mutually_exclusive
}
