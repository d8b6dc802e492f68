//! What the files say about one platform.

use std::path::PathBuf;

use url::Url;

use super::{CommandLine, LayoutName, Mint, PermissionSets, StoreSetting};
use crate::sys::redis::Address;
use crate::wechat::id::{ComponentAppid, UserName};
use crate::wechat::secret::Secret;

/// A platform as `config.toml` has it: everything but its secrets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Profile {
    /// The platform.
    pub component_appid: ComponentAppid,
    /// Base of WeChat's API; `https`, or `http` for a loopback host.
    pub api_base: Option<Url>,
    /// Where authorization links send the merchant's browser, as written.
    pub redirect_uri: Option<String>,
    /// The authorization launch domain (授权发起页域名): a host in lower case.
    pub launch_domain: Option<String>,
    /// Address of the page that sends merchants on to a link: `/authorize` of `serve`.
    pub launch_page: Option<Url>,
    /// Whether the platform passed its full release (全网发布).
    pub released: Option<bool>,
    /// The accounts that can authorize before full release, at most 10.
    pub test_list: Vec<UserName>,
    /// The permission sets that the platform offers.
    pub configured_permissions: PermissionSets,
    /// The permission sets that every merchant has to grant.
    pub required_permissions: PermissionSets,
    /// Who asks WeChat for tokens.
    pub mint: Option<Mint>,
    /// Prints a component access token held by somebody else.
    pub token_command: Option<CommandLine>,
    /// Prints the newest ticket.
    pub ticket_command: Option<CommandLine>,
    /// Prints the appsecret.
    pub appsecret_command: Option<CommandLine>,
    /// Prints the EncodingAESKey.
    pub encoding_aes_key_command: Option<CommandLine>,
    /// A file with the key that encrypts stored secrets, and previous keys on further lines; a
    /// relative path counts from the config folder.
    pub encryption_key_file: Option<PathBuf>,
    /// Prints the key that encrypts stored secrets.
    pub encryption_key_command: Option<CommandLine>,
    /// The SDK among whose keys tokens are found.
    pub layout: Option<LayoutName>,
    /// What stands before its keys; without one its own default.
    pub layout_prefix: Option<String>,
    /// The Redis that holds them, without its password.
    pub layout_redis: Option<Address>,
    /// Where the state lives; a relative path counts from the config folder.
    pub store: Option<StoreSetting>,
    /// A PEM file of further certificate authorities; a relative path counts from the config
    /// folder.
    pub ca_file: Option<PathBuf>,
}

impl Profile {
    /// A profile that names its platform and nothing else.
    #[must_use]
    pub fn new(component_appid: ComponentAppid) -> Self {
        Self {
            component_appid,
            api_base: None,
            redirect_uri: None,
            launch_domain: None,
            launch_page: None,
            released: None,
            test_list: Vec::new(),
            configured_permissions: PermissionSets::default(),
            required_permissions: PermissionSets::default(),
            mint: None,
            token_command: None,
            ticket_command: None,
            appsecret_command: None,
            encoding_aes_key_command: None,
            encryption_key_file: None,
            encryption_key_command: None,
            layout: None,
            layout_prefix: None,
            layout_redis: None,
            store: None,
            ca_file: None,
        }
    }
}

/// The secrets of a platform as `credentials.toml` has them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Credentials {
    /// The platform's appsecret.
    pub appsecret: Option<Secret>,
    /// The Token that signs pushes (消息校验Token).
    pub token: Option<Secret>,
    /// The key that encrypts pushes (消息加解密Key): 43 characters.
    pub encoding_aes_key: Option<Secret>,
    /// The key before that, still in use for a while after a change.
    pub encoding_aes_key_previous: Option<Secret>,
    /// The password of the Redis that is the store.
    pub store_password: Option<Secret>,
    /// The key that encrypts stored secrets.
    pub encryption_key: Option<Secret>,
    /// Previous keys, which decrypt only.
    pub encryption_key_previous: Option<Secret>,
    /// The password of the Redis that holds an SDK's keys.
    pub layout_redis_password: Option<Secret>,
}
