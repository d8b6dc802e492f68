//! One TOML file with a version and a table of profiles; unknown keys stay where they are.

use std::io;
use std::path::PathBuf;

use toml::{Table, Value};

use super::{ConfigError, Origin};
use crate::sys::files;

/// The newest layout of both files.
const VERSION: i64 = 1;
/// The longest file; thousands of profiles have room in it.
const LONGEST: u64 = 4 << 20;

/// A file as it was read, changed in memory until it is saved.
pub(super) struct TomlFile {
    pub(super) path: PathBuf,
    pub(super) table: Table,
    read: Table,
}

impl TomlFile {
    /// Reads the file; a missing one is empty.
    pub(super) fn load(path: PathBuf) -> Result<Self, ConfigError> {
        let text = match files::read_text(&path, LONGEST) {
            Ok(text) => text.unwrap_or_default(),
            Err(error) if error.kind() == io::ErrorKind::InvalidData => {
                return Err(ConfigError::Damaged {
                    file: path,
                    line: 1,
                    column: 1,
                    message: "the file is not in UTF-8".to_owned(),
                });
            }
            Err(source) => return Err(ConfigError::Read { file: path, source }),
        };
        // As an untyped table: errors about types would quote the values, which may be secrets.
        let table: Table = text
            .parse()
            .map_err(|error| damaged(path.clone(), &text, &error))?;
        let file = Self {
            path,
            read: table.clone(),
            table,
        };
        file.check()?;
        Ok(file)
    }

    fn check(&self) -> Result<(), ConfigError> {
        match self.table.get("version") {
            None | Some(Value::Integer(VERSION)) => {}
            Some(Value::Integer(found)) if *found > VERSION => {
                return Err(ConfigError::NewerVersion {
                    file: self.path.clone(),
                    found: *found,
                    known: VERSION,
                });
            }
            Some(_) => return Err(self.invalid("version", "is no version", "1")),
        }
        let expected = "tables such as [profiles.main]";
        match self.table.get("profiles") {
            None => Ok(()),
            Some(Value::Table(profiles)) if profiles.values().all(Value::is_table) => Ok(()),
            Some(_) => Err(self.invalid("profiles", "holds something else than tables", expected)),
        }
    }

    pub(super) fn invalid(
        &self,
        name: &str,
        reason: &'static str,
        expected: &'static str,
    ) -> ConfigError {
        ConfigError::Invalid {
            name: name.to_owned(),
            origin: Origin::File(self.path.clone()),
            reason,
            expected,
        }
    }

    /// The tables of the profiles, by name.
    pub(super) fn profiles(&self) -> impl Iterator<Item = (&str, &Table)> {
        let profiles = self.table.get("profiles").and_then(Value::as_table);
        profiles
            .into_iter()
            .flatten()
            .filter_map(|(name, value)| Some((name.as_str(), value.as_table()?)))
    }

    pub(super) fn profile(&self, name: &str) -> Option<&Table> {
        self.table
            .get("profiles")?
            .as_table()?
            .get(name)?
            .as_table()
    }

    /// Puts a profile's known keys in place of those it had; keys that `is_known` does not name
    /// stay. An empty profile is left out unless there is one already.
    pub(super) fn put(&mut self, name: &str, known: Table, is_known: impl Fn(&str) -> bool) {
        if known.is_empty() && self.profile(name).is_none() {
            return;
        }
        let profiles = self
            .table
            .entry("profiles")
            .or_insert_with(|| Table::new().into());
        let Value::Table(profiles) = profiles else {
            return;
        };
        let profile = profiles.entry(name).or_insert_with(|| Table::new().into());
        let Value::Table(profile) = profile else {
            return;
        };
        profile.retain(|key, _| !is_known(key));
        profile.extend(known);
    }

    /// Takes a profile away, with all its keys; says whether there was one.
    pub(super) fn remove(&mut self, name: &str) -> bool {
        let profiles = self.table.get_mut("profiles").and_then(Value::as_table_mut);
        profiles.is_some_and(|profiles| profiles.remove(name).is_some())
    }

    /// Writes the file in one step if it differs from what was read.
    pub(super) fn save(&mut self) -> Result<(), ConfigError> {
        if self.table == self.read {
            return Ok(());
        }
        self.table.insert("version".to_owned(), VERSION.into());
        let failed = |source| ConfigError::Write {
            file: self.path.clone(),
            source,
        };
        let text = toml::to_string(&self.table).map_err(|error| failed(io::Error::other(error)))?;
        // People link these files into a folder of dotfiles: replace what the link points to.
        let target = self
            .path
            .canonicalize()
            .unwrap_or_else(|_| self.path.clone());
        files::replace_private(&target, text.as_bytes()).map_err(failed)?;
        self.read.clone_from(&self.table);
        Ok(())
    }
}

fn damaged(file: PathBuf, text: &str, error: &toml::de::Error) -> ConfigError {
    let start = error.span().map_or(0, |span| span.start);
    let before = text.get(..start).unwrap_or(text);
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().unwrap_or("").chars().count() + 1;
    ConfigError::Damaged {
        file,
        line,
        column,
        message: error.message().to_owned(),
    }
}
