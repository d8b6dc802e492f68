//! The merchants as the store knows them.

use crate::store::roster::{Authorizer, RosterFilter};
use crate::wechat::id::Appid;

use super::{FlowError, Platform};

/// How many candidates an ambiguous name is answered with.
const CANDIDATES: usize = 8;

impl Platform {
    /// The merchants that pass `filter`, a page at a time, sorted by appid.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn authorizers(
        &self,
        filter: &RosterFilter,
        after: Option<&Appid>,
        limit: usize,
    ) -> Result<Vec<Authorizer>, FlowError> {
        Ok(self.store().page(self.key(), filter, after, limit).await?)
    }

    /// The one authorizer that `who` means: by appid, `gh_…` id, `external_id`, or a unique part of
    /// its name. Every command resolves its argument here.
    ///
    /// # Errors
    /// [`FlowError::UnknownAuthorizer`], [`FlowError::Ambiguous`] with the candidates.
    pub async fn authorizer(&self, who: &str) -> Result<Authorizer, FlowError> {
        if who.trim().is_empty() {
            // A script's empty variable must not mean the only merchant there is.
            return Err(FlowError::UnknownAuthorizer {
                who: who.to_owned(),
            });
        }
        let mut found = self.store().find(self.key(), who, CANDIDATES).await?;
        match (found.pop(), found.is_empty()) {
            (Some(only), true) => Ok(only),
            (Some(last), false) => {
                found.push(last);
                Err(FlowError::Ambiguous {
                    who: who.to_owned(),
                    candidates: found,
                })
            }
            (None, _) => Err(FlowError::UnknownAuthorizer {
                who: who.to_owned(),
            }),
        }
    }

    /// The authorizer with this appid.
    ///
    /// # Errors
    /// [`FlowError::UnknownAuthorizer`], or when the store fails.
    pub async fn authorizer_of(&self, appid: &Appid) -> Result<Authorizer, FlowError> {
        let row = self.store().authorizer(self.key(), appid).await?;
        row.ok_or_else(|| FlowError::UnknownAuthorizer {
            who: appid.to_string(),
        })
    }

    /// The appid of `who`; an appid the store does not know is taken at its word, so that a token
    /// can be asked for before the first sync.
    ///
    /// # Errors
    /// As [`Platform::authorizer`].
    pub async fn appid_of(&self, who: &str) -> Result<Appid, FlowError> {
        match self.authorizer(who).await {
            Ok(row) => Ok(row.appid),
            Err(FlowError::UnknownAuthorizer { .. }) if who.parse::<Appid>().is_ok() => {
                Ok(Appid::from_wire(who))
            }
            Err(error) => Err(error),
        }
    }
}
