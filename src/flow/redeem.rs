//! From an authorization code to a merchant, once and for all.

use crate::api::ApiError;
use crate::store::{AccountStatus, AuthorizerKind};
use crate::store::{Authorizer, ChangeSource, Listed, NewToken, Observation, Profile};
use crate::sys::crash;
use crate::wechat::errcode;
use crate::wechat::id::{Appid, PermissionSetId};
use crate::wechat::redirect;
use crate::wechat::secret::Secret;
use crate::wechat::wire::Authorization;

use super::mint::lifetime_end;
use super::sync::PAGE;
use super::{FlowError, MintPolicy, Platform, Wanted, observe};

/// Sets the platform must have, by kind of account.
#[derive(Clone, Debug, Default)]
pub struct RequiredSets {
    /// Sets required of each kind.
    pub by_kind: Vec<(AuthorizerKind, Vec<PermissionSetId>)>,
}

impl RequiredSets {
    /// Those required of accounts of this kind.
    #[must_use]
    pub fn of(&self, kind: AuthorizerKind) -> &[PermissionSetId] {
        self.by_kind
            .iter()
            .find(|(of, _)| *of == kind)
            .map_or(&[], |(_, ids)| ids)
    }
}

/// What an exchange gave.
#[derive(Debug)]
pub struct Redeemed {
    /// The merchant.
    pub authorizer: Authorizer,
    /// What it granted, sorted.
    pub granted: Vec<PermissionSetId>,
    /// Required by the platform and not granted.
    pub missing_required: Vec<PermissionSetId>,
    /// Asked for and not granted.
    pub requested_not_granted: Vec<PermissionSetId>,
    /// This very code had been exchanged before; nothing was called.
    pub repeated: bool,
    /// The answer was lost; the merchant and its refresh token were found in WeChat's list.
    pub recovered: bool,
}

impl Platform {
    /// Exchanges a code, given as it is or as the whole address WeChat redirected to.
    ///
    /// Idempotent: a code exchanged before is answered from the store.
    ///
    /// # Errors
    /// [`FlowError::Redirect`] when there is no authorization code in `text`;
    /// [`FlowError::ExchangeLost`]; or what WeChat says (61009, 61010).
    pub async fn redeem(
        &self,
        text: &str,
        required: &RequiredSets,
        requested: &[PermissionSetId],
    ) -> Result<Redeemed, FlowError> {
        let code = redirect::parse(text)?.code;
        let fingerprint = code.fingerprint();
        let (appid, repeated, recovered) =
            if let Some(appid) = self.store().redeemed(self.key(), &fingerprint).await? {
                (appid, true, false)
            } else {
                if let MintPolicy::Never { .. } = self.options().mint {
                    return Err(FlowError::NotMinting(Wanted::Exchange));
                }
                // A token in hand before the code is spent: nothing else can fail in between.
                self.component_token().await?;
                let platform = self.clone();
                let (appid, recovered) = self
                    .uninterrupted(async move { platform.exchange_code(code, &fingerprint).await })
                    .await?;
                (appid, false, recovered)
            };
        let unknown = || FlowError::UnknownAuthorizer {
            who: appid.to_string(),
        };
        let authorizer = self
            .store()
            .authorizer(self.key(), &appid)
            .await?
            .ok_or_else(unknown)?;
        let granted = authorizer.permission_ids.clone();
        let lacking = |wanted: &[PermissionSetId]| -> Vec<_> {
            wanted
                .iter()
                .copied()
                .filter(|id| !granted.contains(id))
                .collect()
        };
        Ok(Redeemed {
            missing_required: lacking(required.of(authorizer.kind)),
            requested_not_granted: lacking(requested),
            granted,
            authorizer,
            repeated,
            recovered,
        })
    }

    async fn exchange_code(
        &self,
        code: Secret,
        fingerprint: &str,
    ) -> Result<(Appid, bool), FlowError> {
        let as_of = self.clock().now();
        let asked = self
            .with_component_token(|token| {
                let code = &code;
                async move {
                    self.api()
                        .query_auth(self.component_appid(), &token, code)
                        .await
                }
            })
            .await;
        let (appid, recovered) = match asked {
            Ok(authorization) => {
                crash::point("redeem:answered");
                let appid = authorization.authorizer_appid.clone();
                let (observation, token) = exchanged(authorization, as_of);
                self.store()
                    .commit_redeem(self.key(), fingerprint, observation, token)
                    .await?;
                crash::point("redeem:committed");
                (appid, false)
            }
            // Never repeated blindly: had WeChat taken the code, a second try would be 61009.
            Err(FlowError::Api(error)) if error.may_have_taken_effect() => {
                (self.find_lost(fingerprint).await?, true)
            }
            Err(error) => return Err(error),
        };
        // The exchange is safe by now; what the merchant is called may come with a later sync.
        match self.look_at(&appid, ChangeSource::Redeem).await {
            Ok(()) | Err(FlowError::Api(_)) => Ok((appid, recovered)),
            Err(error) => Err(error),
        }
    }

    /// The merchant behind a code whose answer was lost: the only one in WeChat's list that we do
    /// not know with a refresh token, or that authorized later than we know.
    async fn find_lost(&self, fingerprint: &str) -> Result<Appid, FlowError> {
        let mut found: Vec<Listed> = Vec::new();
        let mut offset = 0;
        let as_of = self.clock().now();
        loop {
            let page = self
                .with_component_token(|token| async move {
                    self.api()
                        .authorizer_list(self.component_appid(), &token, offset, PAGE)
                        .await
                })
                .await?;
            let rows = page.list.len() as u64;
            for row in page.list {
                let row = observe::listed(row);
                let known = self.store().authorizer(self.key(), &row.appid).await?;
                let fresh = known.is_none_or(|known| {
                    !known.has_refresh_token || known.authorized_at < row.authorized_at
                });
                if fresh && !found.iter().any(|other| other.appid == row.appid) {
                    found.push(row);
                }
            }
            offset += rows;
            if rows == 0 || offset >= page.total_count {
                break;
            }
        }
        let candidates: Vec<_> = found.iter().map(|row| row.appid.clone()).collect();
        found.retain(|row| row.refresh_token.is_some());
        match (found.pop(), found.is_empty()) {
            (Some(row), true) => {
                let appid = row.appid.clone();
                let source = ChangeSource::Redeem;
                let seen = Observation {
                    listed: Some(row),
                    profile: None,
                    as_of,
                    source,
                };
                self.store()
                    .commit_redeem(self.key(), fingerprint, seen, None)
                    .await?;
                Ok(appid)
            }
            _ => Err(FlowError::ExchangeLost { candidates }),
        }
    }
}

fn exchanged(
    authorization: Authorization,
    as_of: jiff::Timestamp,
) -> (Observation, Option<NewToken>) {
    let appid = authorization.authorizer_appid;
    let refresh_token = authorization.authorizer_refresh_token;
    let token = authorization
        .authorizer_access_token
        .map(|access_token| NewToken {
            access_token,
            refresh_token: refresh_token.clone(),
            expires_at: lifetime_end(as_of, authorization.expires_in.unwrap_or_default()),
            issued_at: as_of,
            contested: false,
        });
    let listed = Listed {
        appid: appid.clone(),
        authorized_at: Some(as_of),
        refresh_token: refresh_token.clone(),
    };
    let profile = Profile {
        appid,
        user_name: None,
        nick_name: None,
        kind: AuthorizerKind::Unknown,
        principal_name: None,
        account_status: AccountStatus::Unknown,
        permission_ids: Some(observe::granted(&authorization.func_info)),
        refresh_token,
        details: None,
    };
    let source = ChangeSource::Redeem;
    (
        Observation {
            listed: Some(listed),
            profile: Some(profile),
            as_of,
            source,
        },
        token,
    )
}

/// Whether WeChat's refusal says that a code is spent or too old.
#[must_use]
pub fn code_is_spent(error: &ApiError) -> bool {
    matches!(
        error.errcode(),
        Some(errcode::CODE_INVALID | errcode::CODE_EXPIRED)
    )
}
