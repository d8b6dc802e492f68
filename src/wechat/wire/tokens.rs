//! The answers of the calls that mint: component token, pre-auth code, authorizer token.

use super::reply::{FieldError, Reply};
use crate::wechat::id::Appid;
use crate::wechat::secret::Secret;

/// What `api_component_token` gives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ComponentToken {
    /// The token of the platform's own calls.
    pub component_access_token: Secret,
    /// Its life in seconds, from the request on.
    pub expires_in: i64,
}

impl ComponentToken {
    /// Reads it from an answer that is no refusal.
    ///
    /// # Errors
    /// [`FieldError`] when token or lifetime is absent or malformed.
    pub fn from_reply(reply: &Reply<'_>) -> Result<Self, FieldError> {
        Ok(Self {
            component_access_token: required(reply, "component_access_token")?,
            expires_in: life(reply)?,
        })
    }
}

/// What `api_create_preauthcode` gives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PreAuthCode {
    /// The code that one link is built with.
    pub pre_auth_code: Secret,
    /// Its life in seconds, from the request on.
    pub expires_in: i64,
}

impl PreAuthCode {
    /// Reads it from an answer that is no refusal.
    ///
    /// # Errors
    /// [`FieldError`] when code or lifetime is absent or malformed.
    pub fn from_reply(reply: &Reply<'_>) -> Result<Self, FieldError> {
        Ok(Self {
            pre_auth_code: required(reply, "pre_auth_code")?,
            expires_in: life(reply)?,
        })
    }
}

/// What `api_authorizer_token` gives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuthorizerToken {
    /// The account it is of, where the answer names it.
    pub authorizer_appid: Option<Appid>,
    /// The token of calls for the authorizer.
    pub authorizer_access_token: Secret,
    /// Its life in seconds, from the request on.
    pub expires_in: i64,
    /// The refresh token that came back; an absent or empty one must not replace a stored one.
    pub authorizer_refresh_token: Option<Secret>,
}

impl AuthorizerToken {
    /// Reads it from an answer that is no refusal.
    ///
    /// # Errors
    /// [`FieldError`] when token or lifetime is absent or malformed.
    pub fn from_reply(reply: &Reply<'_>) -> Result<Self, FieldError> {
        Ok(Self {
            authorizer_appid: reply.appid(&["authorizer_appid"])?,
            authorizer_access_token: required(reply, "authorizer_access_token")?,
            expires_in: life(reply)?,
            authorizer_refresh_token: reply.token("authorizer_refresh_token")?,
        })
    }
}

/// What `api_start_push_ticket` found; it says so in `errmsg` only.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PushTicketState {
    /// The pushes had stopped and run again.
    Restarted,
    /// The pushes were running.
    Running,
}

impl PushTicketState {
    /// Reads it from an answer that is no refusal.
    #[must_use]
    pub fn from_reply(reply: &Reply<'_>) -> Self {
        match reply.text("errmsg") {
            Some(message) if message.contains("normal state") => Self::Running,
            _ => Self::Restarted,
        }
    }
}

fn required(reply: &Reply<'_>, name: &'static str) -> Result<Secret, FieldError> {
    reply.token(name)?.ok_or(FieldError::Missing(name))
}

fn life(reply: &Reply<'_>) -> Result<i64, FieldError> {
    let name = "expires_in";
    reply.lifetime(name)?.ok_or(FieldError::Missing(name))
}
