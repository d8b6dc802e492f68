//! `authorization_info`: who granted what, with the tokens that the call in question gives.

use serde::Deserialize;

use super::lenient;
use super::reply::{FieldError, Reply};
use crate::wechat::id::{Appid, PermissionSetId};
use crate::wechat::secret::Secret;

/// One granted permission set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FuncInfo {
    /// The set, known to the catalogue or not.
    pub id: PermissionSetId,
    /// `confirm_info.need_confirm`, on some sets only; WeChat does not document the three.
    pub need_confirm: Option<bool>,
    /// `confirm_info.already_confirm`.
    pub already_confirm: Option<bool>,
    /// `confirm_info.can_confirm`.
    pub can_confirm: Option<bool>,
}

/// A grant as `api_query_auth` and `api_get_authorizer_info` give it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Authorization {
    /// The account.
    pub authorizer_appid: Appid,
    /// The access token: from `api_query_auth` only, and only with API permission.
    pub authorizer_access_token: Option<Secret>,
    /// The access token's life in seconds, from the request on.
    pub expires_in: Option<i64>,
    /// Absent when the code was never exchanged or the account has no API permission.
    pub authorizer_refresh_token: Option<Secret>,
    /// The granted sets in the order received.
    pub func_info: Vec<FuncInfo>,
}

impl Authorization {
    /// Reads it from an answer of `api_query_auth` that is no refusal.
    ///
    /// # Errors
    /// [`FieldError`] when the grant or its appid is absent, a token without its lifetime, or one of
    /// them malformed.
    pub fn from_reply(reply: &Reply<'_>) -> Result<Self, FieldError> {
        let members = reply
            .inner("authorization_info")
            .ok_or(FieldError::Missing("authorization_info"))?;
        let grant = Self::from_members(&members)?;
        match grant.authorizer_access_token.is_some() && grant.expires_in.is_none() {
            true => Err(FieldError::Missing("expires_in")),
            false => Ok(grant),
        }
    }

    pub(super) fn from_members(members: &Reply<'_>) -> Result<Self, FieldError> {
        // One table of the documentation has the second name, answers until 2014 the third.
        let names = ["authorizer_appid", "authorization_appid", "appid"];
        let appid = members.appid(&names)?;
        let access_token = members.token("authorizer_access_token")?;
        Ok(Self {
            authorizer_appid: appid.ok_or(FieldError::Missing("authorizer_appid"))?,
            expires_in: match &access_token {
                Some(_) => members.lifetime("expires_in")?,
                None => None,
            },
            authorizer_access_token: access_token,
            authorizer_refresh_token: members.token("authorizer_refresh_token")?,
            func_info: members
                .sequence("func_info")
                .into_iter()
                .filter_map(WireFuncInfo::known)
                .collect(),
        })
    }
}

#[derive(Deserialize)]
struct WireFuncInfo {
    #[serde(default, deserialize_with = "lenient::object")]
    funcscope_category: Category,
    #[serde(default, deserialize_with = "lenient::object")]
    confirm_info: ConfirmInfo,
}

#[derive(Default, Deserialize)]
struct Category {
    #[serde(default, deserialize_with = "lenient::integer")]
    id: Option<i64>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct ConfirmInfo {
    #[serde(deserialize_with = "lenient::flag")]
    need_confirm: Option<bool>,
    #[serde(deserialize_with = "lenient::flag")]
    already_confirm: Option<bool>,
    #[serde(deserialize_with = "lenient::flag")]
    can_confirm: Option<bool>,
}

impl WireFuncInfo {
    fn known(self) -> Option<FuncInfo> {
        Some(FuncInfo {
            id: PermissionSetId(u32::try_from(self.funcscope_category.id?).ok()?),
            need_confirm: self.confirm_info.need_confirm,
            already_confirm: self.confirm_info.already_confirm,
            can_confirm: self.confirm_info.can_confirm,
        })
    }
}
