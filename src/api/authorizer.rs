//! The calls about authorizers: exchange, token, info, list, options.

use serde::Serialize;

use super::Api;
use super::call::Call;
use super::error::ApiError;
use super::transport::{Request, Token};
use crate::wechat::id::{Appid, ComponentAppid};
use crate::wechat::secret::Secret;
use crate::wechat::wire::{
    Authorization, AuthorizerInfo, AuthorizerOption, AuthorizerToken, ListPage,
};

/// Which of the two generations of the option calls is used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OptionGeneration {
    /// `api_get_authorizer_option`, with the component token and the account in the body.
    Old,
    /// `get_authorizer_option`, with the authorizer's own token.
    Present,
}

#[derive(Serialize)]
struct AuthorizerBody<'a> {
    component_appid: &'a ComponentAppid,
    authorizer_appid: &'a Appid,
}

/// Both generations in one: the old one names platform and account, the setter a value.
#[derive(Serialize)]
struct OptionBody<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    component_appid: Option<&'a ComponentAppid>,
    #[serde(skip_serializing_if = "Option::is_none")]
    authorizer_appid: Option<&'a Appid>,
    option_name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    option_value: Option<&'a str>,
}

impl<'a> OptionBody<'a> {
    fn of(
        account: Option<(&'a ComponentAppid, &'a Appid)>,
        option_name: &'a str,
        option_value: Option<&'a str>,
    ) -> Self {
        let (component_appid, authorizer_appid) = account.unzip();
        Self {
            component_appid,
            authorizer_appid,
            option_name,
            option_value,
        }
    }
}

/// Whether an answer is about the account that was asked about.
fn about(call: Call, asked: &Appid, answered: &Appid) -> Result<(), ApiError> {
    match asked == answered {
        true => Ok(()),
        false => Err(ApiError::OtherAccount {
            call,
            asked: asked.clone(),
            answered: answered.clone(),
        }),
    }
}

impl Api {
    /// Exchanges an authorization code, which is then spent. Never repeated once it may have been
    /// sent; after a lost answer the grant is read from list or info.
    ///
    /// # Errors
    /// [`ApiError`]; 61009 and 61010 speak of the code.
    pub async fn query_auth(
        &self,
        component_appid: &ComponentAppid,
        token: &Secret,
        code: &Secret,
    ) -> Result<Authorization, ApiError> {
        #[derive(Serialize)]
        struct Body<'a> {
            component_appid: &'a ComponentAppid,
            authorization_code: &'a str,
        }

        let request = Request {
            call: Call::QueryAuth,
            token: Token::Component(token),
            body: Body {
                component_appid,
                authorization_code: code.expose(),
            },
            secrets: &[code],
        };
        self.send(request, Authorization::from_reply).await
    }

    /// Mints an authorizer's token; the one before works for five more minutes.
    ///
    /// # Errors
    /// [`ApiError`], [`ApiError::OtherAccount`] when the answer names another account; 61003 says that the authorization ended, 61023 that the refresh token is dead.
    pub async fn authorizer_token(
        &self,
        component_appid: &ComponentAppid,
        token: &Secret,
        authorizer: &Appid,
        refresh_token: &Secret,
    ) -> Result<AuthorizerToken, ApiError> {
        #[derive(Serialize)]
        struct Body<'a> {
            component_appid: &'a ComponentAppid,
            authorizer_appid: &'a Appid,
            authorizer_refresh_token: &'a str,
        }

        let request = Request {
            call: Call::AuthorizerToken,
            token: Token::Component(token),
            body: Body {
                component_appid,
                authorizer_appid: authorizer,
                authorizer_refresh_token: refresh_token.expose(),
            },
            secrets: &[refresh_token],
        };
        let answer = self.send(request, AuthorizerToken::from_reply).await?;
        if let Some(answered) = &answer.authorizer_appid {
            about(Call::AuthorizerToken, authorizer, answered)?;
        }
        Ok(answer)
    }

    /// Tells all of one account.
    ///
    /// # Errors
    /// [`ApiError`], [`ApiError::OtherAccount`] when the answer is about another account; 61003 says that the authorization ended.
    pub async fn authorizer_info(
        &self,
        component_appid: &ComponentAppid,
        token: &Secret,
        authorizer: &Appid,
    ) -> Result<AuthorizerInfo, ApiError> {
        let request = Request {
            call: Call::AuthorizerInfo,
            token: Token::Component(token),
            body: AuthorizerBody {
                component_appid,
                authorizer_appid: authorizer,
            },
            secrets: &[],
        };
        let answer = self.send(request, AuthorizerInfo::from_reply).await?;
        let answered = &answer.authorization.authorizer_appid;
        about(Call::AuthorizerInfo, authorizer, answered)?;
        Ok(answer)
    }

    /// Lists `count` accounts (at most 500) from the `offset`-th on, counted from 0.
    ///
    /// # Errors
    /// [`ApiError`]; 40170 says that `count` is too high.
    pub async fn authorizer_list(
        &self,
        component_appid: &ComponentAppid,
        token: &Secret,
        offset: u64,
        count: u32,
    ) -> Result<ListPage, ApiError> {
        #[derive(Serialize)]
        struct Body<'a> {
            component_appid: &'a ComponentAppid,
            offset: u64,
            count: u32,
        }

        let request = Request {
            call: Call::AuthorizerList,
            token: Token::Component(token),
            body: Body {
                component_appid,
                offset,
                count,
            },
            secrets: &[],
        };
        self.send(request, ListPage::from_reply).await
    }

    /// Reads an option. `component_token` serves the old generation, `authorizer_token` the present.
    ///
    /// # Errors
    /// [`ApiError`]; 61012 speaks of the name.
    pub async fn get_option(
        &self,
        generation: OptionGeneration,
        component_appid: &ComponentAppid,
        component_token: &Secret,
        authorizer: &Appid,
        authorizer_token: &Secret,
        name: &str,
    ) -> Result<AuthorizerOption, ApiError> {
        let request = match generation {
            OptionGeneration::Old => Request {
                call: Call::OldGetOption,
                token: Token::Component(component_token),
                body: OptionBody::of(Some((component_appid, authorizer)), name, None),
                secrets: &[],
            },
            OptionGeneration::Present => Request {
                call: Call::GetOption,
                token: Token::Access(authorizer_token),
                body: OptionBody::of(None, name, None),
                secrets: &[],
            },
        };
        let call = request.call;
        let answer = self.send(request, AuthorizerOption::from_reply).await?;
        answer
            .named(name)
            .map_err(|error| ApiError::Field { call, error })
    }

    /// Sets an option; values are texts, also where they are numbers.
    ///
    /// # Errors
    /// [`ApiError`]; 61012 speaks of the name, 61013 of the value, 61025 says that it is read-only.
    #[allow(
        clippy::too_many_arguments,
        reason = "two generations with a token each, and the option"
    )]
    pub async fn set_option(
        &self,
        generation: OptionGeneration,
        component_appid: &ComponentAppid,
        component_token: &Secret,
        authorizer: &Appid,
        authorizer_token: &Secret,
        name: &str,
        value: &str,
    ) -> Result<(), ApiError> {
        let request = match generation {
            OptionGeneration::Old => Request {
                call: Call::OldSetOption,
                token: Token::Component(component_token),
                body: OptionBody::of(Some((component_appid, authorizer)), name, Some(value)),
                secrets: &[],
            },
            OptionGeneration::Present => Request {
                call: Call::SetOption,
                token: Token::Access(authorizer_token),
                body: OptionBody::of(None, name, Some(value)),
                secrets: &[],
            },
        };
        self.send(request, |_| Ok(())).await
    }

    /// Sends a text to a user of the account whose token this is, as customer service. Never
    /// repeated once it may have been sent. No error repeats the text.
    ///
    /// # Errors
    /// [`ApiError`]; 45015 says that the user has not written for too long.
    pub async fn send_text(
        &self,
        authorizer_token: &Secret,
        openid: &str,
        text: &Secret,
    ) -> Result<(), ApiError> {
        #[derive(Serialize)]
        struct Body<'a> {
            touser: &'a str,
            msgtype: &'static str,
            text: Text<'a>,
        }

        #[derive(Serialize)]
        struct Text<'a> {
            content: &'a str,
        }

        let request = Request {
            call: Call::CustomSend,
            token: Token::Access(authorizer_token),
            body: Body {
                touser: openid,
                msgtype: "text",
                text: Text {
                    content: text.expose(),
                },
            },
            secrets: &[text],
        };
        self.send(request, |_| Ok(())).await
    }
}
