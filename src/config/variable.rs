//! The environment variables that the program reads.

use super::Origin;
use super::value::Refused;
use super::{ConfigError, Sourced};
use crate::sys::env::Environment;

/// An environment variable.
#[derive(Clone, Copy, Debug)]
pub struct Variable {
    /// Its name.
    pub name: &'static str,
    /// What it is, in a few words.
    pub meaning: &'static str,
    /// Whether it belongs to the platform set, which is taken whole or not at all.
    pub platform: bool,
}

const fn global(name: &'static str, meaning: &'static str) -> Variable {
    Variable {
        name,
        meaning,
        platform: false,
    }
}

const fn platform(name: &'static str, meaning: &'static str) -> Variable {
    Variable {
        name,
        meaning,
        platform: true,
    }
}

static VARIABLES: [Variable; 35] = [
    global("WXAUTH_PROFILE", "Profile to use"),
    global(
        "WXAUTH_CONFIG_DIR",
        "Folder of config.toml, credentials.toml and the store",
    ),
    global("WXAUTH_OUTPUT", "Output format where a command has it"),
    global("WXAUTH_LANG", "Language of messages: en or zh"),
    global(
        "WXAUTH_SANDBOX_URL",
        "Sandbox that the `sandbox` verbs act on",
    ),
    global("WXAUTH_SANDBOX_STORE", "Store of the built-in platform"),
    global(
        "WXAUTH_IN_COMMAND",
        "Set for the programs of *_command, so that none asks wxauth in a circle",
    ),
    global("WXAUTH_ALERT_WEBHOOK", "Where `serve` sends alerts"),
    global(
        "WXAUTH_ENCRYPTION_KEY",
        "Key that encrypts stored secrets; overrides the profile's",
    ),
    global(
        "WXAUTH_ENCRYPTION_KEY_PREVIOUS",
        "Previous keys, which decrypt only",
    ),
    global("WXAUTH_PAGER", "Pager for long tables, before PAGER"),
    global("PAGER", "Pager for long tables; less without one"),
    global("LESS", "Options of less, FRX unless set"),
    global("LESSCHARSET", "Characters of less, utf-8 unless set"),
    global("CI", "Set by what runs builds; no pager then"),
    global("COMPLETE", "Set by the scripts of `completions`"),
    global("NO_COLOR", "No colour"),
    global("CLICOLOR_FORCE", "Colour even without a terminal"),
    global("HTTPS_PROXY", "Proxy for https"),
    global("HTTP_PROXY", "Proxy for http"),
    global("ALL_PROXY", "Proxy for both"),
    global("NO_PROXY", "Hosts that need no proxy"),
    global(
        "SSL_CERT_FILE",
        "PEM file of the certificate authorities to trust",
    ),
    global("XDG_CONFIG_HOME", "Parent of the config folder, on Linux"),
    platform(
        "WXAUTH_COMPONENT_APPID",
        "Appid of the platform; switches the platform set on",
    ),
    platform("WXAUTH_COMPONENT_APPSECRET", "Appsecret of the platform"),
    platform("WXAUTH_COMPONENT_VERIFY_TICKET", "Newest ticket"),
    platform("WXAUTH_TOKEN", "Token that signs pushes"),
    platform("WXAUTH_ENCODING_AES_KEY", "Key that encrypts pushes"),
    platform("WXAUTH_ENCODING_AES_KEY_PREVIOUS", "Key before that"),
    platform("WXAUTH_REDIRECT_URI", "Where links send the merchant"),
    platform("WXAUTH_LAUNCH_DOMAIN", "Authorization launch domain"),
    platform("WXAUTH_API_BASE", "Base of WeChat's API"),
    platform("WXAUTH_MINT", "Who asks WeChat for tokens: wxauth or never"),
    platform(
        "WXAUTH_STORE",
        "Where the state lives: sqlite:PATH, memory or redis://…",
    ),
];

/// Every environment variable that the program reads, for help and documentation.
#[must_use]
pub fn environment_names() -> &'static [Variable] {
    &VARIABLES
}

/// The value of a variable of the platform set, if it passes `check`.
pub(super) fn read<T>(
    environment: &Environment,
    name: &'static str,
    check: fn(&str) -> Result<T, Refused>,
) -> Result<Option<Sourced<T>>, ConfigError> {
    let Some(text) = environment.get(name) else {
        return Ok(None);
    };
    let origin = Origin::Environment(name);
    match check(text) {
        Ok(value) => Ok(Some(Sourced::new(value, origin))),
        Err(refused) => Err(refused.at(name, &origin)),
    }
}
