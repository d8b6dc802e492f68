//! Which permission sets merchants granted, as a proposal for what the platform asks for.

use std::collections::BTreeMap;

use crate::store::roster::{AuthorizationStatus, RosterFilter};
use crate::wechat::account::AccountKind;
use crate::wechat::id::PermissionSetId;
use crate::wechat::release_check;

use super::redeem::kind_of;
use super::{FlowError, Platform};

/// Rows read from the store at once.
const PAGE: usize = 2_000;

/// What active merchants of one kind granted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GrantedSets {
    /// Their kind.
    pub kind: AccountKind,
    /// How many of them there are.
    pub merchants: u64,
    /// What at least one of them granted, sorted: a platform configures no less.
    pub by_any: Vec<PermissionSetId>,
    /// What every one of them granted, sorted.
    pub by_all: Vec<PermissionSetId>,
}

#[derive(Default)]
struct Tally {
    merchants: u64,
    grants: BTreeMap<PermissionSetId, u64>,
}

impl Platform {
    /// What active merchants granted, by kind. Those of whom no kind or no grant is known do not
    /// count.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn granted_sets(&self) -> Result<Vec<GrantedSets>, FlowError> {
        let active = RosterFilter {
            statuses: vec![AuthorizationStatus::Active],
            ..RosterFilter::default()
        };
        let mut tallies: BTreeMap<AccountKind, Tally> = BTreeMap::new();
        let mut after = None;
        loop {
            let page = self.authorizers(&active, after.as_ref(), PAGE).await?;
            for row in &page {
                let kind = kind_of(row);
                let is_check = release_check::is_check_account(row.appid.as_str());
                if is_check || kind == AccountKind::Unknown || row.permission_ids.is_empty() {
                    continue;
                }
                let tally = tallies.entry(kind).or_default();
                tally.merchants += 1;
                for id in &row.permission_ids {
                    *tally.grants.entry(*id).or_default() += 1;
                }
            }
            after = page.last().map(|row| row.appid.clone());
            if page.len() < PAGE {
                break;
            }
        }
        let sum = |(kind, tally): (AccountKind, Tally)| GrantedSets {
            kind,
            merchants: tally.merchants,
            by_all: (tally.grants.iter())
                .filter(|(_, count)| **count == tally.merchants)
                .map(|(id, _)| *id)
                .collect(),
            by_any: tally.grants.into_keys().collect(),
        };
        Ok(tallies.into_iter().map(sum).collect())
    }
}
