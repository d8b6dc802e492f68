//! The values that an argument may have, as far as the files of this machine know them.

use std::ffi::{OsStr, OsString};
use std::path::PathBuf;
use std::sync::Arc;

use clap::{Arg, Command};
use clap_complete::engine::{ArgValueCompleter, CompletionCandidate};

use crate::cli::topics::TOPICS;
use crate::config::{ConfigFile, ConfigFolder, KEYS, Request, Settings, StoreSetting};
use crate::lang::clean;
use crate::store::glance::{self, Glimpse};
use crate::sys::env::Environment;
use crate::wechat::permission;

/// How many merchants are offered at most: more than a person reads.
const MOST: usize = 200;

/// What of the command line says which platform is meant.
struct Asked {
    environment: Environment,
    config_dir: Option<PathBuf>,
    profile: Option<String>,
    sandbox: bool,
}

/// The program, each argument with its values.
pub(super) fn offered(
    mut program: Command,
    words: &[OsString],
    environment: &Environment,
) -> Command {
    let asked = Arc::new(Asked::of(words, environment));
    let names: Vec<String> = program
        .get_subcommands()
        .map(|command| command.get_name().to_owned())
        .collect();
    program = with_values(program, &asked);
    for reader in ["help", "man"] {
        let mut names = names.clone();
        if reader == "help" {
            names.extend(TOPICS.map(|topic| topic.name.to_owned()));
        }
        let completer = ArgValueCompleter::new(move |current: &OsStr| {
            starting(names.iter().map(|name| (name.clone(), None)), current)
        });
        program = program.mut_subcommand(reader, |command| {
            command.mut_args(|arg| match arg.is_positional() {
                true => arg.add(completer.clone()),
                false => arg,
            })
        });
    }
    program
}

fn with_values(command: Command, asked: &Arc<Asked>) -> Command {
    let profiles = command.get_name() == "profile";
    let command = command.mut_args(|arg| with_value(arg, asked));
    command.mut_subcommands(|child| {
        let child = with_values(child, asked);
        match profiles {
            true => child.mut_args(|arg| match arg.get_id().as_str() {
                "name" => named_profile(arg, asked),
                "key" => arg.add(ArgValueCompleter::new(settings)),
                _ => arg,
            }),
            false => child,
        }
    })
}

fn with_value(arg: Arg, asked: &Arc<Asked>) -> Arg {
    let called = |name: &str| {
        let names = arg.get_value_names().unwrap_or_default();
        names.iter().any(|known| known.as_str() == name)
    };
    if called("WHO") {
        let asked = Arc::clone(asked);
        let completer = move |current: &OsStr| asked.merchants(current).unwrap_or_default();
        return arg.add(ArgValueCompleter::new(completer));
    }
    if called("SET") || called("SETS") {
        return arg.add(ArgValueCompleter::new(permission_sets));
    }
    if arg.get_id() == "lang" {
        let languages = ["en", "zh"].map(|name| (name.to_owned(), None));
        let completer = move |current: &OsStr| starting(languages.clone().into_iter(), current);
        return arg.add(ArgValueCompleter::new(completer));
    }
    if called("PROFILE") || arg.get_id() == "profile" {
        return named_profile(arg, asked);
    }
    arg
}

fn named_profile(arg: Arg, asked: &Arc<Asked>) -> Arg {
    let asked = Arc::clone(asked);
    arg.add(ArgValueCompleter::new(move |current: &OsStr| {
        asked.profiles(current).unwrap_or_default()
    }))
}

impl Asked {
    fn of(words: &[OsString], environment: &Environment) -> Self {
        let value = |flag: &str| {
            words.iter().enumerate().find_map(|(index, word)| {
                let word = word.to_str()?;
                let joined = word.strip_prefix(flag)?;
                match joined.strip_prefix('=') {
                    Some(value) => Some(value.to_owned()),
                    None if joined.is_empty() => Some(words.get(index + 1)?.to_str()?.to_owned()),
                    None => None,
                }
            })
        };
        Self {
            environment: environment.clone(),
            config_dir: value("--config-dir").map(PathBuf::from),
            profile: value("--profile"),
            sandbox: words.iter().any(|word| word == "--sandbox")
                || words.get(1).is_some_and(|word| word == "sandbox"),
        }
    }

    fn folder(&self) -> Option<ConfigFolder> {
        ConfigFolder::resolve(self.config_dir.as_deref(), &self.environment).ok()
    }

    fn profiles(&self, current: &OsStr) -> Option<Vec<CompletionCandidate>> {
        let file = ConfigFile::load(&self.folder()?).ok()?;
        let names = file.list().into_iter().map(|name| (name, None));
        Some(starting(names, current))
    }

    /// The merchants in the store of the platform that is meant.
    fn merchants(&self, current: &OsStr) -> Option<Vec<CompletionCandidate>> {
        let start = current.to_str()?;
        let folder = self.folder()?;
        let known = if self.sandbox {
            glance::merchants(&folder.sandbox_store(), "sandbox", None, start, MOST)
        } else {
            let request = Request {
                profile: self.profile.clone(),
                sandbox: false,
            };
            let settings = Settings::resolve(&folder, &request, &self.environment).ok()?;
            let StoreSetting::Sqlite(path) = &settings.store.value else {
                return None;
            };
            let platform = settings.component_appid.value.to_string();
            glance::merchants(path, &settings.realm, Some(&platform), start, MOST)
        };
        let mut offered = Vec::new();
        for merchant in known? {
            offered.extend(words_for(merchant, !start.is_empty()));
        }
        Some(starting(offered.into_iter(), current))
    }
}

/// What names a merchant, with what helps to know it; one word each where none was begun. Names come from strangers and are typed into
/// a shell: only those are offered that no shell takes apart.
fn words_for(merchant: Glimpse, begun: bool) -> Vec<(String, Option<String>)> {
    let plain = |word: &String| {
        let mut letters = word.chars();
        letters.all(|letter| letter.is_alphanumeric() || "-_.".contains(letter))
    };
    let name = merchant
        .nick_name
        .as_deref()
        .map(|name| clean(name).into_owned());
    if !begun {
        let word = merchant.external_id.filter(plain);
        return vec![(word.unwrap_or(merchant.appid), name)];
    }
    let beside = merchant.external_id.iter().chain(&merchant.user_name);
    let beside = beside
        .filter(|word| plain(word))
        .map(|word| (word.clone(), name.clone()));
    let mut words = vec![(merchant.appid.clone(), name.clone())];
    words.extend(beside);
    let appid = merchant.appid;
    words.extend(
        merchant
            .nick_name
            .filter(plain)
            .map(|word| (word, Some(appid))),
    );
    words
}

fn settings(current: &OsStr) -> Vec<CompletionCandidate> {
    let keys = KEYS.iter();
    starting(
        keys.map(|key| (key.name.to_owned(), Some(key.meaning.to_owned()))),
        current,
    )
}

fn permission_sets(current: &OsStr) -> Vec<CompletionCandidate> {
    let sets = permission::all().iter();
    starting(
        sets.map(|set| (set.id.to_string(), Some(set.name_zh.clone()))),
        current,
    )
}

fn starting(
    words: impl Iterator<Item = (String, Option<String>)>,
    current: &OsStr,
) -> Vec<CompletionCandidate> {
    let start = current.to_str().unwrap_or_default();
    words
        .filter(|(word, _)| word.starts_with(start))
        .map(|(word, help)| CompletionCandidate::new(word).help(help.map(Into::into)))
        .collect()
}
