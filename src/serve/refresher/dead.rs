//! Merchants whose refresh token is dead: WeChat is asked for their tokens once a day, or as soon as
//! the store has something new of them.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};

use crate::flow::{FlowError, Platform};
use crate::store::roster::AuthorizationStatus;
use crate::store::tokens::{StoredToken, TokenOwner};
use crate::store::validity::is_within;
use crate::wechat::id::Appid;

const PAUSE: SignedDuration = SignedDuration::from_hours(24);

#[derive(Default)]
pub(super) struct Dead(BTreeMap<Appid, Entry>);

struct Entry {
    asked_at: Timestamp,
    /// What was stored then.
    token: Mark,
}

/// Tells whether a stored token is still the same, without keeping it.
type Mark = Option<(u64, Option<String>)>;

impl Dead {
    /// Notes that the stored refresh token is dead.
    pub(super) async fn add(&mut self, platform: &Platform, appid: Appid) -> Result<(), FlowError> {
        let token = stored(platform, &appid).await?;
        let asked_at = platform.clock().now();
        self.0.insert(appid, Entry { asked_at, token });
        Ok(())
    }

    /// Drops those that ended their authorization, and those of whom another token came.
    pub(super) async fn look_again(&mut self, platform: &Platform) -> Result<(), FlowError> {
        for appid in self.all() {
            let (store, key) = (platform.store(), platform.key());
            let row = store.authorizer(key, &appid).await?;
            let stands = row.is_some_and(|row| row.status == AuthorizationStatus::Active);
            let token = stored(platform, &appid).await?;
            let same = self.0.get(&appid).is_some_and(|known| known.token == token);
            if !stands || !same {
                self.0.remove(&appid);
            }
        }
        Ok(())
    }

    /// All of them, sorted.
    pub(super) fn all(&self) -> Vec<Appid> {
        self.0.keys().cloned().collect()
    }

    /// Those that are not asked for again yet.
    pub(super) fn left_alone(&self, now: Timestamp) -> Vec<Appid> {
        let young = |entry: &Entry| is_within(entry.asked_at, now, PAUSE);
        let left = self.0.iter().filter(|(_, entry)| young(entry));
        left.map(|(appid, _)| appid.clone()).collect()
    }
}

async fn stored(platform: &Platform, appid: &Appid) -> Result<Mark, FlowError> {
    let owner = TokenOwner::Authorizer(appid.clone());
    let token = platform.store().token(platform.key(), &owner).await?;
    Ok(token.map(|token: StoredToken| {
        let refresh_token = token.refresh_token.map(|secret| secret.fingerprint());
        (token.generation, refresh_token)
    }))
}
