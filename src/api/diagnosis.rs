//! Quota and WeChat's own diagnosis: spec api.md §5. Each takes the token of any account.

use serde::Serialize;

use super::Api;
use super::call::Call;
use super::error::ApiError;
use super::transport::{Request, Token};
use crate::wechat::id::{Appid, ComponentAppid};
use crate::wechat::secret::Secret;
use crate::wechat::wire::{ApiQuota, CallbackCheck, LoggedRequest, addresses};

#[derive(Serialize)]
struct OfPath<'a> {
    cgi_path: &'a str,
}

impl Api {
    /// Tells today's quota of `cgi_path` (`/cgi-bin/…`) for the account that `token` is of.
    ///
    /// # Errors
    /// [`ApiError`]; 76003, 76021 and 76022 speak of the path.
    pub async fn api_quota(&self, token: &Secret, cgi_path: &str) -> Result<ApiQuota, ApiError> {
        let request = Request {
            call: Call::ApiQuota,
            token: Token::Access(token),
            body: OfPath { cgi_path },
            secrets: &[],
        };
        self.send(request, ApiQuota::from_reply).await
    }

    /// Clears every counter of the account that `token` is of, whose appid `appid` is: one of ten
    /// in a month.
    ///
    /// # Errors
    /// [`ApiError`]; 48006 when the ten are spent.
    pub async fn clear_quota(&self, token: &Secret, appid: &str) -> Result<(), ApiError> {
        #[derive(Serialize)]
        struct Body<'a> {
            appid: &'a str,
        }

        let request = Request {
            call: Call::ClearQuota,
            token: Token::Access(token),
            body: Body { appid },
            secrets: &[],
        };
        self.send(request, |_| Ok(())).await
    }

    /// Clears every counter of the platform, or of `appid`, without a token: one of the same ten.
    ///
    /// # Errors
    /// [`ApiError`]; 48006 when the ten are spent, 43007 when `appid` did not authorize.
    pub async fn clear_quota_by_secret(
        &self,
        component_appid: &ComponentAppid,
        appsecret: &Secret,
        appid: Option<&Appid>,
    ) -> Result<(), ApiError> {
        #[derive(Serialize)]
        struct Body<'a> {
            component_appid: &'a ComponentAppid,
            // The third name of the same secret.
            appsecret: &'a str,
            // Required by the table, left out by WeChat's own example for the platform itself.
            appid: &'a str,
        }

        let request = Request {
            call: Call::ClearQuotaBySecret,
            token: Token::None,
            body: Body {
                component_appid,
                appsecret: appsecret.expose(),
                appid: appid.map_or(component_appid.as_str(), Appid::as_str),
            },
            secrets: &[appsecret],
        };
        self.send(request, |_| Ok(())).await
    }

    /// Clears the counter of one path: one of 50 in a month.
    ///
    /// # Errors
    /// [`ApiError`].
    pub async fn clear_path_quota(&self, token: &Secret, cgi_path: &str) -> Result<(), ApiError> {
        let request = Request {
            call: Call::ClearPathQuota,
            token: Token::Access(token),
            body: OfPath { cgi_path },
            secrets: &[],
        };
        self.send(request, |_| Ok(())).await
    }

    /// Looks up the request with this rid, which the account of `token` made in the last 7 days.
    ///
    /// # Errors
    /// [`ApiError`]; 76001 to 76003 and 76022 speak of the rid.
    pub async fn logged_request(
        &self,
        token: &Secret,
        rid: &str,
    ) -> Result<LoggedRequest, ApiError> {
        #[derive(Serialize)]
        struct Body<'a> {
            rid: &'a str,
        }

        let request = Request {
            call: Call::RidInfo,
            token: Token::Access(token),
            body: Body { rid },
            secrets: &[],
        };
        self.send(request, LoggedRequest::from_reply).await
    }

    /// Has WeChat resolve and ping the receiver; `action` is `dns`, `ping` or `all`, `operator`
    /// `DEFAULT`, `CHINANET`, `UNICOM` or `CAP`.
    ///
    /// # Errors
    /// [`ApiError`]; 40201 when no callback URL is set.
    pub async fn callback_check(
        &self,
        token: &Secret,
        action: &str,
        operator: &str,
    ) -> Result<CallbackCheck, ApiError> {
        #[derive(Serialize)]
        struct Body<'a> {
            action: &'a str,
            check_operator: &'a str,
        }

        let request = Request {
            call: Call::CallbackCheck,
            token: Token::Access(token),
            body: Body {
                action,
                check_operator: operator,
            },
            secrets: &[],
        };
        self.send(request, CallbackCheck::from_reply).await
    }

    /// Lists the addresses that `api.weixin.qq.com` has.
    ///
    /// # Errors
    /// [`ApiError`].
    pub async fn api_addresses(&self, token: &Secret) -> Result<Vec<String>, ApiError> {
        self.addresses(Call::ApiAddresses, token).await
    }

    /// Lists the addresses that pushes come from.
    ///
    /// # Errors
    /// [`ApiError`].
    pub async fn push_addresses(&self, token: &Secret) -> Result<Vec<String>, ApiError> {
        self.addresses(Call::PushAddresses, token).await
    }

    async fn addresses(&self, call: Call, token: &Secret) -> Result<Vec<String>, ApiError> {
        let request = Request {
            call,
            token: Token::Access(token),
            body: (),
            secrets: &[],
        };
        self.send(request, addresses).await
    }
}
