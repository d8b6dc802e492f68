//! `sandbox push`: any push at once, and what the receiver answers.

use clap::{Args, ValueEnum};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::cli::context::Context;
use crate::cli::error::CliError;
use crate::cli::exit::Exit;
use crate::lang::{Lang, Text, text};

use super::{Control, Reach, merchant};

/// Push something to the platform at once and show what it answers
///
/// INFO_TYPE is component_verify_ticket, authorized, updateauthorized, unauthorized, one of the
/// notify_… types, or any word: an unknown one has to be answered with `success` too. The fields
/// are plausible ones; `--field` changes or adds some. Exit 3 when the answer is not what WeChat
/// wants.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  wxauth sandbox push component_verify_ticket --to http://127.0.0.1:9/events\n  wxauth sandbox push notify_third_fasteregister --field status=-1 --to http://127.0.0.1:9/events\n  wxauth sandbox push --message text --field Content=hello --to 'http://127.0.0.1:9/$APPID$'"
)]
pub struct PushArgs {
    /// What is pushed to the events URL
    #[arg(
        value_name = "INFO_TYPE",
        required_unless_present = "message",
        conflicts_with = "message"
    )]
    info_type: Option<String>,
    /// Push to the messages URL: a MsgType (text, image …) or an Event (weapp_audit_success …)
    #[arg(long, value_name = "TYPE")]
    message: Option<String>,
    /// Push there instead of to the platform's own URL
    #[arg(long, value_name = "URL")]
    to: Option<String>,
    /// The platform; the first one without this
    #[arg(long, value_name = "APPID")]
    platform: Option<String>,
    /// The account it is about; one that authorized without this
    #[arg(long, value_name = "WHO")]
    account: Option<String>,
    /// Set a field; a dot leads into an element: info.name=…
    #[arg(long = "field", value_name = "NAME=VALUE")]
    fields: Vec<String>,
    /// Sign with another Token
    #[arg(long, value_name = "wrong")]
    signature: Option<Signature>,
    /// Encrypt with the EncodingAESKey before the present one
    #[arg(long, value_name = "previous")]
    key: Option<Key>,
    /// Push a message as WeChat stores get it, in JSON
    #[arg(long, requires = "message")]
    json: bool,
    /// Escape values instead of putting them in CDATA
    #[arg(long)]
    without_cdata: bool,
    /// Send the very same bytes so many times
    #[arg(long, value_name = "N")]
    repeat: Option<u32>,
    /// Which sandbox.
    #[command(flatten)]
    reach: Reach,
}

/// How the push is signed.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum Signature {
    /// With another Token than the platform's.
    Wrong,
}

/// What the push is encrypted with.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum Key {
    /// The EncodingAESKey before the present one.
    Previous,
}

/// What the receiver answered.
#[derive(Deserialize, Serialize)]
struct Pushed {
    delivered: bool,
    http_status: Option<u16>,
    body: Option<String>,
    elapsed: f64,
    problems: Vec<Problem>,
    kind: String,
    count: u64,
    reply: Option<String>,
}

#[derive(Deserialize, Serialize)]
struct Problem {
    kind: String,
    detail: Option<String>,
}

pub(super) async fn run(context: &Context, args: PushArgs) -> Result<Exit, CliError> {
    let console = context.document()?;
    let control = Control::new(context, &args.reach);
    let account = match &args.account {
        Some(who) => Some(merchant::resolve(&control, who).await?),
        None => None,
    };
    let body = json!({
        "info_type": args.info_type,
        "message": args.message,
        "to": args.to,
        "component_appid": args.platform,
        "appid": account,
        "fields": fields(&args.fields)?,
        "signature": args.signature.map(|_| "wrong"),
        "key": args.key.map(|_| "previous"),
        "json": args.json,
        "cdata": !args.without_cdata,
        "repeat": args.repeat,
    });
    let pushed: Pushed = control.post("push", &body).await?;
    let lang = console.lang();
    console.document(&pushed, |out| {
        let times = match pushed.count {
            1 => Text::default(),
            count => text!(", pushed {count} times,", "（推送 {count} 次）"),
        };
        let verdict = match pushed.delivered {
            true => lang.choose("was taken", "已被接受"),
            false => lang.choose("was not taken", "未被接受"),
        };
        writeln!(out, "{}{} {verdict}", pushed.kind, times.of(lang))?;
        if let Some(status) = pushed.http_status {
            writeln!(out, "{}{status}", lang.choose("Status    ", "状态码    "))?;
        }
        if let Some(body) = &pushed.body {
            let label = lang.choose("Answer    ", "响应      ");
            writeln!(out, "{label}{body:?}")?;
        }
        if let Some(reply) = &pushed.reply {
            writeln!(out, "{}{}", lang.choose("Reply     ", "回复      "), reply)?;
        }
        for problem in &pushed.problems {
            let told = told(&problem.kind, problem.detail.as_deref(), lang);
            writeln!(out, "{}{told}", lang.choose("Problem   ", "问题      "))?;
        }
        Ok(())
    })?;
    Ok(if pushed.delivered {
        Exit::Done
    } else {
        Exit::BadVerdict
    })
}

fn fields(given: &[String]) -> Result<Value, CliError> {
    let mut fields = Map::new();
    for field in given {
        let (name, value) = field.split_once('=').ok_or_else(|| {
            CliError::usage(text!(
                "a field is NAME=VALUE: `{field}`",
                "字段应为 NAME=VALUE 形式：`{field}`"
            ))
            .hint(text!(
                "for example `--field status=0`",
                "例如 `--field status=0`"
            ))
        })?;
        fields.insert(name.to_owned(), value.into());
    }
    Ok(fields.into())
}

/// A problem in a sentence.
pub(super) fn told(kind: &str, detail: Option<&str>, lang: Lang) -> String {
    let sentence = match kind {
        "timeout" => lang.choose(
            "there was no whole answer in time",
            "规定时间内没有完整的响应",
        ),
        "not_reached" => lang.choose("nobody could be reached there", "无法连接该地址"),
        "broken_off" => lang.choose(
            "the connection broke before the answer was whole",
            "响应未完整时连接中断",
        ),
        "redirect" => lang.choose("WeChat follows no redirect", "微信不跟随重定向"),
        "status" => lang.choose("the status has to be 200", "状态码必须是 200"),
        "too_long" => lang.choose("the answer is far too long", "响应过长"),
        "empty" => lang.choose(
            "the answer is empty; it has to be `success`",
            "响应为空；应为 `success`",
        ),
        "byte_order_mark" => lang.choose(
            "a byte order mark stands before the text",
            "文本前有字节顺序标记（BOM）",
        ),
        "json" => lang.choose(
            "the answer is JSON; it has to be the bare word `success`",
            "响应是 JSON；应只有 `success`",
        ),
        "other_body" => lang.choose("the answer is not `success`", "响应不是 `success`"),
        "reply" => lang.choose(
            "the answer is neither empty, nor `success`, nor an encrypted reply",
            "响应既不是空，也不是 `success` 或加密的回复",
        ),
        "white_space" => lang.choose(
            "white space stands around `success`",
            "`success` 前后有空白",
        ),
        other => other,
    };
    match detail {
        Some(detail) => format!("{sentence}{}{}", lang.choose(": ", "："), detail),
        None => sentence.to_owned(),
    }
}
