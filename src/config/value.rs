//! The shapes of single values; the same for the environment and for a profile.

use std::fmt;
use std::path::PathBuf;

use url::{Host, Url};

use super::{ConfigError, Origin};
use crate::sys::http::is_loopback;
use crate::sys::redis::{self, Address};
use crate::wechat::id::{ComponentAppid, UserName};
use crate::wechat::secret::Secret;

/// Who asks WeChat for tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mint {
    /// wxauth mints, under a lease.
    Wxauth,
    /// Tokens are only borrowed from another holder of the platform.
    Never,
    /// wxauth mints in another holder's place, under the lock of its SDK.
    Shared,
}

impl Mint {
    /// The word in `config.toml` and `WXAUTH_MINT`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Wxauth => "wxauth",
            Self::Never => "never",
            Self::Shared => "shared",
        }
    }
}

impl fmt::Display for Mint {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

/// The name of an SDK whose keys in Redis are known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LayoutName(&'static str);

impl LayoutName {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self("wxjava"),
        Self("easywechat6"),
        Self("easywechat5"),
        Self("silenceper"),
        Self("powerwechat"),
        Self("wechatpy"),
        Self("senparc"),
    ];

    /// The word in `config.toml`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        self.0
    }
}

/// Where the state of a platform lives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StoreSetting {
    /// An SQLite file.
    Sqlite(PathBuf),
    /// Nowhere: it ends with the process.
    Memory,
    /// A Redis, shared by many machines.
    Redis(Address),
}

impl fmt::Display for StoreSetting {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sqlite(path) => write!(formatter, "sqlite:{}", path.display()),
            Self::Memory => formatter.write_str("memory"),
            Self::Redis(address) => address.fmt(formatter),
        }
    }
}

/// Why a value was refused; it never holds the value.
pub(super) enum Refused {
    Invalid {
        reason: &'static str,
        expected: &'static str,
    },
    NotAvailable(&'static str),
}

impl Refused {
    pub(super) fn at(self, name: &str, origin: &Origin) -> ConfigError {
        let (name, origin) = (name.to_owned(), origin.clone());
        match self {
            Self::Invalid { reason, expected } => ConfigError::Invalid {
                name,
                origin,
                reason,
                expected,
            },
            Self::NotAvailable(what) => ConfigError::NotAvailable { name, origin, what },
        }
    }
}

fn invalid<T>(reason: &'static str, expected: &'static str) -> Result<T, Refused> {
    Err(Refused::Invalid { reason, expected })
}

pub(super) fn component_appid(text: &str) -> Result<ComponentAppid, Refused> {
    let refused = |_| Refused::Invalid {
        reason: "is no platform appid",
        expected: "wx and 16 hexadecimal digits",
    };
    text.parse().map_err(refused)
}

pub(super) fn user_name(text: &str) -> Result<UserName, Refused> {
    let refused = |_| Refused::Invalid {
        reason: "is no original id",
        expected: "gh_ and 12 characters",
    };
    text.parse().map_err(refused)
}

/// An appsecret or a ticket: any text in one piece, because WeChat may change their shapes.
pub(super) fn secret(text: &str) -> Result<Secret, Refused> {
    let text = text.trim();
    if text.is_empty() || text.contains(|c: char| c.is_whitespace() || c.is_control()) {
        return invalid(
            "is empty or has white space in it",
            "the value as WeChat shows it",
        );
    }
    Ok(Secret::new(text))
}

/// The Token that signs pushes.
pub(super) fn token(text: &str) -> Result<Secret, Refused> {
    secret(text).map_err(|_| Refused::Invalid {
        reason: "is empty or has white space in it",
        expected: "the message verification Token (消息校验Token) of the console",
    })
}

/// The key that encrypts pushes.
pub(super) fn encoding_aes_key(text: &str) -> Result<Secret, Refused> {
    let text = text.trim();
    if text.len() != 43 || !text.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        return invalid("is no EncodingAESKey", "43 letters and digits");
    }
    Ok(Secret::new(text))
}

/// A key that encrypts secrets at rest.
pub(super) fn encryption_key(text: &str) -> Result<Secret, Refused> {
    let text = text.trim();
    if !is_encryption_key(text) {
        return invalid("is not an encryption key", ENCRYPTION_KEY);
    }
    Ok(Secret::new(text))
}

/// Previous encryption keys, one or more.
pub(super) fn encryption_keys(text: &str) -> Result<Secret, Refused> {
    if parts(text).next().is_none() || !parts(text).all(is_encryption_key) {
        return invalid(
            "contains something that is not an encryption key",
            ENCRYPTION_KEY,
        );
    }
    Ok(Secret::new(text.trim()))
}

const ENCRYPTION_KEY: &str =
    "32 random bytes in base64 or hexadecimal, as `openssl rand -base64 32` makes them";

/// By shape alone: 64 hexadecimal digits, or 44 characters of base64.
fn is_encryption_key(text: &str) -> bool {
    let in_base64 = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/');
    match text.len() {
        64 => text.bytes().all(|byte| byte.is_ascii_hexdigit()),
        44 => text.ends_with('=') && text.bytes().take(43).all(in_base64),
        _ => false,
    }
}

/// What stands between commas, semicolons or white space.
pub(super) fn parts(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| c == ',' || c == ';' || c.is_whitespace())
        .filter(|part| !part.is_empty())
}

pub(super) fn api_base(text: &str) -> Result<Url, Refused> {
    const EXPECTED: &str = "https://HOST, or http:// for a loopback host";
    let base = web_address(text, EXPECTED)?;
    if base.query().is_some() || base.fragment().is_some() {
        return invalid("has a query or a fragment", EXPECTED);
    }
    Ok(base)
}

/// WeChat itself.
pub(super) fn default_api_base() -> Result<Url, ConfigError> {
    let text = "https://api.weixin.qq.com";
    api_base(text).map_err(|refused| refused.at("api_base", &Origin::Default))
}

/// Kept as written: WeChat compares and returns it as text.
pub(super) fn redirect_uri(text: &str) -> Result<String, Refused> {
    let expected = "https://HOST/…, or http:// for a loopback host";
    web_address(text, expected).map(|_| text.trim().to_owned())
}

/// The page that sends merchants on to a link.
pub(super) fn launch_page(text: &str) -> Result<Url, Refused> {
    let expected = "https://HOST/authorize, or http:// for a loopback host";
    let page = web_address(text, expected)?;
    if page.fragment().is_some() {
        return invalid("has a fragment", expected);
    }
    Ok(page)
}

fn web_address(text: &str, expected: &'static str) -> Result<Url, Refused> {
    let Ok(address) = Url::parse(text.trim()) else {
        return invalid("is no URL", expected);
    };
    if !address.username().is_empty() || address.password().is_some() {
        return invalid("has a user name or a password in it", expected);
    }
    match address.scheme() {
        "https" => Ok(address),
        "http" if is_loopback(&address) => Ok(address),
        "http" => invalid("has plain http and is not on this machine", expected),
        _ => invalid("is no web address", expected),
    }
}

pub(super) fn launch_domain(text: &str) -> Result<String, Refused> {
    let text = text.trim();
    if text.contains(['/', ':', '@', '?', '#']) || Host::parse(text).is_err() {
        return invalid(
            "is no host name",
            "the host alone, such as www.example.com: no scheme, port or path",
        );
    }
    Ok(text.to_ascii_lowercase())
}

pub(super) fn mint(text: &str) -> Result<Mint, Refused> {
    match text.trim() {
        "wxauth" => Ok(Mint::Wxauth),
        "never" => Ok(Mint::Never),
        "shared" => Ok(Mint::Shared),
        _ => invalid("names nobody who mints", "`wxauth`, `never` or `shared`"),
    }
}

pub(super) fn layout(text: &str) -> Result<LayoutName, Refused> {
    let named = LayoutName::ALL
        .into_iter()
        .find(|name| name.0 == text.trim());
    named.ok_or(Refused::Invalid {
        reason: "names no SDK whose keys are known",
        expected: "`wxjava`, `easywechat6`, `easywechat5`, `silenceper`, `powerwechat`, `wechatpy` or `senparc`",
    })
}

/// What stands before an SDK's keys: any text, for it is the framework's choice.
pub(super) fn layout_prefix(text: &str) -> Result<String, Refused> {
    if text.chars().any(char::is_control) {
        return invalid(
            "has control characters in it",
            "the prefix that `wxauth store detect` prints",
        );
    }
    Ok(text.to_owned())
}

/// The Redis of a backend; its password is kept elsewhere.
pub(super) fn layout_redis(text: &str) -> Result<Address, Refused> {
    match Address::parse(text) {
        Ok(_) if !cfg!(feature = "redis") => Err(Refused::NotAvailable("a backend's Redis")),
        Ok(address) if address.password.is_some() => invalid(
            "holds a password, which this file is not for",
            "the address without it; the password by `wxauth profile set layout_redis_password`",
        ),
        Ok(address) => Ok(address),
        Err(error) => invalid(error.reason, redis::EXPECTED),
    }
}

/// A password of somebody else's choice: anything but nothing.
pub(super) fn password(text: &str) -> Result<Secret, Refused> {
    match text {
        "" => invalid("is empty", "a password"),
        text => Ok(Secret::new(text)),
    }
}

pub(super) fn store(text: &str) -> Result<StoreSetting, Refused> {
    const EXPECTED: &str = "`sqlite:PATH`, `memory`, or `redis://HOST[:PORT][/DATABASE]`";
    let text = text.trim();
    if text == "memory" {
        return Ok(StoreSetting::Memory);
    }
    if text.starts_with("redis") || text.starts_with("unix:") {
        return match Address::parse(text) {
            Ok(_) if !cfg!(feature = "redis") => Err(Refused::NotAvailable("a store in Redis")),
            Ok(address) => Ok(StoreSetting::Redis(address)),
            Err(error) => invalid(error.reason, redis::EXPECTED),
        };
    }
    let Some(path) = text.strip_prefix("sqlite:") else {
        return invalid("names no store", EXPECTED);
    };
    let path = path.strip_prefix("//").unwrap_or(path);
    Ok(StoreSetting::Sqlite(file_path(path)?))
}

/// The store of a profile, whose file others may read: an address without its password.
pub(super) fn stored_store(text: &str) -> Result<StoreSetting, Refused> {
    match store(text)? {
        StoreSetting::Redis(address) if address.password.is_some() => invalid(
            "holds a password, which this file is not for",
            "the address without it; the password by `wxauth profile set store_password`",
        ),
        setting => Ok(setting),
    }
}

pub(super) fn file_path(text: &str) -> Result<PathBuf, Refused> {
    if text.is_empty() {
        return invalid("names no file", "a path");
    }
    // No shell has expanded it: a folder named `~` would be made.
    if text.starts_with('~') {
        return invalid("starts with `~`", "the path written out");
    }
    Ok(PathBuf::from(text))
}
