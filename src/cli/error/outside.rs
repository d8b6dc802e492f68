//! What failures of programs and of the HTTP client mean to an operator.

use std::io::ErrorKind;

use crate::cli::exit::Kind;
use crate::lang::{Text, text};
use crate::sys::command::{CommandError, LONGEST, TIME_LIMIT};
use crate::sys::files::TooLong;
use crate::sys::http::HttpClientError;

use super::CliError;

impl From<CommandError> for CliError {
    fn from(error: CommandError) -> Self {
        let message = Text::new(error.to_string(), command(&error));
        match error {
            CommandError::Start { .. } => Self::new(Kind::ActionRequired, message).hint(text!(
                "see the `…_command` settings: `wxauth profile show`",
                "查看 `…_command` 设置：`wxauth profile show`"
            )),
            CommandError::Failed { .. } | CommandError::TimedOut { .. } => {
                Self::new(Kind::ActionRequired, message).hint(text!(
                    "run the program by hand; what it says on stderr stands above",
                    "手动运行该程序；其 stderr 输出见上文"
                ))
            }
            CommandError::NotOneLine { .. } | CommandError::TooLong { .. } => {
                Self::new(Kind::ActionRequired, message).hint(text!(
                    "it must print the value on one line and nothing else",
                    "该程序须只输出一行，即所需的值"
                ))
            }
        }
    }
}

impl From<HttpClientError> for CliError {
    fn from(error: HttpClientError) -> Self {
        let message = Text::new(error.to_string(), client(&error));
        match error {
            HttpClientError::CaFile { .. } => Self::new(Kind::ActionRequired, message).hint(text!(
                "correct it: `wxauth profile set ca_file FILE`",
                "更正：`wxauth profile set ca_file FILE`"
            )),
            HttpClientError::Setup(source) => Self::new(Kind::ActionRequired, message)
                .cause(Text::same(crate::sys::http::innermost(source)))
                .hint(text!(
                    "see the proxy and certificate variables of the environment",
                    "检查代理与证书相关的环境变量"
                )),
        }
    }
}

/// Why a file or a stream could not be read.
#[must_use]
pub fn read_failure(error: &std::io::Error) -> Text {
    if let Some(too_long) = TooLong::of(error) {
        let limit = too_long.words();
        return text!(
            "it is longer than {limit}, the most that is read",
            "内容超过可读取的上限 {limit}"
        );
    }
    match error.kind() {
        ErrorKind::NotFound => text!("there is no such file", "文件不存在"),
        _ => Text::same(error.to_string()),
    }
}

pub(super) fn command(error: &CommandError) -> String {
    match error {
        CommandError::Start { program, source } => format!("无法运行 `{program}`：{source}"),
        CommandError::Failed { program, status } => format!("`{program}` 以 {status} 结束"),
        CommandError::NotOneLine { program, lines } => {
            format!("`{program}` 输出了 {lines} 行，应只有一行")
        }
        CommandError::TooLong { program } => {
            format!("`{program}` 的输出超过 {} KiB", LONGEST >> 10)
        }
        CommandError::TimedOut { program } => {
            format!("`{program}` 在 {} 秒内没有结束", TIME_LIMIT.as_secs())
        }
    }
}

fn client(error: &HttpClientError) -> String {
    match error {
        HttpClientError::CaFile { path, source } => {
            format!("无法读取 CA 证书文件 {}：{source}", path.display())
        }
        HttpClientError::Setup(source) => format!("无法创建 HTTP 客户端：{source}"),
    }
}
