//! Links made for a visitor of the launch page, and what their browsers bring back.

use jiff::SignedDuration;
use url::Url;

use crate::store::StoreError;
use crate::store::events::EventRecord;
use crate::store::launches::{Launch, LaunchSource};
use crate::store::observations::ChangeSource;
use crate::store::roster::Authorizer;
use crate::wechat::id::Appid;
use crate::wechat::link::LinkKind;
use crate::wechat::redirect::{self, RedirectResult};

use super::link::checked_redirect_uri;
use super::redeem::is_spent;
use super::state::{self, check_external_id};
use super::{
    AuthorizationLink, CodeExchange, FlowError, LinkOptions, OwnId, Platform, Redeemed,
    RequiredSets, StateError, StateSigner,
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
    /// Makes one pre-auth code and both links around it for a visitor of the launch page; the
    /// redirect URI carries a signed state with `own` in it, and the launch is kept so that event and
    /// redirect find it again.
    ///
    /// # Errors
    /// As [`Platform::link`], and [`FlowError::State`] when the id is too long.
    pub async fn launch(
        &self,
        options: &LinkOptions,
        signer: &StateSigner,
        own: Option<&OwnId>,
    ) -> Result<LinkPair, FlowError> {
        let mut redirect_uri = checked_redirect_uri(options)?;
        let (state, id) = signer.issue(own, self.clock().now())?;
        add_state(&mut redirect_uri, &state);
        let code = self.fresh_pre_auth_code().await?;
        let link = |kind| self.link_with(&code, kind, &redirect_uri, options);
        let pair = LinkPair {
            h5: link(LinkKind::H5),
            pc: link(LinkKind::Pc),
        };
        let launch = launch(&pair.h5, LaunchSource::Page, own, Some(id));
        self.store().put_launch(self.key(), launch).await?;
        Ok(pair)
    }

    /// Makes a link around a fresh pre-auth code for an operator, and keeps it, so that the event it
    /// leads to can be told from others. With `external_id`, whoever authorizes by it gets this
    /// one: the redirect URI's state carries it, or without `signer` only says which link it was.
    ///
    /// # Errors
    /// [`FlowError::Link`], [`FlowError::ExternalId`], or what the component token, WeChat or the
    /// store says.
    pub async fn link(
        &self,
        options: &LinkOptions,
        external_id: Option<&str>,
        signer: Option<&StateSigner>,
    ) -> Result<AuthorizationLink, FlowError> {
        let mut redirect_uri = checked_redirect_uri(options)?;
        external_id.map_or(Ok(()), check_external_id)?;
        let own = external_id.map(|id| OwnId::Signed(id.to_owned()));
        let state_id = match (&own, signer) {
            (None, _) => None,
            (Some(own), Some(signer)) => {
                let (state, id) = signer.issue(Some(own), self.clock().now())?;
                add_state(&mut redirect_uri, &state);
                Some(id)
            }
            (Some(_), None) => {
                let id = state::new_id();
                add_state(&mut redirect_uri, &id);
                Some(id)
            }
        };
        let code = self.fresh_pre_auth_code().await?;
        let link = self.link_with(&code, options.kind, &redirect_uri, options);
        let launch = launch(&link, LaunchSource::Link, own.as_ref(), state_id);
        self.store().put_launch(self.key(), launch).await?;
        Ok(link)
    }

    /// The launch page's address by which whoever authorizes gets this `external_id`.
    ///
    /// # Errors
    /// [`FlowError::ExternalId`].
    pub fn launch_address(
        &self,
        page: &Url,
        signer: &StateSigner,
        external_id: &str,
    ) -> Result<Url, FlowError> {
        check_external_id(external_id)?;
        let state = signer.issue_address(external_id, self.clock().now())?;
        let mut address = page.clone();
        add_state(&mut address, &state);
        Ok(address)
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
        let state = match signer.read(state_of(&brought), self.clock().now()) {
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
            Ok(redeemed) => {
                let own = state.own.as_ref();
                let redeemed = self.came_back(redeemed, launch.as_ref(), own).await?;
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

    /// Notes whom a launch led to, and gives it the id that came along; not one that the link was not
    /// for.
    pub(super) async fn came_back(
        &self,
        mut redeemed: Redeemed,
        launch: Option<&Launch>,
        own: Option<&OwnId>,
    ) -> Result<Redeemed, FlowError> {
        let appid = &redeemed.authorizer.appid;
        if launch.is_some_and(|launch| !is_for(launch, appid)) {
            return Ok(redeemed);
        }
        if let Some(launch) = launch {
            let code = &launch.pre_auth_code_fingerprint;
            self.store().settle_launch(self.key(), code, appid).await?;
        }
        if let Some(own) = own {
            self.take_own_id(appid, own, ChangeSource::Redeem).await?;
            redeemed.authorizer = self.authorizer_of(appid).await?;
        }
        Ok(redeemed)
    }

    /// The launch behind the state of an address that an operator pastes, and the id it brings: a
    /// state that was signed here, or the bare one of a link made without keys.
    pub(super) async fn launch_of(
        &self,
        brought: &RedirectResult,
        signer: Option<&StateSigner>,
    ) -> Result<(Option<Launch>, Option<OwnId>), FlowError> {
        let now = self.clock().now();
        let Some(state) = state_of(brought) else {
            return Ok((None, None));
        };
        let (store, key) = (self.store(), self.key());
        if let Some(Ok(state)) = signer.map(|signer| signer.read(Some(state), now)) {
            let launch = store.launch_by_state(key, &state.id).await?;
            return Ok((launch, state.own));
        }
        let launch = store.launch_by_state(key, state).await?;
        let launch = launch.filter(|launch| now.duration_since(launch.made_at) <= state::LIFE);
        let own = launch.as_ref().and_then(own_id);
        Ok((launch, own))
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

    /// Gives an authorizer the id that came with its link. A signed one becomes its `external_id`,
    /// unless it has one or another authorizer has this one; a visitor's is only noted.
    pub(super) async fn take_own_id(
        &self,
        appid: &Appid,
        own: &OwnId,
        source: ChangeSource,
    ) -> Result<(), FlowError> {
        let Some(row) = self.store().authorizer(self.key(), appid).await? else {
            return Ok(());
        };
        let (store, key) = (self.store(), self.key());
        match own {
            OwnId::Claimed(id) => store.claim_external_id(key, appid, id, source).await?,
            OwnId::Signed(_) if row.external_id.is_some() => {}
            OwnId::Signed(id) => match store.set_external_id(key, appid, Some(id)).await {
                Ok(()) | Err(StoreError::Taken { .. }) => {}
                Err(error) => return Err(error.into()),
            },
        }
        Ok(())
    }

    /// Gives an authorizer the operator's own id, or takes it away.
    ///
    /// # Errors
    /// [`FlowError::ExternalId`]; [`StoreError::Taken`] when another has it,
    /// [`StoreError::UnknownAuthorizer`], or when the store fails.
    pub async fn set_external_id(
        &self,
        appid: &Appid,
        external_id: Option<&str>,
    ) -> Result<(), FlowError> {
        external_id.map_or(Ok(()), check_external_id)?;
        let (store, key) = (self.store(), self.key());
        Ok(store.set_external_id(key, appid, external_id).await?)
    }

    /// What the account of an event is called by the operator, and what by the visitor of its link:
    /// as the store has it, or will have it once the event is worked off.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn own_ids(&self, event: &EventRecord) -> Result<OwnIds, FlowError> {
        let (store, key) = (self.store(), self.key());
        let Some(appid) = &event.appid else {
            return Ok(OwnIds::default());
        };
        let launch = match &event.pre_auth_code_fingerprint {
            Some(code) => store.launch(key, code).await?,
            None => None,
        };
        let row = store.authorizer(key, appid).await?;
        let (external_id, claimed) = row.map_or((None, None), |row| {
            (row.external_id, row.claimed_external_id)
        });
        let brought = launch.as_ref().and_then(|launch| own_id_for(launch, appid));
        Ok(match brought {
            Some(OwnId::Claimed(id)) => OwnIds {
                external_id,
                claimed_external_id: Some(id),
            },
            Some(OwnId::Signed(id)) if external_id.is_none() => {
                let holder = store.identified(key, &id).await?;
                let is_free = holder.is_none_or(|holder| holder.appid == *appid);
                OwnIds {
                    external_id: is_free.then_some(id),
                    claimed_external_id: claimed,
                }
            }
            _ => OwnIds {
                external_id,
                claimed_external_id: claimed,
            },
        })
    }
}

/// What an account is called by the operator and by the visitor of its link.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OwnIds {
    /// The operator's own id for it.
    pub external_id: Option<String>,
    /// What a visitor's link called it.
    pub claimed_external_id: Option<String>,
}

/// The state in what a browser came back with.
pub(super) fn state_of(brought: &RedirectResult) -> Option<&str> {
    let state = brought.parameters.iter().find(|(name, _)| name == STATE);
    state.map(|(_, value)| value.as_str())
}

/// Whether this account may have come by a link.
fn is_for(launch: &Launch, appid: &Appid) -> bool {
    launch.only.as_ref().is_none_or(|only| only == appid)
}

/// The id that a launch brings for this account, if it may have come by it.
pub(super) fn own_id_for(launch: &Launch, appid: &Appid) -> Option<OwnId> {
    if is_for(launch, appid) {
        own_id(launch)
    } else {
        None
    }
}

fn own_id(launch: &Launch) -> Option<OwnId> {
    OwnId::of(
        launch.external_id.as_ref(),
        launch.claimed_external_id.as_ref(),
    )
}

fn launch(
    link: &AuthorizationLink,
    source: LaunchSource,
    own: Option<&OwnId>,
    state: Option<String>,
) -> Launch {
    let life = SignedDuration::from_secs(link.expires_in);
    let (external_id, claimed_external_id) = OwnId::fields(own);
    Launch {
        pre_auth_code_fingerprint: link.pre_auth_code.fingerprint(),
        made_at: link.expires_at.checked_sub(life).unwrap_or(link.expires_at),
        expires_at: link.expires_at,
        external_id,
        claimed_external_id,
        only: link.only.clone(),
        permission_ids: link.permission_ids.clone(),
        source,
        state,
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
