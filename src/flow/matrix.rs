//! Merchants by permission sets: who granted what.

use std::collections::BTreeSet;

use crate::store::roster::{AuthorizationStatus, Authorizer, RosterFilter};
use crate::wechat::id::PermissionSetId;
use crate::wechat::permission;

use super::grants::{self, ConfiguredSets, GrantState};
use super::{FlowError, Platform, RequiredSets, kind_of};

/// The columns of a matrix, and how a merchant's row is judged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Matrix {
    sets: Vec<PermissionSetId>,
    configured: ConfiguredSets,
}

impl Matrix {
    /// A matrix of these sets, in this order, each once.
    #[must_use]
    pub fn new(mut sets: Vec<PermissionSetId>, configured: ConfiguredSets) -> Self {
        let mut seen = BTreeSet::new();
        sets.retain(|id| seen.insert(*id));
        Self { sets, configured }
    }

    /// The columns.
    #[must_use]
    pub fn sets(&self) -> &[PermissionSetId] {
        &self.sets
    }

    /// How the merchant stands towards each set, in the order of the columns; `None` where the set
    /// is for another kind of account. A set that WeChat says is granted is granted, whatever the
    /// catalogue thinks of its kind.
    #[must_use]
    pub fn states(&self, account: &Authorizer) -> Vec<Option<GrantState>> {
        let kind = kind_of(account);
        let configured = self.configured.of(kind);
        let stands = account.status != AuthorizationStatus::Revoked;
        let state = |id: &PermissionSetId| {
            if stands && account.permission_ids.contains(id) {
                return Some(GrantState::Granted);
            }
            let fits = permission::get(*id).is_none_or(|set| set.fits(kind));
            fits.then(|| grants::state_of(&[*id], kind, account, configured))
        };
        self.sets.iter().map(state).collect()
    }
}

impl Platform {
    /// The matrix of all sets that the merchants who pass `filter` granted, and of those that the
    /// platform offers or requires of their kinds, by ascending id.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn matrix(
        &self,
        filter: &RosterFilter,
        configured: ConfiguredSets,
        required: &RequiredSets,
    ) -> Result<Matrix, FlowError> {
        let (mut sets, mut kinds) = (BTreeSet::new(), BTreeSet::new());
        self.survey(filter, |account| {
            kinds.insert(kind_of(&account));
            sets.extend(account.permission_ids);
        })
        .await?;
        for kind in kinds {
            sets.extend(configured.of(kind).unwrap_or_default());
            sets.extend(required.of(kind));
        }
        Ok(Matrix::new(sets.into_iter().collect(), configured))
    }
}
