//! Any call of WeChat's by its path: which paths have a command of their own, which token a call
//! takes and under what name, and what of it can be told before it is made.

use crate::api::{RawAnswer, RawFailure, RawRequest};
use crate::wechat::api_permission::{ApiPermission, CallToken};

use super::grants::{ConfiguredSets, GrantState, state_of};
use super::{Caller, FlowError, Platform, kind_of};

/// What a path that is refused would do behind the back of the store or of the other holder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Guarded {
    /// Mints a component token.
    ComponentToken,
    /// Mints an authorizer token.
    AuthorizerToken,
    /// Spends an authorization code.
    Exchange,
    /// Makes a pre-auth code.
    PreAuthCode,
    /// Restarts the pushes of tickets.
    Tickets,
    /// Spends one of the month's clears of a quota.
    QuotaClear,
    /// Mints an account's own token, from an appsecret that no platform has.
    OwnToken,
}

/// Why a call by its path gave nothing.
#[derive(Debug)]
pub enum CallError {
    /// It was not made.
    Flow(FlowError),
    /// It failed.
    Call(Box<RawFailure>),
}

impl From<FlowError> for CallError {
    fn from(error: FlowError) -> Self {
        Self::Flow(error)
    }
}

/// What `path` is guarded for, however it is written: in any case, with or without `/cgi-bin`, with
/// empty segments in it. It holds no escapes and no dots that lead elsewhere.
#[must_use]
pub fn guarded(path: &str) -> Option<Guarded> {
    let path = plain(path);
    let path = path.strip_prefix("cgi-bin/").unwrap_or(&path);
    Some(match path {
        "component/api_component_token" => Guarded::ComponentToken,
        "component/api_authorizer_token" => Guarded::AuthorizerToken,
        "component/api_query_auth" => Guarded::Exchange,
        "component/api_create_preauthcode" => Guarded::PreAuthCode,
        "component/api_start_push_ticket" => Guarded::Tickets,
        "clear_quota"
        | "clear_quota/v2"
        | "component/clear_quota"
        | "component/clear_quota/v2"
        | "openapi/quota/clear" => Guarded::QuotaClear,
        "token" | "stable_token" => Guarded::OwnToken,
        _ => return None,
    })
}

/// The segments of a path in lower case, joined by single slashes.
fn plain(path: &str) -> String {
    let segments: Vec<_> = path.split('/').filter(|part| !part.is_empty()).collect();
    segments.join("/").to_ascii_lowercase()
}

/// The name of the token in the query: both pass for the platform's own calls, which are older than
/// the shorter one; everything else knows the shorter one only.
#[must_use]
pub fn token_name(path: &str, caller: &Caller) -> &'static str {
    let of_platform = path.starts_with("/cgi-bin/component/") || path.starts_with("/sns/");
    match caller {
        Caller::Component if of_platform => "component_access_token",
        _ => "access_token",
    }
}

/// Whether a call wants the platform's appid in its body: spec api.md §4.
#[must_use]
pub fn wants_component_appid(path: &str) -> bool {
    matches!(
        path.strip_prefix("/cgi-bin/component/"),
        Some(
            "api_get_authorizer_info"
                | "api_get_authorizer_list"
                | "api_get_authorizer_option"
                | "api_set_authorizer_option"
        )
    )
}

/// How the token that is going to be sent fits the call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenFit {
    /// As the table says, or the table does not know.
    Fits,
    /// The call takes a merchant's token, and none was named.
    WantsAuthorizer,
    /// The call takes the platform's token, and a merchant was named.
    WantsComponent,
    /// The call takes the account's own token, which no platform has.
    WantsOwn,
}

/// Whether the call takes the token that is going to be sent.
#[must_use]
pub fn token_fit(call: Option<&ApiPermission>, caller: &Caller) -> TokenFit {
    match (call.map(|call| call.token), caller) {
        (Some(CallToken::Own), _) => TokenFit::WantsOwn,
        (Some(CallToken::Authorizer), Caller::Component) => TokenFit::WantsAuthorizer,
        // Documented with either (spec api.md §4.3).
        (Some(CallToken::Component), Caller::Authorizer(_))
            if call.is_none_or(|call| !call.path.ends_with("et_authorizer_option")) =>
        {
            TokenFit::WantsComponent
        }
        _ => TokenFit::Fits,
    }
}

impl Platform {
    /// Makes a call by its path; when WeChat calls the token stale, once more with a newer one. Not
    /// so where the call is known to want another's token: a new one would be refused as well, and
    /// making it ends the one that others use.
    ///
    /// # Errors
    /// [`CallError`].
    pub async fn call(
        &self,
        request: &RawRequest,
        known: Option<&ApiPermission>,
        caller: &Caller,
    ) -> Result<RawAnswer, CallError> {
        let name = token_name(&request.path, caller);
        let attempt = |token| async move {
            let answer = self.api().raw(request, (name, &token)).await;
            answer.map_err(|failure| CallError::Call(Box::new(failure)))
        };
        if token_fit(known, caller) != TokenFit::Fits {
            return attempt(self.token_of(caller).await?.token).await;
        }
        self.once_more(caller, attempt, |error| match error {
            CallError::Call(failure) => failure.error.errcode(),
            CallError::Flow(_) => None,
        })
        .await
    }

    /// How the merchant stands towards the sets of a call, by what the store knows; nothing for a
    /// merchant it does not know and for calls that need no set.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn grant_for(
        &self,
        call: &ApiPermission,
        caller: &Caller,
        configured: &ConfiguredSets,
    ) -> Result<Option<GrantState>, FlowError> {
        let Some(appid) = caller.appid().filter(|_| !call.permission_sets.is_empty()) else {
            return Ok(None);
        };
        let account = match self.authorizer_of(appid).await {
            Ok(account) => account,
            Err(FlowError::UnknownAuthorizer { .. }) => return Ok(None),
            Err(error) => return Err(error),
        };
        let kind = kind_of(&account);
        let offered = configured.of(kind);
        Ok(Some(state_of(
            &call.permission_sets,
            kind,
            &account,
            offered,
        )))
    }
}
