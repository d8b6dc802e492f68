//! Finding out whose keys lie in a Redis: by reading commands alone, and never blocking it.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use crate::store::layouts::{Layout, Mark, MarkKind, Slot, Unreadable, recognise};
use crate::sys::redis::{Address, Failure, Redis};
use crate::wechat::id::{Appid, ComponentAppid};

use super::lookup::is_wrong_type;

/// How many keys the server looks at in one go.
const SCAN_COUNT: u32 = 1000;
/// How many values are asked for in one go.
const BATCH: usize = 500;

/// What a Redis holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Survey {
    /// How many keys were looked at.
    pub scanned: u64,
    /// The platforms found, by layout and prefix.
    pub spotted: Vec<Spotted>,
}

/// One platform in one SDK's keys.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spotted {
    /// Whose keys.
    pub layout: Layout,
    /// What stands before them.
    pub prefix: String,
    /// The platform; none where no key names it.
    pub platform: Option<ComponentAppid>,
    /// The ticket.
    pub ticket: Standing,
    /// The component token.
    pub component_token: Standing,
    /// Merchants with a refresh token or a token there. Where the keys do not say whose merchants
    /// they are, all of the prefix.
    pub authorizers: u64,
    /// Those with a token.
    pub authorizer_tokens: u64,
    /// Why values cannot be read, where some cannot.
    pub unreadable: Option<Unreadable>,
}

/// How one thing stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It is there; for so many seconds more, where its key has an end.
    Live(Option<i64>),
    /// It is not there.
    Absent,
    /// This SDK does not keep it in Redis.
    NotKept,
    /// It is there, and cannot be read.
    Unreadable,
}

/// The keys of one layout under one prefix.
#[derive(Default)]
struct Group {
    platforms: BTreeMap<Option<ComponentAppid>, PlatformKeys>,
    authorizers: HashSet<(Option<ComponentAppid>, Appid)>,
    authorizer_tokens: HashSet<(Option<ComponentAppid>, Appid)>,
    /// Keys whose values say what they are.
    some_tokens: BTreeSet<String>,
    bags: BTreeSet<(bool, String)>,
}

#[derive(Default)]
struct PlatformKeys {
    ticket: Option<String>,
    component_token: Option<String>,
}

/// Looks at every key of the Redis at `address`. Only commands that read are sent.
///
/// # Errors
/// When the Redis cannot be asked.
pub(super) async fn survey(redis: &Redis) -> Result<Survey, Failure> {
    let mut groups: BTreeMap<(&'static str, String), (Layout, Group)> = BTreeMap::new();
    let mut scanned = 0;
    let mut cursor = "0".to_owned();
    loop {
        let mut scan = redis::cmd("SCAN");
        scan.arg(&cursor).arg("COUNT").arg(SCAN_COUNT);
        let (next, keys): (String, Vec<Vec<u8>>) = redis.ask("", scan).await?;
        scanned += keys.len() as u64;
        for key in keys {
            let Ok(key) = String::from_utf8(key) else {
                continue;
            };
            let Some(mark) = recognise(&key) else {
                continue;
            };
            let (layout, place) = (mark.layout, (mark.layout.as_str(), mark.prefix.clone()));
            let (_, group) = groups
                .entry(place)
                .or_insert_with(|| (layout, Group::default()));
            group.take(mark, key);
        }
        if next == "0" {
            break;
        }
        cursor = next;
    }
    let mut spotted = Vec::new();
    for ((_, prefix), (layout, group)) in groups {
        let looker = Looker {
            redis,
            layout,
            prefix,
        };
        spotted.extend(looker.look(group).await?);
    }
    Ok(Survey { scanned, spotted })
}

impl Group {
    fn take(&mut self, mark: Mark, key: String) {
        let Mark { platform, kind, .. } = mark;
        match kind {
            MarkKind::Ticket => self.platforms.entry(platform).or_default().ticket = Some(key),
            MarkKind::ComponentToken => {
                self.platforms.entry(platform).or_default().component_token = Some(key);
            }
            MarkKind::RefreshToken(appid) => {
                self.authorizers.insert((platform, appid));
            }
            MarkKind::AuthorizerToken(appid) => {
                self.authorizer_tokens.insert((platform, appid));
            }
            MarkKind::SomeToken => {
                self.some_tokens.insert(key);
            }
            MarkKind::Bags(of_platforms) => {
                self.bags.insert((of_platforms, key));
            }
        }
    }
}

/// What a key holds and how long it lasts, or that it holds something else than a text.
type Value = (Option<Vec<u8>>, Option<i64>);

struct Looker<'a> {
    redis: &'a Redis,
    layout: Layout,
    prefix: String,
}

impl Looker<'_> {
    async fn look(&self, mut group: Group) -> Result<Vec<Spotted>, Failure> {
        let mut unreadable = None;
        let mut hidden = (Standing::Absent, 0);
        if self.layout.hides_component_token() {
            hidden = self.some_tokens(&group, &mut unreadable).await?;
        }
        self.open_bags(&mut group).await?;
        // An ordinary official account of wechatpy has the same key; only a platform's merchants
        // have refresh tokens.
        if self.layout == Layout::Wechatpy {
            let known = &group.authorizers;
            group.authorizer_tokens.retain(|one| known.contains(one));
        }
        let whole = self.layout.hides_component_token();
        let mut found = Vec::new();
        if group.platforms.is_empty() {
            group.platforms.insert(None, PlatformKeys::default());
        }
        for (platform, keys) in group.platforms {
            let of = |(theirs, _): &&(Option<ComponentAppid>, Appid)| {
                theirs.is_none() || *theirs == platform
            };
            let tokens: HashSet<_> = group.authorizer_tokens.iter().filter(of).collect();
            let all = group
                .authorizers
                .iter()
                .filter(of)
                .chain(tokens.iter().copied());
            let all: HashSet<_> = all.map(|(_, appid)| appid).collect();
            let (authorizers, authorizer_tokens) = match whole {
                true => (hidden.1, hidden.1),
                false => (all.len() as u64, tokens.len() as u64),
            };
            let (ticket, token) = (&keys.ticket, &keys.component_token);
            let ticket = match self.layout.keeps_tickets() {
                true => self.standing(Slot::Ticket, ticket, &mut unreadable).await?,
                false => Standing::NotKept,
            };
            let component_token = match whole {
                true => hidden.0,
                false => {
                    self.standing(Slot::ComponentToken, token, &mut unreadable)
                        .await?
                }
            };
            found.push(Spotted {
                layout: self.layout,
                prefix: self.prefix.clone(),
                platform,
                ticket,
                component_token,
                authorizers,
                authorizer_tokens,
                unreadable,
            });
        }
        // What is nobody's: accounts that are no platform's merchants.
        found.retain(|one| {
            let holds = |standing| matches!(standing, Standing::Live(_) | Standing::Unreadable);
            holds(one.ticket) || holds(one.component_token) || one.authorizers > 0
        });
        Ok(found)
    }

    async fn standing(
        &self,
        slot: Slot,
        key: &Option<String>,
        unreadable: &mut Option<Unreadable>,
    ) -> Result<Standing, Failure> {
        // A bag of Senparc holds both.
        let Some(key) = key else {
            return Ok(Standing::Absent);
        };
        let (value, left) = self.value(key).await?;
        Ok(self.judge(&slot, value, left, unreadable))
    }

    fn judge(
        &self,
        slot: &Slot,
        value: Option<Vec<u8>>,
        left: Option<i64>,
        unreadable: &mut Option<Unreadable>,
    ) -> Standing {
        let Some(value) = value else {
            return Standing::Absent;
        };
        match self.layout.read(slot, &value) {
            Ok(kept) if kept.secret.is_empty() => Standing::Absent,
            Ok(_) => Standing::Live(left.filter(|left| *left >= 0).map(|left| left / 1000)),
            Err(why) => {
                *unreadable = Some(why);
                Standing::Unreadable
            }
        }
    }

    /// The component token among tokens whose keys say nothing, and how many are merchants'.
    async fn some_tokens(
        &self,
        group: &Group,
        unreadable: &mut Option<Unreadable>,
    ) -> Result<(Standing, u64), Failure> {
        let keys: Vec<_> = group.some_tokens.iter().collect();
        let (mut component, mut merchants) = (Standing::Absent, 0);
        for batch in keys.chunks(BATCH) {
            for (value, left) in self.values(batch).await? {
                let Some(value) = value else { continue };
                match self.layout.is_component_token(&value) {
                    Ok(true) => {
                        let slot = Slot::ComponentToken;
                        let found = self.judge(&slot, Some(value), left, unreadable);
                        component = longer(component, found);
                    }
                    Ok(false) => merchants += 1,
                    Err(why) => *unreadable = Some(why),
                }
            }
        }
        Ok((component, merchants))
    }

    /// Senparc's other strategy: each hash holds the bags of all platforms, or all merchants.
    async fn open_bags(&self, group: &mut Group) -> Result<(), Failure> {
        for (of_platforms, hash) in std::mem::take(&mut group.bags) {
            let mut cursor = "0".to_owned();
            loop {
                let mut scan = redis::cmd("HSCAN");
                scan.arg(&hash).arg(&cursor).arg("COUNT").arg(SCAN_COUNT);
                let scanned = self.redis.ask("", scan).await;
                let (next, pairs): (String, Vec<(String, Vec<u8>)>) = match scanned {
                    Ok(scanned) => scanned,
                    Err(failure) if is_wrong_type(&failure) => break,
                    Err(failure) => return Err(failure),
                };
                for (appid, _) in pairs {
                    if of_platforms {
                        let Ok(platform) = appid.parse() else {
                            continue;
                        };
                        let keys = group.platforms.entry(Some(platform)).or_default();
                        // The hash and, behind a line break that no key has, the field.
                        keys.component_token = Some(format!("{hash}\n{appid}"));
                    } else if let Ok(appid) = appid.parse() {
                        group.authorizer_tokens.insert((None, appid));
                    }
                }
                if next == "0" {
                    break;
                }
                cursor = next;
            }
        }
        // Ticket and token lie in the same bag.
        if self.layout == Layout::Senparc {
            for keys in group.platforms.values_mut() {
                keys.ticket = keys.component_token.clone();
            }
        }
        Ok(())
    }

    async fn value(&self, key: &str) -> Result<Value, Failure> {
        if let Some((hash, field)) = key.split_once('\n') {
            let mut get = redis::cmd("HGET");
            get.arg(hash).arg(field);
            return Ok((self.redis.ask("", get).await?, None));
        }
        let key = key.to_owned();
        let found = self.values(&[&key]).await?.into_iter().next();
        Ok(found.unwrap_or_default())
    }

    /// Values of several keys, in their order.
    async fn values(&self, keys: &[&String]) -> Result<Vec<Value>, Failure> {
        let mut pipeline = redis::Pipeline::with_capacity(keys.len() * 2);
        for key in keys {
            // What is no text gives none here, where GET would refuse the whole of it.
            pipeline.cmd("MGET").arg(key);
            pipeline.cmd("PTTL").arg(key);
        }
        let answers = self.redis.pipe("", &pipeline).await?;
        let mut answers = answers.into_iter();
        let mut values = Vec::with_capacity(keys.len());
        while let (Some(value), Some(left)) = (answers.next(), answers.next()) {
            let mut value: Vec<Option<Vec<u8>>> = self.redis.read(value)?;
            values.push((value.pop().flatten(), self.redis.read(left)?));
        }
        Ok(values)
    }
}

/// The one that lives longer.
fn longer(one: Standing, other: Standing) -> Standing {
    match (one, other) {
        (Standing::Live(one), Standing::Live(other)) => Standing::Live(one.max(other)),
        (Standing::Live(_), _) => one,
        _ => other,
    }
}

impl Survey {
    /// Looks at every key of the Redis at `address`, a step at a time. Only commands that read are
    /// sent: `SCAN`, `HSCAN`, `MGET`, `HGET`, `PTTL`.
    ///
    /// # Errors
    /// When the Redis cannot be asked.
    pub async fn of(address: &Address) -> Result<Self, crate::store::StoreError> {
        Ok(survey(&Redis::new(address.clone())).await?)
    }
}
