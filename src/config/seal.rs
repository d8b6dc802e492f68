//! Where the keys come from that secrets at rest are sealed with.

use std::path::PathBuf;

use super::variable::read;
use super::{CommandLine, ConfigError, Sourced, value};
use crate::sys::env::Environment;
use crate::wechat::secret::Secret;

/// Where the keys come from that secrets at rest are sealed with. They belong to a store and not to
/// a platform, so that the environment's go with a profile, too.
#[derive(Clone, Debug, Default)]
pub struct SealSource {
    /// The key; it goes before the file and the command.
    pub key: Option<Sourced<Secret>>,
    /// A file with the key in its first line, and keys from before in further ones.
    pub file: Option<Sourced<PathBuf>>,
    /// Prints the key.
    pub command: Option<CommandLine>,
    /// Keys from before, which open and do not seal.
    pub previous: Option<Sourced<Secret>>,
}

impl SealSource {
    /// What the environment says of it.
    ///
    /// # Errors
    /// [`ConfigError::Invalid`] for what is no key.
    pub fn of_environment(environment: &Environment) -> Result<Self, ConfigError> {
        let mut source = Self::default();
        source.heed(environment)?;
        Ok(source)
    }

    /// Lets the environment's keys go before those that are here.
    pub(super) fn heed(&mut self, environment: &Environment) -> Result<(), ConfigError> {
        if let Some(key) = read(environment, "WXAUTH_SEAL_KEY", value::seal_key)? {
            *self = Self {
                key: Some(key),
                previous: self.previous.take(),
                ..Self::default()
            };
        }
        let previous = read(environment, "WXAUTH_SEAL_KEY_PREVIOUS", value::seal_keys)?;
        self.previous = previous.or(self.previous.take());
        Ok(())
    }

    /// The keys in a text: separated by white space, commas or semicolons.
    pub fn keys(text: &Secret) -> impl Iterator<Item = Secret> + '_ {
        value::parts(text.expose()).map(Secret::new)
    }
}
