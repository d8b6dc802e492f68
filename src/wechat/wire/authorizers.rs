//! The answers about authorizers as a crowd, their options, and quotas.

use serde::Deserialize;

use super::lenient;
use super::reply::{MissingField, Reply};
use crate::wechat::id::Appid;
use crate::wechat::secret::Secret;

/// One page of `api_get_authorizer_list`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListPage {
    /// How many accounts have authorized the platform, on all pages together.
    pub total_count: u64,
    /// The accounts of this page, in the order received; repeats and gaps between pages happen.
    pub list: Vec<ListedAuthorizer>,
}

/// An account in the list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedAuthorizer {
    /// The account.
    pub appid: Appid,
    /// Absent when the authorization code was never exchanged.
    pub refresh_token: Option<Secret>,
    /// When it authorized, in Unix seconds.
    pub auth_time: Option<i64>,
}

impl ListPage {
    /// The most rows that WeChat gives in one page; more is 40170.
    pub const LIMIT: u32 = 500;

    /// Reads it from an answer that is no refusal.
    ///
    /// # Errors
    /// [`MissingField`] when the total is absent: without it no pass can be called complete.
    pub fn from_reply(reply: &Reply<'_>) -> Result<Self, MissingField> {
        let total_count = reply
            .integer("total_count")
            .and_then(|total| u64::try_from(total).ok())
            .ok_or(MissingField("total_count"))?;
        let list = reply
            .sequence("list")
            .into_iter()
            .filter_map(WireListed::known)
            .collect();
        Ok(Self { total_count, list })
    }
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct WireListed {
    #[serde(deserialize_with = "lenient::text")]
    authorizer_appid: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    appid: Option<String>,
    #[serde(deserialize_with = "lenient::secret")]
    refresh_token: Option<Secret>,
    #[serde(deserialize_with = "lenient::secret")]
    authorizer_refresh_token: Option<Secret>,
    #[serde(deserialize_with = "lenient::integer")]
    auth_time: Option<i64>,
}

impl WireListed {
    fn known(self) -> Option<ListedAuthorizer> {
        Some(ListedAuthorizer {
            appid: Appid::from_wire(self.authorizer_appid.or(self.appid)?),
            refresh_token: self.refresh_token.or(self.authorizer_refresh_token),
            auth_time: self.auth_time,
        })
    }
}

/// An option of an authorizer; both are texts, also where the value is a number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuthorizerOption {
    /// `location_report`, `voice_recognize`, `customer_service`.
    pub option_name: String,
    /// `0`, `1` or `2`.
    pub option_value: String,
}

impl AuthorizerOption {
    /// Reads it from an answer that is no refusal.
    ///
    /// # Errors
    /// [`MissingField`] when name or value is absent.
    pub fn from_reply(reply: &Reply<'_>) -> Result<Self, MissingField> {
        let field = |name| reply.text(name).ok_or(MissingField(name));
        Ok(Self {
            option_name: field("option_name")?,
            option_value: field("option_value")?,
        })
    }
}
