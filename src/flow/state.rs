//! The state that travels through an authorization: signed, so that what comes back is ours.
//!
//! There are two of them. The one in a redirect URI tells a browser that comes back from others;
//! every visitor of the launch page is given one. The one in the address of the launch page carries
//! an id of the operator's, and only the operator makes such addresses. Each has a key of its own,
//! so that neither is taken for the other.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::{SignedDuration, Timestamp};
use ring::hmac;
use serde::{Deserialize, Serialize};

use crate::sys::clock::timestamp;
use crate::sys::random;
use crate::wechat::crypto::EncodingAesKey;
use crate::wechat::id::is_account_id;
use crate::wechat::push::PushKeys;

/// How long a redirect's state is taken: a pre-auth code's life and an authorization code's, one after the
/// other, and some air (spec api.md §1.3, §1.5).
pub(super) const LIFE: SignedDuration = SignedDuration::from_hours(2);
/// How long the address of a launch page is taken. It waits in a merchant's chat for a free moment.
const ADDRESS_LIFE: SignedDuration = SignedDuration::from_hours(30 * 24);
/// What the signing keys are for.
const REDIRECT: &[u8] = b"wxauth launch state 1";
const ADDRESS: &[u8] = b"wxauth launch address 1";
/// What every signed state begins with: `{"i":"` in base64.
const BEGINNING: &str = "eyJpIjoi";
/// The longest id that is carried, in bytes: links are limited in length too.
const OWN_LIMIT: usize = 128;

/// Signs states and knows its own again. Every process that has the platform's keys can check what
/// another one signed.
#[derive(Clone)]
pub struct StateSigner {
    redirect: Vec<hmac::Key>,
    address: Vec<hmac::Key>,
}

/// An id for whoever authorizes, and whose word it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OwnId {
    /// The operator's, signed: it becomes the `external_id`.
    Signed(String),
    /// A visitor's: it becomes the `claimed_external_id`, which finds no authorizer.
    Claimed(String),
}

impl OwnId {
    /// The operator's id, from what a store keeps in two fields.
    pub(super) fn of(external_id: Option<&String>, claimed: Option<&String>) -> Option<Self> {
        let signed = external_id.cloned().map(Self::Signed);
        signed.or_else(|| claimed.cloned().map(Self::Claimed))
    }

    /// The same as two fields: `external_id` and `claimed_external_id`.
    pub(super) fn fields(own: Option<&Self>) -> (Option<String>, Option<String>) {
        match own {
            Some(Self::Signed(id)) => (Some(id.clone()), None),
            Some(Self::Claimed(id)) => (None, Some(id.clone())),
            None => (None, None),
        }
    }
}

/// Why a text cannot be the operator's own id of an authorizer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ExternalIdError {
    /// Nothing but white space.
    #[error("an external id is not empty")]
    Empty,
    /// Longer than 128 bytes.
    #[error("an external id has at most 128 bytes")]
    TooLong,
    /// It has the shape of an appid or of an original id.
    #[error("an external id must not look like an appid or a gh_ id")]
    WechatId,
    /// There is a control character in it.
    #[error("an external id has no control characters")]
    Control,
}

/// Checks an id that an operator gives to an authorizer.
///
/// # Errors
/// [`ExternalIdError`].
pub fn check_external_id(id: &str) -> Result<(), ExternalIdError> {
    if id.trim().is_empty() {
        Err(ExternalIdError::Empty)
    } else if id.len() > OWN_LIMIT {
        Err(ExternalIdError::TooLong)
    } else if is_account_id(id) {
        Err(ExternalIdError::WechatId)
    } else if id.chars().any(char::is_control) {
        Err(ExternalIdError::Control)
    } else {
        Ok(())
    }
}

/// What a redirect's state carries.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LaunchState {
    /// Tells this state from every other.
    pub id: String,
    /// The id for whoever authorizes.
    pub own: Option<OwnId>,
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

/// What is signed: an id of the state, the operator's or a visitor's id, the time.
#[derive(Serialize, Deserialize)]
struct Payload {
    i: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    e: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    c: Option<String>,
    t: i64,
}

/// An id for a state, which nobody can guess.
pub(super) fn new_id() -> String {
    random::hex(12)
}

impl StateSigner {
    /// Signs with the present key of the platform's pushes and knows what the previous one signed.
    #[must_use]
    pub fn new(keys: &PushKeys) -> Self {
        // Keys of their own: what is signed here must never be of use elsewhere.
        let derived = |purpose: &[u8]| {
            let key = |key: &EncodingAesKey| {
                hmac::Key::new(hmac::HMAC_SHA256, key.derived(purpose).as_ref())
            };
            let keys = std::iter::once(&keys.present).chain(keys.previous.as_ref());
            keys.map(key).collect()
        };
        Self {
            redirect: derived(REDIRECT),
            address: derived(ADDRESS),
        }
    }

    /// A new signed state for a redirect URI, fit for a query, and its id.
    ///
    /// # Errors
    /// [`StateError::TooLong`]; [`StateError::Foreign`] when there is no key to sign with.
    pub fn issue(
        &self,
        own: Option<&OwnId>,
        now: Timestamp,
    ) -> Result<(String, String), StateError> {
        let (external_id, claimed) = OwnId::fields(own);
        let payload = Payload {
            i: new_id(),
            e: external_id,
            c: claimed,
            t: now.as_second(),
        };
        Ok((sign(&self.redirect, &payload)?, payload.i))
    }

    /// A signed state for the address of the launch page, good for 30 days: whoever authorizes by it
    /// gets this `external_id`.
    ///
    /// # Errors
    /// As [`StateSigner::issue`].
    pub fn issue_address(&self, external_id: &str, now: Timestamp) -> Result<String, StateError> {
        let payload = Payload {
            i: new_id(),
            e: Some(external_id.to_owned()),
            c: None,
            t: now.as_second(),
        };
        sign(&self.address, &payload)
    }

    /// Reads the state of a redirect that came back.
    ///
    /// # Errors
    /// [`StateError`].
    pub fn read(&self, state: Option<&str>, now: Timestamp) -> Result<LaunchState, StateError> {
        let state = state
            .filter(|state| !state.is_empty())
            .ok_or(StateError::Missing)?;
        let payload = verify(&self.redirect, state).ok_or(StateError::Foreign)?;
        let made_at = timestamp(payload.t);
        // One from the future was signed while the clock was ahead.
        if now.duration_since(made_at).abs() > LIFE {
            return Err(StateError::Expired);
        }
        Ok(LaunchState {
            own: OwnId::of(payload.e.as_ref(), payload.c.as_ref()),
            id: payload.i,
            made_at,
        })
    }

    /// Reads the state in the address of the launch page: the operator's when it is signed, else a
    /// visitor's own.
    ///
    /// # Errors
    /// [`StateError::Expired`]; [`StateError::Foreign`] for what looks signed and is not, so that
    /// it is not kept as an id; [`StateError::TooLong`].
    pub fn read_address(&self, state: &str, now: Timestamp) -> Result<OwnId, StateError> {
        match verify(&self.address, state) {
            Some(payload) if now.duration_since(timestamp(payload.t)) > ADDRESS_LIFE => {
                Err(StateError::Expired)
            }
            Some(Payload { e: Some(id), .. }) => Ok(OwnId::Signed(id)),
            Some(_) => Err(StateError::Foreign),
            None if state.starts_with(BEGINNING) => Err(StateError::Foreign),
            None if state.len() > OWN_LIMIT => Err(StateError::TooLong),
            None => Ok(OwnId::Claimed(state.to_owned())),
        }
    }
}

fn sign(keys: &[hmac::Key], payload: &Payload) -> Result<String, StateError> {
    let carried = [&payload.e, &payload.c].into_iter().flatten();
    if carried.into_iter().any(|id| id.len() > OWN_LIMIT) {
        return Err(StateError::TooLong);
    }
    let key = keys.first().ok_or(StateError::Foreign)?;
    let text = serde_json::to_vec(payload).map_err(|_| StateError::Foreign)?;
    let text = URL_SAFE_NO_PAD.encode(text);
    let proof = hmac::sign(key, text.as_bytes());
    Ok(format!("{text}.{}", URL_SAFE_NO_PAD.encode(proof)))
}

/// What one of the keys signed.
fn verify(keys: &[hmac::Key], state: &str) -> Option<Payload> {
    let (text, proof) = state.split_once('.')?;
    let proof = URL_SAFE_NO_PAD.decode(proof).ok()?;
    let ours = |key: &hmac::Key| hmac::verify(key, text.as_bytes(), &proof).is_ok();
    let text = keys.iter().any(ours).then_some(text)?;
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(text).ok()?).ok()
}
