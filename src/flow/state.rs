//! The state that travels through an authorization: signed, so that what comes back is ours.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::{SignedDuration, Timestamp};
use ring::hmac;
use serde::{Deserialize, Serialize};

use crate::sys::clock::timestamp;
use crate::sys::random;
use crate::wechat::crypto::EncodingAesKey;
use crate::wechat::push::PushKeys;

/// How long a state is taken: a pre-auth code's life and an authorization code's, one after the
/// other, and some air (spec api.md §1.3, §1.5).
const LIFE: SignedDuration = SignedDuration::from_hours(2);
/// What the signing key is for.
const PURPOSE: &[u8] = b"wxauth launch state 1";
/// The longest own state that is carried: links have an end too.
const OWN_LIMIT: usize = 128;

/// Signs states and knows its own again. Every process that has the platform's keys can check what
/// another one signed.
#[derive(Clone)]
pub struct StateSigner {
    keys: Vec<hmac::Key>,
}

/// What a state carries.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LaunchState {
    /// Tells this state from every other.
    pub id: String,
    /// The operator's own id for whoever authorizes.
    pub external_id: Option<String>,
    /// When it was signed.
    pub made_at: Timestamp,
}

/// Why a state is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StateError {
    /// There is none.
    #[error("there is no state")]
    Missing,
    /// It was not signed with this platform's keys, or was changed on the way.
    #[error("the state is not ours")]
    Foreign,
    /// It is too old.
    #[error("the state is too old")]
    Expired,
    /// The own part is longer than 128 bytes.
    #[error("the own state is too long")]
    TooLong,
}

#[derive(Serialize, Deserialize)]
struct Payload {
    i: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    e: Option<String>,
    t: i64,
}

impl StateSigner {
    /// Signs with the present key of the platform's pushes and knows what the previous one signed.
    #[must_use]
    pub fn new(keys: &PushKeys) -> Self {
        // A key of its own: what is signed here must never be of use elsewhere.
        let derived =
            |key: &EncodingAesKey| hmac::Key::new(hmac::HMAC_SHA256, key.derived(PURPOSE).as_ref());
        let keys = std::iter::once(&keys.present).chain(keys.previous.as_ref());
        Self {
            keys: keys.map(derived).collect(),
        }
    }

    /// A new signed state, fit for a query, and its id.
    ///
    /// # Errors
    /// [`StateError::TooLong`]; [`StateError::Foreign`] when there is no key to sign with.
    pub fn issue(
        &self,
        external_id: Option<&str>,
        now: Timestamp,
    ) -> Result<(String, String), StateError> {
        if external_id.is_some_and(|own| own.len() > OWN_LIMIT) {
            return Err(StateError::TooLong);
        }
        let id = random::hex(12);
        let payload = Payload {
            i: id.clone(),
            e: external_id.map(str::to_owned),
            t: now.as_second(),
        };
        let key = self.keys.first().ok_or(StateError::Foreign)?;
        let text = serde_json::to_vec(&payload).map_err(|_| StateError::Foreign)?;
        let text = URL_SAFE_NO_PAD.encode(text);
        let proof = hmac::sign(key, text.as_bytes());
        Ok((format!("{text}.{}", URL_SAFE_NO_PAD.encode(proof)), id))
    }

    /// Reads a state that came back.
    ///
    /// # Errors
    /// [`StateError`].
    pub fn read(&self, state: Option<&str>, now: Timestamp) -> Result<LaunchState, StateError> {
        let state = state
            .filter(|state| !state.is_empty())
            .ok_or(StateError::Missing)?;
        let (text, proof) = state.split_once('.').ok_or(StateError::Foreign)?;
        let proof = URL_SAFE_NO_PAD
            .decode(proof)
            .map_err(|_| StateError::Foreign)?;
        let ours = |key: &hmac::Key| hmac::verify(key, text.as_bytes(), &proof).is_ok();
        if !self.keys.iter().any(ours) {
            return Err(StateError::Foreign);
        }
        let payload: Payload = URL_SAFE_NO_PAD
            .decode(text)
            .ok()
            .and_then(|text| serde_json::from_slice(&text).ok())
            .ok_or(StateError::Foreign)?;
        let made_at = timestamp(payload.t);
        if now.duration_since(made_at) > LIFE {
            return Err(StateError::Expired);
        }
        Ok(LaunchState {
            id: payload.i,
            external_id: payload.e,
            made_at,
        })
    }
}
