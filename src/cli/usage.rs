//! clap's own refusals: as clap says them in English, and in Chinese by their kind.

use std::error::Error as _;
use std::ffi::OsString;
use std::process::ExitCode;

use clap::error::{ContextKind, ContextValue, ErrorKind};

use crate::console::{Console, Failure};
use crate::lang::Lang;
use crate::sys::env::Environment;

use super::{Kind, context};

/// Answers wrong arguments, and help and version, which clap treats alike.
pub(super) fn answer(
    error: &clap::Error,
    arguments: &[OsString],
    environment: &Environment,
) -> ExitCode {
    if !error.use_stderr() {
        // Help and version are answers.
        let _ = error.print();
        return ExitCode::SUCCESS;
    }
    let console = context::raw_console(arguments, environment);
    match chinese(error).filter(|_| console.lang() == Lang::Zh) {
        Some(failure) => console.error(&failure),
        None if console.format().is_json() => english(error, &console),
        None => {
            let _ = error.print();
        }
    }
    Kind::Usage.into()
}

fn english(error: &clap::Error, console: &Console) {
    let text = error.render().to_string();
    // Up to the first blank line: what is missing stands on lines of its own.
    let lines = text.lines().take_while(|line| !line.is_empty());
    let lines: Vec<_> = lines.map(str::trim).collect();
    let message = lines.join(" ").trim_start_matches("error: ").to_owned();
    console.error(&Failure {
        kind: Kind::Usage.as_str(),
        message,
        hints: vec!["see `--help`".to_owned()],
        ..Failure::default()
    });
}

/// The same in Chinese; none where clap shows the help in place of a message.
fn chinese(error: &clap::Error) -> Option<Failure> {
    let message = message(error)?;
    let mut hints = suggestions(error);
    if let Some(ContextValue::StyledStr(usage)) = error.get(ContextKind::Usage) {
        let usage = usage.to_string();
        let usage = usage.trim_start_matches("Usage:").trim();
        let lines: Vec<_> = usage.split_whitespace().collect();
        hints.push(format!("用法：`{}`", lines.join(" ")));
    }
    hints.push("详见 `--help`".to_owned());
    Some(Failure {
        kind: Kind::Usage.as_str(),
        message,
        hints,
        ..Failure::default()
    })
}

fn message(error: &clap::Error) -> Option<String> {
    let text = |kind| text(error, kind);
    let argument = text(ContextKind::InvalidArg);
    let value = text(ContextKind::InvalidValue);
    Some(match error.kind() {
        ErrorKind::DisplayHelp
        | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand
        | ErrorKind::DisplayVersion => return None,
        ErrorKind::UnknownArgument => format!("未知参数 `{argument}`"),
        ErrorKind::InvalidSubcommand => {
            format!("未知子命令 `{}`", text(ContextKind::InvalidSubcommand))
        }
        ErrorKind::InvalidValue if value.is_empty() => {
            let possible = possible(error, ContextKind::ValidValue);
            format!("`{argument}` 缺少取值{possible}")
        }
        ErrorKind::InvalidValue => {
            let possible = possible(error, ContextKind::ValidValue);
            format!("`{argument}` 的取值 `{value}` 无效{possible}")
        }
        ErrorKind::ValueValidation => {
            let why = error.source().map(|source| because(&source.to_string()));
            let why = why.unwrap_or_default();
            format!("`{argument}` 的取值 `{value}` 无效{why}")
        }
        ErrorKind::ArgumentConflict => match text(ContextKind::PriorArg) {
            prior if prior == argument => format!("`{argument}` 不能重复使用"),
            prior => {
                let first = match argument.is_empty() {
                    true => text(ContextKind::InvalidSubcommand),
                    false => argument,
                };
                format!("`{first}` 不能与 `{prior}` 同时使用")
            }
        },
        ErrorKind::MissingRequiredArgument => format!("缺少必需的参数：`{argument}`"),
        ErrorKind::MissingSubcommand => {
            let command = text(ContextKind::InvalidSubcommand);
            let known = possible(error, ContextKind::ValidSubcommand);
            format!("`{command}` 缺少子命令{known}")
        }
        ErrorKind::NoEquals => format!("为 `{argument}` 赋值须使用等号"),
        ErrorKind::TooManyValues => format!("`{argument}` 的取值过多：多出 `{value}`"),
        ErrorKind::TooFewValues | ErrorKind::WrongNumberOfValues => {
            format!("`{argument}` 的取值个数不对")
        }
        ErrorKind::InvalidUtf8 => "参数不是有效的 UTF-8".to_owned(),
        _ => "命令行参数有误".to_owned(),
    })
}

/// What clap tells of an error under this name; several are one text.
fn text(error: &clap::Error, kind: ContextKind) -> String {
    match error.get(kind) {
        Some(ContextValue::String(text)) => text.clone(),
        Some(ContextValue::Strings(texts)) => texts.join("`、`"),
        _ => String::new(),
    }
}

fn possible(error: &clap::Error, kind: ContextKind) -> String {
    match text(error, kind) {
        none if none.is_empty() => none,
        known => format!("；可选：`{known}`"),
    }
}

/// Why a value is none, as the parsers of this program and of Rust say it.
fn because(english: &str) -> String {
    if let Some(expected) = english.strip_prefix("expected one of ") {
        return format!("；应为以下之一：{expected}");
    }
    if let Some(expected) = english.strip_prefix("expected ") {
        let expected = expected.replace(" or ", " 或 ");
        return format!("；应为 {expected}");
    }
    if english.contains("is no time span") {
        return "；时长写作 90s、10m、2h 或 7d".to_owned();
    }
    if let Some((_, range)) = english.split_once(" is not in ") {
        return format!("；取值范围为 {range}");
    }
    let known = [
        ("invalid digit found in string", "应为整数"),
        ("cannot parse integer from empty string", "应为整数"),
        ("relative URL without a base", "应为完整的网址"),
        ("is no appid", "应为 wx 加 16 位十六进制数字"),
        (
            "receiving address begins",
            "接收地址应以 https:// 或 http:// 开头",
        ),
        ("has $APPID$ in it", "消息接收地址须包含 $APPID$"),
    ];
    let known = known.iter().find(|(part, _)| english.contains(part));
    match known {
        Some((_, chinese)) => format!("；{chinese}"),
        None => format!("：{english}"),
    }
}

/// What may have been meant.
fn suggestions(error: &clap::Error) -> Vec<String> {
    let similar = [
        (ContextKind::SuggestedSubcommand, "子命令"),
        (ContextKind::SuggestedArg, "参数"),
        (ContextKind::SuggestedValue, "取值"),
    ];
    let similar = similar.into_iter().filter_map(|(kind, what)| {
        let names = text(error, kind);
        (!names.is_empty()).then(|| format!("有相近的{what} `{names}`"))
    });
    let mut hints: Vec<_> = similar.collect();
    if let Some(ContextValue::StyledStrs(tips)) = error.get(ContextKind::Suggested) {
        for tip in tips.iter().map(ToString::to_string) {
            let argument = text(error, ContextKind::InvalidArg);
            match tip.split('\'').nth(1) {
                _ if tip.contains("as a value") => {
                    hints.push(format!(
                        "要将 `{argument}` 作为值传入，请写 `-- {argument}`"
                    ));
                }
                Some(place) if tip.contains("exists") => {
                    hints.push(format!("该参数在 `{place}` 中"));
                }
                _ => {}
            }
        }
    }
    hints
}
