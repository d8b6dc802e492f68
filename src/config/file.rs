//! The profiles of a config folder, read and written.

use std::thread;
use std::time::Duration;

use toml::{Table, Value};

use super::fields::Fields;
use super::key::Shape;
use super::toml_file::TomlFile;
use super::{ConfigError, ConfigFolder, ConfigWarning, Entry, KEYS, Origin};
use crate::sys::files::{self, FileLock};

const LOCK_ATTEMPTS: u32 = 500;
const LOCK_PAUSE: Duration = Duration::from_millis(20);

const NAME_EXPECTED: &str =
    "1 to 64 letters, digits, `.`, `-` or `_`, starting with a letter or digit; not `sandbox`";

/// `config.toml` and `credentials.toml` of a folder.
///
/// A profile is read when it is asked for, so that a mistake in one does not stop the others.
pub struct ConfigFile {
    config: TomlFile,
    credentials: TomlFile,
}

impl ConfigFile {
    /// Reads both files; missing ones are empty.
    ///
    /// # Errors
    /// [`ConfigError::Damaged`], [`ConfigError::NewerVersion`], [`ConfigError::Read`], and
    /// [`ConfigError::Invalid`] for values outside the profiles.
    pub fn load(folder: &ConfigFolder) -> Result<Self, ConfigError> {
        let file = Self {
            config: TomlFile::load(folder.config_file())?,
            credentials: TomlFile::load(folder.credentials_file())?,
        };
        match file.config.table.get("profile") {
            None | Some(Value::String(_)) => Ok(file),
            Some(_) => Err(file
                .config
                .invalid("profile", "is no text", "a profile's name")),
        }
    }

    /// Reads the files, lets `change` work on them and saves them, while no other process does
    /// the same. Nothing is written when `change` fails.
    ///
    /// # Errors
    /// Those of [`ConfigFile::load`], [`ConfigError::Write`], [`ConfigError::Locked`], and those
    /// of `change`.
    pub fn edit<T, E: From<ConfigError>>(
        folder: &ConfigFolder,
        change: impl FnOnce(&mut Self) -> Result<T, E>,
    ) -> Result<T, E> {
        let _lock = lock(folder)?;
        let mut file = Self::load(folder)?;
        let answer = change(&mut file)?;
        file.save()?;
        Ok(answer)
    }

    /// The names of the profiles, sorted.
    #[must_use]
    pub fn list(&self) -> Vec<String> {
        let mut names: Vec<String> = self
            .config
            .profiles()
            .map(|(name, _)| name.to_owned())
            .collect();
        names.sort_unstable();
        names
    }

    /// The profile of that name.
    ///
    /// # Errors
    /// [`ConfigError::Invalid`], [`ConfigError::NotAvailable`] or [`ConfigError::Missing`], each
    /// naming profile, file and key.
    pub fn get(&self, name: &str) -> Result<Option<Entry>, ConfigError> {
        let Some(profile) = self.config.profile(name) else {
            return Ok(None);
        };
        let none = Table::new();
        let credentials = self.credentials.profile(name).unwrap_or(&none);
        self.read(name, profile, credentials).map(Some)
    }

    fn read(&self, name: &str, profile: &Table, credentials: &Table) -> Result<Entry, ConfigError> {
        let profile = Fields {
            table: profile,
            origin: &self.origin(name),
        };
        let credentials = Fields {
            table: credentials,
            origin: &self.credentials_origin(name),
        };
        Entry::read(&profile, &credentials)
    }

    /// The profile used when nothing else is said.
    #[must_use]
    pub fn chosen(&self) -> Option<&str> {
        self.config.table.get("profile").and_then(Value::as_str)
    }

    /// Writes a profile over the one of that name, or adds it.
    ///
    /// # Errors
    /// [`ConfigError::ProfileName`] for a new name of the wrong shape, and those of
    /// [`ConfigFile::get`] for an entry that could not be read back.
    pub fn put(&mut self, name: &str, entry: &Entry) -> Result<(), ConfigError> {
        if self.config.profile(name).is_none() && !is_profile_name(name) {
            return Err(ConfigError::ProfileName {
                expected: NAME_EXPECTED,
            });
        }
        let profile = entry.profile.to_table();
        let credentials = entry.credentials.to_table();
        self.read(name, &profile, &credentials)?;
        self.config.put(name, profile, |key| is_known(key, false));
        let is_secret = |key: &str| is_known(key, true);
        self.credentials.put(name, credentials, is_secret);
        Ok(())
    }

    /// Takes a profile and its secrets away; says whether there was one. It is no longer chosen.
    pub fn remove(&mut self, name: &str) -> bool {
        if self.chosen() == Some(name) {
            self.config.table.remove("profile");
        }
        self.credentials.remove(name);
        self.config.remove(name)
    }

    /// Makes a profile the one used when nothing else is said.
    ///
    /// # Errors
    /// [`ConfigError::NoSuchProfile`].
    pub fn choose(&mut self, name: &str) -> Result<(), ConfigError> {
        if self.config.profile(name).is_none() {
            return Err(self.no_such_profile(name, Origin::File(self.config.path.clone())));
        }
        self.config.table.insert("profile".to_owned(), name.into());
        Ok(())
    }

    /// What is worth saying about the files and about one profile.
    #[must_use]
    pub fn warnings(&self, name: &str) -> Vec<ConfigWarning> {
        let mut warnings = Vec::new();
        let secrets = &self.credentials.path;
        if let Some(mode) = files::open_to_others(secrets) {
            warnings.push(ConfigWarning::LooseMode {
                file: secrets.clone(),
                mode,
            });
        }
        for (file, holds_secrets) in [(&self.config, false), (&self.credentials, true)] {
            let unknown = |key: String| ConfigWarning::UnknownKey {
                file: file.path.clone(),
                key,
            };
            let is_top = |key: &str| {
                matches!(key, "version" | "profiles") || (key == "profile" && !holds_secrets)
            };
            let top = file.table.keys().filter(|key| !is_top(key));
            warnings.extend(top.map(|key| unknown(key.clone())));
            for key in file.profile(name).into_iter().flat_map(Table::keys) {
                let path = format!("profiles.{name}.{key}");
                if !holds_secrets && is_known(key, true) {
                    warnings.push(ConfigWarning::MisplacedSecret {
                        file: file.path.clone(),
                        key: path,
                    });
                } else if !is_known(key, holds_secrets) {
                    warnings.push(unknown(path));
                }
            }
        }
        warnings
    }

    /// Writes what changed; nothing is written when nothing did. [`ConfigFile::edit`] is the way
    /// that loses no other process's change.
    ///
    /// # Errors
    /// [`ConfigError::Write`]; the former files then still stand.
    pub fn save(&mut self) -> Result<(), ConfigError> {
        // Secrets first: a profile never shows up without them.
        self.credentials.save()?;
        self.config.save()
    }

    /// Forgets these values of a profile, until the files are read again.
    pub(super) fn leave_out(&mut self, name: &str, keys: &[String]) {
        for file in [&mut self.config, &mut self.credentials] {
            let profiles = file.table.get_mut("profiles").and_then(Value::as_table_mut);
            let profile = profiles.and_then(|profiles| profiles.get_mut(name)?.as_table_mut());
            if let Some(profile) = profile {
                profile.retain(|key, _| !keys.iter().any(|out| out == key));
            }
        }
    }

    pub(super) fn origin(&self, name: &str) -> Origin {
        origin_in(name, &self.config)
    }

    pub(super) fn credentials_origin(&self, name: &str) -> Origin {
        origin_in(name, &self.credentials)
    }

    pub(super) fn no_such_profile(&self, name: &str, origin: Origin) -> ConfigError {
        ConfigError::NoSuchProfile {
            name: name.to_owned(),
            origin,
            known: self.list(),
        }
    }
}

fn origin_in(name: &str, file: &TomlFile) -> Origin {
    Origin::Profile {
        name: name.to_owned(),
        file: file.path.clone(),
    }
}

fn is_known(key: &str, secret: bool) -> bool {
    KEYS.iter()
        .any(|known| known.name == key && (known.shape == Shape::Secret) == secret)
}

fn is_profile_name(name: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b".-_".contains(&byte);
    let starts_well = name.starts_with(|c: char| c.is_ascii_alphanumeric());
    starts_well && name.len() <= 64 && name.bytes().all(plain) && name != "sandbox"
}

fn lock(folder: &ConfigFolder) -> Result<FileLock, ConfigError> {
    let file = folder.lock_file();
    let failed = |source| ConfigError::Write {
        file: file.clone(),
        source,
    };
    files::ensure_private_folder(folder.path()).map_err(failed)?;
    for _ in 0..LOCK_ATTEMPTS {
        if let Some(lock) = FileLock::try_exclusive(&file).map_err(failed)? {
            return Ok(lock);
        }
        thread::sleep(LOCK_PAUSE);
    }
    Err(ConfigError::Locked { file })
}
