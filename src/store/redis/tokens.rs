//! Tokens: one hash per owner, with the lease on it.
//!
//! Fields, all text: `access`, `refresh` (secrets, encrypted where there is a key), `refresh_as_of`,
//! `issued_at`, `expires_at`, `used_at` (Unix seconds), `lifetime` (seconds), `generation`, `fence`, `lease` (who, as
//! JSON), `lease_until` (milliseconds of the server's clock), `intent_fence`, `intent_at`.

use std::collections::HashMap;

use crate::store::encryption::StoredSecret;
use crate::store::leases::OpenIntent;
use crate::store::record::Token;
use crate::store::tokens::TokenOwner;
use crate::sys::clock::timestamp;

use super::RedisStore;

/// A token's hash as it was read.
pub(super) type Fields = HashMap<String, String>;

/// A number among the fields; what is no number counts as absent.
pub(super) fn number(fields: &Fields, name: &str) -> Option<i64> {
    fields.get(name)?.parse().ok()
}

impl RedisStore {
    pub(super) fn open_intent(fields: &Fields) -> Option<OpenIntent> {
        let fence = number(fields, "intent_fence")?;
        Some(OpenIntent {
            fence: fence.try_into().unwrap_or(0),
            started_at: timestamp(number(fields, "intent_at")?),
            // A lease that did not run out would not have been taken over.
            ran_out: fields.contains_key("lease"),
        })
    }
}

/// The token in a hash; `None` when there is neither an access token nor a refresh token.
pub(super) fn of_fields(owner: &str, fields: &Fields) -> Option<Token> {
    let secret = |name: &str| {
        let text = fields.get(name).filter(|text| !text.is_empty());
        text.map(StoredSecret::from_text)
    };
    let token = Token {
        owner: owner.to_owned(),
        access: secret("access"),
        refresh: secret("refresh"),
        refresh_as_of: number(fields, "refresh_as_of"),
        issued_at: number(fields, "issued_at"),
        lifetime: number(fields, "lifetime"),
        expires_at: number(fields, "expires_at"),
        generation: number(fields, "generation").unwrap_or(0),
        unsettled_since: number(fields, "intent_at"),
        used_at: number(fields, "used_at"),
    };
    (token.access.is_some() || token.refresh.is_some()).then_some(token)
}

/// The owner with this name.
pub(super) fn owner_of(name: &str) -> TokenOwner {
    TokenOwner::from_name(name.to_owned())
}

/// A number as a script takes it.
pub(super) fn text(number: i64) -> Vec<u8> {
    number.to_string().into_bytes()
}
