//! The built-in sandbox as a platform.

use url::Url;

use super::variable::read;
use super::{
    ConfigError, ConfigFolder, Mint, Origin, PermissionSets, PlatformName, Settings, Sourced,
    StoreSetting, value,
};
use crate::sys::env::Environment;
use crate::wechat::id::{ComponentAppid, UserName};
use crate::wechat::secret::Secret;

/// The first platform of the built-in sandbox, as the sandbox describes it.
#[derive(Clone, Debug)]
pub struct SandboxPlatform {
    /// The platform.
    pub component_appid: ComponentAppid,
    /// Its appsecret.
    pub appsecret: Secret,
    /// The Token that signs pushes.
    pub token: Secret,
    /// The key that encrypts pushes.
    pub encoding_aes_key: Secret,
    /// The one before it, where it was changed.
    pub encoding_aes_key_previous: Option<Secret>,
    /// Where links send the merchant's browser.
    pub redirect_uri: String,
    /// The authorization launch domain.
    pub launch_domain: String,
    /// Whether full release is done.
    pub released: bool,
    /// The accounts that can authorize before full release.
    pub test_list: Vec<UserName>,
    /// The permission sets it offers.
    pub configured_permissions: PermissionSets,
    /// Where the sandbox listens.
    pub api_base: Url,
}

impl Settings {
    /// The settings of the built-in sandbox's first platform; `ignored` is left empty, see
    /// [`Ignored::variables`](super::Ignored::variables).
    ///
    /// Its store is a file of its own, unless `WXAUTH_SANDBOX_STORE` names another: that is how a
    /// Redis is tried without an account.
    ///
    /// # Errors
    /// [`ConfigError::Invalid`](ConfigError::Invalid) for that variable.
    pub fn sandbox(
        folder: &ConfigFolder,
        environment: &Environment,
        platform: SandboxPlatform,
    ) -> Result<Self, ConfigError> {
        let store = read(environment, "WXAUTH_SANDBOX_STORE", value::store)?
            .unwrap_or_else(|| here(StoreSetting::Sqlite(folder.sandbox_store())));
        let mut settings = Self::new(
            PlatformName::Sandbox,
            here(platform.component_appid),
            here(platform.api_base),
            here(Mint::Wxauth),
            store,
        );
        // The port changes from run to run, what is stored does not.
        "sandbox".clone_into(&mut settings.realm);
        settings.appsecret = Some(here(platform.appsecret));
        settings.token = Some(here(platform.token));
        settings.encoding_aes_key = Some(here(platform.encoding_aes_key));
        settings.encoding_aes_key_previous = platform.encoding_aes_key_previous.map(here);
        settings.redirect_uri = Some(here(platform.redirect_uri));
        settings.launch_domain = Some(here(platform.launch_domain));
        settings.released = Some(platform.released);
        settings.test_list = platform.test_list;
        settings.configured_permissions = platform.configured_permissions;
        Ok(settings)
    }
}

fn here<T>(value: T) -> Sourced<T> {
    Sourced::new(value, Origin::Flag("--sandbox"))
}
