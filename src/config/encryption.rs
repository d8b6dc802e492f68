//! Where the encryption keys of the store come from.

use std::path::PathBuf;

use super::variable::read;
use super::{CommandLine, ConfigError, Sourced, value};
use crate::sys::env::Environment;
use crate::wechat::secret::Secret;

/// Where the encryption keys of the store come from. They belong to a store and not to a platform, so
/// keys from the environment are used together with a profile.
#[derive(Clone, Debug, Default)]
pub struct EncryptionSource {
    /// The current key; it overrides the file and the command.
    pub key: Option<Sourced<Secret>>,
    /// A file with the current key on its first line, and previous keys on further ones.
    pub file: Option<Sourced<PathBuf>>,
    /// Prints the current key.
    pub command: Option<CommandLine>,
    /// Previous keys, which decrypt and do not encrypt.
    pub previous: Option<Sourced<Secret>>,
}

impl EncryptionSource {
    /// The keys that the environment sets.
    ///
    /// # Errors
    /// [`ConfigError::Invalid`] for a value that is not a key.
    pub fn of_environment(environment: &Environment) -> Result<Self, ConfigError> {
        let mut source = Self::default();
        source.heed(environment)?;
        Ok(source)
    }

    /// Overrides these keys with those that the environment sets.
    pub(super) fn heed(&mut self, environment: &Environment) -> Result<(), ConfigError> {
        if let Some(key) = read(environment, "WXAUTH_ENCRYPTION_KEY", value::encryption_key)? {
            *self = Self {
                key: Some(key),
                previous: self.previous.take(),
                ..Self::default()
            };
        }
        let previous = read(
            environment,
            "WXAUTH_ENCRYPTION_KEY_PREVIOUS",
            value::encryption_keys,
        )?;
        self.previous = previous.or(self.previous.take());
        Ok(())
    }

    /// The keys in a text: separated by white space, commas or semicolons.
    pub fn keys(text: &Secret) -> impl Iterator<Item = Secret> + '_ {
        value::parts(text.expose()).map(Secret::new)
    }
}
