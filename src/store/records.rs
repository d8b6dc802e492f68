//! What an operation works on: the records that it names, as they were read and as it leaves them.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::wechat::id::Appid;

use super::TokenOwner;
use super::ops::authorizers::AuthorizerRecords;
use super::ops::journal::Note;
use super::ops::refusals::StoredRefusals;
use super::ops::syncs::StoredPass;
use super::record;

/// The records that an operation reads, of one platform.
#[derive(Clone, Debug, Default)]
pub(super) struct Reads {
    pub(super) authorizers: Vec<Appid>,
    /// What of them.
    pub(super) part: AuthorizerPart,
    /// Authorization codes that were exchanged, by fingerprint.
    pub(super) codes: Vec<String>,
    /// Operators' own ids, to learn whose they are.
    pub(super) external_ids: Vec<String>,
    pub(super) launches: Vec<LaunchRead>,
    pub(super) refusals: Option<RefusalsRead>,
    /// All passes over the account list.
    pub(super) passes: bool,
    /// The authorizer of which anything at all is sought, though it be damaged.
    pub(super) anything_of: Option<Appid>,
}

impl Reads {
    /// One authorizer.
    pub(super) fn authorizer(appid: &Appid, part: AuthorizerPart) -> Self {
        Self {
            authorizers: vec![appid.clone()],
            part,
            ..Self::default()
        }
    }

    /// About how many rows the operation may change.
    pub(super) fn rows(&self) -> usize {
        self.authorizers.len().max(1)
    }
}

/// Which part of an authorizer is read. Damage in the rest does not matter then.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum AuthorizerPart {
    /// The row and the token.
    #[default]
    All,
    /// The row and the times of the token, but no secret.
    Row,
    /// The token.
    Token,
}

/// Which refusals of tokens are read.
#[derive(Clone, Debug)]
pub(super) enum RefusalsRead {
    All,
    /// Those of this owner, and at least those that are no longer reported at this time.
    Concerning(TokenOwner, i64),
}

/// Which launch is read.
#[derive(Clone, Debug)]
pub(super) enum LaunchRead {
    /// The one with this pre-auth code, given by its fingerprint.
    Code(String),
    /// The latest with this state, given by its fingerprint.
    State(String),
}

/// The records that were read; an operation changes them in place, and the engine writes what is
/// different then.
#[derive(Clone, Default)]
pub(super) struct Records {
    pub(super) authorizers: BTreeMap<Appid, AuthorizerRecords>,
    /// Those that were exchanged, by fingerprint. One is added, none is changed or taken out.
    pub(super) codes: BTreeMap<String, RedeemedCode>,
    /// Who has an id. Written as part of the authorizer's row.
    pub(super) external_ids: BTreeMap<String, Appid>,
    /// By the fingerprints of their pre-auth codes. One is added or changed, none is taken out.
    pub(super) launches: BTreeMap<String, record::Launch>,
    /// By owner; the platform's own is empty. Those that cannot be read are absent.
    pub(super) refusals: BTreeMap<String, StoredRefusals>,
    pub(super) passes: Passes,
    /// Whether anything is stored of the authorizer that was sought; set to `false`, all is dropped.
    pub(super) has_anything: bool,
    /// Entries of the journal to write, in their order; none was read. The engine adds who holds the
    /// store.
    pub(super) notes: Vec<(Option<Appid>, Note)>,
}

/// An authorization code that was exchanged. The time is in Unix seconds.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub(super) struct RedeemedCode {
    pub(super) appid: Appid,
    pub(super) redeemed_at: i64,
}

/// Passes over the account list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Passes {
    /// The greatest number that was given to one.
    pub(super) last: Option<i64>,
    /// In any order. One is added, changed or taken out.
    pub(super) all: Vec<StoredPass>,
}

impl Records {
    /// Writes entries about an authorizer.
    pub(super) fn note(&mut self, appid: &Appid, notes: impl IntoIterator<Item = Note>) {
        let notes = notes.into_iter().map(|note| (Some(appid.clone()), note));
        self.notes.extend(notes);
    }
}
