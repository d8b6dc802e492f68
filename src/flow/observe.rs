//! From what WeChat says of a merchant to what the store keeps, and questions about one merchant.

use jiff::Timestamp;

use crate::api::ListWalk;
use crate::store::observations::{ChangeSource, Listed, Observation, Profile};
use crate::store::roster::AccountStatus;
use crate::sys::clock::timestamp;
use crate::wechat::errcode;
use crate::wechat::id::{Appid, PermissionSetId};
use crate::wechat::secret::Secret;
use crate::wechat::wire::{AuthorizerInfo, FuncInfo, ListedAuthorizer};

use super::{FlowError, Happening, Platform};

/// A row of WeChat's list.
pub(super) fn listed(row: ListedAuthorizer) -> Listed {
    Listed {
        appid: row.appid,
        authorized_at: row.auth_time.map(timestamp),
        refresh_token: row.refresh_token,
    }
}

/// What an info call says.
pub(super) fn profile(appid: &Appid, info: AuthorizerInfo) -> Profile {
    Profile {
        appid: appid.clone(),
        kind: info.kind(),
        account_status: match info.account_status {
            // Older answers leave it out, and then the account is an ordinary one.
            Some(1) | None => AccountStatus::Normal,
            Some(14) => AccountStatus::Cancelled,
            Some(16) => AccountStatus::Banned,
            Some(18) => AccountStatus::Warned,
            Some(19) => AccountStatus::Frozen,
            Some(_) => AccountStatus::Unknown,
        },
        permission_ids: Some(granted(&info.authorization.func_info)),
        pending_ids: pending(&info.authorization.func_info),
        refresh_token: info.authorization.authorizer_refresh_token,
        user_name: info.user_name,
        nick_name: info.nick_name,
        principal_name: info.principal_name,
        details: Some(info.raw),
    }
}

/// The sets in a `func_info`, sorted and each once.
pub(super) fn granted(func_info: &[FuncInfo]) -> Vec<PermissionSetId> {
    let mut ids: Vec<_> = func_info.iter().map(|item| item.id).collect();
    ids.sort_unstable();
    ids.dedup();
    ids
}

/// The sets in a `func_info` that work only once they are confirmed: rules R8c.
pub(super) fn pending(func_info: &[FuncInfo]) -> Vec<PermissionSetId> {
    let waits =
        |item: &&FuncInfo| item.need_confirm == Some(true) && item.already_confirm != Some(true);
    func_info.iter().filter(waits).map(|item| item.id).collect()
}

impl Platform {
    /// Asks WeChat about one merchant.
    pub(super) async fn info(&self, appid: &Appid) -> Result<AuthorizerInfo, FlowError> {
        self.with_component_token(|token| async move {
            self.api()
                .authorizer_info(self.component_appid(), &token, appid)
                .await
        })
        .await
    }

    /// Asks WeChat about one merchant and stores what it says.
    pub(super) async fn look_at(
        &self,
        appid: &Appid,
        source: ChangeSource,
    ) -> Result<(), FlowError> {
        let as_of = self.clock().now();
        let info = self.info(appid).await?;
        let profile = Some(profile(appid, info));
        let observation = Observation {
            listed: None,
            profile,
            as_of,
            source,
        };
        self.store().observe(self.key(), vec![observation]).await?;
        Ok(())
    }

    /// Whether WeChat confirms that this merchant ended its authorization; if so it is marked, with
    /// `source` as what told of it.
    pub(super) async fn confirm_ended(
        &self,
        appid: &Appid,
        source: ChangeSource,
    ) -> Result<bool, FlowError> {
        let asked_at = self.clock().now();
        match self.look_at(appid, source).await {
            Err(FlowError::Api(error)) if error.errcode() == Some(errcode::NOT_AUTHORIZED) => {
                self.mark_ended(appid, asked_at, source).await?;
                Ok(true)
            }
            Ok(()) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Marks a merchant whose end WeChat confirmed to a question asked at `at`.
    pub(super) async fn mark_ended(
        &self,
        appid: &Appid,
        at: Timestamp,
        source: ChangeSource,
    ) -> Result<(), FlowError> {
        if self
            .store()
            .mark_revoked(self.key(), appid, at, source)
            .await?
        {
            self.tell(Happening::AuthorizationEnded {
                appid: appid.clone(),
            });
        }
        Ok(())
    }

    /// The refresh token that WeChat itself gives for this merchant: from its info, else from the
    /// account list.
    pub(super) async fn refresh_token_at_wechat(
        &self,
        appid: &Appid,
    ) -> Result<Option<Secret>, FlowError> {
        let info = self.info(appid).await?;
        if info.authorization.authorizer_refresh_token.is_some() {
            return Ok(info.authorization.authorizer_refresh_token);
        }
        // The list may still hold what info leaves out.
        let mut walk = ListWalk::default();
        loop {
            let page = self.list_page(walk.offset()).await?;
            if let Some(row) = page.list.iter().find(|row| row.appid == *appid) {
                return Ok(row.refresh_token.clone());
            }
            if !walk.take(&page)? {
                return Ok(None);
            }
        }
    }
}
