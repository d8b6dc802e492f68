//! Which platform a command works on, and where all of its settings come from.

use std::fmt;

use super::{ConfigError, ConfigFile, ConfigFolder, Origin};
use crate::sys::env::Environment;

/// What the command line says about the platform.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Request {
    /// `--profile NAME`.
    pub profile: Option<String>,
    /// `--sandbox`.
    pub sandbox: bool,
}

/// The one origin of a platform's settings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PlatformName {
    /// The environment alone.
    Environment,
    /// The profile of that name.
    Profile(String),
    /// The sandbox's own first platform.
    Sandbox,
}

impl fmt::Display for PlatformName {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Environment => "environment",
            Self::Profile(name) => name,
            Self::Sandbox => "sandbox",
        })
    }
}

/// A platform chosen, not yet read.
pub(super) enum Chosen {
    Environment,
    Profile {
        name: String,
        by: Origin,
        file: Box<ConfigFile>,
    },
}

/// One origin wins whole: an explicit flag, else the environment, else `WXAUTH_PROFILE`, the
/// chosen profile or the only one.
pub(super) fn choose(
    folder: &ConfigFolder,
    request: &Request,
    environment: &Environment,
) -> Result<Chosen, ConfigError> {
    if let Some(name) = &request.profile {
        if request.sandbox {
            return Err(ConfigError::TwoPlatforms);
        }
        return profile(ConfigFile::load(folder)?, name, Origin::Flag("--profile"));
    }
    if request.sandbox {
        return Err(ConfigError::SandboxCard);
    }
    if environment.has("WXAUTH_COMPONENT_APPID") {
        return Ok(Chosen::Environment);
    }
    let file = ConfigFile::load(folder)?;
    if let Some(name) = environment.get("WXAUTH_PROFILE") {
        return profile(file, name, Origin::Environment("WXAUTH_PROFILE"));
    }
    match default_profile(&file) {
        Some(name) => profile(file, &name, Origin::File(folder.config_file())),
        None => Err(ConfigError::NoPlatform {
            profiles: file.list(),
            file: folder.config_file(),
        }),
    }
}

/// The chosen profile, else the only one.
pub(super) fn default_profile(file: &ConfigFile) -> Option<String> {
    if let Some(name) = file.chosen() {
        return Some(name.to_owned());
    }
    match <[String; 1]>::try_from(file.list()) {
        Ok([only]) => Some(only),
        Err(_) => None,
    }
}

fn profile(file: ConfigFile, name: &str, by: Origin) -> Result<Chosen, ConfigError> {
    if !file.list().iter().any(|known| known == name) {
        return Err(file.no_such_profile(name, by));
    }
    Ok(Chosen::Profile {
        name: name.to_owned(),
        by,
        file: Box::new(file),
    })
}
