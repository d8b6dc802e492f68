//! A platform that comes from the environment alone.

use super::variable::read;
use super::{
    ConfigError, ConfigFolder, Ignored, Mint, Origin, PlatformName, Settings, Sourced,
    StoreSetting, value,
};
use crate::sys::env::Environment;
use crate::sys::http::is_loopback;

impl Settings {
    pub(super) fn from_environment(
        folder: &ConfigFolder,
        environment: &Environment,
    ) -> Result<Self, ConfigError> {
        let appid = read(
            environment,
            "WXAUTH_COMPONENT_APPID",
            value::component_appid,
        )?;
        let component_appid = appid.ok_or(ConfigError::Missing {
            key: "WXAUTH_COMPONENT_APPID",
            origin: Origin::Default,
        })?;
        let api_base = match read(environment, "WXAUTH_API_BASE", value::api_base)? {
            Some(base) => base,
            None => Sourced::new(value::default_api_base()?, Origin::Default),
        };
        let store = read(environment, "WXAUTH_STORE", value::store)?.unwrap_or_else(|| {
            Sourced::new(StoreSetting::Sqlite(folder.store_file()), Origin::Default)
        });
        let mint = read(environment, "WXAUTH_MINT", value::mint)?.unwrap_or_else(|| {
            // What listens on this machine is no WeChat: nobody else's token can be ended. And who
            // shares a store with us mints under its leases.
            let shared = matches!(store.value, StoreSetting::Redis(_));
            let mint = if shared || is_loopback(&api_base.value) {
                Mint::Wxauth
            } else {
                Mint::Never
            };
            Sourced::new(mint, Origin::Default)
        });
        let name = PlatformName::Environment;
        let mut settings = Self::new(name, component_appid, api_base, mint, store);
        let secret = |name, check| read(environment, name, check);
        settings.appsecret = secret("WXAUTH_COMPONENT_APPSECRET", value::secret)?;
        settings.ticket = secret("WXAUTH_COMPONENT_VERIFY_TICKET", value::secret)?;
        settings.token = secret("WXAUTH_TOKEN", value::token)?;
        settings.encoding_aes_key = secret("WXAUTH_ENCODING_AES_KEY", value::encoding_aes_key)?;
        settings.encoding_aes_key_previous =
            secret("WXAUTH_ENCODING_AES_KEY_PREVIOUS", value::encoding_aes_key)?;
        settings.redirect_uri = read(environment, "WXAUTH_REDIRECT_URI", value::redirect_uri)?;
        settings.launch_domain = read(environment, "WXAUTH_LAUNCH_DOMAIN", value::launch_domain)?;
        settings.ignored = Ignored::profile(folder, environment);
        Ok(settings)
    }
}
