//! Accounts: each one a function of the seed and its number.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::cast::{CAST, Role, Standing};
use super::check_accounts;
use super::kind::Kind;
use super::mixing::{Stream, blend, mix, unmix};

/// One account, made when asked for.
#[derive(Clone)]
pub struct Account {
    /// Its number in the sandbox.
    pub index: u32,
    /// Its kind.
    pub kind: Kind,
    /// 1 normal; 14 cancelled; 16 banned; 18 warned; 19 frozen.
    pub status: u32,
    /// Whether it is verified.
    pub verified: bool,
    seed: u64,
}

/// What was changed about an account since it was made.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct AccountChange {
    /// Another `account_status`.
    pub status: Option<u32>,
    /// `location_report`, `voice_recognize`, `customer_service`.
    pub options: [Option<String>; 3],
    /// How granted sets stand with confirmation, where it is not [`Confirmation::None`].
    #[serde(default)]
    pub confirmations: Confirmations,
}

/// Sets of an account that stand otherwise than [`Confirmation::None`] with confirmation.
pub type Confirmations = BTreeMap<u32, Confirmation>;

/// How a set stands with confirmation by the platform: rule R8c, whose reading is not confirmed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Confirmation {
    /// It needs none.
    None,
    /// It works only once it is confirmed.
    Need,
    /// It needed it, and is confirmed.
    Confirmed,
    /// It needs it, and cannot be confirmed.
    Cannot,
}

impl Confirmation {
    /// `need_confirm`, `already_confirm`, `can_confirm`.
    pub fn flags(self) -> [u8; 3] {
        match self {
            Self::None => [0, 0, 0],
            Self::Need => [1, 0, 1],
            Self::Confirmed => [1, 1, 0],
            Self::Cannot => [1, 0, 0],
        }
    }

    /// Whether calls that need the set are answered.
    pub fn lets_through(self) -> bool {
        matches!(self, Self::None | Self::Confirmed)
    }
}

/// Ids as a function of the seed, both ways.
#[derive(Clone, Copy)]
pub struct Naming {
    seed: u64,
}

const PLATFORMS: u64 = 1 << 40;

impl Naming {
    /// The ids of a sandbox made with `seed`.
    pub fn new(seed: u64) -> Self {
        Self { seed }
    }

    /// The appid of account `index`.
    pub fn appid(self, index: u32) -> String {
        if let Some((appid, _)) = check_accounts::names(index) {
            return appid.to_owned();
        }
        format!("wx{:016x}", mix::<64>(u64::from(index), self.key(1)))
    }

    /// The appid of platform `index`.
    pub fn component_appid(self, index: usize) -> String {
        let number = PLATFORMS + index as u64;
        format!("wx{:016x}", mix::<64>(number, self.key(1)))
    }

    /// The original id of account `index`.
    pub fn user_name(self, index: u32) -> String {
        if let Some((_, user_name)) = check_accounts::names(index) {
            return user_name.to_owned();
        }
        format!("gh_{:012x}", mix::<48>(u64::from(index), self.key(2)))
    }

    /// The account of an appid or original id, if its number is below `count` or it is one of the
    /// release check.
    pub fn index(self, id: &str, count: u32) -> Option<u32> {
        if let Some(index) = check_accounts::index(id) {
            return Some(index);
        }
        let number = if let Some(digits) = id.strip_prefix("wx").filter(|rest| rest.len() == 16) {
            unmix::<64>(u64::from_str_radix(digits, 16).ok()?, self.key(1))
        } else {
            let digits = id.strip_prefix("gh_").filter(|rest| rest.len() == 12)?;
            unmix::<48>(u64::from_str_radix(digits, 16).ok()?, self.key(2))
        };
        let index = u32::try_from(number).ok().filter(|index| *index < count)?;
        // `from_str_radix` takes upper-case digits and a sign, which no id has.
        let own = self.appid(index) == id || self.user_name(index) == id;
        own.then_some(index)
    }

    fn key(self, purpose: u64) -> u64 {
        blend(self.seed, purpose)
    }
}

const CITIES: [&str; 12] = [
    "北京", "上海", "广州", "深圳", "杭州", "成都", "武汉", "西安", "南京", "长沙", "厦门", "昆明",
];
const TRADES: [&str; 12] = [
    "茶馆", "书店", "面馆", "花坊", "健身", "口腔", "宠物", "烘焙", "旅行", "教育", "家政", "鲜果",
];
const PERSONS: [&str; 12] = [
    "zhangwei", "wangfang", "lina", "liuyang", "chenjing", "yangfan", "zhaolei", "huangmin",
    "zhouxin", "wujie", "xuting", "sunhao",
];

impl Account {
    /// Account `index`, as it was made.
    pub fn new(seed: u64, index: u32) -> Self {
        let role = role(index);
        Self {
            index,
            kind: role.map_or_else(|| common_kind(index), |role| role.kind),
            status: role.map_or(1, |role| role.status),
            verified: role.is_none_or(|role| role.verified),
            seed,
        }
    }

    /// Its name, which may hold anything that people type.
    pub fn nick_name(&self) -> String {
        match role(self.index) {
            Some(role) => role.nick_name.to_owned(),
            None => {
                let number = blend(self.seed, u64::from(self.index)) as usize;
                let (city, trade) = (CITIES[number % 12], TRADES[number / 12 % 12]);
                format!("{city}{trade}{}", self.index)
            }
        }
    }

    /// The subject of the account.
    pub fn principal_name(&self) -> String {
        let number = blend(self.seed, u64::from(self.index)) as usize;
        let (city, trade) = (CITIES[number % 12], TRADES[number / 12 % 12]);
        format!("{city}示例{trade}有限公司")
    }

    /// WeChat users who administer it; never empty.
    pub fn administrators(&self) -> Vec<&'static str> {
        let mut stream = Stream::new(blend(self.seed ^ 7, u64::from(self.index)));
        let first = stream.next() as usize % 12;
        let mut persons = vec![PERSONS[first]];
        if self.index.is_multiple_of(3) {
            persons.push(PERSONS[(first + 5) % 12]);
        }
        persons
    }

    /// Whether it is one that the authorization page shows (rule R13).
    pub fn in_good_standing(&self) -> bool {
        matches!(self.status, 1 | 18)
    }

    /// Whether the account itself can use what these sets open; an unverified official account
    /// has no more than messages, account service and materials.
    pub fn is_able(&self, sets: &[u32]) -> bool {
        self.verified
            || !matches!(self.kind, Kind::Subscription | Kind::Service)
            || sets.is_empty()
            || sets.iter().any(|id| matches!(id, 1 | 3 | 11))
    }

    /// How it stands with the first platform when the sandbox is new.
    pub fn first_standing(&self, everyone: bool) -> Standing {
        if everyone {
            let offered = self.kind.can_authorize() && self.in_good_standing();
            return if offered {
                Standing::Authorized
            } else {
                Standing::Stranger
            };
        }
        role(self.index).map_or(Standing::Stranger, |role| role.standing)
    }

    /// How many platforms outside the sandbox it has authorized.
    pub fn elsewhere(&self) -> u32 {
        role(self.index).map_or(0, |role| role.elsewhere)
    }

    /// Exclusive sets that a platform outside the sandbox holds.
    pub fn held_elsewhere(&self) -> &'static [u32] {
        role(self.index).map_or(&[], |role| role.held_elsewhere)
    }
}

fn role(index: u32) -> Option<&'static Role> {
    CAST.get(index as usize)
}

/// Beyond the first accounts the kinds come round in turn, all of them able to authorize.
fn common_kind(index: u32) -> Kind {
    if check_accounts::is_one(index) {
        return match check_accounts::is_mini_program(index) {
            true => Kind::MiniProgram,
            false => Kind::Service,
        };
    }
    match index % 8 {
        0..=3 => Kind::MiniProgram,
        4 => Kind::Service,
        5 => Kind::Subscription,
        6 => Kind::Channels,
        _ => Kind::Store,
    }
}
