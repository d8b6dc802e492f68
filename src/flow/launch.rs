//! Links made for a visitor of the launch page, and what their browsers bring back.

use jiff::SignedDuration;
use url::Url;

use crate::store::{Authorizer, ChangeSource, Launch, LaunchSource, StoreError};
use crate::wechat::id::Appid;
use crate::wechat::link::LinkKind;
use crate::wechat::redirect;

use super::link::checked_redirect_uri;
use super::redeem::is_spent;
use super::{
    AuthorizationLink, CodeExchange, FlowError, LinkOptions, Platform, Redeemed, RequiredSets,
    StateError, StateSigner,
};

/// The query parameter of the redirect URI that carries the state.
const STATE: &str = "state";

/// Both links of one pre-auth code.
#[derive(Clone, Debug)]
pub struct LinkPair {
    /// To be opened inside WeChat.
    pub h5: AuthorizationLink,
    /// To be clicked on a page of the launch domain.
    pub pc: AuthorizationLink,
}

/// What a browser that came back brought about.
#[derive(Debug)]
pub enum Returned {
    /// Its code is exchanged, by this call or before.
    Exchanged(Box<Redeemed>),
    /// The code is left to others: the pushed event will tell of the merchant.
    LeftToEvent {
        /// Why it was not exchanged here: the state, or nothing when exchanging is not ours.
        because: Option<StateError>,
        /// Who it was, when the event has come already.
        authorizer: Option<Box<Authorizer>>,
    },
    /// WeChat no longer takes the code: exchanged elsewhere, or past its hour.
    CodeSpent {
        /// Who it was, when the event told.
        authorizer: Option<Box<Authorizer>>,
    },
}

impl Platform {
    /// Makes one pre-auth code and both links around it; the redirect URI carries a signed state
    /// with `external_id` in it, and the launch is kept so that event and redirect find it again.
    ///
    /// # Errors
    /// As [`Platform::link`], and [`FlowError::State`] when `external_id` is too long.
    pub async fn launch(
        &self,
        options: &LinkOptions,
        signer: &StateSigner,
        external_id: Option<String>,
    ) -> Result<LinkPair, FlowError> {
        let mut redirect_uri = checked_redirect_uri(options)?;
        let (state, id) = signer.issue(external_id.as_deref(), self.clock().now())?;
        add_state(&mut redirect_uri, &state);
        let code = self.fresh_pre_auth_code().await?;
        let link = |kind| self.link_with(&code, kind, &redirect_uri, options);
        let pair = LinkPair {
            h5: link(LinkKind::H5),
            pc: link(LinkKind::Pc),
        };
        let launch = launch(&pair.h5, LaunchSource::Page);
        let launch = Launch {
            external_id,
            state: Some(id),
            ..launch
        };
        self.store().put_launch(self.key(), launch).await?;
        Ok(pair)
    }

    /// Keeps a link that an operator made, so that the event it leads to can be told from others.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn keep_link(&self, link: &AuthorizationLink) -> Result<(), FlowError> {
        let launch = launch(link, LaunchSource::Link);
        Ok(self.store().put_launch(self.key(), launch).await?)
    }

    /// Takes what a browser came back with: `query` is what follows the question mark of the
    /// redirect. The code is exchanged only with a state that was issued here.
    ///
    /// # Errors
    /// [`FlowError::Redirect`] when there is no code; what the exchange says otherwise.
    pub async fn returned(
        &self,
        query: &str,
        signer: &StateSigner,
        exchange: CodeExchange,
        required: &RequiredSets,
    ) -> Result<Returned, FlowError> {
        let brought = redirect::parse(&format!("https://callback/?{query}"))?;
        let state = brought.parameters.iter().find(|(name, _)| name == STATE);
        let state = state.map(|(_, value)| value.as_str());
        let state = match signer.read(state, self.clock().now()) {
            Ok(state) => state,
            Err(because) => {
                return Ok(Returned::LeftToEvent {
                    because: Some(because),
                    authorizer: None,
                });
            }
        };
        let launch = self.store().launch_by_state(self.key(), &state.id).await?;
        if !self.exchanges(exchange) {
            let authorizer = self.who_confirmed(launch.as_ref()).await?;
            return Ok(Returned::LeftToEvent {
                because: None,
                authorizer,
            });
        }
        let asked = launch.as_ref().map(|launch| launch.permission_ids.clone());
        let redeemed = self
            .redeem_code(
                ChangeSource::Redeem,
                brought.code,
                None,
                required,
                &asked.unwrap_or_default(),
            )
            .await;
        match redeemed {
            Ok(mut redeemed) => {
                let appid = &redeemed.authorizer.appid;
                if let Some(launch) = &launch {
                    let code = &launch.pre_auth_code_fingerprint;
                    self.store().settle_launch(self.key(), code, appid).await?;
                }
                if let Some(external_id) = &state.external_id {
                    self.take_external_id(appid, external_id).await?;
                    redeemed.authorizer = self.authorizer(appid.as_str()).await?;
                }
                Ok(Returned::Exchanged(Box::new(redeemed)))
            }
            Err(FlowError::Api(error)) if is_spent(&error) => {
                // The event may have told who it was while we asked.
                let launch = self.store().launch_by_state(self.key(), &state.id).await?;
                let authorizer = self.who_confirmed(launch.as_ref()).await?;
                Ok(Returned::CodeSpent { authorizer })
            }
            Err(error) => Err(error),
        }
    }

    /// Whom the event of this launch told of.
    async fn who_confirmed(
        &self,
        launch: Option<&Launch>,
    ) -> Result<Option<Box<Authorizer>>, FlowError> {
        let Some(appid) = launch.and_then(|launch| launch.appid.as_ref()) else {
            return Ok(None);
        };
        let row = self.store().authorizer(self.key(), appid).await?;
        Ok(row.map(Box::new))
    }

    /// Gives a merchant the own id that came with its link, unless it has one or another merchant
    /// has this one: whoever wrote the address of the launch page could have written anything.
    pub(super) async fn take_external_id(
        &self,
        appid: &Appid,
        external_id: &str,
    ) -> Result<bool, FlowError> {
        let row = self.store().authorizer(self.key(), appid).await?;
        if row.is_none_or(|row| row.external_id.is_some()) {
            return Ok(false);
        }
        let set = self
            .store()
            .set_external_id(self.key(), appid, Some(external_id))
            .await;
        match set {
            Ok(()) => Ok(true),
            Err(StoreError::Taken { .. }) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }
}

fn launch(link: &AuthorizationLink, source: LaunchSource) -> Launch {
    let life = SignedDuration::from_secs(link.expires_in);
    Launch {
        pre_auth_code_fingerprint: link.pre_auth_code.fingerprint(),
        made_at: link.expires_at.checked_sub(life).unwrap_or(link.expires_at),
        expires_at: link.expires_at,
        external_id: None,
        only: link.only.clone(),
        permission_ids: link.permission_ids.clone(),
        source,
        state: None,
        appid: None,
    }
}

/// Puts the state in place of whatever parameter of its name the redirect URI has.
fn add_state(redirect_uri: &mut Url, state: &str) {
    let others: Vec<(String, String)> = redirect_uri
        .query_pairs()
        .filter(|(name, _)| name != STATE)
        .map(|(name, value)| (name.into_owned(), value.into_owned()))
        .collect();
    redirect_uri
        .query_pairs_mut()
        .clear()
        .extend_pairs(others)
        .append_pair(STATE, state);
}
