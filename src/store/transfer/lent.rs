//! What a backend keeps of a platform in its own Redis, as records.

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::store::backend::{Backend, BackendError, Known as KnownToUs, Lent};
use crate::store::layouts::{Gap, Slot};
use crate::store::roster::AuthorizationStatus;
use crate::store::tickets::TicketSource;
use crate::store::tokens::TokenOwner;
use crate::store::{PlatformKey, Store, StoreError};
use crate::wechat::id::Appid;
use crate::wechat::secret::Secret;

use super::content::Content;
use crate::store::encryption::StoredSecret;
use crate::store::record::{Record, RecordKind, Ticket, Token};

/// How long WeChat's tokens live, in seconds.
const TOKEN_LIFE: i64 = 7200;

/// What a backend's keys gave.
#[derive(Debug)]
pub struct Taken {
    /// The records.
    pub content: Content,
    /// Why there is no ticket among them.
    pub ticket: Option<Gap>,
    /// Why there is no component token.
    pub component_token: Option<Gap>,
    /// How many tokens were left because nobody says when they end.
    pub endless: u64,
    /// How many authorizers of the roster have no access token there.
    pub without_token: u64,
    /// How many authorizers have tokens there and no row in the roster: these were left.
    pub strangers: u64,
}

impl Store {
    /// Reads what `backend` keeps of the platform and of the authorizers in the roster. Nothing
    /// is written anywhere.
    ///
    /// # Errors
    /// When either cannot be read.
    pub async fn take(
        &self,
        backend: &Backend,
        key: &PlatformKey,
        appsecret: Option<&Secret>,
        now: Timestamp,
    ) -> Result<Taken, BackendError> {
        let known = KnownToUs {
            appsecret,
            refresh_token: None,
        };
        let mut kinds: BTreeMap<&'static str, Vec<Record>> = BTreeMap::new();
        let mut add = |record: Record| {
            let kind = record.kind().as_str();
            kinds.entry(kind).or_default().push(record);
        };
        let ticket = match found(backend, Slot::Ticket, key, known, now).await? {
            Ok(lent) => {
                add(ticket(lent, now));
                None
            }
            Err(gap) => Some(gap),
        };
        let mut endless = 0;
        let component_token = match found(backend, Slot::ComponentToken, key, known, now).await? {
            Ok(lent) if lent.expires_at.is_none() => {
                endless += 1;
                None
            }
            Ok(lent) => {
                add(token("", Some(lent), None, now));
                None
            }
            Err(gap) => Some(gap),
        };
        let mut strangers = backend.merchants(&key.component_appid).await?;
        let mut without_token = 0;
        for appid in self.active(key).await? {
            strangers.remove(&appid);
            let owner = TokenOwner::Authorizer(appid.clone());
            let stored = self.token(key, &owner).await?;
            let refresh_token = stored.and_then(|stored| stored.refresh_token);
            let known = KnownToUs {
                appsecret: None,
                refresh_token: refresh_token.as_ref(),
            };
            let access = found(
                backend,
                Slot::AuthorizerToken(appid.clone()),
                key,
                known,
                now,
            )
            .await?;
            without_token += u64::from(access.is_err());
            let ends = |lent: &Lent| lent.expires_at.is_some();
            endless += u64::from(access.as_ref().is_ok_and(|lent| !ends(lent)));
            let access = access.ok().filter(ends);
            let refresh = match backend.layout().keeps_refresh_tokens() {
                true => found(backend, Slot::RefreshToken(appid.clone()), key, known, now)
                    .await?
                    .ok(),
                false => None,
            };
            if access.is_some() || refresh.is_some() {
                add(token(appid.as_str(), access, refresh, now));
            }
        }
        Ok(Taken {
            content: Content::of(key.clone(), kinds),
            ticket,
            component_token,
            endless,
            without_token,
            strangers: strangers.len() as u64,
        })
    }

    /// The authorizers of the roster who have not withdrawn.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn active(&self, key: &PlatformKey) -> Result<Vec<Appid>, StoreError> {
        let mut found = Vec::new();
        let mut after = None;
        loop {
            let page = self.records(key, RecordKind::Authorizers, after).await?;
            for record in page.records {
                if let Record::Authorizer(row) = record
                    && row.status == AuthorizationStatus::Active.as_str()
                {
                    found.push(Appid::from_wire(&row.appid));
                }
            }
            after = page.next;
            if after.is_none() {
                return Ok(found);
            }
        }
    }
}

/// What is kept in a slot, or why it is not to be had.
async fn found(
    backend: &Backend,
    slot: Slot,
    key: &PlatformKey,
    known: KnownToUs<'_>,
    now: Timestamp,
) -> Result<Result<Lent, Gap>, BackendError> {
    let lent = backend.look_up(&slot, &key.component_appid, known, now);
    match lent.await {
        Ok(lent) => Ok(Ok(lent)),
        Err(BackendError::Gap(gap)) => Ok(Err(gap)),
        Err(error) => Err(error),
    }
}

/// A ticket that came when its key tells, or is met now where nobody says when it came.
fn ticket(lent: Lent, now: Timestamp) -> Record {
    let value = lent.secret;
    Record::Ticket(Ticket {
        fingerprint: value.fingerprint(),
        received_at: lent.received_at.unwrap_or(now).as_second(),
        source: TicketSource::Layout.as_str().to_owned(),
        value: Some(StoredSecret::plain(&value)),
    })
}

/// A token that ends with its key. It was issued a whole life before that, or a little later, as
/// SDKs let go of keys early: told so, it never passes for newer than one that was issued after it.
fn token(owner: &str, access: Option<Lent>, refresh: Option<Lent>, now: Timestamp) -> Record {
    let latest = now.as_second() + TOKEN_LIFE;
    let end = access.as_ref().and_then(|lent| lent.expires_at);
    let expires_at = end.map(|end| end.as_second().min(latest));
    let issued_at = expires_at.map(|end| end - TOKEN_LIFE);
    Record::Token(Token {
        owner: owner.to_owned(),
        // The right one when the token was asked for with it; otherwise nobody knows since when.
        refresh_as_of: refresh.as_ref().map(|_| issued_at.unwrap_or(0)),
        access: access.map(|lent| StoredSecret::plain(&lent.secret)),
        refresh: refresh.map(|lent| StoredSecret::plain(&lent.secret)),
        issued_at,
        lifetime: expires_at.map(|_| TOKEN_LIFE),
        expires_at,
        generation: 1,
        ..Token::default()
    })
}
