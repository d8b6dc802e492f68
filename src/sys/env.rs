//! A snapshot of the process environment, taken once, so that everything after it is a function of values.

use std::collections::BTreeMap;

/// Variables that hold secrets: no program that this one starts gets them.
pub const SECRETS: [&str; 8] = [
    "WXAUTH_ALERT_WEBHOOK",
    "WXAUTH_COMPONENT_APPSECRET",
    "WXAUTH_COMPONENT_VERIFY_TICKET",
    "WXAUTH_ENCODING_AES_KEY",
    "WXAUTH_ENCODING_AES_KEY_PREVIOUS",
    "WXAUTH_ENCRYPTION_KEY",
    "WXAUTH_ENCRYPTION_KEY_PREVIOUS",
    "WXAUTH_TOKEN",
];

/// Where the state lives, which may be an address with a password in it.
pub const STORE: &str = "WXAUTH_STORE";

/// Environment variables by name; values that are not UTF-8 are left out.
#[derive(Clone, Default)]
pub struct Environment {
    variables: BTreeMap<String, String>,
}

impl Environment {
    /// The environment of this process.
    #[must_use]
    #[allow(
        clippy::disallowed_methods,
        reason = "the one place that reads the environment"
    )]
    pub fn capture() -> Self {
        std::env::vars_os()
            .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
            .collect()
    }

    /// The value of `name`; an empty one counts as unset.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.variables
            .get(name)
            .map(String::as_str)
            .filter(|value| !value.is_empty())
    }

    /// The same environment without these variables.
    #[must_use]
    pub fn without(&self, names: &[String]) -> Self {
        let mut variables = self.variables.clone();
        variables.retain(|name, _| !names.contains(name));
        Self { variables }
    }

    /// Whether `name` is set to something not empty.
    #[must_use]
    pub fn has(&self, name: &str) -> bool {
        self.get(name).is_some()
    }
}

impl FromIterator<(String, String)> for Environment {
    fn from_iter<I: IntoIterator<Item = (String, String)>>(pairs: I) -> Self {
        Self {
            variables: pairs.into_iter().collect(),
        }
    }
}
