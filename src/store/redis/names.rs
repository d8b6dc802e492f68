//! What the keys are called. `wxauth help redis` shows them: change both together.

use crate::store::PlatformKey;
use crate::store::tokens::TokenOwner;
use crate::sys::random;
use crate::wechat::id::Appid;

/// The key that says which schema all of it has: a hash of `version` and `min_reader`.
pub(super) const SCHEMA: &str = "wxauth:schema";
/// The set of all platforms, as `realm/appid`.
pub(super) const PLATFORMS: &str = "wxauth:platforms";

/// The keys of one platform. What stands in braces decides the slot, the same for all of them.
pub(super) struct Names {
    tag: String,
    base: String,
}

impl Names {
    pub(super) fn new(key: &PlatformKey) -> Self {
        let tag = format!("{}/{}", key.realm, key.component_appid.as_str());
        Self {
            base: format!("wxauth:{{{tag}}}:"),
            tag,
        }
    }

    /// Text: the answer of one act, for a while, in case it comes again; under a name of its own for
    /// each act.
    pub(super) fn act_under(tag: &str) -> String {
        format!("wxauth:{{{tag}}}:act:{}", random::hex(8))
    }

    /// What the slot is computed from.
    pub(super) fn tag(&self) -> &str {
        &self.tag
    }

    /// A key of this platform.
    pub(super) fn key(&self, name: &str) -> String {
        format!("{}{name}", self.base)
    }

    /// Text: that a run began which encrypts or decrypts the secrets, and did not end yet.
    pub(super) fn encryption_run(&self) -> String {
        self.key("encryption-run")
    }

    /// Counter: the last fence given out.
    pub(super) fn fence(&self) -> String {
        self.key("fence")
    }

    /// Hash: tickets by fingerprint, each as JSON.
    pub(super) fn tickets(&self) -> String {
        self.key("tickets")
    }

    /// Counter: the last ticket's number.
    pub(super) fn ticket_count(&self) -> String {
        self.key("tickets:last")
    }

    /// Hash: a token with its lease.
    pub(super) fn token(&self, owner: &TokenOwner) -> String {
        match owner {
            TokenOwner::Component => self.key("token"),
            TokenOwner::Authorizer(appid) => self.token_of(appid),
        }
    }

    /// Hash: an authorizer's token with its lease.
    pub(super) fn token_of(&self, appid: &Appid) -> String {
        self.key(&format!("token:{}", appid.as_str()))
    }

    /// Hash: refusals of tokens before their expiry by owner, each as JSON.
    pub(super) fn refusals(&self) -> String {
        self.key("refusals")
    }

    /// Sorted set: the appids of the active authorizers that have a refresh token, by when their
    /// token ends; 0 without a token.
    pub(super) fn due(&self) -> String {
        self.key("due")
    }

    /// Sorted set: the appids of all authorizers, all with score 0, so that they page by name.
    pub(super) fn roster(&self) -> String {
        self.key("authorizers")
    }

    /// Text: an authorizer's row, as JSON.
    pub(super) fn authorizer(&self, appid: &Appid) -> String {
        self.key(&format!("authorizer:{}", appid.as_str()))
    }

    /// Text: what WeChat said about an authorizer, as JSON.
    pub(super) fn details(&self, appid: &Appid) -> String {
        self.key(&format!("details:{}", appid.as_str()))
    }

    /// Sorted set: original id and appid, as [`by_name`] has them, all with score 0, so that they
    /// are found by what they begin with.
    pub(super) fn user_names(&self) -> String {
        self.key("by-user-name")
    }

    /// Sorted set: name and appid, as [`Names::user_names`].
    pub(super) fn nick_names(&self) -> String {
        self.key("by-nick-name")
    }

    /// Hash: appids by the operator's own id.
    pub(super) fn external_ids(&self) -> String {
        self.key("by-external-id")
    }

    /// Hash: authorization codes that were exchanged, by fingerprint, each as JSON.
    pub(super) fn codes(&self) -> String {
        self.key("codes")
    }

    /// Counter: the last pass's number.
    pub(super) fn pass_count(&self) -> String {
        self.key("passes:last")
    }

    /// Hash: passes over the account list by number, each as JSON.
    pub(super) fn passes(&self) -> String {
        self.key("passes")
    }

    /// Counter: the last journal entry's number.
    pub(super) fn journal_count(&self) -> String {
        self.key("journal:last")
    }

    /// Sorted set: journal entries, `number JSON`, by number.
    pub(super) fn journal(&self) -> String {
        self.key("journal")
    }
}

/// The member of an index by name.
pub(super) fn by_name(name: &str, appid: &Appid) -> String {
    format!("{name}\0{appid}")
}
