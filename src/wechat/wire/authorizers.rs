//! The answers about authorizers as a crowd, their options, and quotas.

use serde::Deserialize;

use super::lenient;
use super::reply::{Expected, FieldError, Reply, id, token};
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
    /// [`FieldError`] when the total is absent, without which no pass can be called complete, or a
    /// row is malformed.
    pub fn from_reply(reply: &Reply<'_>) -> Result<Self, FieldError> {
        let total_count = reply
            .integer("total_count")
            .and_then(|total| u64::try_from(total).ok())
            .ok_or(FieldError::Missing("total_count"))?;
        let rows = reply.sequence::<WireListed>("list").into_iter();
        let list = rows.filter_map(|row| row.known().transpose());
        Ok(Self {
            total_count,
            list: list.collect::<Result<_, _>>()?,
        })
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
    fn known(self) -> Result<Option<ListedAuthorizer>, FieldError> {
        let Some(appid) = self.authorizer_appid.or(self.appid) else {
            return Ok(None);
        };
        let refresh_token = self.refresh_token.or(self.authorizer_refresh_token);
        Ok(Some(ListedAuthorizer {
            appid: Appid::from_wire(id("authorizer_appid", appid)?),
            refresh_token: token("refresh_token", refresh_token)?,
            auth_time: self.auth_time,
        }))
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
    /// [`FieldError`] when name or value is absent or malformed.
    pub fn from_reply(reply: &Reply<'_>) -> Result<Self, FieldError> {
        let field = |name| id(name, reply.text(name).ok_or(FieldError::Missing(name))?);
        Ok(Self {
            option_name: field("option_name")?,
            option_value: field("option_value")?,
        })
    }

    /// The same, if it is the option of this name.
    ///
    /// # Errors
    /// [`FieldError::Malformed`].
    pub fn named(self, name: &str) -> Result<Self, FieldError> {
        match self.option_name == name {
            true => Ok(self),
            false => Err(FieldError::Malformed {
                field: "option_name",
                expected: Expected::AsAsked,
            }),
        }
    }
}
