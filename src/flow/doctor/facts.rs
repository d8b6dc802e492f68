//! What is asked, of the store, of the operator's own programs and of WeChat, before it is judged.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};

use crate::api::{ApiError, Probed};
use crate::store::StoreError;
use crate::store::risk::StoreRisk;
use crate::store::tokens::TokenOwner;
use crate::wechat::errcode;
use crate::wechat::secret::Secret;
use crate::wechat::wire::{ListPage, PushTicketState};

use super::{Examination, Line};
use crate::flow::held::certain_end;
use crate::flow::{FlowError, Freshness, HeldToken, MintPolicy, Platform, Status};

/// A token with less life than this counts as dead: a call on its way would meet its end.
const LEAST_LIFE: SignedDuration = SignedDuration::from_mins(1);

/// Everything that was asked.
pub(super) struct Facts {
    /// What a call without a token met.
    pub(super) probe: Result<Probed, ApiError>,
    /// What the store holds; none when it does not open.
    pub(super) status: Option<Status>,
    /// Why the store, which opened, could not be read.
    pub(super) store_broken: Option<Arc<FlowError>>,
    /// What about the store may lose what it holds.
    pub(super) risks: Vec<StoreRisk>,
    /// The key that is missing to read it.
    pub(super) key_not_set: Option<String>,
    /// How many secrets are in plain text although a key is set, which keeps them from being read.
    pub(super) in_plain_text: Option<u64>,
    /// Whether a run that encrypts or decrypts is recorded.
    pub(super) encryption_run: bool,
    /// The appsecret, or why a program did not print it.
    pub(super) appsecret: Result<Option<Secret>, Arc<FlowError>>,
    /// What the start of pushes said, where it was asked for.
    pub(super) pushes: Option<Result<PushTicketState, ApiError>>,
    /// The component token.
    pub(super) token: TokenFact,
    /// What the list said to it.
    pub(super) list: Option<Result<ListPage, ApiError>>,
}

/// The component token there is to call with.
pub(super) enum TokenFact {
    /// It lives by our books.
    Lives {
        /// When it ends.
        expires_at: Option<Timestamp>,
        /// Whether it was minted just now.
        minted: bool,
    },
    /// Somebody else's.
    Borrowed,
    /// Somebody else's, and no program gives it.
    NobodyLends,
    /// None lives, and none may be minted.
    None,
    /// None could be had.
    Failed(Arc<FlowError>),
    /// The store does not open.
    NoStore,
}

impl Facts {
    /// The line to blame where nothing could be read from the store.
    pub(super) fn unread(&self) -> Line {
        match (&self.key_not_set, self.in_plain_text) {
            (None, None) => Line::Store,
            _ => Line::Encryption,
        }
    }

    /// How many secrets are not encrypted with this key.
    pub(super) fn not_under(&self, key_id: &str) -> u64 {
        let secrets = self.status.iter().flat_map(|status| &status.secrets);
        let others = secrets.filter(|count| count.key_id.as_deref() != Some(key_id));
        others.map(|count| count.secrets).sum()
    }

    /// The refusals of all calls.
    pub(super) fn errors(&self) -> impl Iterator<Item = &ApiError> {
        let minting = match &self.token {
            TokenFact::Failed(error) => match &**error {
                FlowError::Api(error) => Some(error),
                _ => None,
            },
            _ => None,
        };
        let pushes = self.pushes.as_ref().and_then(|it| it.as_ref().err());
        let list = self.list.as_ref().and_then(|it| it.as_ref().err());
        pushes.into_iter().chain(minting).chain(list)
    }

    /// The refusal with one of these codes.
    pub(super) fn refused(&self, codes: &[i64]) -> Option<&ApiError> {
        let mut errors = self.errors();
        errors.find(|error| error.errcode().is_some_and(|code| codes.contains(&code)))
    }

    /// The line that is to blame for a call's failure; none when it is the call's own.
    pub(super) fn to_blame(&self, error: &ApiError) -> Option<Line> {
        match error {
            ApiError::Refused { refusal, .. } => match refusal.errcode {
                errcode::ADDRESS_NOT_LISTED => Some(Line::CallerAddress),
                40125 | 41004 => Some(Line::Appsecret),
                61005 | 61006 => Some(Line::Ticket),
                code if errcode::is_stale_token(code) => Some(Line::ComponentToken),
                _ => None,
            },
            _ => super::network::culprit(&self.probe, false),
        }
    }
}

impl Platform {
    pub(super) async fn facts(&self, examination: &Examination) -> Facts {
        let probe = self.api().probe().await;
        let (mut key_not_set, mut in_plain_text) = (None, None);
        let (status, store_broken) = match examination.is_without_store() {
            true => (None, None),
            false => match self.status().await {
                Ok(status) => (Some(status), None),
                Err(FlowError::Store(StoreError::Encrypted { key_id, .. })) => {
                    key_not_set = Some(key_id);
                    (None, None)
                }
                Err(FlowError::Store(StoreError::PlainText { .. })) => {
                    let counts = self.store().secret_counts(self.key()).await;
                    let counts = counts.unwrap_or_default().into_iter();
                    let plain = counts.filter(|count| count.key_id.is_none());
                    in_plain_text = Some(plain.map(|count| count.secrets).sum());
                    (None, None)
                }
                Err(error) => (None, Some(Arc::new(error))),
            },
        };
        let encryption_run = match &status {
            Some(_) => self.store().has_encryption_run(self.key()).await,
            None => Ok(false),
        };
        let risks = match examination.is_without_store() || store_broken.is_some() {
            true => Vec::new(),
            // A server that stays away now is told of by the next command.
            false => self.store().risks().await.unwrap_or_default(),
        };
        let appsecret = self.options().credentials.appsecret.read().await;
        let appsecret = appsecret.map_err(Arc::new);
        let own = matches!(self.options().mint, MintPolicy::Wxauth);
        let pushes = match &appsecret {
            Ok(Some(secret)) if examination.active && own && probe.is_ok() => Some(
                self.api()
                    .start_push_ticket(self.component_appid(), secret)
                    .await,
            ),
            _ => None,
        };
        let may_mint = examination.active && probe.is_ok();
        let (token, held) = self.token_fact(status.is_some(), may_mint).await;
        let list = match held {
            Some(token) if probe.is_ok() => Some(
                self.api()
                    .authorizer_list(self.component_appid(), &token, 0, 1)
                    .await,
            ),
            _ => None,
        };
        Facts {
            probe,
            status,
            store_broken,
            risks,
            key_not_set,
            in_plain_text,
            encryption_run: encryption_run.unwrap_or(false),
            appsecret,
            pushes,
            token,
            list,
        }
    }

    async fn token_fact(&self, has_store: bool, may_mint: bool) -> (TokenFact, Option<Secret>) {
        match &self.options().mint {
            mint if mint.is_without_lender() => return (TokenFact::NobodyLends, None),
            // What may be minted is not minted here: what is there is looked at.
            MintPolicy::Never { .. } | MintPolicy::Shared { .. } => {
                return match self.borrow(&TokenOwner::Component, Freshness::Usable).await {
                    Ok(held) => (TokenFact::Borrowed, Some(held.token)),
                    Err(error) => (TokenFact::Failed(Arc::new(error)), None),
                };
            }
            MintPolicy::Wxauth => {}
        }
        if !has_store {
            return (TokenFact::NoStore, None);
        }
        let stored = self.store().token(self.key(), &TokenOwner::Component).await;
        let stored = match stored {
            Ok(stored) => stored,
            Err(error) => return (TokenFact::Failed(Arc::new(error.into())), None),
        };
        let now = self.clock().now();
        let until = stored.as_ref().and_then(|stored| certain_end(stored, now));
        let lives = until.is_some_and(|end| end > now + LEAST_LIFE);
        if let Some(token) = stored.and_then(|stored| stored.access_token)
            && lives
        {
            let expires_at = until;
            let minted = false;
            return (TokenFact::Lives { expires_at, minted }, Some(token));
        }
        if !may_mint {
            return (TokenFact::None, None);
        }
        match self.component_token().await {
            Ok(HeldToken {
                token, expires_at, ..
            }) => {
                let minted = true;
                (TokenFact::Lives { expires_at, minted }, Some(token))
            }
            Err(error) => (TokenFact::Failed(Arc::new(error)), None),
        }
    }
}
