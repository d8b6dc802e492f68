//! Sealed secrets that cannot be opened, to an operator.

use crate::lang::{Text, text};

use super::CliError;

/// A key that is not at hand.
pub(super) fn missing(error: CliError, key_id: &str, present: Option<&str>) -> CliError {
    let error = match present {
        None => error.cause(text!("no key is set here", "此处未设置密钥")),
        Some(present) => error.cause(text!(
            "the key set here is {present}",
            "此处设置的密钥是 {present}"
        )),
    };
    let error = match present {
        None => error.hint(text!(
            "give the key {key_id}: `wxauth profile set seal_key`, or `seal_key_file`, `seal_key_command`, `WXAUTH_SEAL_KEY`",
            "请提供密钥 {key_id}：`wxauth profile set seal_key`，或 `seal_key_file`、`seal_key_command`、`WXAUTH_SEAL_KEY`"
        )),
        Some(_) => error.hint(text!(
            "give {key_id} as a key from before: `wxauth profile set seal_key_previous`, or `WXAUTH_SEAL_KEY_PREVIOUS`; then `wxauth store seal` does without it",
            "请将 {key_id} 作为旧密钥提供：`wxauth profile set seal_key_previous`，或 `WXAUTH_SEAL_KEY_PREVIOUS`；之后运行 `wxauth store seal` 即不再需要它"
        )),
    };
    error.hint(text!(
        "if that key is lost, use another store, and `wxauth authorizers recover` rebuilds it from WeChat",
        "若该密钥已丢失，请改用另一个存储，并用 `wxauth authorizers recover` 从微信重建"
    ))
}

/// What helps where a sealed value was changed.
pub(super) fn damaged() -> Text {
    text!(
        "`wxauth store seal` names every such value; a new token or `wxauth authorizers recover` replaces it",
        "`wxauth store seal` 会指出每一项；重新获取令牌或运行 `wxauth authorizers recover` 可将其替换"
    )
}
