//! The platforms that a file names.

use std::collections::BTreeMap;

use super::leaf::Leaf;
use super::names::{Meaning, Rank, meaning, rank};
use super::placeholder::Resolver;
use super::{Form, ImportError, Lookup, Sdk, Sheet, Source, Unresolved};
use crate::config::value::{self, Refused};
use crate::wechat::id::ComponentAppid;
use crate::wechat::secret::Secret;

/// A platform that a file names.
#[derive(Clone, Debug)]
pub struct Found {
    /// The section of the file that it stands in, where sections have names: a Spring profile.
    pub section: Option<String>,
    /// Its settings, the appid first. Those that the file has no name for are not among them.
    pub settings: Vec<Setting>,
    /// The SDK that the file is written for, as far as it shows.
    pub sdk: Option<Sdk>,
    rank: Rank,
}

/// A setting of a platform, as a file has it.
#[derive(Clone, Debug)]
pub struct Setting {
    /// The key of a profile, as in [`KEYS`](crate::config::KEYS).
    pub key: &'static str,
    /// The name in the file.
    pub name: String,
    /// Its line, counted from 1.
    pub line: usize,
    /// What it says.
    pub value: FoundValue,
}

/// What a file says of a setting. `Debug` shows a mask.
#[derive(Clone, Debug)]
pub enum FoundValue {
    /// A value.
    Given {
        /// The value; the appid too is held like a secret.
        text: Secret,
        /// The placeholder that it came by, and where that was found.
        through: Option<(String, Source)>,
    },
    /// Nothing.
    Empty,
    /// Something that no value can be had from.
    Unresolved(Unresolved),
}

impl Found {
    /// Its appid, where it has one of the right shape.
    #[must_use]
    pub fn appid(&self) -> Option<ComponentAppid> {
        let appid = self
            .settings
            .iter()
            .find(|it| it.key == "component_appid")?;
        appid.value.judge(value::component_appid).ok().flatten()
    }

    /// Whether it may be something else: nothing marks it as a third-party platform, or it takes no
    /// pushes, as a website application (网站应用) does not.
    #[must_use]
    pub fn is_doubtful(&self) -> bool {
        let takes_pushes = ["token", "encoding_aes_key"]
            .iter()
            .any(|key| self.settings.iter().any(|setting| setting.key == *key));
        self.rank < Rank::Component && (self.rank < Rank::Open || !takes_pushes)
    }

    /// Whether every value has the shape that its setting needs.
    ///
    /// # Errors
    /// [`ImportError::Value`] for the first that has not.
    pub fn check(&self) -> Result<(), ImportError> {
        for setting in &self.settings {
            let judged = match setting.key {
                "component_appid" => setting.value.judge(value::component_appid).map(drop),
                "appsecret" => setting.value.judge(value::secret).map(drop),
                "token" => setting.value.judge(value::token).map(drop),
                _ => setting.value.judge(value::encoding_aes_key).map(drop),
            };
            if let Err(Refused::Invalid { reason, expected }) = judged {
                return Err(ImportError::Value {
                    name: setting.name.clone(),
                    line: setting.line,
                    reason,
                    expected,
                });
            }
        }
        Ok(())
    }
}

/// The leaves of one owner by their meaning; the last of a name counts.
type Group<'a> = BTreeMap<Meaning, &'a Leaf>;

impl Sheet {
    /// The platforms that the file names, in the order of their appids' lines.
    ///
    /// # Errors
    /// [`ImportError::NoPlatform`].
    pub fn platforms(&self, lookup: Lookup<'_>) -> Result<Vec<Found>, ImportError> {
        let sections = self.sections(lookup);
        let is_base = |leaf: &&Leaf| !sections.contains_key(&leaf.part);
        let base: Vec<&Leaf> = self.leaves.iter().filter(is_base).collect();
        let mut found = in_view(self.form(), &base, None, lookup);
        for (part, name) in &sections {
            let own = self.leaves.iter().filter(|leaf| leaf.part == *part);
            let lines: Vec<usize> = own.clone().map(|leaf| leaf.line).collect();
            let view: Vec<&Leaf> = base.iter().copied().chain(own).collect();
            let mut here = in_view(self.form(), &view, Some(name), lookup);
            // A section that says nothing of its own says what the rest of the file does.
            here.retain(|found| found.settings.iter().any(|it| lines.contains(&it.line)));
            found.append(&mut here);
        }
        found.sort_by_key(|found| found.settings.first().map(|setting| setting.line));
        if !found.is_empty() {
            return Ok(found);
        }
        let all: Vec<&Leaf> = self.leaves.iter().collect();
        let empty = groups(&all).into_iter().filter_map(|(whose, group)| {
            let leaf = group.get(&Meaning::Appid)?;
            (rank(whose) > Rank::Other).then(|| (leaf.name.clone(), leaf.line))
        });
        Err(ImportError::NoPlatform {
            empty: empty.collect(),
            names: self.names(),
        })
    }

    /// The parts of the file that count for a Spring profile only, with its name.
    fn sections(&self, lookup: Lookup<'_>) -> BTreeMap<usize, String> {
        let all: Vec<&Leaf> = self.leaves.iter().collect();
        let resolver = Resolver::new(self.form(), &all, lookup);
        let names = all.iter().filter_map(|leaf| {
            let name = leaf.words.join(".");
            let names = matches!(
                name.as_str(),
                "spring.config.activate.on.profile" | "spring.profiles"
            );
            let profile = names.then(|| resolver.value(leaf))?;
            Some((leaf.part, profile.plain()?.to_owned()))
        });
        names.collect()
    }
}

fn groups<'a>(leaves: &[&'a Leaf]) -> BTreeMap<&'a [String], Group<'a>> {
    let mut groups: BTreeMap<&[String], Group<'_>> = BTreeMap::new();
    for leaf in leaves {
        if let Some((meaning, whose)) = meaning(&leaf.words) {
            groups.entry(whose).or_default().insert(meaning, leaf);
        }
    }
    groups
}

/// The platforms of a file, or of a file with one of its sections.
fn in_view(
    form: Form,
    leaves: &[&Leaf],
    section: Option<&String>,
    lookup: Lookup<'_>,
) -> Vec<Found> {
    let groups = groups(leaves);
    let resolver = Resolver::new(form, leaves, lookup);
    let mut found: Vec<Found> = Vec::new();
    for (whose, group) in &groups {
        let (Some(appid), rank) = (group.get(&Meaning::Appid), rank(whose)) else {
            continue;
        };
        let value = resolver.value(appid);
        if rank == Rank::Other || matches!(value, FoundValue::Empty) {
            continue;
        }
        let mut settings = vec![Setting {
            key: Meaning::Appid.key(),
            name: appid.name.clone(),
            line: appid.line,
            value,
        }];
        let beside = beside(whose).and_then(|whose| groups.get(whose));
        for meaning in Meaning::SECRETS {
            let leaf = group
                .get(&meaning)
                .or_else(|| beside.and_then(|group| group.get(&meaning)));
            settings.extend(leaf.map(|leaf| Setting {
                key: meaning.key(),
                name: leaf.name.clone(),
                line: leaf.line,
                value: resolver.value(leaf),
            }));
        }
        let sdk = Sdk::of(form, whose, &settings);
        found.push(Found {
            section: section.cloned(),
            settings,
            sdk,
            rank,
        });
    }
    // Whoever is marked as a platform makes the unmarked ones something else.
    let best = found.iter().map(|found| found.rank).max();
    found.retain(|found| Some(found.rank) == best);
    let shaped = |found: &Found| {
        let appid = found.settings.first().map(|appid| &appid.value);
        found.appid().is_some() || matches!(appid, Some(FoundValue::Unresolved(_)))
    };
    if best == Some(Rank::Unmarked) && found.iter().any(shaped) {
        found.retain(shaped);
    }
    found
}

/// Where the settings stand that carry no `component` in their names, as `encoding_aes_key` beside
/// `component_appid`.
fn beside(whose: &[String]) -> Option<&[String]> {
    let (last, before) = whose.split_last()?;
    // There they are an official account's.
    let senparc = before.iter().any(|word| word == "senparc");
    (last == "component" && !senparc).then_some(before)
}
