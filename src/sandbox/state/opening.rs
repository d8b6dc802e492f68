//! Making a new world and reading one back.

use std::collections::HashMap;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::behaviours::Behaviours;
use super::faults::Fault;
use super::journal::Journal;
use super::mixing::Stream;
use super::platform::Platform;
use super::pushing::Pushing;
use super::quota::Quota;
use super::rids::Rids;
use super::roster::{Roster, first_delay};
use super::save::{Changes, Saved};
use super::{World, account, check_accounts};
use crate::sandbox::wechat::lasting_path;
use crate::sandbox::{SandboxError, SandboxOptions};
use crate::sys::clock::Clock;
use crate::sys::random;

const DEFAULT_SEED: u64 = 1;
const DEFAULT_ACCOUNTS: u32 = 24;

/// What a state was made with, and what is given out one after another.
#[derive(Clone, Serialize, Deserialize)]
pub struct Settings {
    seed: u64,
    salt: u64,
    born: i64,
    accounts: u32,
    everyone: bool,
    next_serial: u64,
    clock_offset: i64,
    behaviours: Behaviours,
    #[serde(default)]
    faults: Vec<Fault>,
}

impl World {
    /// The world that was saved, changed as the options ask; else a new one.
    pub fn open(options: &SandboxOptions, saved: Option<&Saved>) -> Result<Self, SandboxError> {
        let asked = options
            .accounts
            .map(|count| u32::try_from(count).unwrap_or(u32::MAX));
        let former = match saved {
            Some(saved) => saved.get::<Settings>("settings")?,
            None => None,
        };
        if let (Some(saved), Some(mut settings)) = (saved, former)
            && matches!(options.seed, 0) | (options.seed == settings.seed)
        {
            settings.accounts = asked.unwrap_or(settings.accounts);
            settings.everyone |= options.authorized_all;
            let mut world = Self::restore(&settings, saved, options.brief)?;
            world.set_receivers(options);
            return Ok(world);
        }
        let seed = if options.seed == 0 {
            DEFAULT_SEED
        } else {
            options.seed
        };
        let mut world = Self::new(&Settings {
            seed,
            salt: random_number(),
            born: Clock::system().unix(),
            accounts: asked.unwrap_or(DEFAULT_ACCOUNTS),
            everyone: options.authorized_all,
            next_serial: 0,
            clock_offset: 0,
            behaviours: Behaviours::default(),
            faults: Vec::new(),
        });
        world.anew = true;
        world.set_receivers(options);
        world.mark_settings();
        Ok(world)
    }

    fn set_receivers(&mut self, options: &SandboxOptions) {
        if options.events_url.is_none() && options.messages_url.is_none() {
            return;
        }
        self.change_platform(0, |platform| {
            if options.events_url.is_some() {
                platform.events_url.clone_from(&options.events_url);
            }
            if options.messages_url.is_some() {
                platform.messages_url.clone_from(&options.messages_url);
            }
        });
        self.receivers_changed(0);
    }

    /// Starts anew with the same accounts and the same receiving addresses; every credential that
    /// was given out is void.
    pub fn reset(&mut self) {
        let clock = self.clock.clone();
        clock.set_offset(0);
        let mut settings = self.settings();
        settings.salt = random_number();
        settings.born = clock.unix();
        settings.next_serial = 0;
        settings.clock_offset = 0;
        settings.behaviours = Behaviours::default();
        settings.faults = Vec::new();
        let (bell, progress) = (self.pushing.bell.clone(), self.pushing.progress.clone());
        let former = std::mem::take(&mut self.platforms);
        *self = Self::new(&settings);
        self.clock = clock;
        self.pushing.bell = bell;
        self.pushing.progress = progress;
        for (index, former) in former.into_iter().enumerate() {
            let index = index as u8;
            self.change_platform(index, |platform| {
                platform.events_url = former.events_url;
                platform.messages_url = former.messages_url;
            });
            self.receivers_changed(index);
        }
        self.anew = true;
        self.mark_settings();
    }

    /// What the world was made with, as it stands now.
    pub(super) fn settings(&self) -> Settings {
        Settings {
            seed: self.seed,
            salt: self.salt,
            born: self.born,
            accounts: self.accounts,
            everyone: self.everyone,
            next_serial: self.next_serial,
            clock_offset: self.clock.offset(),
            behaviours: self.behaviours.clone(),
            faults: self.faults.clone(),
        }
    }

    fn new(settings: &Settings) -> Self {
        let mut world = Self::bare(settings);
        world.fill_rosters();
        world
    }

    fn bare(settings: &Settings) -> Self {
        let naming = account::Naming::new(settings.seed);
        // The unreleased platform lets three accounts in that the first one does not hold yet.
        let test_list = (8..11_u32.min(settings.accounts)).map(|index| naming.user_name(index));
        Self {
            clock: Clock::shifted(settings.clock_offset),
            platforms: Platform::pair(settings.seed, naming, test_list.collect()),
            behaviours: settings.behaviours.clone(),
            faults: settings.faults.clone(),
            held: 0,
            journal: Journal::default(),
            quota: Quota::default(),
            rids: Rids::default(),
            pushing: Pushing::default(),
            random: Stream::new(random_number()),
            seed: settings.seed,
            salt: settings.salt,
            born: settings.born,
            accounts: settings.accounts,
            everyone: settings.everyone,
            next_serial: settings.next_serial,
            account_changes: HashMap::new(),
            grants: HashMap::new(),
            rosters: Vec::new(),
            pre_auth_codes: HashMap::new(),
            auth_codes: HashMap::new(),
            anew: false,
            changes: Changes::new(),
        }
    }

    fn restore(
        settings: &Settings,
        saved: &Saved,
        keeps_rhythm: bool,
    ) -> Result<Self, SandboxError> {
        let mut world = Self::bare(settings);
        for index in 0..world.platforms.len() {
            if let Some(platform) = saved.get(&format!("platform/{index}"))? {
                world.platforms[index] = platform;
            }
        }
        world.account_changes = saved.by_number("account/")?;
        world.pre_auth_codes = saved.by_number("pre_auth_code/")?;
        world.auth_codes = saved.by_number("auth_code/")?;
        for platform in 0..world.platforms.len() as u8 {
            let grants: HashMap<u32, _> = saved.by_number(&format!("grant/{platform}/"))?;
            let keyed = grants
                .into_iter()
                .map(|(account, grant)| ((platform, account), grant));
            world.grants.extend(keyed);
        }
        let mut rids: Vec<super::rids::RidRecord> = Vec::new();
        for (key, text) in saved.under("rid/") {
            rids.push(saved.parse(key, text)?);
        }
        rids.sort_by_key(|record| record.at);
        for record in rids {
            world.rids.keep(record);
        }
        let queue: HashMap<u64, _> = saved.by_number("push/")?;
        world.pushing = Pushing::restore(
            saved.get("pushing")?.unwrap_or_default(),
            queue.into_iter().collect(),
            keeps_rhythm,
        );
        if let Some(quota) = saved.get("quota")? {
            world.quota = Quota::restore(quota, lasting_path);
        }
        let counters = saved.get("counters")?.unwrap_or_default();
        world.journal = Journal::restore(saved.journal.clone(), counters);
        world.fill_rosters();
        world.mark_settings();
        Ok(world)
    }

    fn fill_rosters(&mut self) {
        let mut orders = vec![Vec::new(); self.platforms.len()];
        for index in 0..self.accounts {
            let maker = account::Account::new(self.seed, index);
            let stranger = maker.first_standing(self.everyone) == super::Standing::Stranger;
            if !stranger && !self.grants.contains_key(&(0, index)) {
                orders[0].push((self.born + first_delay(index), index));
            } else if !self.everyone && index as usize > super::cast::CAST.len() {
                break;
            }
        }
        for ((platform, account), grant) in &self.grants {
            let exists = *account < self.accounts || check_accounts::is_one(*account);
            if grant.standing && exists {
                orders[usize::from(*platform)].push((grant.auth_time, *account));
            }
        }
        self.rosters = orders.into_iter().map(Roster::new).collect();
    }
}

impl Saved {
    fn get<T: DeserializeOwned>(&self, key: &str) -> Result<Option<T>, SandboxError> {
        match self.records.get(key) {
            Some(text) => self.parse(key, text).map(Some),
            None => Ok(None),
        }
    }

    fn by_number<N, T>(&self, prefix: &str) -> Result<HashMap<N, T>, SandboxError>
    where
        N: std::str::FromStr + Eq + std::hash::Hash,
        T: DeserializeOwned,
    {
        let mut found = HashMap::new();
        for (key, text) in self.under(prefix) {
            if let Ok(number) = key[prefix.len()..].parse() {
                found.insert(number, self.parse(key, text)?);
            }
        }
        Ok(found)
    }

    fn under<'a>(&'a self, prefix: &'a str) -> impl Iterator<Item = (&'a str, &'a str)> {
        self.records
            .range(prefix.to_owned()..)
            .take_while(move |(key, _)| key.starts_with(prefix))
            .map(|(key, text)| (key.as_str(), text.as_str()))
    }

    fn parse<T: DeserializeOwned>(&self, key: &str, text: &str) -> Result<T, SandboxError> {
        serde_json::from_str(text).map_err(|source| SandboxError::Damaged {
            path: self.path.clone(),
            key: key.to_owned(),
            source,
        })
    }
}

fn random_number() -> u64 {
    let mut bytes = [0; 8];
    random::fill(&mut bytes);
    u64::from_le_bytes(bytes)
}
