//! Where the files of wxauth live.

use std::path::{Path, PathBuf};

use super::ConfigError;
use crate::sys::env::Environment;

/// The folder of `config.toml`, `credentials.toml`, the store and the sandbox.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigFolder(PathBuf);

impl ConfigFolder {
    /// Takes `--config-dir`, else `WXAUTH_CONFIG_DIR`, else the platform's usual place (XDG on
    /// Linux). Nothing is made.
    ///
    /// # Errors
    /// [`ConfigError::NoHome`] when none is given and there is no home folder to derive one from.
    pub fn resolve(flag: Option<&Path>, environment: &Environment) -> Result<Self, ConfigError> {
        if let Some(folder) = flag {
            return Ok(Self(folder.to_owned()));
        }
        if let Some(folder) = environment.get("WXAUTH_CONFIG_DIR") {
            return Ok(Self(PathBuf::from(folder)));
        }
        directories::ProjectDirs::from("", "", "wxauth")
            .map(|folders| folders.config_dir().to_owned())
            .filter(|folder| folder.is_absolute())
            .map(Self)
            .ok_or(ConfigError::NoHome)
    }

    /// The folder itself.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// Profiles, without their secrets.
    #[must_use]
    pub fn config_file(&self) -> PathBuf {
        self.0.join("config.toml")
    }

    /// The secrets of the profiles.
    #[must_use]
    pub fn credentials_file(&self) -> PathBuf {
        self.0.join("credentials.toml")
    }

    /// The store, where a platform names no other.
    #[must_use]
    pub fn store_file(&self) -> PathBuf {
        self.0.join("store.db")
    }

    /// What the built-in sandbox and its client keep.
    #[must_use]
    pub fn sandbox(&self) -> PathBuf {
        self.0.join("sandbox")
    }

    /// The client's store for the built-in sandbox.
    #[must_use]
    pub fn sandbox_store(&self) -> PathBuf {
        self.sandbox().join("client.db")
    }

    /// Held while the two files are read, changed and written back.
    pub(super) fn lock_file(&self) -> PathBuf {
        self.0.join("config.lock")
    }
}
