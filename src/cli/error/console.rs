//! Why an answer could not be given, or nobody was asked, to an operator.

use crate::cli::exit::Kind;
use crate::console::qr::QrError;
use crate::console::{ConsoleError, PromptRefused};
use crate::lang::{Lang, Text, text};

use super::CliError;

impl From<ConsoleError> for CliError {
    fn from(error: ConsoleError) -> Self {
        let message = Text::new(error.to_string(), chinese(&error));
        match error {
            ConsoleError::UnknownColumn {
                near: Some(near), ..
            } => Self::usage(message).hint(text!(
                "did you mean `--columns {near}`?",
                "是否想用 `--columns {near}`？"
            )),
            ConsoleError::UnknownColumn { .. } | ConsoleError::FormatDoesNotApply { .. } => {
                Self::usage(message)
            }
            #[cfg(feature = "jq")]
            ConsoleError::Filter { .. } => Self::new(Kind::Internal, message).hint(done()),
            #[cfg(feature = "jq")]
            ConsoleError::FilterStart(_) => Self::new(Kind::Internal, message).hint(text!(
                "filter the output of `-o json` with jq instead",
                "可改用 jq 过滤 `-o json` 的输出"
            )),
            #[cfg(feature = "jq")]
            ConsoleError::FilterTooDeep => Self::usage(message)
                .cause(text!(
                    "a function calls itself without end, or arrays lie within arrays without end",
                    "函数无休止地调用自身，或数组无休止地嵌套"
                ))
                .hint(done()),
            #[cfg(feature = "jq")]
            ConsoleError::FilterTooLarge { .. } => Self::usage(message).hint(done()),
            #[cfg(feature = "jq")]
            ConsoleError::Interrupted => Self::new(Kind::Interrupted, message),
            ConsoleError::Serialize(_) => Self::new(Kind::Internal, message),
            ConsoleError::Write(_) => Self::new(Kind::Internal, message).hint(text!(
                "see whether the disk behind stdout is full",
                "检查标准输出所在的磁盘是否已满"
            )),
        }
    }
}

/// What to do where a filter failed.
#[cfg(feature = "jq")]
fn done() -> Text {
    text!(
        "what the command did is done; `-o json` shows what the filter gets",
        "命令本身已执行完毕；用 `-o json` 查看过滤器拿到的内容"
    )
}

impl From<QrError> for CliError {
    fn from(error: QrError) -> Self {
        let message = picture(&error);
        match error {
            QrError::TooLong { .. } | QrError::TooNarrow { .. } | QrError::UnknownForm { .. } => {
                Self::usage(message)
            }
            QrError::Picture(_) => Self::new(Kind::Internal, message),
            QrError::Write { .. } => Self::usage(message).hint(text!(
                "name a file in a folder that is yours",
                "请指定你有写权限的文件夹中的文件"
            )),
        }
    }
}

impl From<PromptRefused> for CliError {
    fn from(refused: PromptRefused) -> Self {
        let message = Text::new(refused.to_string(), refusal(&refused));
        match refused {
            PromptRefused::NoTerminal { .. } => Self::usage(message).hint(text!(
                "give it by flag, by environment or on stdin; see `--help`",
                "通过参数、环境变量或标准输入提供；见 `--help`"
            )),
            PromptRefused::Unconfirmed { .. } => Self::usage(message),
            PromptRefused::Interrupted => Self::new(Kind::Interrupted, message),
            PromptRefused::Terminal(_) => Self::new(Kind::Internal, message),
        }
    }
}

fn chinese(error: &ConsoleError) -> String {
    match error {
        ConsoleError::UnknownColumn { name, known, .. } => {
            format!("没有列 `{name}`；可用的列：{}", known.join("、"))
        }
        #[cfg(feature = "jq")]
        ConsoleError::Filter { reason } => format!("`--jq` 的过滤器无法处理本次结果：{reason}"),
        #[cfg(feature = "jq")]
        ConsoleError::FilterStart(source) => format!("无法启动 `--jq` 的过滤器：{source}"),
        #[cfg(feature = "jq")]
        ConsoleError::FilterTooDeep => "`--jq` 的过滤器递归过深".to_owned(),
        #[cfg(feature = "jq")]
        ConsoleError::FilterTooLarge { limit } => {
            format!("`--jq` 的过滤器所需内存超过 {limit}")
        }
        #[cfg(feature = "jq")]
        ConsoleError::Interrupted => "已中断".to_owned(),
        ConsoleError::FormatDoesNotApply { format } => format!("该结果没有 {format:?} 形式"),
        ConsoleError::Serialize(source) => format!("该结果无法表示为 JSON：{source}"),
        ConsoleError::Write(source) => format!("无法写出结果：{source}"),
    }
}

/// Why there is no QR code, or not in this form.
#[must_use]
pub fn picture(error: &QrError) -> Text {
    let chinese = match error {
        QrError::TooLong { length } => format!("{length} 字节过长，无法生成二维码"),
        QrError::TooNarrow { needed, width } => {
            format!("二维码需要 {needed} 列，而终端只有 {width} 列")
        }
        QrError::UnknownForm { path } => {
            format!("{}：文件名须以 .png、.svg 或 .html 结尾", path.display())
        }
        QrError::Picture(source) => format!("无法生成图片：{source}"),
        QrError::Write { path, source } => format!("无法写入 {}：{source}", path.display()),
    };
    Text::new(error.to_string(), chinese)
}

fn refusal(refused: &PromptRefused) -> String {
    match refused {
        PromptRefused::NoTerminal { label } => {
            format!("需要 `{}`，但没有终端可以询问", label.of(Lang::Zh))
        }
        PromptRefused::Unconfirmed { question } => format!(
            "需要确认；没有终端时请加 `--yes`：{}",
            question.of(Lang::Zh)
        ),
        PromptRefused::Interrupted => "已中断".to_owned(),
        PromptRefused::Terminal(source) => format!("无法在该终端询问：{source}"),
    }
}
