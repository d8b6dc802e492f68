//! What an operation works on: the records that it names, as they were read and as it leaves them.

use std::collections::BTreeMap;

use crate::wechat::id::Appid;

use super::Holder;
use super::encryption::StoredSecret;
use super::ops::authorizers::AuthorizerRecords;
use super::ops::journal::Note;
use super::ops::refusals::StoredRefusals;
use super::ops::syncs::{StoredPass, next_number};
use super::record::{Code, Launch, Record, RecordKind};
use super::tokens::TokenOwner;

/// The records that an operation reads, of one platform.
#[derive(Clone, Debug, Default)]
pub(super) struct Reads {
    pub(super) authorizers: Vec<Appid>,
    /// What of them.
    pub(super) part: AuthorizerPart,
    /// Records of any kind, by their identity, in the order in which they are written; of a kind that is
    /// a log there are none.
    pub(super) named: Vec<(RecordKind, String)>,
    /// Whether secrets are converted only: a program that cannot read all of them may do that.
    pub(super) is_conversion: bool,
    /// Operators' own ids, to learn whose they are.
    pub(super) external_ids: Vec<String>,
    pub(super) refusals: Option<RefusalsRead>,
    /// All passes over the account list.
    pub(super) passes: bool,
    /// Whether a run is under way that encrypts or decrypts the secrets.
    pub(super) encryption_run: bool,
    /// The authorizer of which anything at all is sought, though it be damaged.
    pub(super) anything_of: Option<Appid>,
}

impl Reads {
    /// Records by their identity.
    pub(super) fn named(names: impl IntoIterator<Item = (RecordKind, String)>) -> Self {
        Self {
            named: names.into_iter().collect(),
            ..Self::default()
        }
    }

    /// Whether a run is under way that encrypts or decrypts.
    pub(super) fn encryption_run() -> Self {
        Self {
            encryption_run: true,
            ..Self::default()
        }
    }

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
        (self.authorizers.len() + self.named.len()).max(1)
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

/// The records that were read; an operation changes them in place, and the engine writes what is
/// different then.
#[derive(Clone, Default)]
pub(super) struct Records {
    pub(super) authorizers: BTreeMap<Appid, AuthorizerRecords>,
    /// Those that were read by their identity. One that was named is added or changed, none is taken
    /// out.
    pub(super) named: BTreeMap<(RecordKind, String), Record>,
    /// Records to append to logs, in their order; none was read.
    pub(super) appended: Vec<Record>,
    /// Who has an id. Written as part of the authorizer's row.
    pub(super) external_ids: BTreeMap<String, Appid>,
    /// By owner; the platform's own is empty. Those that cannot be read are absent.
    pub(super) refusals: BTreeMap<String, StoredRefusals>,
    pub(super) passes: Passes,
    /// Whether anything is stored of the authorizer that was sought; set to `false`, all is dropped.
    pub(super) has_anything: bool,
    /// Entries of the journal to write, in their order, before it is said who writes them.
    pub(super) notes: Vec<(Option<Appid>, Note)>,
    /// That a run began which encrypts or decrypts the secrets, and did not end yet.
    pub(super) encryption_run: Option<StoredSecret>,
}

/// Passes over the account list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Passes {
    /// The greatest number that was given to one.
    pub(super) last: Option<i64>,
    /// In any order. One is added, changed or taken out.
    pub(super) all: Vec<StoredPass>,
}

impl Passes {
    /// Adds a pass that began then.
    pub(super) fn add(&mut self, complete: bool, started_at: i64) -> &mut StoredPass {
        let id = next_number(self.last, started_at);
        self.last = Some(id);
        self.all.push(StoredPass {
            id,
            complete,
            started_at,
            finished_at: None,
            total: None,
        });
        let at = self.all.len() - 1;
        &mut self.all[at]
    }
}

impl Records {
    /// Puts a record in the place of the one with the same identity.
    pub(super) fn put(&mut self, record: Record) {
        self.named
            .insert((record.kind(), record.identity()), record);
    }

    /// The launch with this pre-auth code, given by its fingerprint.
    pub(super) fn launch(&mut self, code: &str) -> Option<&mut Launch> {
        let name = (RecordKind::Launches, code.to_owned());
        match self.named.get_mut(&name)? {
            Record::Launch(launch) => Some(launch),
            _ => None,
        }
    }

    /// The authorization code with this fingerprint, where it was exchanged.
    pub(super) fn redeemed_code(&self, fingerprint: &str) -> Option<&Code> {
        let name = (RecordKind::RedeemedCodes, fingerprint.to_owned());
        match self.named.get(&name)? {
            Record::RedeemedCode(code) => Some(code),
            _ => None,
        }
    }

    /// The records that are different in `after`, each with what it was before, in the order in which they
    /// were named.
    pub(super) fn named_changes<'records>(
        &'records self,
        reads: &'records Reads,
        after: &'records Self,
    ) -> impl Iterator<Item = (Option<&'records Record>, &'records Record)> {
        let changes = reads.named.iter().filter_map(|name| {
            let (before, after) = (self.named.get(name), after.named.get(name)?);
            Some((before, after))
        });
        changes.filter(|(before, after)| *before != Some(*after))
    }

    /// Whether a record with secrets is different from before.
    pub(super) fn has_new_secrets(&self, before: &Self) -> bool {
        let mut authorizers = self.authorizers.iter();
        let mut named = self.named.iter();
        authorizers.any(|(appid, after)| {
            let before = before.authorizers.get(appid);
            let before = before.and_then(|before| before.refresh.as_ref());
            after.access.is_some() || after.refresh.as_ref() != before
        }) || named
            .any(|(name, after)| before.named.get(name) != Some(after) && after.has_secrets())
    }

    /// Turns the notes into entries of the journal that `holder` writes.
    pub(super) fn sign_notes(&mut self, holder: &Holder) {
        for (appid, note) in self.notes.drain(..) {
            let entry = note.entry(holder, appid.as_ref());
            self.appended.push(Record::Journal(entry));
        }
    }

    /// Writes entries about an authorizer.
    pub(super) fn note(&mut self, appid: &Appid, notes: impl IntoIterator<Item = Note>) {
        let notes = notes.into_iter().map(|note| (Some(appid.clone()), note));
        self.notes.extend(notes);
    }
}
