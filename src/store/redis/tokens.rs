//! Tokens: one hash per owner, with the lease on it.
//!
//! Fields, all text: `access`, `refresh` (secrets, encrypted where there is a key), `refresh_as_of`,
//! `issued_at`, `expires_at`, `used_at` (Unix seconds), `lifetime` (seconds), `generation`, `fence`, `lease` (who, as
//! JSON), `lease_until` (milliseconds of the server's clock), `intent_fence`, `intent_at`.

use std::collections::HashMap;
use std::sync::LazyLock;

use jiff::Timestamp;

use crate::store::validity::use_noted_outside;
use crate::store::{OpenIntent, PlatformKey, StoreError, StoredToken, TokenOwner};
use crate::sys::clock::timestamp;
use crate::sys::redis::Script;
use crate::wechat::id::Appid;

use super::RedisStore;

static CAP: LazyLock<Script> = LazyLock::new(|| Script::new(include_str!("cap.lua")));
static TOUCH: LazyLock<Script> = LazyLock::new(|| Script::new(include_str!("touch.lua")));

/// A token's hash as it was read.
pub(super) type Fields = HashMap<String, String>;

/// A number among the fields; what is no number counts as absent.
pub(super) fn number(fields: &Fields, name: &str) -> Option<i64> {
    fields.get(name)?.parse().ok()
}

impl RedisStore {
    /// The token in a hash; `None` when it holds none at all.
    pub(super) fn stored_token(&self, fields: &Fields) -> Result<Option<StoredToken>, StoreError> {
        let secret = |name: &str| {
            let text = fields.get(name).filter(|text| !text.is_empty());
            text.map(|text| self.keyring().decrypt_text(text))
                .transpose()
        };
        let time = |name: &str| number(fields, name).map(timestamp);
        let token = StoredToken {
            access_token: secret("access")?,
            refresh_token: secret("refresh")?,
            expires_at: time("expires_at"),
            issued_at: time("issued_at"),
            lifetime: number(fields, "lifetime"),
            generation: number(fields, "generation")
                .and_then(|count| count.try_into().ok())
                .unwrap_or(0),
            unsettled_since: time("intent_at"),
        };
        let empty = token.access_token.is_none() && token.refresh_token.is_none();
        Ok((!empty).then_some(token))
    }

    pub(super) fn open_intent(fields: &Fields) -> Option<OpenIntent> {
        let fence = number(fields, "intent_fence")?;
        Some(OpenIntent {
            fence: fence.try_into().unwrap_or(0),
            started_at: timestamp(number(fields, "intent_at")?),
            // A lease that did not run out would not have been taken over.
            ran_out: fields.contains_key("lease"),
        })
    }

    pub(in crate::store) async fn token(
        &self,
        key: &PlatformKey,
        owner: &TokenOwner,
    ) -> Result<Option<StoredToken>, StoreError> {
        let names = self.names(key);
        let mut read = redis::cmd("HGETALL");
        read.arg(names.token(owner));
        let fields: Fields = self.redis().ask(names.tag(), read).await?;
        self.stored_token(&fields)
            .map_err(|error| error.about(|| owner.record()))
    }

    pub(in crate::store) async fn touch_token(
        &self,
        key: &PlatformKey,
        appid: &Appid,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        let names = self.names(key);
        let keys = [names.token_of(appid)];
        let (before, after) = use_noted_outside(at.as_second());
        let arguments = [text(at.as_second()), text(before), text(after)];
        let _: i64 = self
            .redis()
            .run(names.tag(), &TOUCH, &keys, &arguments)
            .await?;
        Ok(())
    }

    pub(in crate::store) async fn cap_expiry(
        &self,
        key: &PlatformKey,
        owner: &TokenOwner,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        let names = self.names(key);
        let keys = [names.token(owner), names.due()];
        let arguments = [text(at.as_second()), owner.as_str().into()];
        let (_, confirmed): (i64, bool) = self
            .redis()
            .run_replicated(names.tag(), &CAP, &keys, &arguments)
            .await?;
        if !confirmed {
            tracing::warn!("no replica confirmed the end of a token: a failover may lose it");
        }
        Ok(())
    }
}

/// A number as a script takes it.
pub(super) fn text(number: i64) -> Vec<u8> {
    number.to_string().into_bytes()
}
