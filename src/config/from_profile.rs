//! A platform that comes from a profile.

use std::path::PathBuf;

use super::{
    ConfigError, ConfigFile, ConfigFolder, ConfigWarning, EncryptionSource, Entry, Mint, Origin,
    PlatformName, Settings, Sourced, StoreSetting, value,
};
use crate::sys::files;
use crate::sys::redis::{Address, Password};
use crate::wechat::secret::Secret;

impl Settings {
    pub(super) fn from_profile(
        folder: &ConfigFolder,
        file: &ConfigFile,
        name: String,
        entry: Entry,
    ) -> Result<Self, ConfigError> {
        let Entry {
            profile,
            credentials,
        } = entry;
        let mut warnings = file.warnings(&name);
        let origin = file.origin(&name);
        let secret_origin = file.credentials_origin(&name);

        let api_base = match profile.api_base {
            Some(base) => Sourced::new(base, origin.clone()),
            None => Sourced::new(value::default_api_base()?, Origin::Default),
        };
        let mint = match profile.mint {
            Some(mint) => Sourced::new(mint, origin.clone()),
            None => {
                warnings.push(ConfigWarning::MintUnset {
                    profile: name.clone(),
                });
                Sourced::new(Mint::Never, Origin::Default)
            }
        };
        let absolute = |path: PathBuf| folder.path().join(path);
        let whole = |mut address: Address, password: Option<&Secret>| {
            address.password = password.map(|password| Password::new(password.expose()));
            if let Some(tls) = &mut address.tls {
                tls.ca_file = tls.ca_file.take().map(absolute);
                let files = tls.client.take();
                tls.client = files.map(|(one, other)| (absolute(one), absolute(other)));
            }
            address
        };
        let layout_password = credentials.layout_redis_password.as_ref();
        let layout_redis = profile
            .layout_redis
            .map(|address| whole(address, layout_password));
        let store = match profile.store {
            Some(StoreSetting::Sqlite(path)) => {
                Sourced::new(StoreSetting::Sqlite(absolute(path)), origin.clone())
            }
            Some(StoreSetting::Redis(address)) => {
                let address = whole(address, credentials.store_password.as_ref());
                Sourced::new(StoreSetting::Redis(address), origin.clone())
            }
            Some(StoreSetting::Memory) => Sourced::new(StoreSetting::Memory, origin.clone()),
            None => Sourced::new(StoreSetting::Sqlite(folder.store_file()), Origin::Default),
        };
        let mut command_for = |key, secret_is_known, command: Option<_>| {
            if secret_is_known && command.is_some() {
                warnings.push(ConfigWarning::CommandUnused {
                    profile: name.clone(),
                    key,
                });
                return None;
            }
            command
        };
        let appsecret_command = command_for(
            "appsecret",
            credentials.appsecret.is_some(),
            profile.appsecret_command,
        );
        let encoding_aes_key_command = command_for(
            "encoding_aes_key",
            credentials.encoding_aes_key.is_some(),
            profile.encoding_aes_key_command,
        );

        let encryption_key_command = command_for(
            "encryption_key",
            credentials.encryption_key.is_some(),
            profile.encryption_key_command,
        );
        let encryption_key_file = profile.encryption_key_file.map(absolute);
        if let Some(file) = encryption_key_file.as_ref()
            && let Some(mode) = files::open_to_others(file)
        {
            let file = file.clone();
            warnings.push(ConfigWarning::LooseMode { file, mode });
        }

        let component_appid = Sourced::new(profile.component_appid, origin.clone());
        let name = PlatformName::Profile(name);
        let mut settings = Self::new(name, component_appid, api_base, mint, store);
        settings.appsecret = at(&secret_origin, credentials.appsecret);
        settings.token = at(&secret_origin, credentials.token);
        settings.encoding_aes_key = at(&secret_origin, credentials.encoding_aes_key);
        settings.encoding_aes_key_previous =
            at(&secret_origin, credentials.encoding_aes_key_previous);
        settings.redirect_uri = at(&origin, profile.redirect_uri);
        settings.launch_domain = at(&origin, profile.launch_domain);
        settings.launch_page = profile.launch_page;
        settings.released = profile.released;
        settings.test_list = profile.test_list;
        settings.configured_permissions = profile.configured_permissions;
        settings.required_permissions = profile.required_permissions;
        settings.token_command = profile.token_command;
        settings.layout = profile.layout;
        settings.layout_prefix = profile.layout_prefix;
        settings.layout_redis = layout_redis;
        settings.ticket_command = profile.ticket_command;
        settings.appsecret_command = appsecret_command;
        settings.encoding_aes_key_command = encoding_aes_key_command;
        settings.encryption = EncryptionSource {
            key: at(&secret_origin, credentials.encryption_key),
            file: at(&origin, encryption_key_file),
            command: encryption_key_command,
            previous: at(&secret_origin, credentials.encryption_key_previous),
        };
        settings.ca_file = profile.ca_file.map(absolute);
        settings.warnings = warnings;
        Ok(settings)
    }
}

fn at<T>(origin: &Origin, value: Option<T>) -> Option<Sourced<T>> {
    value.map(|value| Sourced::new(value, origin.clone()))
}
