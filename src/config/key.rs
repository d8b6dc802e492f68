//! The keys of a profile.

use super::PermissionSets;

/// How a key's value is written in TOML.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    Text,
    Flag,
    Texts,
    Command,
    Sets,
    Secret,
}

/// A setting of a profile.
#[derive(Clone, Copy, Debug)]
pub struct Key {
    /// Its name in the file.
    pub name: &'static str,
    /// What it is, in a few words.
    pub meaning: &'static str,
    pub(super) shape: Shape,
}

impl Key {
    /// The key of that name. Permission sets are named with their kind:
    /// `configured_permissions.mini_program`.
    #[must_use]
    pub fn find(name: &str) -> Option<&'static Self> {
        match name.split_once('.') {
            None => KEYS
                .iter()
                .find(|key| key.name == name && key.shape != Shape::Sets),
            Some((table, kind)) => KEYS.iter().find(|key| {
                key.name == table
                    && key.shape == Shape::Sets
                    && PermissionSets::KINDS.contains(&kind)
            }),
        }
    }

    /// Whether the value lives in `credentials.toml` and is never shown.
    #[must_use]
    pub fn is_secret(&self) -> bool {
        self.shape == Shape::Secret
    }
}

const fn key(name: &'static str, shape: Shape, meaning: &'static str) -> Key {
    Key {
        name,
        meaning,
        shape,
    }
}

/// Every key of a profile, in the order they are shown.
pub static KEYS: [Key; 29] = [
    key("component_appid", Shape::Text, "Appid of the platform"),
    key("appsecret", Shape::Secret, "Appsecret of the platform"),
    key("token", Shape::Secret, "Token that signs pushes"),
    key(
        "encoding_aes_key",
        Shape::Secret,
        "Key that encrypts pushes",
    ),
    key(
        "encoding_aes_key_previous",
        Shape::Secret,
        "Key before that",
    ),
    key("redirect_uri", Shape::Text, "Where links send the merchant"),
    key(
        "launch_domain",
        Shape::Text,
        "Authorization launch domain (授权发起页域名)",
    ),
    key(
        "launch_page",
        Shape::Text,
        "Page that sends merchants on to a link: `/authorize` of `serve`",
    ),
    key(
        "released",
        Shape::Flag,
        "Whether full release (全网发布) is done",
    ),
    key(
        "test_list",
        Shape::Texts,
        "Accounts (gh_…) that can authorize before full release",
    ),
    key(
        "configured_permissions",
        Shape::Sets,
        "Permission sets offered, by kind of account",
    ),
    key(
        "required_permissions",
        Shape::Sets,
        "Permission sets every merchant has to grant",
    ),
    key(
        "mint",
        Shape::Text,
        "Who asks WeChat for tokens: wxauth, never or shared",
    ),
    key(
        "token_command",
        Shape::Command,
        "Program that prints a token held elsewhere",
    ),
    key(
        "layout",
        Shape::Text,
        "SDK whose keys in Redis hold the tokens: `store detect` tells",
    ),
    key("layout_prefix", Shape::Text, "What stands before its keys"),
    key("layout_redis", Shape::Text, "The Redis that holds them"),
    key(
        "layout_redis_password",
        Shape::Secret,
        "Password of that Redis",
    ),
    key(
        "ticket_command",
        Shape::Command,
        "Program that prints the newest ticket",
    ),
    key(
        "appsecret_command",
        Shape::Command,
        "Program that prints the appsecret",
    ),
    key(
        "encoding_aes_key_command",
        Shape::Command,
        "Program that prints the EncodingAESKey",
    ),
    key(
        "encryption_key",
        Shape::Secret,
        "Key that encrypts stored secrets: `openssl rand -base64 32`",
    ),
    key(
        "encryption_key_previous",
        Shape::Secret,
        "Previous keys, which decrypt only",
    ),
    key(
        "encryption_key_file",
        Shape::Text,
        "File with the encryption key, and previous keys on further lines",
    ),
    key(
        "encryption_key_command",
        Shape::Command,
        "Program that prints the encryption key",
    ),
    key("api_base", Shape::Text, "Base of WeChat's API"),
    key(
        "store",
        Shape::Text,
        "Where the state lives: sqlite:PATH, redis://… or memory",
    ),
    key(
        "store_password",
        Shape::Secret,
        "Password of the Redis that is the store",
    ),
    key(
        "ca_file",
        Shape::Text,
        "PEM file of further certificate authorities",
    ),
];
