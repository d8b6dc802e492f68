//! Everything the sandbox knows, under one lock; what changes is marked for the writer.

pub mod account;
pub mod behaviours;
mod cast;
pub mod check_accounts;
mod codes;
pub mod credential;
pub mod faults;
pub mod grant;
pub mod journal;
pub mod kind;
pub mod mixing;
mod opening;
mod outbox;
pub mod platform;
pub mod pushing;
pub mod quota;
pub mod rids;
mod roster;
pub mod save;
pub mod token_line;

use std::collections::HashMap;

use serde::Serialize;

use account::{Account, AccountChange, Confirmations, Naming};
use behaviours::Behaviours;
use cast::Standing;
use faults::Fault;
use grant::{AuthCode, Grant, PreAuthCode, unsorted};
use journal::{Entry, Journal};
use mixing::Stream;
use platform::Platform;
use pushing::Pushing;
use quota::Quota;
use rids::Rids;
use roster::Roster;
use save::{Batch, Changes};

use crate::sandbox::catalogue;
use crate::sys::clock::{Clock, machine_milliseconds};

pub use codes::{PRE_AUTH_SECONDS, TICKET_SECONDS, TICKET_STEP};

/// The sandbox's whole state.
pub struct World {
    /// The sandbox's time.
    pub clock: Clock,
    /// Platforms by number.
    pub platforms: Vec<Platform>,
    /// How disputed behaviours go.
    pub behaviours: Behaviours,
    /// Faults on order.
    pub faults: Vec<Fault>,
    /// Calls that a fault holds at this moment.
    pub held: usize,
    /// The last calls.
    pub journal: Journal,
    /// Daily counters.
    pub quota: Quota,
    /// Refused calls.
    pub rids: Rids,
    /// Pushes and their receivers.
    pub pushing: Pushing,
    /// Chance, for rids and faults.
    pub random: Stream,
    seed: u64,
    salt: u64,
    born: i64,
    accounts: u32,
    everyone: bool,
    next_serial: u64,
    account_changes: HashMap<u32, AccountChange>,
    grants: HashMap<(u8, u32), Grant>,
    rosters: Vec<Roster>,
    pre_auth_codes: HashMap<u64, PreAuthCode>,
    auth_codes: HashMap<u64, AuthCode>,
    anew: bool,
    changes: Changes,
}

impl World {
    /// Sandbox time in Unix seconds.
    pub fn now(&self) -> i64 {
        self.clock.unix()
    }

    /// Sandbox time in milliseconds since 1970.
    pub fn milliseconds(&self) -> i64 {
        machine_milliseconds() + self.clock.offset() * 1000
    }

    /// How many accounts there are.
    pub fn account_count(&self) -> u32 {
        self.accounts
    }

    /// Ids as this sandbox makes them.
    pub fn naming(&self) -> Naming {
        Naming::new(self.seed)
    }

    /// Account `index` as it is now.
    pub fn account(&self, index: u32) -> Account {
        let mut account = Account::new(self.seed, index);
        if let Some(status) = self
            .account_changes
            .get(&index)
            .and_then(|change| change.status)
        {
            account.status = status;
        }
        account
    }

    /// The number of the account with this appid or original id.
    pub fn account_index(&self, id: &str) -> Option<u32> {
        self.naming().index(id, self.accounts)
    }

    /// The number of the platform with this appid.
    pub fn platform_index(&self, component_appid: &str) -> Option<u8> {
        self.platforms
            .iter()
            .position(|platform| platform.appid == component_appid)
            .map(|index| index as u8)
    }

    /// A platform by a number that [`World::platform_index`] or a credential gave.
    pub fn platform(&self, index: u8) -> &Platform {
        &self.platforms[usize::from(index)]
    }

    /// Changes a platform.
    pub fn change_platform<R>(&mut self, index: u8, change: impl FnOnce(&mut Platform) -> R) -> R {
        let platform = &mut self.platforms[usize::from(index)];
        let result = change(platform);
        mark(&mut self.changes, format!("platform/{index}"), platform);
        result
    }

    /// What is changed about an account.
    pub fn account_change(&self, index: u32) -> Option<&AccountChange> {
        self.account_changes.get(&index)
    }

    /// How sets of an account stand with confirmation.
    pub fn confirmations(&self, index: u32) -> Confirmations {
        let change = self.account_changes.get(&index);
        change
            .map(|change| change.confirmations.clone())
            .unwrap_or_default()
    }

    /// Changes an account.
    pub fn change_account(&mut self, index: u32, change: impl FnOnce(&mut AccountChange)) {
        let account = self.account_changes.entry(index).or_default();
        change(account);
        mark(&mut self.changes, format!("account/{index}"), account);
    }

    /// What `account` granted to `platform`, standing or ended; nothing if it never did.
    pub fn grant(&self, platform: u8, account: u32) -> Option<std::borrow::Cow<'_, Grant>> {
        use std::borrow::Cow;
        if let Some(grant) = self.grants.get(&(platform, account)) {
            return Some(Cow::Borrowed(grant));
        }
        self.first_grant(platform, account).map(Cow::Owned)
    }

    /// The grant, while it stands.
    pub fn standing_grant(
        &self,
        platform: u8,
        account: u32,
    ) -> Option<std::borrow::Cow<'_, Grant>> {
        self.grant(platform, account).filter(|grant| grant.standing)
    }

    /// Changes a grant that exists, or makes it from `otherwise`.
    pub fn change_grant<R>(
        &mut self,
        platform: u8,
        account: u32,
        change: impl FnOnce(&mut Grant) -> R,
    ) -> Option<R> {
        let mut grant = self.grant(platform, account)?.into_owned();
        let result = change(&mut grant);
        self.put_grant(platform, account, grant);
        Some(result)
    }

    /// Sets a grant.
    pub fn put_grant(&mut self, platform: u8, account: u32, grant: Grant) {
        let (standing, auth_time) = (grant.standing, grant.auth_time);
        mark(
            &mut self.changes,
            format!("grant/{platform}/{account}"),
            &grant,
        );
        let before = self
            .standing_grant(platform, account)
            .map(|grant| grant.auth_time);
        self.grants.insert((platform, account), grant);
        if before == standing.then_some(auth_time) {
            return;
        }
        let roster = &mut self.rosters[usize::from(platform)];
        if let Some(before) = before {
            roster.remove(before, account);
        }
        if standing {
            roster.insert(auth_time, account);
        }
    }

    /// Who authorized `platform`, by time of authorization.
    pub fn roster(&self, platform: u8) -> &Roster {
        &self.rosters[usize::from(platform)]
    }

    /// The grant that an account was made with.
    fn first_grant(&self, platform: u8, account: u32) -> Option<Grant> {
        if platform != 0 || account >= self.accounts {
            return None;
        }
        let maker = Account::new(self.seed, account);
        let standing = maker.first_standing(self.everyone);
        if standing == Standing::Stranger {
            return None;
        }
        let sets = (platform::WIDE.into_iter())
            .filter(|id| catalogue::fits(*id, maker.kind))
            .collect();
        let mut grant = Grant::new(self.born + roster::first_delay(account), unsorted(sets));
        grant.exchanged = standing == Standing::Authorized;
        Some(grant)
    }

    /// A rid for a call at `now`.
    pub fn new_rid(&mut self, now: i64) -> String {
        let random = self.random.next();
        format!(
            "{:08x}-{:08x}-{:08x}",
            now as u32,
            random as u32,
            (random >> 32) as u32
        )
    }

    /// Marks the switches, the clock and the counters of what was given out as changed.
    pub fn mark_settings(&mut self) {
        let settings = self.settings();
        mark(&mut self.changes, "settings".to_owned(), &settings);
    }

    /// Keeps a refused call for `rid/get`.
    pub fn keep_rid(&mut self, record: rids::RidRecord) {
        mark(&mut self.changes, format!("rid/{}", record.rid), &record);
        if let Some(old) = self.rids.keep(record) {
            self.changes.insert(format!("rid/{old}"), None);
        }
    }

    /// Whether the writer has something to do.
    pub fn has_changes(&self) -> bool {
        self.anew || !self.changes.is_empty()
    }

    /// What the writer shall write.
    pub fn take_batch(&mut self, everything: bool) -> Batch {
        let mut journal = Vec::new();
        if everything {
            let mut taken = std::mem::take(&mut self.journal);
            journal = taken.take_unsaved(&|entry| self.names(entry));
            self.journal = taken;
            if !journal.is_empty() {
                let (counters, quota) = (self.journal.counters(), self.quota.save());
                mark(&mut self.changes, "counters".to_owned(), &counters);
                mark(&mut self.changes, "quota".to_owned(), &quota);
            }
        }
        Batch {
            anew: std::mem::take(&mut self.anew),
            changes: std::mem::take(&mut self.changes),
            journal,
        }
    }

    /// Takes back what could not be written, to try again with the next change.
    pub fn put_back(&mut self, batch: Batch) {
        self.anew |= batch.anew;
        for (key, value) in batch.changes {
            self.changes.entry(key).or_insert(value);
        }
    }

    /// The appids of platform and account of a journal entry.
    pub fn names(&self, entry: &Entry) -> (Option<String>, Option<String>) {
        (
            entry
                .platform
                .map(|index| self.platform(index).appid.clone()),
            entry.account.map(|index| self.naming().appid(index)),
        )
    }
}

fn mark(changes: &mut Changes, key: String, value: &impl Serialize) {
    if let Ok(text) = serde_json::to_string(value) {
        changes.insert(key, Some(text));
    }
}
