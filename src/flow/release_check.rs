//! The second text of the full-release check (全网发布检测): a code to exchange, and a text to send
//! with what that gives (spec events.md §6).

use crate::wechat::id::Appid;
use crate::wechat::secret::Secret;

use super::redeem::is_spent;
use super::{FlowError, Freshness, Platform};

impl Platform {
    /// Exchanges `code`, which the user `openid` wrote to the check's account `appid`, and sends
    /// `<code>_from_api` back as that account. What the exchange gives is not kept: the check's
    /// accounts are merchants by their event alone. If the event's exchange was first, its token
    /// serves.
    ///
    /// # Errors
    /// What WeChat says, and whatever [`Platform::authorizer_token`] may say.
    pub async fn answer_release_check(
        &self,
        appid: &Appid,
        code: &Secret,
        openid: &str,
    ) -> Result<(), FlowError> {
        let fingerprint = code.fingerprint();
        let known = self.store().redeemed(self.key(), &fingerprint).await?;
        let exchanged = match known {
            Some(_) => None,
            None => self.exchange_for_check(appid, code, &fingerprint).await?,
        };
        let token = match exchanged {
            Some(token) => token,
            None => {
                let held = self.authorizer_token(appid, Freshness::Usable).await?;
                held.token
            }
        };
        let text = Secret::new(format!("{}_from_api", code.expose()));
        Ok(self.api().send_text(&token, openid, &text).await?)
    }

    /// The token that a code gives; none when the code is spent.
    async fn exchange_for_check(
        &self,
        appid: &Appid,
        code: &Secret,
        fingerprint: &str,
    ) -> Result<Option<Secret>, FlowError> {
        let asked = self
            .with_component_token(|token| async move {
                let platform = self.component_appid();
                self.api().query_auth(platform, &token, code).await
            })
            .await;
        match asked {
            Ok(authorization) if authorization.authorizer_appid != *appid => {
                Err(FlowError::ExchangedForOther {
                    appid: appid.clone(),
                    other: authorization.authorizer_appid,
                })
            }
            Ok(authorization) => Ok(authorization.authorizer_access_token),
            Err(FlowError::Api(error)) if is_spent(&error) => {
                // The event's exchange may be under way: its token is worth a moment.
                self.redeemed_meanwhile(fingerprint).await?;
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }
}
