//! What of another origin was left aside.

use std::fmt;

use super::platform::default_profile;
use super::{ConfigFile, ConfigFolder, environment_names};
use crate::sys::env::Environment;

/// A setting that was given and is not used, because a platform comes whole from one origin.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ignored {
    /// The variable, or `profile NAME`.
    pub name: String,
    /// Why it is not used.
    pub why: IgnoredWhy,
}

/// Why a setting is not used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IgnoredWhy {
    /// A flag names the platform.
    Explicit(&'static str),
    /// The environment names the platform.
    EnvironmentWins,
    /// The platform comes from a profile, because the environment names none.
    NoAppid,
}

impl fmt::Display for IgnoredWhy {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Explicit(flag) => write!(formatter, "`{flag}` names the platform"),
            Self::EnvironmentWins => {
                formatter.write_str("`WXAUTH_COMPONENT_APPID` names the platform")
            }
            Self::NoAppid => formatter
                .write_str("`WXAUTH_COMPONENT_APPID` is not set, so the profile is used alone"),
        }
    }
}

impl Ignored {
    /// The variables of the platform set that are set and not used, because of `why`.
    #[must_use]
    pub fn variables(environment: &Environment, why: IgnoredWhy) -> Vec<Self> {
        environment_names()
            .iter()
            .filter(|variable| variable.platform && environment.has(variable.name))
            .map(|variable| Self {
                name: variable.name.to_owned(),
                why,
            })
            .collect()
    }

    /// The profile that would have been used, but for the environment. A config file that cannot
    /// be read does not matter then.
    pub(super) fn profile(folder: &ConfigFolder, environment: &Environment) -> Vec<Self> {
        let named = environment.get("WXAUTH_PROFILE").map(str::to_owned);
        let name = named.or_else(|| default_profile(&ConfigFile::load(folder).ok()?));
        name.map(|name| Self {
            name: format!("profile {name}"),
            why: IgnoredWhy::EnvironmentWins,
        })
        .into_iter()
        .collect()
    }
}
