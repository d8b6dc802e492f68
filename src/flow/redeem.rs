//! From an authorization code to a merchant, once and for all.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use crate::api::ApiError;
use crate::store::observations::{ChangeSource, Listed, Observation, Profile};
use crate::store::roster::AccountStatus;
use crate::store::roster::Authorizer;
use crate::store::tokens::NewToken;
use crate::sys::crash;
use crate::wechat::account::AccountKind;
use crate::wechat::errcode;
use crate::wechat::id::{Appid, PermissionSetId};
use crate::wechat::permission;
use crate::wechat::redirect;
use crate::wechat::secret::Secret;
use crate::wechat::wire::Authorization;

use super::bulk::Pace;
use super::held::lifetime_end;
use super::{BulkLimits, FlowError, MintPolicy, Platform, StateSigner, Wanted, observe};

/// How long an authorization code may be exchanged, and some air: spec §1.5.
const CODE_LIFE: SignedDuration = SignedDuration::from_mins(70);

/// Sets the platform must have, by kind of account.
#[derive(Clone, Debug, Default)]
pub struct RequiredSets {
    /// Sets required of each kind.
    pub by_kind: Vec<(AccountKind, Vec<PermissionSetId>)>,
}

impl RequiredSets {
    /// Those required of accounts of this kind.
    #[must_use]
    pub fn of(&self, kind: AccountKind) -> &[PermissionSetId] {
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
    /// How it came about.
    pub by: Exchange,
}

/// How a code came to be exchanged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exchange {
    /// By this call.
    ThisCall,
    /// Before, by us or by another process with this store.
    Before,
    /// By this call, whose answer was lost: merchant and refresh token come from WeChat's list.
    LostAnswer,
}

/// A question to WeChat whose answer was lost.
struct Asked<'about> {
    at: Timestamp,
    /// The last fence before it.
    since: i64,
    /// Whom the code is about, where that is known.
    about: Option<&'about Appid>,
}

struct Exchanged {
    appid: Appid,
    by: Exchange,
}

impl Platform {
    /// Exchanges a code, given as it is or as the whole address WeChat redirected to.
    ///
    /// Idempotent: a code exchanged before is answered from the store. Where the
    /// address's state is known, the authorizer gets the id that came along.
    ///
    /// # Errors
    /// [`FlowError::Redirect`] when there is no authorization code in `text`;
    /// [`FlowError::ExchangeLost`]; or what WeChat says (61009, 61010).
    pub async fn redeem(
        &self,
        text: &str,
        signer: Option<&StateSigner>,
        required: &RequiredSets,
        requested: &[PermissionSetId],
    ) -> Result<Redeemed, FlowError> {
        let brought = redirect::parse(text)?;
        let (launch, own) = self.launch_of(&brought, signer).await?;
        let redeemed = self
            .redeem_code(
                ChangeSource::Redeem,
                brought.code,
                None,
                required,
                requested,
            )
            .await?;
        self.came_back(redeemed, launch.as_ref(), own.as_ref())
            .await
    }

    /// Exchanges a code that is known to be one; `source` is what the history names: it may have
    /// come with an event, which then names whom it is `about`.
    pub(super) async fn redeem_code(
        &self,
        source: ChangeSource,
        code: Secret,
        about: Option<&Appid>,
        required: &RequiredSets,
        requested: &[PermissionSetId],
    ) -> Result<Redeemed, FlowError> {
        let fingerprint = code.fingerprint();
        let Exchanged { appid, by } =
            if let Some(appid) = self.store().redeemed(self.key(), &fingerprint).await? {
                Exchanged {
                    appid,
                    by: Exchange::Before,
                }
            } else {
                if !matches!(self.options().mint, MintPolicy::Wxauth) {
                    return Err(FlowError::NotMinting(Wanted::Exchange));
                }
                // A token in hand before the code is spent: nothing else can fail in between.
                self.component_token().await?;
                let (platform, about) = (self.clone(), about.cloned());
                self.uninterrupted(async move {
                    platform
                        .exchange_code(code, &fingerprint, source, about.as_ref())
                        .await
                })
                .await?
            };
        let authorizer = self.authorizer_of(&appid).await?;
        let granted = authorizer.permission_ids.clone();
        let lacking = |wanted: &[PermissionSetId]| -> Vec<_> {
            wanted
                .iter()
                .copied()
                .filter(|id| !granted.contains(id))
                .collect()
        };
        Ok(Redeemed {
            missing_required: lacking(required.of(kind_of(&authorizer))),
            requested_not_granted: lacking(requested),
            granted,
            authorizer,
            by,
        })
    }

    async fn exchange_code(
        &self,
        code: Secret,
        fingerprint: &str,
        source: ChangeSource,
        about: Option<&Appid>,
    ) -> Result<Exchanged, FlowError> {
        // Of two codes exchanged at once, the answer that is stored last need not be the newest.
        let since = self.store().last_fence(self.key()).await?;
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
        let exchanged = match asked {
            Ok(authorization) => {
                crash::point("redeem:answered");
                let appid = authorization.authorizer_appid.clone();
                // The clock may have been set back meanwhile.
                let as_of = as_of.min(self.clock().now());
                let (observation, token) = exchanged(authorization, as_of, source);
                let kept = self
                    .store()
                    .commit_redeem(self.key(), fingerprint, observation, token, since)
                    .await;
                match kept {
                    Ok(_) => {
                        crash::point("redeem:committed");
                        Exchanged {
                            appid,
                            by: Exchange::ThisCall,
                        }
                    }
                    Err(source) => return Err(FlowError::ExchangeNotStored { appid, source }),
                }
            }
            // Never repeated blindly: had WeChat taken the code, a second try would be 61009.
            Err(FlowError::Api(error)) if error.may_have_taken_effect() => {
                let asked = Asked {
                    at: as_of,
                    since,
                    about,
                };
                let appid = self.find_lost(fingerprint, &asked, source).await?;
                Exchanged {
                    appid,
                    by: Exchange::LostAnswer,
                }
            }
            Err(FlowError::Api(error)) if is_spent(&error) => {
                // Another process may have exchanged it a moment ago and be storing it now.
                let Some(appid) = self.redeemed_meanwhile(fingerprint).await? else {
                    return Err(error.into());
                };
                return Ok(Exchanged {
                    appid,
                    by: Exchange::Before,
                });
            }
            Err(error) => return Err(error),
        };
        // The exchange is safe by now; what the merchant is called may come with a later sync.
        match self.look_at(&exchanged.appid, source).await {
            Err(FlowError::Store(error)) => Err(error.into()),
            _ => Ok(exchanged),
        }
    }

    /// Whom another process has exchanged this code for, within a second or so.
    pub(super) async fn redeemed_meanwhile(
        &self,
        fingerprint: &str,
    ) -> Result<Option<Appid>, FlowError> {
        for _ in 0..10 {
            if let Some(appid) = self.store().redeemed(self.key(), fingerprint).await? {
                return Ok(Some(appid));
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        Ok(None)
    }

    /// The merchant behind a code whose answer was lost: the one account of WeChat's list that is
    /// new to us or authorized later than we know, if its refresh token is there and it authorized
    /// within a code's life. Where it is known whom the code is about, nobody else comes into question.
    /// Anything less certain is left to a person.
    async fn find_lost(
        &self,
        fingerprint: &str,
        asked: &Asked<'_>,
        source: ChangeSource,
    ) -> Result<Appid, FlowError> {
        let lost = |candidates| FlowError::ExchangeLost { candidates };
        let listing = match self
            .read_list(&Pace::new(BulkLimits::default()), |_| true)
            .await
        {
            Ok(listing) => listing,
            Err(FlowError::Api(_)) => return Err(lost(Vec::new())),
            Err(error) => return Err(error),
        };
        let mut found = Vec::new();
        let in_question = |row: &Listed| asked.about.is_none_or(|about| *about == row.appid);
        for row in listing.rows.into_iter().filter(in_question) {
            let known = self.store().authorizer(self.key(), &row.appid).await?;
            if known.is_none_or(|known| {
                !known.has_refresh_token || known.authorized_at < row.authorized_at
            }) {
                found.push(row);
            }
        }
        let candidates = found.iter().map(|row| row.appid.clone()).collect();
        let (Some(row), true) = (found.pop(), found.is_empty()) else {
            return Err(lost(candidates));
        };
        let recent = row
            .authorized_at
            .is_some_and(|at| at >= asked.at - CODE_LIFE);
        if row.refresh_token.is_none() || !recent {
            return Err(lost(candidates));
        }
        let (appid, as_of) = (row.appid.clone(), listing.as_of);
        let seen = Observation {
            listed: Some(row),
            profile: None,
            as_of,
            source,
        };
        self.store()
            .commit_redeem(self.key(), fingerprint, seen, None, asked.since)
            .await?;
        Ok(appid)
    }
}

/// The merchant's kind; where WeChat has not told it yet, the kind that its sets are for.
#[must_use]
pub fn kind_of(authorizer: &Authorizer) -> AccountKind {
    let told = authorizer.kind;
    if told != AccountKind::Unknown {
        return told;
    }
    let sets = authorizer
        .permission_ids
        .iter()
        .filter_map(|id| permission::get(*id));
    let kinds = sets.filter_map(|set| AccountKind::ALL.into_iter().find(|kind| set.fits(*kind)));
    kinds.into_iter().next().unwrap_or(told)
}

fn exchanged(
    authorization: Authorization,
    as_of: Timestamp,
    source: ChangeSource,
) -> (Observation, Option<NewToken>) {
    let appid = authorization.authorizer_appid;
    let refresh_token = authorization.authorizer_refresh_token;
    let held = authorization
        .authorizer_access_token
        .zip(authorization.expires_in);
    let token = held.map(|(access_token, expires_in)| NewToken {
        access_token,
        refresh_token: refresh_token.clone(),
        expires_at: lifetime_end(as_of, expires_in),
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
        kind: AccountKind::Unknown,
        principal_name: None,
        account_status: AccountStatus::Unknown,
        permission_ids: Some(observe::granted(&authorization.func_info)),
        pending_ids: observe::pending(&authorization.func_info),
        refresh_token,
        details: None,
    };
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
pub(super) fn is_spent(error: &ApiError) -> bool {
    matches!(
        error.errcode(),
        Some(errcode::CODE_INVALID | errcode::CODE_EXPIRED)
    )
}
