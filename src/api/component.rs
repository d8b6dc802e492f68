//! The platform's own calls: pushes, component token, pre-auth code.

use serde::Serialize;

use super::Api;
use super::call::Call;
use super::error::ApiError;
use super::transport::{Request, Token};
use crate::wechat::id::ComponentAppid;
use crate::wechat::secret::Secret;
use crate::wechat::wire::{ComponentToken, PreAuthCode, PushTicketState};

impl Api {
    /// Starts the pushes of tickets, or finds them running. The ticket itself comes by push.
    ///
    /// # Errors
    /// [`ApiError`].
    pub async fn start_push_ticket(
        &self,
        component_appid: &ComponentAppid,
        appsecret: &Secret,
    ) -> Result<PushTicketState, ApiError> {
        // The one call that names the field so.
        #[derive(Serialize)]
        struct Body<'a> {
            component_appid: &'a ComponentAppid,
            component_secret: &'a str,
        }

        let request = Request {
            call: Call::StartPushTicket,
            token: Token::None,
            body: Body {
                component_appid,
                component_secret: appsecret.expose(),
            },
            secrets: &[appsecret],
        };
        self.send(request, |reply| Ok(PushTicketState::from_reply(reply)))
            .await
    }

    /// Mints a component token; the one before works for five more minutes.
    ///
    /// # Errors
    /// [`ApiError`]; 61005 and 61006 speak of the ticket, 40125 of the appsecret.
    pub async fn component_token(
        &self,
        component_appid: &ComponentAppid,
        appsecret: &Secret,
        ticket: &Secret,
    ) -> Result<ComponentToken, ApiError> {
        #[derive(Serialize)]
        struct Body<'a> {
            component_appid: &'a ComponentAppid,
            component_appsecret: &'a str,
            component_verify_ticket: &'a str,
        }

        let request = Request {
            call: Call::ComponentToken,
            token: Token::None,
            body: Body {
                component_appid,
                component_appsecret: appsecret.expose(),
                component_verify_ticket: ticket.expose(),
            },
            secrets: &[appsecret, ticket],
        };
        self.send(request, ComponentToken::from_reply).await
    }

    /// Makes a pre-auth code for one link.
    ///
    /// # Errors
    /// [`ApiError`].
    pub async fn pre_auth_code(
        &self,
        component_appid: &ComponentAppid,
        token: &Secret,
    ) -> Result<PreAuthCode, ApiError> {
        #[derive(Serialize)]
        struct Body<'a> {
            component_appid: &'a ComponentAppid,
        }

        let request = Request {
            call: Call::PreAuthCode,
            token: Token::Component(token),
            body: Body { component_appid },
            secrets: &[],
        };
        self.send(request, PreAuthCode::from_reply).await
    }
}
