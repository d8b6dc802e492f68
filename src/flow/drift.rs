//! Where what merchants granted and what the platform asks for came apart.

use std::cmp::Reverse;

use crate::store::roster::{AuthorizationStatus, Authorizer, RosterFilter};
use crate::wechat::account::AccountKind;
use crate::wechat::id::{Appid, PermissionSetId};
use crate::wechat::{permission, release_check};

use super::grants::{ConfiguredSets, GrantState, state_of};
use super::redeem::kind_of;
use super::{FlowError, Platform, RequiredSets};

/// Rows read from the store at once.
const PAGE: usize = 2_000;

/// What the platform asks of merchants, as its operator declared it.
#[derive(Clone, Debug, Default)]
pub struct AskedSets {
    /// The sets it offers, where that is known.
    pub configured: ConfiguredSets,
    /// The sets it cannot do without.
    pub required: RequiredSets,
    /// Further ones it cannot do without, of every kind of account that can grant them.
    pub required_of_all: Vec<PermissionSetId>,
}

impl AskedSets {
    /// Whether nothing is asked, so that nothing can come apart.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.configured.by_kind.is_empty()
            && self.required.by_kind.is_empty()
            && self.required_of_all.is_empty()
    }

    /// Whether no set is required of anybody.
    #[must_use]
    pub fn asks_nothing(&self) -> bool {
        self.required.by_kind.is_empty() && self.required_of_all.is_empty()
    }

    /// What of the required sets a merchant did not grant. Of an authorization that ended
    /// everything required is missing.
    pub(super) fn missing_of(&self, authorizer: &Authorizer) -> MissingSets {
        let kind = kind_of(authorizer);
        let ended = authorizer.status == AuthorizationStatus::Revoked;
        let told = authorizer.synced_at.is_some() || !authorizer.permission_ids.is_empty();
        if kind == AccountKind::Unknown || !(told || ended) {
            return MissingSets::Unknown;
        }
        let granted: &[_] = if ended {
            &[]
        } else {
            &authorizer.permission_ids
        };
        let missing = without(&self.required_of(kind), granted);
        if missing.is_empty() {
            MissingSets::None
        } else {
            MissingSets::These(missing)
        }
    }

    /// Sorted, each once; of a set that the catalogue does not know no kind is ruled out.
    fn required_of(&self, kind: AccountKind) -> Vec<PermissionSetId> {
        let fits = |id: &&PermissionSetId| permission::get(**id).is_none_or(|set| set.fits(kind));
        let further = self.required_of_all.iter().filter(fits);
        sorted(self.required.of(kind).iter().chain(further).copied())
    }
}

/// What a merchant did not grant of what is required.
pub(super) enum MissingSets {
    /// The kind of the account or its grant is not known.
    Unknown,
    /// Nothing is missing.
    None,
    /// These, sorted.
    These(Vec<PermissionSetId>),
}

/// How one merchant's grant differs from what is asked; every list is sorted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Drift {
    /// The merchant.
    pub authorizer: Authorizer,
    /// Required and not granted.
    pub missing: Vec<PermissionSetId>,
    /// Granted and not configured: it stays until the merchant updates, and is not offered again
    /// after that (spec R8).
    pub extra: Vec<PermissionSetId>,
    /// Granted, and working only once it is confirmed (spec R8c).
    pub pending: Vec<PermissionSetId>,
    /// Configured, exclusive and not granted: probably another platform holds it (spec R5). A
    /// required one is among the missing too.
    pub conflict: Vec<PermissionSetId>,
}

impl Drift {
    fn is_empty(&self) -> bool {
        [&self.missing, &self.extra, &self.pending, &self.conflict]
            .iter()
            .all(|ids| ids.is_empty())
    }

    /// What lets a platform fail comes first; among equals the lower appid.
    fn weight(&self) -> (Reverse<[usize; 4]>, &Appid) {
        let lists = [&self.missing, &self.conflict, &self.pending, &self.extra];
        (Reverse(lists.map(Vec::len)), &self.authorizer.appid)
    }
}

/// Who differs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Drifts {
    /// Those who differ, by weight.
    pub rows: Vec<Drift>,
    /// How many could be judged.
    pub judged: u64,
    /// Merchants whose kind or grant is not known: a sync tells.
    pub unknown: u64,
}

impl Drifts {
    fn take(&mut self, authorizer: Authorizer, asked: &AskedSets) {
        // WeChat's own accounts stay in the list after a release check, and grant nothing.
        if release_check::is_check_account(authorizer.appid.as_str()) {
            return;
        }
        match judge(authorizer, asked) {
            None => self.unknown += 1,
            Some(drift) => {
                self.judged += 1;
                if !drift.is_empty() {
                    self.rows.push(drift);
                }
            }
        }
    }
}

/// How a merchant's grant differs from what is asked; `None` when its kind or grant is not known.
/// Of an authorization that ended everything required is missing.
#[must_use]
pub fn judge(authorizer: Authorizer, asked: &AskedSets) -> Option<Drift> {
    let kind = kind_of(&authorizer);
    let missing = match asked.missing_of(&authorizer) {
        MissingSets::Unknown => return None,
        MissingSets::None => Vec::new(),
        MissingSets::These(ids) => ids,
    };
    let granted: &[_] = match authorizer.status {
        AuthorizationStatus::Revoked => &[],
        _ => &authorizer.permission_ids,
    };
    let required = asked.required_of(kind);
    let configured = asked.configured.of(kind);
    let extra = configured.map_or_else(Vec::new, |offered| without(granted, offered));
    let pending =
        sorted((authorizer.pending_ids.iter().copied()).filter(|id| granted.contains(id)));
    let wanted = sorted(
        required
            .iter()
            .chain(configured.unwrap_or_default())
            .copied(),
    );
    let is_held = |id: &PermissionSetId| {
        state_of(&[*id], kind, &authorizer, configured) == GrantState::HeldElsewhere
    };
    let conflict = wanted.into_iter().filter(is_held).collect();
    Some(Drift {
        missing,
        extra,
        pending,
        conflict,
        authorizer,
    })
}

fn without(these: &[PermissionSetId], those: &[PermissionSetId]) -> Vec<PermissionSetId> {
    sorted(these.iter().copied().filter(|id| !those.contains(id)))
}

fn sorted(ids: impl Iterator<Item = PermissionSetId>) -> Vec<PermissionSetId> {
    let mut ids: Vec<_> = ids.collect();
    ids.sort_unstable();
    ids.dedup();
    ids
}

impl Platform {
    /// Who differs from what is asked, out of all whose authorization stands.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn drift(&self, asked: &AskedSets) -> Result<Drifts, FlowError> {
        let standing = RosterFilter {
            statuses: vec![
                AuthorizationStatus::Active,
                AuthorizationStatus::PendingExchange,
            ],
            ..RosterFilter::default()
        };
        let mut drifts = Drifts::default();
        let mut after = None;
        loop {
            let page = self.authorizers(&standing, after.as_ref(), PAGE).await?;
            after = page.last().map(|row| row.appid.clone());
            let read = page.len();
            for row in page {
                drifts.take(row, asked);
            }
            if read < PAGE {
                return Ok(in_order(drifts));
            }
        }
    }

    /// Who of these merchants differs from what is asked; they may have ended.
    ///
    /// # Errors
    /// As [`Platform::authorizer`].
    pub async fn drift_of(&self, who: &[String], asked: &AskedSets) -> Result<Drifts, FlowError> {
        let mut drifts = Drifts::default();
        let mut named = Vec::with_capacity(who.len());
        for who in who {
            named.push(self.authorizer(who).await?);
        }
        named.sort_by(|a, b| a.appid.cmp(&b.appid));
        named.dedup_by(|a, b| a.appid == b.appid);
        for row in named {
            drifts.take(row, asked);
        }
        Ok(in_order(drifts))
    }
}

fn in_order(mut drifts: Drifts) -> Drifts {
    drifts.rows.sort_by(|a, b| a.weight().cmp(&b.weight()));
    drifts
}
