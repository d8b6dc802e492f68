//! Secrets that cannot be decrypted, and what an operator can do about them.

use crate::lang::text;

use super::CliError;

/// The key of a secret is not set here.
pub(super) fn missing(error: CliError, key_id: &str, current: Option<&str>) -> CliError {
    let error = match current {
        None => error.cause(text!("no encryption key is set here", "此处未设置加密密钥")),
        Some(current) => error.cause(text!(
            "the key set here is {current}",
            "此处设置的密钥是 {current}"
        )),
    };
    let error = match current {
        None => error.hint(text!(
            "set the key {key_id}: `wxauth profile set encryption_key`, or `encryption_key_file`, `encryption_key_command`, `WXAUTH_ENCRYPTION_KEY`",
            "请设置密钥 {key_id}：`wxauth profile set encryption_key`，或 `encryption_key_file`、`encryption_key_command`、`WXAUTH_ENCRYPTION_KEY`"
        )),
        Some(_) => error.hint(text!(
            "set {key_id} as a previous key: `wxauth profile set encryption_key_previous`, or `WXAUTH_ENCRYPTION_KEY_PREVIOUS`; after `wxauth store encrypt` it is no longer needed",
            "请将 {key_id} 设为旧密钥：`wxauth profile set encryption_key_previous`，或 `WXAUTH_ENCRYPTION_KEY_PREVIOUS`；运行 `wxauth store encrypt` 之后即不再需要"
        )),
    };
    error.hint(text!(
        "if the key is lost, use a new store and rebuild it from WeChat: `wxauth authorizers recover`",
        "若密钥已丢失，请改用新的存储，并从微信重建：`wxauth authorizers recover`"
    ))
}

/// The key is set, but the value does not belong to it or to its record.
pub(super) fn damaged(error: CliError) -> CliError {
    error
        .cause(text!(
            "the value was changed, damaged, or copied from another record",
            "该值被改动、已损坏，或复制自其他记录"
        ))
        .hint(text!(
            "replace it with a new token, or rebuild the merchants from WeChat: `wxauth authorizers recover`",
            "请用新令牌替换，或从微信重建授权方：`wxauth authorizers recover`"
        ))
}

/// What helps where a secret is in plain text and must not be.
pub(super) fn plain(error: CliError) -> CliError {
    error
        .cause(text!(
            "it was written before the key was set, by a program without a current key, or by somebody else",
            "它写入于设置密钥之前，或由未设置当前密钥的程序、其他人写入"
        ))
        .hint(text!(
            "encrypt what is stored: `wxauth store encrypt`",
            "加密已存储的内容：`wxauth store encrypt`"
        ))
        .hint(text!(
            "to store secrets in plain text, remove the encryption key: `encryption_key`, `encryption_key_file`, `encryption_key_command` or `WXAUTH_ENCRYPTION_KEY`",
            "若要以明文存储，请移除加密密钥：`encryption_key`、`encryption_key_file`、`encryption_key_command` 或 `WXAUTH_ENCRYPTION_KEY`"
        ))
}
