//! The settings of one platform, resolved once.

use std::path::PathBuf;

use url::Url;

use super::platform::{Chosen, choose};
use super::{
    CommandLine, ConfigError, ConfigFolder, ConfigWarning, EncryptionSource, Ignored, IgnoredWhy,
    LayoutName, Mint, Origin, PermissionSets, PlatformName, Request, Sourced, StoreSetting,
};
use crate::sys::env::Environment;
use crate::sys::http;
use crate::sys::redis::Address;
use crate::wechat::id::{ComponentAppid, UserName};
use crate::wechat::secret::Secret;

/// Everything a command needs to know about its platform.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Which origin won.
    pub name: PlatformName,
    /// The platform.
    pub component_appid: Sourced<ComponentAppid>,
    /// Its appsecret; without one there may be an `appsecret_command`.
    pub appsecret: Option<Sourced<Secret>>,
    /// The ticket, from the environment only; the store has others.
    pub ticket: Option<Sourced<Secret>>,
    /// The Token that signs pushes.
    pub token: Option<Sourced<Secret>>,
    /// The key that encrypts pushes.
    pub encoding_aes_key: Option<Sourced<Secret>>,
    /// The key before that.
    pub encoding_aes_key_previous: Option<Sourced<Secret>>,
    /// Where links send the merchant's browser, as written.
    pub redirect_uri: Option<Sourced<String>>,
    /// The authorization launch domain: a host.
    pub launch_domain: Option<Sourced<String>>,
    /// Address of the page that sends merchants on to a link; it may be another process's.
    pub launch_page: Option<Url>,
    /// Whether full release is done; unknown from the environment.
    pub released: Option<bool>,
    /// The accounts that can authorize before full release.
    pub test_list: Vec<UserName>,
    /// The permission sets offered.
    pub configured_permissions: PermissionSets,
    /// The permission sets that every merchant has to grant.
    pub required_permissions: PermissionSets,
    /// Base of WeChat's API.
    pub api_base: Sourced<Url>,
    /// Who asks WeChat for tokens.
    pub mint: Sourced<Mint>,
    /// Prints a token held by somebody else.
    pub token_command: Option<CommandLine>,
    /// The SDK among whose keys tokens are found.
    pub layout: Option<LayoutName>,
    /// What stands before its keys; without one its own default.
    pub layout_prefix: Option<String>,
    /// The Redis that holds them, with its password.
    pub layout_redis: Option<Address>,
    /// Prints the newest ticket.
    pub ticket_command: Option<CommandLine>,
    /// Prints the appsecret; none when the appsecret is known.
    pub appsecret_command: Option<CommandLine>,
    /// Prints the EncodingAESKey; none when the key is known.
    pub encoding_aes_key_command: Option<CommandLine>,
    /// Where the encryption keys of the store come from.
    pub encryption: EncryptionSource,
    /// Where the state lives.
    pub store: Sourced<StoreSetting>,
    /// What the platform's records are kept under beside its appid: host and port of the API
    /// base, or `sandbox` for the built-in one.
    pub realm: String,
    /// A PEM file of further certificate authorities.
    pub ca_file: Option<PathBuf>,
    /// What of other origins was left aside, to be said.
    pub ignored: Vec<Ignored>,
    /// What is worth saying.
    pub warnings: Vec<ConfigWarning>,
}

impl Settings {
    /// Chooses the platform and takes its settings whole from one origin.
    ///
    /// # Errors
    /// [`ConfigError::NoPlatform`], [`ConfigError::NoSuchProfile`], [`ConfigError::SandboxCard`]
    /// when the sandbox is asked for, those of [`ConfigFile::load`](super::ConfigFile::load) and [`ConfigFile::get`](super::ConfigFile::get), and
    /// [`ConfigError::Invalid`] or [`ConfigError::NotAvailable`] for a variable.
    pub fn resolve(
        folder: &ConfigFolder,
        request: &Request,
        environment: &Environment,
    ) -> Result<Self, ConfigError> {
        let mut settings = match choose(folder, request, environment)? {
            Chosen::Environment => Self::from_environment(folder, environment)?,
            Chosen::Profile { name, by, file } => {
                let entry = file.get(&name)?;
                let entry = entry.ok_or_else(|| file.no_such_profile(&name, by.clone()))?;
                let why = match by {
                    Origin::Flag(flag) => IgnoredWhy::Explicit(flag),
                    _ => IgnoredWhy::NoAppid,
                };
                let mut settings = Self::from_profile(folder, &file, name, entry)?;
                settings.ignored = Ignored::variables(environment, why);
                settings
            }
        };
        settings.encryption.heed(environment)?;
        Ok(settings)
    }

    /// The settings of a platform of which nothing is known but this.
    pub(super) fn new(
        name: PlatformName,
        component_appid: Sourced<ComponentAppid>,
        api_base: Sourced<Url>,
        mint: Sourced<Mint>,
        store: Sourced<StoreSetting>,
    ) -> Self {
        Self {
            name,
            component_appid,
            appsecret: None,
            ticket: None,
            token: None,
            encoding_aes_key: None,
            encoding_aes_key_previous: None,
            redirect_uri: None,
            launch_domain: None,
            launch_page: None,
            released: None,
            test_list: Vec::new(),
            configured_permissions: PermissionSets::default(),
            required_permissions: PermissionSets::default(),
            realm: http::realm(&api_base.value),
            api_base,
            mint,
            token_command: None,
            layout: None,
            layout_prefix: None,
            layout_redis: None,
            ticket_command: None,
            appsecret_command: None,
            encoding_aes_key_command: None,
            encryption: EncryptionSource::default(),
            store,
            ca_file: None,
            ignored: Vec::new(),
            warnings: Vec::new(),
        }
    }
}
