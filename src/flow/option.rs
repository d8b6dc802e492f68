//! A merchant's three options: location reporting, voice recognition, customer service.

use std::fmt;
use std::str::FromStr;

use serde_json::json;

use crate::api::{ApiError, OptionGeneration};
use crate::store::journal::JournalKind;
use crate::wechat::id::Appid;
use crate::wechat::secret::Secret;
use crate::wechat::wire::AuthorizerOption;

use super::{Caller, FlowError, Platform};

/// An option that WeChat keeps for a merchant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OptionName {
    /// `location_report`: 0 none, 1 on entering the session, 2 every five seconds.
    LocationReport,
    /// `voice_recognize`: 0 off, 1 on.
    VoiceRecognize,
    /// `customer_service`: 0 off, 1 on.
    CustomerService,
}

impl OptionName {
    /// All of them.
    pub const ALL: [Self; 3] = [
        Self::LocationReport,
        Self::VoiceRecognize,
        Self::CustomerService,
    ];

    /// The name on the wire.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::LocationReport => "location_report",
            Self::VoiceRecognize => "voice_recognize",
            Self::CustomerService => "customer_service",
        }
    }

    /// The values WeChat takes.
    #[must_use]
    pub fn values(self) -> &'static [&'static str] {
        match self {
            Self::LocationReport => &["0", "1", "2"],
            Self::VoiceRecognize | Self::CustomerService => &["0", "1"],
        }
    }
}

impl fmt::Display for OptionName {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

impl FromStr for OptionName {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wanted = text.replace('-', "_");
        Self::ALL.into_iter().find(|name| name.as_str() == wanted).ok_or_else(|| {
            format!("`{text}` is no option; there are location_report, voice_recognize, customer_service")
        })
    }
}

impl Platform {
    /// Reads an option of a merchant.
    ///
    /// # Errors
    /// What WeChat or the token says.
    pub async fn option(
        &self,
        generation: OptionGeneration,
        appid: &Appid,
        name: OptionName,
    ) -> Result<AuthorizerOption, FlowError> {
        self.with_option_token(generation, appid, |component, authorizer| async move {
            let platform = self.component_appid();
            let (component, authorizer) = (&component, &authorizer);
            self.api()
                .get_option(
                    generation,
                    platform,
                    component,
                    appid,
                    authorizer,
                    name.as_str(),
                )
                .await
        })
        .await
    }

    /// Sets an option of a merchant and notes it in the journal.
    ///
    /// # Errors
    /// What WeChat or the token says.
    pub async fn set_option(
        &self,
        generation: OptionGeneration,
        appid: &Appid,
        name: OptionName,
        value: &str,
    ) -> Result<(), FlowError> {
        self.with_option_token(generation, appid, |component, authorizer| async move {
            let platform = self.component_appid();
            let (component, authorizer) = (&component, &authorizer);
            self.api()
                .set_option(
                    generation,
                    platform,
                    component,
                    appid,
                    authorizer,
                    name.as_str(),
                    value,
                )
                .await
        })
        .await?;
        let detail = json!({ "option_name": name.as_str(), "option_value": value });
        Ok(self
            .store()
            .note(self.key(), JournalKind::OptionSet, Some(appid), detail)
            .await?)
    }

    /// The present generation is called with the merchant's token, the old one with the platform's.
    async fn with_option_token<T, C, F>(
        &self,
        generation: OptionGeneration,
        appid: &Appid,
        call: C,
    ) -> Result<T, FlowError>
    where
        C: Fn(Secret, Secret) -> F,
        F: Future<Output = Result<T, ApiError>>,
    {
        if generation == OptionGeneration::Old {
            let call = |component: Secret| call(component, Secret::new(""));
            return self.with_component_token(call).await;
        }
        let caller = Caller::Authorizer(appid.clone());
        self.as_caller(&caller, |token| call(Secret::new(""), token))
            .await
    }
}
