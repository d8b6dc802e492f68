//! The passphrase of a file: from a file, a prompt or a pipe.

use std::path::Path;

use crate::cli::commands::input;
use crate::cli::context::Context;
use crate::cli::error::CliError;
use crate::lang::text;
use crate::wechat::secret::Secret;

/// Fewer characters are guessed too soon, whatever is done to slow the guessing.
const SHORTEST: usize = 10;

/// The passphrase for a new file; typed twice.
pub(super) async fn choose(context: &Context, file: Option<&Path>) -> Result<Secret, CliError> {
    let label = || text!("passphrase", "口令");
    let chosen = input::secret(context, label(), file).await?;
    if chosen.length() < SHORTEST {
        return Err(CliError::usage(text!(
            "the passphrase has fewer than {SHORTEST} characters",
            "口令不足 {SHORTEST} 个字符"
        ))
        .hint(text!(
            "make one: `openssl rand -base64 24 > passphrase.txt`, then `--passphrase-file passphrase.txt`",
            "可生成一个：`openssl rand -base64 24 > passphrase.txt`，再用 `--passphrase-file passphrase.txt`"
        )));
    }
    if file.is_none() && context.console().can_ask() {
        let again = text!("passphrase again", "再次输入口令");
        if input::secret(context, again, None).await? != chosen {
            return Err(CliError::usage(text!(
                "the two passphrases are not the same",
                "两次输入的口令不一致"
            ))
            .hint(text!("run the command again", "请重新运行该命令")));
        }
    }
    Ok(chosen)
}

/// The passphrase of a file that was written; stdin may be taken by the file itself.
pub(super) async fn ask(
    context: &Context,
    file: Option<&Path>,
    stdin_is_taken: bool,
) -> Result<Secret, CliError> {
    if stdin_is_taken && file.is_none_or(|file| file == Path::new("-")) {
        return Err(CliError::usage(text!(
            "stdin holds the export, so the passphrase must come from elsewhere",
            "标准输入已用于导出内容，口令须从别处提供"
        ))
        .hint(text!(
            "name the file it stands in: `--passphrase-file FILE`",
            "请用 `--passphrase-file FILE` 指定口令所在的文件"
        )));
    }
    input::secret(context, text!("passphrase", "口令"), file).await
}
