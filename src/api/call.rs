//! The calls by name and path, and what each leaves behind at WeChat.

use std::fmt;

/// A call of WeChat.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Call {
    /// Starts the ticket pushes, or finds them running.
    StartPushTicket,
    /// Mints a component token.
    ComponentToken,
    /// Makes a pre-auth code.
    PreAuthCode,
    /// Exchanges an authorization code.
    QueryAuth,
    /// Mints an authorizer token.
    AuthorizerToken,
    /// Tells all of one account.
    AuthorizerInfo,
    /// Lists the accounts.
    AuthorizerList,
    /// Reads an option, old generation.
    OldGetOption,
    /// Sets an option, old generation.
    OldSetOption,
    /// Reads an option, present generation.
    GetOption,
    /// Sets an option, present generation.
    SetOption,
    /// Tells the quota of a path.
    ApiQuota,
    /// Clears every counter of the account that the token is of.
    ClearQuota,
    /// Clears every counter with the platform's appsecret, where no token can be had.
    ClearQuotaBySecret,
    /// Clears the counter of one path.
    ClearPathQuota,
    /// Looks a request up by its rid.
    RidInfo,
    /// Looks at the receiver from WeChat's side.
    CallbackCheck,
    /// Lists the addresses of the API.
    ApiAddresses,
    /// Lists the addresses that pushes come from.
    PushAddresses,
    /// Sends a customer-service message to a user.
    CustomSend,
    /// Any call by its path.
    Other {
        /// The path where it is a known one, else words for it.
        path: &'static str,
        /// Whether it is a GET, which leaves nothing behind: of any other nobody knows.
        get: bool,
    },
}

/// What a call leaves behind at WeChat, which decides when it may be repeated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Nothing, or something that disturbs nothing else, as one more pre-auth code.
    Harmless,
    /// Sets something to a state: the same again changes nothing further.
    Idempotent,
    /// A new token, which ends the one before.
    Mints,
    /// Spends what was sent, or reaches a person: once more is once too often.
    Spends,
}

impl Call {
    /// Every call that has a method of its own.
    pub const ALL: [Self; 20] = [
        Self::StartPushTicket,
        Self::ComponentToken,
        Self::PreAuthCode,
        Self::QueryAuth,
        Self::AuthorizerToken,
        Self::AuthorizerInfo,
        Self::AuthorizerList,
        Self::OldGetOption,
        Self::OldSetOption,
        Self::GetOption,
        Self::SetOption,
        Self::ApiQuota,
        Self::ClearQuota,
        Self::ClearQuotaBySecret,
        Self::ClearPathQuota,
        Self::RidInfo,
        Self::CallbackCheck,
        Self::ApiAddresses,
        Self::PushAddresses,
        Self::CustomSend,
    ];

    /// The path under the base.
    #[must_use]
    pub const fn path(self) -> &'static str {
        match self {
            Self::StartPushTicket => "/cgi-bin/component/api_start_push_ticket",
            Self::ComponentToken => "/cgi-bin/component/api_component_token",
            Self::PreAuthCode => "/cgi-bin/component/api_create_preauthcode",
            Self::QueryAuth => "/cgi-bin/component/api_query_auth",
            Self::AuthorizerToken => "/cgi-bin/component/api_authorizer_token",
            Self::AuthorizerInfo => "/cgi-bin/component/api_get_authorizer_info",
            Self::AuthorizerList => "/cgi-bin/component/api_get_authorizer_list",
            Self::OldGetOption => "/cgi-bin/component/api_get_authorizer_option",
            Self::OldSetOption => "/cgi-bin/component/api_set_authorizer_option",
            Self::GetOption => "/cgi-bin/component/get_authorizer_option",
            Self::SetOption => "/cgi-bin/component/set_authorizer_option",
            Self::ApiQuota => "/cgi-bin/openapi/quota/get",
            Self::ClearQuota => "/cgi-bin/clear_quota",
            Self::ClearQuotaBySecret => "/cgi-bin/component/clear_quota/v2",
            Self::ClearPathQuota => "/cgi-bin/openapi/quota/clear",
            Self::RidInfo => "/cgi-bin/openapi/rid/get",
            Self::CallbackCheck => "/cgi-bin/callback/check",
            Self::ApiAddresses => "/cgi-bin/get_api_domain_ip",
            Self::PushAddresses => "/cgi-bin/getcallbackip",
            Self::CustomSend => "/cgi-bin/message/custom/send",
            Self::Other { path, .. } => path,
        }
    }

    /// The name used in WeChat's documentation and in the table of error codes.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::StartPushTicket => "api_start_push_ticket",
            Self::ComponentToken => "api_component_token",
            Self::PreAuthCode => "api_create_preauthcode",
            Self::QueryAuth => "api_query_auth",
            Self::AuthorizerToken => "api_authorizer_token",
            Self::AuthorizerInfo => "api_get_authorizer_info",
            Self::AuthorizerList => "api_get_authorizer_list",
            Self::OldGetOption => "api_get_authorizer_option",
            Self::OldSetOption => "api_set_authorizer_option",
            Self::GetOption => "get_authorizer_option",
            Self::SetOption => "set_authorizer_option",
            Self::ApiQuota => "openapi_quota_get",
            Self::ClearQuota => "clear_quota",
            Self::ClearQuotaBySecret => "clear_component_quota_v2",
            Self::ClearPathQuota => "openapi_quota_clear",
            Self::RidInfo => "openapi_rid_get",
            Self::CallbackCheck => "callback_check",
            Self::ApiAddresses => "get_api_domain_ip",
            Self::PushAddresses => "getcallbackip",
            Self::CustomSend => "message_custom_send",
            Self::Other { path, .. } => path,
        }
    }

    /// Whether it is a GET; all others are POSTs.
    #[must_use]
    pub const fn is_get(self) -> bool {
        matches!(
            self,
            Self::ApiAddresses | Self::PushAddresses | Self::Other { get: true, .. }
        )
    }

    /// What the call leaves behind.
    #[must_use]
    pub const fn effect(self) -> Effect {
        match self {
            Self::PreAuthCode
            | Self::AuthorizerInfo
            | Self::AuthorizerList
            | Self::OldGetOption
            | Self::GetOption
            | Self::ApiQuota
            | Self::RidInfo
            | Self::CallbackCheck
            | Self::ApiAddresses
            | Self::PushAddresses
            | Self::Other { get: true, .. } => Effect::Harmless,
            Self::StartPushTicket | Self::OldSetOption | Self::SetOption => Effect::Idempotent,
            Self::ComponentToken | Self::AuthorizerToken => Effect::Mints,
            Self::QueryAuth
            | Self::CustomSend
            // One of ten, or of fifty, in a month.
            | Self::ClearQuota
            | Self::ClearQuotaBySecret
            | Self::ClearPathQuota
            | Self::Other { get: false, .. } => Effect::Spends,
        }
    }
}

impl fmt::Display for Call {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(self.name())
    }
}
