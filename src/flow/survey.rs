//! Passes over the whole roster: who granted what.

use std::collections::BTreeMap;

use crate::store::roster::{AuthorizationStatus, Authorizer, RosterFilter};
use crate::wechat::id::PermissionSetId;
use crate::wechat::release_check;

use super::{FlowError, Platform};

/// Merchants read from the store at once.
const PAGE: usize = 2_000;

impl Platform {
    /// Shows every merchant that passes `filter` to `look`, sorted by appid; they are not all in
    /// memory at once.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn survey(
        &self,
        filter: &RosterFilter,
        mut look: impl FnMut(Authorizer),
    ) -> Result<(), FlowError> {
        let mut after = None;
        loop {
            let page = self.authorizers(filter, after.as_ref(), PAGE).await?;
            let full = page.len() == PAGE;
            after = page.last().map(|last| last.appid.clone());
            // WeChat's own accounts stay in the list after a release check, and grant nothing.
            page.into_iter()
                .filter(|row| !release_check::is_check_account(row.appid.as_str()))
                .for_each(&mut look);
            if !full {
                return Ok(());
            }
        }
    }

    /// How many merchants granted each set; ended authorizations do not count.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn holders(&self) -> Result<BTreeMap<PermissionSetId, u64>, FlowError> {
        let mut holders = BTreeMap::new();
        self.survey(&standing(), |authorizer| {
            for id in authorizer.permission_ids {
                *holders.entry(id).or_default() += 1;
            }
        })
        .await?;
        Ok(holders)
    }
}

/// The merchants whose authorization stands.
#[must_use]
pub fn standing() -> RosterFilter {
    RosterFilter {
        statuses: vec![
            AuthorizationStatus::Active,
            AuthorizationStatus::PendingExchange,
        ],
        ..RosterFilter::default()
    }
}
