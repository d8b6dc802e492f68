//! What can be wrong with the settings.

use std::io;
use std::path::PathBuf;

use super::Origin;
use crate::wechat::id::PermissionSetId;

/// Why there are no settings. No variant holds a value that was given: a secret may stand where
/// another value was due.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// No folder was named and there is no home folder to derive one from.
    #[error("there is no home folder to keep the configuration in")]
    NoHome,
    /// Neither flag, environment nor file names a platform.
    #[error("no platform is chosen")]
    NoPlatform {
        /// The profiles that could be chosen; empty when there is none yet.
        profiles: Vec<String>,
        /// Where they were looked for.
        file: PathBuf,
    },
    /// A profile was asked for that does not exist.
    #[error("there is no profile `{name}`{}", asked_by(origin))]
    NoSuchProfile {
        /// The name asked for.
        name: String,
        /// Who asked for it.
        origin: Origin,
        /// The profiles that exist.
        known: Vec<String>,
    },
    /// `--profile` and `--sandbox` together.
    #[error("`--profile` and `--sandbox` each name another platform")]
    TwoPlatforms,
    /// The sandbox was asked for here; its platform is known to the sandbox only, so that the
    /// caller has to start it and use [`Settings::sandbox`](super::Settings::sandbox).
    #[error("the sandbox describes its platform itself")]
    SandboxCard,
    /// A value that cannot be used.
    #[error("`{name}` from {origin} {reason}; expected {expected}")]
    Invalid {
        /// The variable, or the key with its profile's sub-table.
        name: String,
        /// Where the value stands.
        origin: Origin,
        /// What is wrong with it, as the rest of a sentence that starts with the name.
        reason: &'static str,
        /// What would be right.
        expected: &'static str,
    },
    /// A value that a later version of wxauth understands.
    #[error("`{name}` from {origin} asks for {what}, which this version does not have")]
    NotAvailable {
        /// The variable or the key.
        name: String,
        /// Where the value stands.
        origin: Origin,
        /// What it asks for.
        what: &'static str,
    },
    /// Required sets that the platform does not offer.
    #[error(
        "{origin} requires sets of {kind} that are not among its configured ones: {}",
        listed(ids)
    )]
    RequiredNotConfigured {
        /// The kind of account, as in the key.
        kind: String,
        /// The sets.
        ids: Vec<PermissionSetId>,
        /// The profile.
        origin: Origin,
    },
    /// `component_appid`, without which a profile is none, is missing.
    #[error("{origin} has no `{key}`")]
    Missing {
        /// The key.
        key: &'static str,
        /// The profile.
        origin: Origin,
    },
    /// A key that no profile has.
    #[error("there is no setting `{key}`")]
    UnknownKey {
        /// The key given.
        key: String,
    },
    /// A profile name that cannot be used.
    #[error("a profile cannot have this name")]
    ProfileName {
        /// What a name looks like.
        expected: &'static str,
    },
    /// A file that is no TOML.
    #[error("{} is damaged at line {line}, column {column}: {message}", file.display())]
    Damaged {
        /// The file.
        file: PathBuf,
        /// Counted from 1.
        line: usize,
        /// In characters, counted from 1.
        column: usize,
        /// What the parser expected; never the text of the file.
        message: String,
    },
    /// A file written by a newer wxauth.
    #[error("{} has version {found}, this wxauth knows {known}", file.display())]
    NewerVersion {
        /// The file.
        file: PathBuf,
        /// Its version.
        found: i64,
        /// The newest version known here.
        known: i64,
    },
    /// A file cannot be read.
    #[error("cannot read {}: {source}", file.display())]
    Read {
        /// The file.
        file: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },
    /// A file cannot be written.
    #[error("cannot write {}: {source}", file.display())]
    Write {
        /// The file.
        file: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },
    /// Another process has been changing the configuration for longer than it should take.
    #[error("another process is changing the configuration: {} is locked", file.display())]
    Locked {
        /// The lock.
        file: PathBuf,
    },
}

/// A name on the command line needs no word on where it stands: it may be no flag's.
fn asked_by(origin: &Origin) -> String {
    match origin {
        Origin::Flag(_) => String::new(),
        other => format!(", asked for by {other}"),
    }
}

fn listed(ids: &[PermissionSetId]) -> String {
    let ids: Vec<_> = ids.iter().map(ToString::to_string).collect();
    ids.join(", ")
}

/// What is worth saying although the settings hold.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ConfigWarning {
    /// Others than the owner may read or write a file of secrets.
    #[error("{} holds secrets and is open to others (mode {mode:o})", file.display())]
    LooseMode {
        /// The file.
        file: PathBuf,
        /// The permission bits of others that are set.
        mode: u32,
    },
    /// A key that this version does not know; it is kept when the file is written.
    #[error("{} has an unknown key: {key}", file.display())]
    UnknownKey {
        /// The file.
        file: PathBuf,
        /// The key with the tables it stands in, joined by dots.
        key: String,
    },
    /// A secret in `config.toml`; it is not used.
    #[error("{key} is a secret and belongs in credentials.toml, not in {}: it is not used", file.display())]
    MisplacedSecret {
        /// The file it stands in.
        file: PathBuf,
        /// The key with the tables it stands in, joined by dots.
        key: String,
    },
    /// A profile does not say who mints, so that wxauth does not.
    #[error("profile `{profile}` does not say who mints: tokens are only borrowed")]
    MintUnset {
        /// The profile.
        profile: String,
    },
    /// Both a stored secret and a command that prints it are set; the stored one is used.
    #[error("profile `{profile}` has both `{key}` and `{key}_command`: the command is not used")]
    CommandUnused {
        /// The profile.
        profile: String,
        /// The secret's key.
        key: &'static str,
    },
}
