//! Settings, resolved once, each value with its origin; `config.toml` and `credentials.toml`.
//!
//! One command reads them like this: [`ConfigFolder::resolve`] finds the folder,
//! [`Settings::resolve`] takes one platform whole from one origin, and everything after it works
//! on values. Commands that change profiles go through [`ConfigFile::edit`].

mod assign;
mod command_line;
mod encryption;
mod entry;
mod error;
mod fields;
mod file;
mod folder;
mod from_environment;
mod from_profile;
mod ignored;
pub mod import;
mod key;
mod lenient;
mod origin;
mod permission_sets;
mod platform;
mod profile;
mod sandbox;
mod settings;
mod toml_file;
mod value;
mod variable;

pub use command_line::CommandLine;
pub use encryption::EncryptionSource;
pub use entry::Entry;
pub use error::{ConfigError, ConfigWarning};
pub use file::ConfigFile;
pub use folder::ConfigFolder;
pub use ignored::{Ignored, IgnoredWhy};
pub use key::{KEYS, Key};
pub use origin::{Origin, Sourced};
pub use permission_sets::PermissionSets;
pub use platform::{PlatformName, Request};
pub use profile::{Credentials, Profile};
pub use sandbox::SandboxPlatform;
pub use settings::Settings;
pub use value::{LayoutName, Mint, StoreSetting};
pub use variable::{Variable, environment_names};
