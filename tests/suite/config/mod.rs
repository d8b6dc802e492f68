//! Settings: which platform is meant, where each value comes from, and the two files.

#![allow(clippy::unwrap_used, reason = "a story ends where it breaks")]

mod command_line;
mod damage;
mod edits;
mod files;
mod imports;
mod imports_damage;
mod precedence;
mod profiles;
mod secrets;
mod values;

use std::path::Path;

use tempfile::TempDir;
use wxauth::config::{ConfigError, ConfigFolder, Request, Settings};
use wxauth::sys::env::Environment;

const APPID: &str = "wx0123456789abcdef";
const OTHER_APPID: &str = "wxfedcba9876543210";

/// A config folder of its own for one story.
struct Desk {
    _root: TempDir,
    folder: ConfigFolder,
}

impl Desk {
    fn empty() -> Self {
        let root = tempfile::tempdir().unwrap();
        let folder =
            ConfigFolder::resolve(Some(&root.path().join("wxauth")), &environment(&[])).unwrap();
        Self {
            _root: root,
            folder,
        }
    }

    fn with(config: &str, credentials: &str) -> Self {
        let desk = Self::empty();
        desk.write(&desk.folder.config_file(), config);
        desk.write(&desk.folder.credentials_file(), credentials);
        desk
    }

    /// Profiles of these names, the first with [`APPID`], nothing chosen.
    fn with_profiles(names: &[&str]) -> Self {
        let table = |(place, name): (usize, &&str)| {
            let appid = if place == 0 { APPID } else { OTHER_APPID };
            format!("[profiles.{name}]\ncomponent_appid = \"{appid}\"\nmint = \"never\"\n")
        };
        let tables: String = names.iter().enumerate().map(table).collect();
        Self::with(&format!("version = 1\n{tables}"), "")
    }

    fn write(&self, path: &Path, text: &str) {
        wxauth::sys::files::replace_private(path, text.as_bytes()).unwrap();
    }

    fn config_text(&self) -> String {
        text_of(&self.folder.config_file())
    }

    fn credentials_text(&self) -> String {
        text_of(&self.folder.credentials_file())
    }

    fn resolve(&self, variables: &[(&str, &str)]) -> Result<Settings, ConfigError> {
        Settings::resolve(&self.folder, &Request::default(), &environment(variables))
    }
}

fn text_of(path: &Path) -> String {
    wxauth::sys::files::read_text(path, 1 << 20)
        .unwrap()
        .unwrap_or_default()
}

fn environment(variables: &[(&str, &str)]) -> Environment {
    variables
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect()
}

/// What people would see of an error, in every form there is.
fn shown(error: &ConfigError) -> String {
    format!("{error} {error:?} {error:#?}")
}
