//! Why nothing can be taken from the configuration of an SDK, to an operator.

use crate::config::import::{ImportError, Unresolved};
use crate::lang::{Lang, Text, text};

use super::{CliError, setting};

/// Why nothing was taken from `file`.
#[must_use]
pub fn import_refused(file: &str, error: ImportError) -> CliError {
    let message = Text::each(|lang| match lang {
        Lang::En => format!("nothing was taken from {file}: {error}"),
        Lang::Zh => format!("未能导入 {file}：{}", chinese(&error)),
    });
    let refused = CliError::usage(message);
    match error {
        ImportError::UnknownForm | ImportError::NoText => refused.hint(text!(
            "known are `.env`, PHP that returns an array, Spring's properties and YAML, `appsettings.json`, other JSON and TOML",
            "支持 `.env`、返回数组的 PHP、Spring 的 properties 与 YAML、`appsettings.json` 以及其他 JSON 与 TOML"
        )),
        ImportError::Damaged { .. } => refused.hint(text!(
            "mend that line, or pipe in the part that matters: `… | wxauth init --from -`",
            "请修正该行，或仅将相关部分通过管道传入：`… | wxauth init --from -`"
        )),
        ImportError::NoPlatform { empty, names } => {
            let refused = empty.into_iter().fold(refused, |refused, (name, line)| {
                refused.cause(text!(
                    "`{name}` in line {line} is empty",
                    "第 {line} 行的 `{name}` 为空"
                ))
            });
            refused
                .cause(text!(
                    "none of its {names} names is an appid of a platform, as `component_appid`, `wx.open.appId` or \
                     `WECHAT_OPEN_PLATFORM_APPID` are",
                    "{names} 个名称中没有第三方平台的 appid，例如 `component_appid`、`wx.open.appId` 或 `WECHAT_OPEN_PLATFORM_APPID`"
                ))
                .hint(text!(
                    "without a file: `wxauth init --component-appid APPID`",
                    "不使用文件：`wxauth init --component-appid APPID`"
                ))
        }
        ImportError::Value { .. } => refused.hint(text!(
            "correct that line, or leave the value empty and give it afterwards",
            "请更正该行，或将其留空并在之后设置"
        )),
    }
}

fn chinese(error: &ImportError) -> String {
    match error {
        ImportError::UnknownForm => "无法识别文件的格式".to_owned(),
        ImportError::NoText => "不是文本文件".to_owned(),
        ImportError::Damaged {
            form,
            line,
            message,
        } => {
            let (form, message) = (form.name(), damage(message));
            format!("第 {line} 行不符合 {form} 格式：{message}")
        }
        ImportError::NoPlatform { .. } => "文件中没有第三方平台".to_owned(),
        ImportError::Value {
            name,
            line,
            reason,
            expected,
        } => {
            let (reason, expected) = (setting::reason(reason), setting::expected(expected));
            format!("第 {line} 行的 `{name}` {reason}；应为{expected}")
        }
    }
}

/// What breaks the rules of a form; what a parser of somebody else said stays as it is.
fn damage(english: &str) -> &str {
    match english {
        "a line is NAME=value" => "每行应为 NAME=value",
        "a quotation mark is not closed" => "引号没有闭合",
        "something follows the closing quotation mark" => "右引号之后还有内容",
        "four hexadecimal digits follow \\u" => "\\u 之后应为四位十六进制数字",
        "a comment is not closed" => "注释没有结束",
        "something follows the end" => "结尾之后还有内容",
        "the nesting is too deep" => "嵌套过深",
        "a value is missing" => "缺少值",
        "a text stands without quotation marks" => "文本没有加引号",
        "a name in quotation marks is missing" => "缺少带引号的名称",
        "a colon is missing" => "缺少冒号",
        "a comma or a closing bracket is missing" => "缺少逗号或右括号",
        "a backslash escapes nothing" => "反斜杠后不是可转义的字符",
        "an alias names nothing" => "别名没有对应的锚点",
        "its aliases make it too large" => "展开别名后过大",
        "no array is returned" => "没有返回数组",
        "a bracket is not closed" => "括号没有闭合",
        "a heredoc is not read" => "不支持 heredoc",
        other => other,
    }
}

/// Why a name of the file has no value here.
#[must_use]
pub fn unresolved(name: &str, line: usize, why: &Unresolved) -> Text {
    match why {
        Unresolved::Variable(variable) => text!(
            "`{name}` in line {line} is left to `{variable}`, which neither the environment nor a .env beside the file sets",
            "第 {line} 行的 `{name}` 取自 `{variable}`，但环境变量和同目录的 .env 都没有设置它"
        ),
        Unresolved::Computed => text!(
            "`{name}` in line {line} is worked out by the program that reads the file",
            "第 {line} 行的 `{name}` 由读取该文件的程序在运行时算出"
        ),
        Unresolved::Encrypted => text!(
            "`{name}` in line {line} is encrypted with a key that wxauth does not have",
            "第 {line} 行的 `{name}` 已加密，wxauth 没有其密钥"
        ),
        Unresolved::Sample => text!(
            "`{name}` in line {line} still has the text of a sample",
            "第 {line} 行的 `{name}` 仍是示例文字"
        ),
    }
}
