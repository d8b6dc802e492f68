//! `events send`: a push of our own to a receiver, and its answer judged as WeChat would.

use clap::{Args, ValueEnum};
use serde::Serialize;
use url::Url;

use crate::cli::commands::input;
use crate::cli::context::Context;
use crate::cli::error::CliError;
use crate::cli::exit::{Exit, Kind};
use crate::flow::{AnswerProblem, Judged, PROBE, Platform, send_push};
use crate::lang::{Text, text};
use crate::sys::http::{HttpOptions, is_loopback};
use crate::sys::random;
use crate::wechat::event::{
    AuthorizationEvent, authorization_xml, ticket_xml, unauthorized_xml, unknown_xml,
};
use crate::wechat::id::Appid;
use crate::wechat::push::{KeyUsed, PushKeys, PushQuery, Stamp, To};
use crate::wechat::secret::Secret;

/// How much of a wrong answer is shown.
const SHOWN: usize = 400;

/// Send an encrypted push to a receiver and judge its answer
///
/// Without INFO_TYPE the push is of a type that nobody knows: a receiver answers `success` and does
/// nothing. `component_verify_ticket` sends the stored live ticket once more; no ticket is ever
/// invented. `authorized`, `updateauthorized` and `unauthorized` carry made-up values, and need
/// `--yes` when the receiver is not on this machine.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  wxauth events send --to https://wx.example.com/events\n  wxauth events send component_verify_ticket --to https://wx.example.com/events\n  wxauth events send --signature wrong --to http://127.0.0.1:8780/events"
)]
pub struct SendArgs {
    /// What to send; a type that nobody knows without this
    #[arg(value_name = "INFO_TYPE")]
    info_type: Option<String>,
    /// The receiver's address
    #[arg(long, value_name = "URL")]
    to: Url,
    /// Sign wrongly: a good receiver refuses it
    #[arg(long, value_name = "wrong")]
    signature: Option<Signature>,
    /// Encrypt with the previous EncodingAESKey
    #[arg(long, value_name = "previous")]
    key: Option<Key>,
    /// Send the very same push so many times
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=100))]
    repeat: u32,
    /// The merchant that the push is about
    #[arg(long, value_name = "APPID")]
    about: Option<Appid>,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Signature {
    /// One that does not fit.
    Wrong,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Key {
    /// The key before the present one.
    Previous,
}

/// The judgement: the contract's shape.
#[derive(Serialize)]
struct Judgement {
    delivered: bool,
    http_status: Option<u16>,
    body: String,
    elapsed: f64,
    problems: Vec<Text>,
}

pub(super) async fn run(context: &Context, args: SendArgs) -> Result<Exit, CliError> {
    let console = context.document()?;
    if !matches!(args.to.scheme(), "http" | "https") {
        return Err(CliError::usage(text!(
            "`{}` is no web address",
            "`{}` 不是网址",
            args.to
        )));
    }
    let keys = context.push_keys().await?;
    let platform = context.platform().await?;
    let info_type = args.info_type.as_deref().unwrap_or(PROBE);
    let acts = matches!(
        info_type,
        "authorized" | "updateauthorized" | "unauthorized"
    );
    if acts && !is_loopback(&args.to) {
        let host = args.to.host_str().unwrap_or_default();
        let question = text!(
            "send a made-up `{info_type}` to {host}, which may act on it?",
            "向 {host} 发送编造的 `{info_type}`？接收方可能据此操作"
        );
        if !input::confirm(context, question).await? {
            return Err(CliError::new(
                Kind::Usage,
                text!("nothing was sent", "没有发送任何推送"),
            ));
        }
    }
    let message = message(platform, info_type, args.about.as_ref()).await?;
    let (query, body) = push(platform, &keys, &args, &message)?;
    let options = HttpOptions {
        ca_file: context.settings().await?.ca_file.clone(),
        ..HttpOptions::default()
    };
    let mut worst: Option<Judged> = None;
    for _ in 0..args.repeat {
        let judged = send_push(&args.to, &query, body.clone(), &options).await?;
        let fails = judged.problems.iter().any(AnswerProblem::fails);
        if fails || worst.is_none() {
            worst = Some(judged);
        }
        if fails {
            break;
        }
    }
    let Some(judged) = worst else {
        return Ok(Exit::Done);
    };
    let refused = !judged.problems.is_empty() && judged.problems.iter().any(AnswerProblem::fails);
    let good = match args.signature {
        // A receiver that takes a wrong signature is the one that is broken.
        Some(Signature::Wrong) => refused && judged.http_status.is_some(),
        None => !refused,
    };
    let mut problems: Vec<Text> = judged.problems.iter().map(sentence).collect();
    if let Some(Signature::Wrong) = args.signature {
        if good {
            problems.clear();
        } else if !refused {
            problems = vec![text!(
                "the receiver took a push with a wrong signature: anybody can send it tickets and events; \
                 it must compare msg_signature with sha1 of the sorted Token, timestamp, nonce and Encrypt",
                "接收方接受了签名错误的推送：任何人都能向它发送 ticket 和事件；必须将 msg_signature 与排序后的 Token、timestamp、nonce、Encrypt 的 sha1 比较"
            )];
        }
    }
    let judgement = Judgement {
        delivered: !refused,
        http_status: judged.http_status,
        body: String::from_utf8_lossy(&judged.body[..judged.body.len().min(SHOWN)]).into_owned(),
        elapsed: (judged.elapsed.as_secs_f64() * 1000.0).round() / 1000.0,
        problems,
    };
    let shows_bytes = judged.problems.iter().any(|problem| {
        matches!(
            problem,
            AnswerProblem::Body | AnswerProblem::Blanks | AnswerProblem::ByteOrderMark
        )
    }) && args.signature.is_none();
    let lang = console.lang();
    console.document(&judgement, |out| {
        let status = judgement.http_status.map_or_else(
            || lang.choose("no answer", "没有响应").to_owned(),
            |status| format!("HTTP {status}"),
        );
        let verdict = match (good, args.signature) {
            (true, None) => lang.choose("taken", "已接受"),
            (true, Some(_)) => lang.choose("refused, as it must be", "已按要求拒绝"),
            (false, None) => lang.choose("WeChat would count a failure", "微信会计为一次失败"),
            (false, Some(_)) => lang.choose("not refused as it must be", "应拒绝而未拒绝"),
        };
        writeln!(out, "{info_type}  {verdict}")?;
        let answer = text!(
            "Answer   {status}, {:.3} s of 5 s",
            "响应     {status}，{:.3} 秒（限 5 秒）",
            judgement.elapsed
        );
        writeln!(out, "{}", answer.of(lang))?;
        for problem in &judgement.problems {
            let label = lang.choose("Problem  ", "问题     ");
            writeln!(out, "{label}{}", problem.of(lang))?;
        }
        if shows_bytes {
            let (wanted, got) = (
                lang.choose("Wanted   ", "应为     "),
                lang.choose("Got      ", "实际     "),
            );
            writeln!(out, "{wanted}{}  \"success\"", hex(b"success"))?;
            writeln!(out, "{got}{}  {:?}", hex(&judged.body), judgement.body)?;
        }
        Ok(())
    })?;
    Ok(if good { Exit::Done } else { Exit::BadVerdict })
}

async fn message(
    platform: &Platform,
    info_type: &str,
    about: Option<&Appid>,
) -> Result<String, CliError> {
    let component_appid = platform.component_appid();
    let now = platform.clock().unix();
    let appid = about
        .cloned()
        .unwrap_or_else(|| Appid::from_wire("wx00000000000probe"));
    Ok(match info_type {
        "component_verify_ticket" => {
            let ticket = platform.newest_ticket().await?.filter(|record| {
                record.received_at + jiff::SignedDuration::from_hours(12) > platform.clock().now()
            });
            let ticket = ticket.ok_or_else(|| {
                CliError::new(
                    Kind::ActionRequired,
                    text!(
                        "there is no live ticket to send again",
                        "没有可重发的有效 ticket"
                    ),
                )
                .cause(text!(
                    "an invented one would end the receiver's access to WeChat",
                    "编造的 ticket 会使接收方无法再调用微信接口"
                ))
                .hint(text!(
                    "send a harmless push: leave INFO_TYPE out",
                    "改为发送无副作用的推送：不写 INFO_TYPE"
                ))
            })?;
            ticket_xml(component_appid, now, &ticket.ticket)
        }
        "authorized" | "updateauthorized" => {
            let made_up =
                |kind: &str| Some(Secret::new(format!("{kind}@@@wxauth-{}", random::hex(20))));
            let event = AuthorizationEvent {
                appid,
                code: made_up("queryauthcode"),
                code_expires_at: Some(now + 3600),
                pre_auth_code: made_up("preauthcode"),
            };
            authorization_xml(
                component_appid,
                now,
                info_type == "updateauthorized",
                &event,
            )
        }
        "unauthorized" => unauthorized_xml(component_appid, now, &appid),
        other => unknown_xml(component_appid, now, other),
    })
}

fn push(
    platform: &Platform,
    keys: &PushKeys,
    args: &SendArgs,
    message: &str,
) -> Result<(PushQuery, String), CliError> {
    let mut random = [0; 16];
    random::fill(&mut random);
    let mut nonce = [0; 4];
    random::fill(&mut nonce);
    let stamp = Stamp {
        timestamp: platform.clock().unix().to_string(),
        nonce: u32::from_be_bytes(nonce).to_string(),
        random,
    };
    let which = match args.key {
        Some(Key::Previous) => KeyUsed::Previous,
        None => KeyUsed::Present,
    };
    let component_appid = platform.component_appid();
    let sealed = keys.push(component_appid, which, message, &stamp, To::Platform);
    let (mut query, body) = sealed.ok_or_else(|| {
        CliError::new(
            Kind::ActionRequired,
            text!(
                "the profile has no previous EncodingAESKey",
                "该配置没有上一个 EncodingAESKey"
            ),
        )
        .hint(text!(
            "store it: `wxauth profile set encoding_aes_key_previous`",
            "保存它：`wxauth profile set encoding_aes_key_previous`"
        ))
    })?;
    if let Some(Signature::Wrong) = args.signature {
        query.msg_signature = "0".repeat(40);
    }
    Ok((query, body))
}

/// What is wrong with an answer, and what to do.
pub(in crate::cli::commands) fn sentence(problem: &AnswerProblem) -> Text {
    match problem {
        AnswerProblem::Unreachable { why } => text!(
            "no connection: {why}; look at DNS, the firewall, the port, and with https at the whole certificate chain",
            "无法连接：{why}；检查 DNS、防火墙、端口，使用 https 时检查完整的证书链"
        ),
        AnswerProblem::TooSlow => text!(
            "no answer within 5 s: store the event, answer `success`, and do the work afterwards",
            "5 秒内没有响应：先保存事件并应答 `success`，之后再处理"
        ),
        AnswerProblem::Broken { why } => {
            text!("the connection broke off: {why}", "连接中断：{why}")
        }
        AnswerProblem::Redirect { location } => text!(
            "it redirects to {location}: WeChat does not follow, so enter the final address in the console",
            "重定向到 {location}：微信不会跟随，请在控制台填写最终地址"
        ),
        AnswerProblem::Status(status) => text!(
            "the status is {status} and not 200",
            "状态码是 {status}，而不是 200"
        ),
        AnswerProblem::Blanks => text!(
            "there are blanks or line ends around `success`",
            "`success` 前后有空格或换行"
        ),
        AnswerProblem::ByteOrderMark => text!(
            "the answer begins with a byte order mark: save the receiver's source without one",
            "响应以字节顺序标记（BOM）开头：请将接收端源文件保存为无 BOM"
        ),
        AnswerProblem::Body => text!(
            "the body must be `success` and nothing else",
            "响应体必须只有 `success`"
        ),
        AnswerProblem::NotEncrypted => text!(
            "http is not encrypted: everybody on the way sees the push",
            "http 未加密：途中任何人都能看到推送"
        ),
        AnswerProblem::Port(port) => text!(
            "WeChat calls port 80 for http and 443 for https only, never {port}",
            "微信只访问 http 的 80 端口和 https 的 443 端口，不会访问 {port}"
        ),
    }
}

/// The first bytes, two digits each.
fn hex(bytes: &[u8]) -> String {
    let shown: Vec<String> = bytes
        .iter()
        .take(24)
        .map(|byte| format!("{byte:02x}"))
        .collect();
    let more = if bytes.len() > 24 { " …" } else { "" };
    format!("{}{more}", shown.join(" "))
}
