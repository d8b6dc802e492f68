//! `rid`: what WeChat noted of a request.

use std::io;

use clap::Args;
use jiff::Timestamp;
use serde::Serialize;

use crate::cli::context::Context;
use crate::cli::error::CliError;
use crate::cli::exit::Exit;
use crate::console::{Console, Page, Tone};
use crate::flow::Caller;
use crate::lang::text;
use crate::sys::clock::timestamp;
use crate::wechat::masking::masked_text;
use crate::wechat::rid::Rid;
use crate::wechat::wire::LoggedRequest;

/// Look a request up by its rid, as WeChat noted it
///
/// For seven days, and only with a token of the account that made the call: `--as` for calls made
/// with a merchant's token. A pasted error will do. Tokens and secrets in what was sent and
/// answered are masked without `--reveal`.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  wxauth --sandbox rid \"$RID\"\n  wxauth --sandbox rid \"$RID\" -o json"
)]
pub struct RidArgs {
    /// The rid, or a text that has it
    #[arg(value_name = "RID", required = true)]
    text: Vec<String>,
    /// The merchant whose token the call was made with
    #[arg(long = "as", value_name = "WHO")]
    who: Option<String>,
}

/// The request.
#[derive(Serialize)]
struct Shown {
    rid: String,
    invoke_time: Timestamp,
    cost_in_ms: Option<i64>,
    client_ip: Option<String>,
    request_url: String,
    request_body: String,
    response_body: String,
}

pub(super) async fn run(context: &Context, args: RidArgs) -> Result<Exit, CliError> {
    let console = context.document()?;
    let rid = Rid::find(&args.text.join(" ")).ok_or_else(|| {
        CliError::usage(text!("there is no rid in this text", "文本中没有 rid")).hint(text!(
            "a rid has three groups of eight letters: 64f69b23-60f73830-19f36488",
            "rid 由三组 8 位字符组成，例如 64f69b23-60f73830-19f36488"
        ))
    })?;
    let platform = context.platform().await?;
    let caller = platform.caller(args.who.as_deref()).await?;
    let logged = platform.logged_request(&caller, rid.as_str()).await;
    let logged = logged.map_err(|error| explained(error.into(), &caller, &rid, context))?;
    let LoggedRequest {
        invoke_time,
        cost_in_ms,
        request_url,
        request_body,
        response_body,
        client_ip,
    } = logged;
    let reveal = console.options().reveal;
    let veil = |text: String| match reveal {
        true => text,
        false => masked_text(&text).0,
    };
    let shown = Shown {
        rid: rid.as_str().to_owned(),
        invoke_time: timestamp(invoke_time),
        cost_in_ms,
        client_ip,
        request_url: veil(request_url),
        request_body: veil(request_body),
        response_body: veil(response_body),
    };
    console.document(&shown, |out| screen(out, &console, &shown))?;
    Ok(Exit::Done)
}

/// The failure with whose rid it may be, or that it is too old.
fn explained(error: CliError, caller: &Caller, rid: &Rid, context: &Context) -> CliError {
    match error.errcode() {
        Some(76003) => error.hint(match caller {
            Caller::Component => text!(
                "a call made with a merchant's token is that merchant's: `--as WHO`",
                "使用授权方令牌发起的请求归该授权方所有：请加 `--as WHO`"
            ),
            Caller::Authorizer(_) => text!(
                "a call made with the platform's token is the platform's: leave `--as` out",
                "使用第三方平台令牌发起的请求归平台所有：请去掉 `--as`"
            ),
        }),
        Some(76001) => {
            let made = context.console().moment(timestamp(rid.made_at()));
            error.hint(text!(
                "WeChat keeps a request for seven days; this rid is of {made}",
                "微信只保留 7 天内的请求；该 rid 的时间为 {made}"
            ))
        }
        _ => error,
    }
}

fn screen(out: &mut Page, console: &Console, shown: &Shown) -> io::Result<()> {
    let lang = console.lang();
    let line = |out: &mut Page, english: &str, chinese: &str, value: &str| {
        let label = lang.choose(english, chinese);
        out.paint(Tone::Muted, label);
        writeln!(out, " {value}")
    };
    line(
        out,
        "Made     ",
        "时间    ",
        &console.moment(shown.invoke_time),
    )?;
    if let Some(cost) = shown.cost_in_ms {
        line(out, "Took     ", "耗时    ", &format!("{cost} ms"))?;
    }
    if let Some(ip) = &shown.client_ip {
        line(out, "From     ", "来源 IP ", ip)?;
    }
    line(out, "Address  ", "地址    ", &shown.request_url)?;
    line(out, "Sent     ", "请求体  ", &shown.request_body)?;
    line(out, "Answered ", "返回    ", &shown.response_body)
}
