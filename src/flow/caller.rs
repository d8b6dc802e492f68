//! Whose token a call carries, and one more try with a newer one.

use crate::api::ApiError;
use crate::store::tokens::TokenOwner;
use crate::wechat::errcode;
use crate::wechat::id::Appid;
use crate::wechat::secret::Secret;

use super::another_holder::is_token_accepted;
use super::{FlowError, Freshness, Happening, HeldToken, Platform};

/// Whose token a call carries.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Caller {
    /// The platform's.
    Component,
    /// A merchant's.
    Authorizer(Appid),
}

impl Caller {
    /// The merchant, if it is one.
    #[must_use]
    pub fn appid(&self) -> Option<&Appid> {
        match self {
            Self::Component => None,
            Self::Authorizer(appid) => Some(appid),
        }
    }

    fn owner(&self) -> TokenOwner {
        match self {
            Self::Component => TokenOwner::Component,
            Self::Authorizer(appid) => TokenOwner::Authorizer(appid.clone()),
        }
    }
}

impl Platform {
    /// The merchant called `who`, or the platform itself.
    ///
    /// # Errors
    /// As [`Platform::appid_of`].
    pub async fn caller(&self, who: Option<&str>) -> Result<Caller, FlowError> {
        Ok(match who {
            Some(who) => Caller::Authorizer(self.appid_of(who).await?),
            None => Caller::Component,
        })
    }

    /// A token of `caller` that is valid now.
    ///
    /// # Errors
    /// As [`Platform::component_token`] and [`Platform::authorizer_token`].
    pub async fn token_of(&self, caller: &Caller) -> Result<HeldToken, FlowError> {
        match caller {
            Caller::Component => self.component_token().await,
            Caller::Authorizer(appid) => self.authorizer_token(appid, Freshness::Usable).await,
        }
    }

    /// Makes one call of WeChat's own with a token of `caller`; when WeChat says that the token is
    /// stale, once more with another.
    pub(super) async fn as_caller<T, C, F>(&self, caller: &Caller, call: C) -> Result<T, FlowError>
    where
        C: Fn(Secret) -> F,
        F: Future<Output = Result<T, ApiError>>,
    {
        let attempt = |token| {
            let call = call(token);
            async { Ok(call.await?) }
        };
        let errcode = |error: &FlowError| match error {
            FlowError::Api(error) => error.errcode(),
            _ => None,
        };
        self.once_more(caller, attempt, errcode).await
    }

    /// Makes a call with a token of `caller`; when `errcode` finds that WeChat called the token
    /// stale, once more with another, and never more often.
    pub(super) async fn once_more<T, E, C, F>(
        &self,
        caller: &Caller,
        call: C,
        errcode: fn(&E) -> Option<i64>,
    ) -> Result<T, E>
    where
        E: From<FlowError>,
        C: Fn(Secret) -> F,
        F: Future<Output = Result<T, E>>,
    {
        let held = self.token_of(caller).await?;
        let outcome = call(held.token.clone()).await;
        let Err(refused) = outcome else {
            return outcome;
        };
        let Some(stale) = errcode(&refused).filter(|code| errcode::is_stale_token(*code)) else {
            return Err(refused);
        };
        let owner = caller.owner();
        let suspicion = Box::pin(self.suspect(&owner, &held, stale)).await;
        self.tell(Happening::TokenRefused {
            owner,
            errcode: stale,
        });
        let newer = match caller {
            Caller::Component => self.replace_component_token(&held).await?,
            Caller::Authorizer(appid) => {
                let newer = Freshness::Newer(held.generation);
                self.authorizer_token(appid, newer).await?
            }
        };
        if newer.token == held.token {
            return Err(refused);
        }
        let outcome = call(newer.token).await;
        let accepted = match &outcome {
            Ok(_) => true,
            Err(error) => is_token_accepted(errcode(error)),
        };
        if accepted {
            Box::pin(self.confirm(suspicion)).await;
        }
        outcome
    }
}
