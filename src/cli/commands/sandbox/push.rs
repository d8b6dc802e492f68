//! `sandbox push`: any push at once, and what the receiver answers.

use clap::{Args, ValueEnum};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::cli::context::Context;
use crate::cli::error::CliError;
use crate::cli::exit::Exit;
use crate::console::clean;

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
    console.document(&pushed, |out| {
        let times = match pushed.count {
            1 => String::new(),
            count => format!(", pushed {count} times,"),
        };
        let verdict = if pushed.delivered {
            "was taken"
        } else {
            "was not taken"
        };
        writeln!(out, "{}{times} {verdict}", clean(&pushed.kind))?;
        if let Some(status) = pushed.http_status {
            writeln!(out, "Status    {status}")?;
        }
        if let Some(body) = &pushed.body {
            writeln!(out, "Answer    {}", clean(&format!("{body:?}")))?;
        }
        if let Some(reply) = &pushed.reply {
            writeln!(out, "Reply     {}", clean(reply))?;
        }
        for problem in &pushed.problems {
            writeln!(
                out,
                "Problem   {}",
                told(&problem.kind, problem.detail.as_deref())
            )?;
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
            CliError::usage(format!("a field is NAME=VALUE: `{field}`"))
                .hint("for example `--field status=0`")
        })?;
        fields.insert(name.to_owned(), value.into());
    }
    Ok(fields.into())
}

/// A problem in a sentence.
pub(super) fn told(kind: &str, detail: Option<&str>) -> String {
    let sentence = match kind {
        "timeout" => "there was no whole answer in time",
        "not_reached" => "nobody could be reached there",
        "broken_off" => "the connection broke before the answer was whole",
        "redirect" => "WeChat follows no redirect",
        "status" => "the status has to be 200",
        "too_long" => "the answer is far too long",
        "empty" => "the answer is empty; it has to be `success`",
        "byte_order_mark" => "a byte order mark stands before the text",
        "json" => "the answer is JSON; it has to be the bare word `success`",
        "other_body" => "the answer is not `success`",
        "reply" => "the answer is neither empty, nor `success`, nor an encrypted reply",
        "white_space" => "white space stands around `success`",
        other => other,
    };
    match detail {
        Some(detail) => format!("{sentence}: {}", clean(detail)),
        None => sentence.to_owned(),
    }
}
