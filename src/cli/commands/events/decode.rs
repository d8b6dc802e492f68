//! `events decode`: what is wrong with a captured push, and what it holds.

use std::io;
use std::path::PathBuf;

use clap::Args;
use serde::Serialize;
use serde_json::Value;
use unicode_width::UnicodeWidthStr;

use crate::cli::commands::input;
use crate::cli::context::Context;
use crate::cli::error::CliError;
use crate::cli::exit::Exit;
use crate::console::{Console, Page, Tone};
use crate::lang::{Lang, text};
use crate::wechat::event::InfoType;

use super::capture::{Capture, query_of};
use super::checks::{Check, Diagnosis, Outcome, diagnose, name};
use super::holds::Holds;

/// Check and decrypt a captured push, and say what is wrong with it
///
/// Takes the body as it was received, from a file or stdin, and the query of its address; or a
/// curl line that has both. It is checked with the profile's Token and EncodingAESKeys as a
/// receiver does it, but to the end. Nothing is called or stored. Exit code 3 when something is
/// wrong.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  wxauth events decode body.xml --query \"$QUERY\"\n  wxauth events decode @curl.txt\n  wxauth events decode < body.xml"
)]
pub struct DecodeArgs {
    /// The body, or a curl line; `-` is stdin
    #[arg(value_name = "FILE")]
    file: Option<PathBuf>,
    /// The query that the body came with
    #[arg(long, value_name = "QUERY", conflicts_with = "url")]
    query: Option<String>,
    /// The address that the body came to, with its query
    #[arg(long, value_name = "URL")]
    url: Option<String>,
}

/// The verdict: the contract's shape.
#[derive(Serialize)]
struct Decoded {
    sound: bool,
    checks: Vec<Check>,
    key: Option<&'static str>,
    holds: Option<Holds>,
}

pub(super) async fn run(context: &Context, args: DecodeArgs) -> Result<Exit, CliError> {
    let console = context.document()?;
    // `@FILE` is how lists are named elsewhere; here it means the same as the name alone.
    let file = args.file.map(|file| match file.to_str() {
        Some(text) => PathBuf::from(text.strip_prefix('@').unwrap_or(text)),
        None => file,
    });
    let keys = context.push_keys().await?;
    let component_appid = &context.settings().await?.component_appid.value;
    let text = input::text(context, file.as_deref()).await?;
    let mut capture = Capture::read(&text).map_err(|error| {
        CliError::usage(text!("this is no captured push", "这不是捕获到的推送"))
            .cause(error.told())
            .hint(text!(
                "give the body as WeChat sent it, or the curl line whole",
                "请原样提供微信发来的请求体，或完整的 curl 行"
            ))
    })?;
    if let Some(query) = &args.query {
        let query = query.trim().trim_start_matches('?');
        // Somebody gives the whole address all the same.
        capture.query = Some(query_of(&match query.contains('?') {
            true => query.to_owned(),
            false => format!("?{query}"),
        }));
    } else if let Some(url) = &args.url {
        capture.query = Some(query_of(url));
    }
    let reveal = context.globals().reveal;
    let diagnosis = diagnose(&capture, &keys, component_appid, reveal);
    let row = decoded(diagnosis);
    console.document(&row, |out| screen(out, &row, &console))?;
    Ok(if row.sound {
        Exit::Done
    } else {
        Exit::BadVerdict
    })
}

fn decoded(diagnosis: Diagnosis) -> Decoded {
    Decoded {
        sound: diagnosis.sound(),
        checks: diagnosis.checks,
        key: diagnosis.key.map(name),
        holds: diagnosis.holds,
    }
}

fn screen(out: &mut Page, row: &Decoded, console: &Console) -> io::Result<()> {
    for check in &row.checks {
        let lang = console.lang();
        let (tone, word) = match check.outcome {
            Outcome::Pass => (Tone::Good, lang.choose("ok", "正常")),
            Outcome::Fail => (Tone::Bad, lang.choose("wrong", "有误")),
            Outcome::Unknown => (Tone::Warn, lang.choose("not checked", "未检查")),
            Outcome::NotReached => (Tone::Muted, lang.choose("not reached", "未执行")),
        };
        let gap = " ".repeat(11_usize.saturating_sub(word.width()));
        let said = [&check.found, &check.explanation];
        let said = said.into_iter().flatten().map(|text| text.of(lang));
        let said: Vec<_> = said.collect();
        let said = said.join(lang.choose("; ", "；"));
        out.put(&format!("{} ", title(check.check, lang)));
        out.paint(tone, word);
        match said.as_str() {
            "" => writeln!(out)?,
            said => writeln!(out, "{gap}  {said}")?,
        }
    }
    let Some(holds) = &row.holds else {
        return Ok(());
    };
    writeln!(out)?;
    let known = holds.info_type.as_deref().and_then(InfoType::find);
    if let Some(known) = known {
        let meaning = console.lang().choose(known.english, known.chinese);
        let colon = console.lang().choose(": ", "：");
        writeln!(out, "{}{colon}{meaning}", known.name)?;
    }
    if let Some(at) = holds.created_at {
        let written = console.lang().choose("Written", "写入于");
        writeln!(out, "{written} {}", console.moment(at))?;
    }
    fields(out, &holds.fields, 0)
}

/// The check's name for people, as wide as all of them.
fn title(check: &str, lang: Lang) -> String {
    let chinese = match check {
        "query" => "查询参数",
        "envelope" => "外层",
        "signature" => "签名",
        "outer_appid" => "外层 appid",
        "encrypt" => "密文",
        "key" => "密钥",
        "padding" => "填充",
        "length" => "长度",
        "inner_appid" => "内层 appid",
        _ => "消息",
    };
    let english = check.replace('_', " ");
    let title = lang.choose(&english, chinese);
    let gap = " ".repeat(12_usize.saturating_sub(title.width()));
    format!("{title}{gap}")
}

/// The fields, one on each line, those within others set in.
fn fields(out: &mut Page, value: &Value, depth: usize) -> io::Result<()> {
    let Value::Object(fields_here) = value else {
        return Ok(());
    };
    for (name, value) in fields_here {
        let items: Vec<&Value> = match value {
            Value::Array(items) => items.iter().collect(),
            one => vec![one],
        };
        for item in items {
            let indent = "  ".repeat(depth);
            match item {
                Value::Object(_) => {
                    writeln!(out, "{indent}{name}")?;
                    fields(out, item, depth + 1)?;
                }
                Value::String(text) => {
                    writeln!(out, "{indent}{name}  {text}")?;
                }
                other => writeln!(out, "{indent}{name}  {other}")?,
            }
        }
    }
    Ok(())
}
