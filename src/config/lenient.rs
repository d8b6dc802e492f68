//! Settings although some of their values cannot be used: for whoever looks for what is wrong.

use super::platform::{Chosen, choose};
use super::{ConfigError, ConfigFolder, Ignored, IgnoredWhy, Origin, Request, Settings};
use crate::sys::env::Environment;

/// Values that may be left out: without them less can be done, and nothing is done elsewhere.
const LEFT_OUT: [&str; 16] = [
    "appsecret",
    "token",
    "encoding_aes_key",
    "encoding_aes_key_previous",
    "encryption_key",
    "encryption_key_previous",
    "redirect_uri",
    "launch_domain",
    "WXAUTH_COMPONENT_APPSECRET",
    "WXAUTH_TOKEN",
    "WXAUTH_ENCODING_AES_KEY",
    "WXAUTH_ENCODING_AES_KEY_PREVIOUS",
    "WXAUTH_ENCRYPTION_KEY",
    "WXAUTH_ENCRYPTION_KEY_PREVIOUS",
    "WXAUTH_REDIRECT_URI",
    "WXAUTH_LAUNCH_DOMAIN",
];

impl Settings {
    /// As [`Settings::resolve`], but secrets and addresses of links that cannot be used are left
    /// out: the settings without them, and an error for each.
    ///
    /// # Errors
    /// As [`Settings::resolve`], for everything else.
    pub fn resolve_leniently(
        folder: &ConfigFolder,
        request: &Request,
        environment: &Environment,
    ) -> Result<(Self, Vec<ConfigError>), ConfigError> {
        let mut broken: Vec<ConfigError> = Vec::new();
        loop {
            let left_out: Vec<String> = broken.iter().filter_map(named).collect();
            let error = match attempt(folder, request, environment, &left_out) {
                Ok(settings) => return Ok((settings, broken)),
                Err(error) => error,
            };
            match named(&error) {
                Some(name) if !left_out.contains(&name) => broken.push(error),
                _ => return Err(error),
            }
        }
    }
}

/// The value that an error is about, where it may be left out.
fn named(error: &ConfigError) -> Option<String> {
    match error {
        ConfigError::Invalid { name, .. } if LEFT_OUT.contains(&name.as_str()) => {
            Some(name.clone())
        }
        _ => None,
    }
}

fn attempt(
    folder: &ConfigFolder,
    request: &Request,
    environment: &Environment,
    left_out: &[String],
) -> Result<Settings, ConfigError> {
    let usable = environment.without(left_out);
    let mut settings = match choose(folder, request, environment)? {
        Chosen::Environment => Settings::from_environment(folder, &usable)?,
        Chosen::Profile { name, by, mut file } => {
            file.leave_out(&name, left_out);
            let entry = file.get(&name)?;
            let entry = entry.ok_or_else(|| file.no_such_profile(&name, by.clone()))?;
            let why = match by {
                Origin::Flag(flag) => IgnoredWhy::Explicit(flag),
                _ => IgnoredWhy::NoAppid,
            };
            let mut settings = Settings::from_profile(folder, &file, name, entry)?;
            settings.ignored = Ignored::variables(environment, why);
            settings
        }
    };
    settings.encryption.heed(&usable)?;
    Ok(settings)
}
