//! From a pre-auth code to an authorization link: one code per link, never cached.

use jiff::{SignedDuration, Timestamp};

use crate::store::roster::{AuthorizationStatus, Authorizer};
use crate::wechat::account::AccountKind;
use crate::wechat::id::{Appid, PermissionSetId};
use crate::wechat::link::{self, AuthType, LinkHosts, LinkKind, LinkRequest, RedirectProblem};
use crate::wechat::permission::{self, PermissionSet, SetKind};
use crate::wechat::secret::Secret;

use super::{FlowError, Platform, ReleaseState};

/// Takes version release away from the merchant: rules R8b.
const VERSION_RELEASE_SET: PermissionSetId = PermissionSetId(18);

/// What link is asked for.
#[derive(Clone, Debug)]
pub struct LinkOptions {
    /// H5 or PC.
    pub kind: LinkKind,
    /// Kinds of account offered.
    pub auth_type: AuthType,
    /// Only this account may authorize.
    pub only: Option<Appid>,
    /// Only these sets are offered; empty offers all.
    pub permission_ids: Vec<PermissionSetId>,
    /// Where WeChat sends the merchant afterwards.
    pub redirect_uri: Option<String>,
    /// 授权发起页域名, where it is known.
    pub launch_domain: Option<String>,
    /// Whether WeChat would take authorizations from everybody.
    pub release: ReleaseState,
    /// Hosts the links point to.
    pub hosts: LinkHosts,
}

/// Why a link is refused before any call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LinkRefusal {
    /// No redirect URI is known.
    NoRedirectUri,
    /// The redirect URI cannot work.
    Redirect(RedirectProblem),
    /// These sets fit no kind of account that the link offers.
    SetsFitNoKind {
        /// The sets.
        ids: Vec<PermissionSetId>,
        /// What the link offers.
        auth_type: AuthType,
    },
}

/// What a link may fail on, though it can be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LinkWarning {
    /// Before the full release only accounts of the test list can authorize.
    NotReleased {
        /// Nobody said whether the platform is released.
        unknown: bool,
    },
    /// An account can give this set to one platform only.
    ExclusiveSet(PermissionSetId),
    /// Set 18 takes version release away from the merchant.
    TakesVersionRelease,
    /// The catalogue does not know this set.
    UnknownSet(PermissionSetId),
    /// What a narrowed update does to the account's other sets is not documented.
    NarrowsActive {
        /// The account.
        appid: Appid,
    },
    /// The launch domain is not known, so the redirect host was not compared with it.
    LaunchDomainUnknown,
}

impl LinkWarning {
    /// Whether the operator has to agree before the link is made.
    #[must_use]
    pub fn needs_consent(&self) -> bool {
        matches!(self, Self::NarrowsActive { .. })
    }
}

/// A link, and what it offers until when.
#[derive(Clone, Debug)]
pub struct AuthorizationLink {
    /// H5 or PC.
    pub kind: LinkKind,
    /// The link itself; it holds the code.
    pub url: Secret,
    /// Its pre-auth code.
    pub pre_auth_code: Secret,
    /// When the code dies.
    pub expires_at: Timestamp,
    /// Seconds from its making until then.
    pub expires_in: i64,
    /// Kinds of account offered.
    pub auth_type: AuthType,
    /// Only this account may authorize.
    pub only: Option<Appid>,
    /// Only these sets are offered; empty offers all.
    pub permission_ids: Vec<PermissionSetId>,
    /// Where WeChat sends the merchant afterwards.
    pub redirect_uri: String,
}

impl Platform {
    /// Judges a link before it is made: refusals end it, warnings are to be said.
    ///
    /// # Errors
    /// [`FlowError::Link`] with every refusal; [`FlowError::Store`] when the store fails.
    pub async fn judge_link(&self, options: &LinkOptions) -> Result<Vec<LinkWarning>, FlowError> {
        let account = match &options.only {
            Some(appid) => self.store().authorizer(self.key(), appid).await?,
            None => None,
        };
        let refusals = refusals(options, account.as_ref());
        if refusals.is_empty() {
            Ok(warnings(options, account.as_ref()))
        } else {
            Err(FlowError::Link(refusals))
        }
    }

    /// A code that no link has yet, and when it dies.
    pub(super) async fn fresh_pre_auth_code(&self) -> Result<FreshCode, FlowError> {
        let asked_at = self.clock().now();
        let code = self
            .with_component_token(|token| async move {
                self.api()
                    .pre_auth_code(self.component_appid(), &token)
                    .await
            })
            .await?;
        let life = SignedDuration::from_secs(code.expires_in);
        Ok(FreshCode {
            code: code.pre_auth_code,
            expires_at: asked_at.checked_add(life).unwrap_or(asked_at),
            expires_in: code.expires_in,
        })
    }

    /// The link of this kind around a code.
    pub(super) fn link_with(
        &self,
        code: &FreshCode,
        kind: LinkKind,
        redirect_uri: &url::Url,
        options: &LinkOptions,
    ) -> AuthorizationLink {
        let url = link::build(&LinkRequest {
            kind,
            component_appid: self.component_appid(),
            pre_auth_code: &code.code,
            redirect_uri,
            auth_type: options.auth_type,
            biz_appid: options.only.as_ref(),
            permission_ids: &options.permission_ids,
            hosts: &options.hosts,
        });
        AuthorizationLink {
            kind,
            url,
            pre_auth_code: code.code.clone(),
            expires_at: code.expires_at,
            expires_in: code.expires_in,
            auth_type: options.auth_type,
            only: options.only.clone(),
            permission_ids: options.permission_ids.clone(),
            redirect_uri: redirect_uri.to_string(),
        }
    }
}

/// A pre-auth code in hand.
pub(super) struct FreshCode {
    code: Secret,
    pub(super) expires_at: Timestamp,
    expires_in: i64,
}

/// The redirect URI, if WeChat would take it.
pub(super) fn checked_redirect_uri(options: &LinkOptions) -> Result<url::Url, FlowError> {
    redirect_uri(options).map_err(|refusal| FlowError::Link(vec![refusal]))
}

fn redirect_uri(options: &LinkOptions) -> Result<url::Url, LinkRefusal> {
    let text = options
        .redirect_uri
        .as_deref()
        .ok_or(LinkRefusal::NoRedirectUri)?;
    link::check_redirect(text, options.launch_domain.as_deref()).map_err(LinkRefusal::Redirect)
}

fn refusals(options: &LinkOptions, account: Option<&Authorizer>) -> Vec<LinkRefusal> {
    let mut refusals: Vec<_> = redirect_uri(options).err().into_iter().collect();
    let ids: Vec<_> = options
        .permission_ids
        .iter()
        .copied()
        .filter(|id| permission::get(*id).is_some_and(|set| !offered(options, account, set)))
        .collect();
    if !ids.is_empty() {
        refusals.push(LinkRefusal::SetsFitNoKind {
            ids,
            auth_type: options.auth_type,
        });
    }
    refusals
}

/// Whether accounts that may hold this set come up on the page. An account asked for by name wins
/// over `auth_type` (links.md §3).
fn offered(options: &LinkOptions, account: Option<&Authorizer>, set: &PermissionSet) -> bool {
    match account.map(|row| row.kind) {
        _ if set.kind == SetKind::Other => true,
        Some(kind) if kind != AccountKind::Unknown => set.fits(kind),
        _ => options.auth_type.kinds().iter().any(|kind| set.fits(*kind)),
    }
}

fn warnings(options: &LinkOptions, account: Option<&Authorizer>) -> Vec<LinkWarning> {
    let mut warnings = Vec::new();
    if options.release.released != Some(true) {
        let user_name = account.and_then(|row| row.user_name.as_ref());
        let listed = user_name.is_some_and(|name| options.release.test_list.contains(name));
        if !listed {
            let unknown = options.release.released.is_none();
            warnings.push(LinkWarning::NotReleased { unknown });
        }
    }
    if options.launch_domain.is_none() {
        warnings.push(LinkWarning::LaunchDomainUnknown);
    }
    for id in &options.permission_ids {
        match permission::get(*id) {
            None => warnings.push(LinkWarning::UnknownSet(*id)),
            Some(set) if set.mutually_exclusive == Some(true) => {
                warnings.push(LinkWarning::ExclusiveSet(*id));
            }
            Some(_) => {}
        }
        if *id == VERSION_RELEASE_SET {
            warnings.push(LinkWarning::TakesVersionRelease);
        }
    }
    if let Some(row) = account
        && row.status == AuthorizationStatus::Active
        && !options.permission_ids.is_empty()
    {
        warnings.push(LinkWarning::NarrowsActive {
            appid: row.appid.clone(),
        });
    }
    warnings
}
