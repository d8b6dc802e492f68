//! WeChat users, and the accounts that they administer.

use super::confirm::Opened;
use super::link::Link;
use super::page::{self, Declined};
use crate::sandbox::state::World;
use crate::sandbox::state::account::Account;

/// A WeChat user of the sandbox who administers nothing.
pub const STRANGER: &str = "linxiaoyu";

/// How many accounts are looked through for the list of people.
const LOOKED_THROUGH: u32 = 2000;

/// A WeChat user.
pub struct Person {
    /// The user's name.
    pub name: &'static str,
    /// How many of the first accounts the user administers.
    pub administers: usize,
}

/// Everybody: the administrators, and one user who is none.
pub fn people(world: &World) -> Vec<Person> {
    let mut people: Vec<Person> = Vec::new();
    for index in 0..world.account_count().min(LOOKED_THROUGH) {
        for name in world.account(index).administrators() {
            match people.iter_mut().find(|person| person.name == name) {
                Some(person) => person.administers += 1,
                None => people.push(Person {
                    name,
                    administers: 1,
                }),
            }
        }
    }
    people.sort_unstable_by_key(|person| person.name);
    people.push(Person {
        name: STRANGER,
        administers: 0,
    });
    people
}

/// Accounts found, as many as were wanted at most.
#[derive(Default)]
pub struct Found {
    /// The accounts.
    pub accounts: Vec<Account>,
    /// Whether there are more.
    pub more: bool,
}

impl Found {
    fn add(&mut self, account: Account, most: usize) {
        match self.accounts.len() < most {
            true => self.accounts.push(account),
            false => self.more = true,
        }
    }
}

/// The accounts that `user` administers, whatever their state, by a part of the name or the appid.
pub fn administered(world: &World, user: &str, search: &str, most: usize) -> Found {
    let mut found = Found::default();
    for account in accounts(world, user) {
        if matches(world, &account, search) {
            found.add(account, most);
        }
        if found.more {
            break;
        }
    }
    found
}

/// The accounts that an open page offers to `user` (rules R10, R13, R14), or what it says when
/// there is none.
pub fn offered(
    world: &World,
    opened: &Opened,
    user: &str,
    search: &str,
    most: usize,
) -> Result<Found, Declined> {
    let mut found = Found::default();
    let mut untested = None;
    let mut any = false;
    for account in accounts(world, user) {
        if !shows(world, &opened.link, &account) {
            continue;
        }
        if let Err(declined) = page::check_release(world, opened.platform, &account) {
            untested = Some(declined);
            continue;
        }
        any = true;
        if matches(world, &account, search) {
            found.add(account, most);
        }
        if found.more {
            break;
        }
    }
    match (any, untested) {
        (true, _) => Ok(found),
        (false, Some(declined)) => Err(declined),
        (false, None) => Err(page::nothing_fits(&opened.link)),
    }
}

fn shows(world: &World, link: &Link, account: &Account) -> bool {
    account.kind.has_link()
        && account.in_good_standing()
        && page::check_offered(account, &world.naming().appid(account.index), link).is_ok()
}

fn accounts(world: &World, user: &str) -> impl Iterator<Item = Account> {
    (0..world.account_count())
        .map(|index| world.account(index))
        .filter(move |account| account.administrators().contains(&user))
}

fn matches(world: &World, account: &Account, search: &str) -> bool {
    search.is_empty()
        || account.nick_name().contains(search)
        || world.naming().appid(account.index) == search
}
