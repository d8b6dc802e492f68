//! `status`: everything about the platform on one screen, offline.

use std::io;

use clap::Args;
use jiff::Timestamp;
use serde::Serialize;
use unicode_width::UnicodeWidthStr;

use crate::cli::commands::check::words;
use crate::cli::context::Context;
use crate::cli::error::CliError;
use crate::cli::exit::Exit;
use crate::console::{Console, Page, Tone, when};
use crate::flow::{Finding, LentStatus, LentToken, Outcome, Platform, Status};
use crate::lang::{Lang, Text, text};
use crate::store::reencryption::SecretCount;
use crate::store::tickets::TicketSource;
use crate::store::validity::is_ahead;
use crate::wechat::id::Appid;

/// Show everything about the platform at a glance, offline
///
/// Nothing is called, minted or refreshed. Exit code 3 when something is wrong: no live ticket and
/// no live component token, an active merchant without a refresh token, a clock fault (something is stored
/// with a time in the future), or another holder (a program that requests tokens without wxauth, noticed in
/// the last 24 hours). The last two are warnings of `check`, which ends with 0 for them unless `--strict` is given.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  wxauth --sandbox status\n  wxauth --sandbox status -o json")]
pub struct StatusArgs {}

#[derive(Serialize)]
struct StatusRow {
    healthy: bool,
    component_appid: String,
    platform: String,
    api_base: String,
    mint: &'static str,
    layout: Option<LayoutPart>,
    store: String,
    /// The id of the current key, which new secrets are encrypted with.
    encryption_key: Option<String>,
    /// How many secrets of the platform are encrypted with which key.
    secrets: Vec<SecretCount>,
    ticket: Option<TicketPart>,
    component_token: Option<TokenPart>,
    authorizers: AuthorizersPart,
    last_sync: Option<SyncPart>,
    /// `ok`, or `fault` when something is stored with a time in the future.
    clock: &'static str,
    /// Null when no token was refused before its expiry.
    another_holder: Option<HolderPart>,
    problems: Vec<Text>,
}

/// The backend that tokens are borrowed from.
#[derive(Serialize)]
struct LayoutPart {
    layout: &'static str,
    address: String,
    /// What of the answer is the backend's; all else is of the own store.
    borrowed: Vec<&'static str>,
}

#[derive(Serialize)]
struct TicketPart {
    ticket: String,
    /// Null for a borrowed one whose age nothing tells.
    received_at: Option<Timestamp>,
    /// Null as well when it was stored with a time in the future.
    age: Option<i64>,
    expires_at: Option<Timestamp>,
    source: TicketSource,
}

#[derive(Serialize)]
struct TokenPart {
    expires_at: Option<Timestamp>,
    expires_in: Option<i64>,
    generation: Option<u64>,
}

#[derive(Serialize)]
struct AuthorizersPart {
    active: u64,
    pending_exchange: u64,
    revoked: u64,
    tokens_fresh: u64,
    tokens_expired: u64,
    tokens_never: u64,
    without_refresh_token: u64,
}

/// Another program that requests tokens, as far as it showed in the last 24 hours.
#[derive(Serialize)]
struct HolderPart {
    since: Timestamp,
    latest: Timestamp,
    component_token: bool,
    /// Those whose access tokens were refused.
    authorizers: Vec<Appid>,
}

#[derive(Serialize)]
struct SyncPart {
    at: Timestamp,
    total: u64,
}

pub(super) async fn run(context: &Context, _: StatusArgs) -> Result<Exit, CliError> {
    let console = context.document()?;
    let settings = context.settings().await?;
    let platform = context.platform().await?;
    let status = platform.status().await?;
    let now = context.clock().now();
    let problems = problems(platform, &status);
    let fault = status.clock_fault(now).is_some();
    let row = StatusRow {
        healthy: problems.is_empty(),
        component_appid: platform.component_appid().to_string(),
        platform: settings.name.to_string(),
        api_base: settings.api_base.value.to_string(),
        mint: settings.mint.value.as_str(),
        layout: status.lent.as_ref().map(layout_part),
        store: settings.store.value.to_string(),
        encryption_key: platform.store().encryption_key_id(),
        clock: if fault { "fault" } else { "ok" },
        another_holder: status.another_holder.as_ref().map(|another| HolderPart {
            since: another.since,
            latest: another.latest,
            component_token: another.component_token(),
            authorizers: another.authorizers(),
        }),
        ticket: ticket_part(&status, now),
        secrets: status.secrets,
        component_token: match (status.lent, status.component_token) {
            (Some(lent), _) => match lent.component_token {
                LentToken::There(expires_at) => Some(TokenPart {
                    expires_at,
                    expires_in: expires_at.map(|end| (end - now).get_seconds()),
                    generation: None,
                }),
                LentToken::Gap(_) | LentToken::Failed(_) => None,
            },
            (None, token) => token.map(|token| {
                let expires_at = token.expires_at.filter(|_| !token.is_ahead(now));
                TokenPart {
                    expires_at,
                    expires_in: expires_at.map(|end| (end - now).get_seconds()),
                    generation: Some(token.generation),
                }
            }),
        },
        authorizers: AuthorizersPart {
            active: status.counts.active,
            pending_exchange: status.counts.pending_exchange,
            revoked: status.counts.revoked,
            tokens_fresh: status.counts.tokens_fresh,
            tokens_expired: status.counts.tokens_expired,
            tokens_never: status.counts.tokens_never,
            without_refresh_token: status.counts.without_refresh_token,
        },
        last_sync: status.last_sync.map(|(at, total)| SyncPart { at, total }),
        problems,
    };
    console.document(&row, |out| screen(out, &row, &console))?;
    Ok(if row.healthy {
        Exit::Done
    } else {
        Exit::BadVerdict
    })
}

/// Whose keys tokens are borrowed from, and what of the answer is theirs.
fn layout_part(lent: &LentStatus) -> LayoutPart {
    let ticket = lent.ticket.as_ref().map(|_| "ticket");
    LayoutPart {
        layout: lent.layout.as_str(),
        address: lent.address.clone(),
        borrowed: ticket.into_iter().chain(["component_token"]).collect(),
    }
}

/// The backend's ticket, where it has one to be read; else the own store's.
fn ticket_part(status: &Status, now: Timestamp) -> Option<TicketPart> {
    if let Some(ticket) = status.lent.as_ref().and_then(|lent| lent.ticket.as_ref()) {
        let received_at = ticket.received_at.filter(|at| !is_ahead(*at, now));
        return Some(TicketPart {
            ticket: ticket.masked.clone(),
            received_at: ticket.received_at,
            age: received_at.map(|at| (now - at).get_seconds()),
            expires_at: ticket.expires_at.filter(|_| received_at.is_some()),
            source: TicketSource::Layout,
        });
    }
    status.ticket.as_ref().map(|ticket| {
        let age = ticket.age(now);
        TicketPart {
            ticket: ticket.masked.clone(),
            received_at: Some(ticket.received_at),
            age: age.map(|age| age.as_secs()),
            expires_at: age.map(|_| ticket.expires_at),
            source: ticket.source,
        }
    })
}

/// What is wrong enough for exit code 3.
fn problems(platform: &Platform, status: &Status) -> Vec<Text> {
    let verdicts = platform.judge_means(status, None);
    let wrong = verdicts.iter().filter(|verdict| {
        verdict.outcome == Outcome::Fail
            && matches!(
                verdict.finding,
                Finding::NothingLives(_)
                    | Finding::NobodyLends
                    | Finding::NotLent(..)
                    | Finding::LenderFailed(_)
            )
    });
    let mut problems: Vec<_> = wrong
        .map(|verdict| words::finding(&verdict.finding))
        .collect();
    let clock = platform.judge_clock(status);
    if clock.outcome != Outcome::Pass {
        problems.push(words::finding(&clock.finding));
    }
    if let Some(another) = &status.another_holder {
        problems.push(words::holders(another, platform.clock().now()));
    }
    let lacking = status.counts.without_refresh_token;
    if lacking > 0 {
        problems.push(text!(
            "{lacking} active merchants without a refresh token",
            "{lacking} 个有效授权的商家没有 refresh_token"
        ));
    }
    problems
}

/// A part of the screen, with whose it is where some of it is borrowed.
fn whose(row: &StatusRow, name: &str, said: Text) -> Text {
    let Some(part) = &row.layout else {
        return said;
    };
    let layout = part.layout;
    Text::each(|lang| {
        let said = said.of(lang);
        match (lang, part.borrowed.contains(&name)) {
            (Lang::En, true) => format!("{said} (from the keys of {layout})"),
            (Lang::Zh, true) => format!("{said}（来自 {layout} 的键）"),
            (Lang::En, false) => format!("{said} (of wxauth's own store)"),
            (Lang::Zh, false) => format!("{said}（来自 wxauth 自己的存储）"),
        }
    })
}

/// How many secrets are encrypted with which key, and how new ones are written where that differs.
fn secrets(row: &StatusRow) -> Text {
    let counts = |lang: Lang| {
        let parts = row.secrets.iter().map(|count| {
            let secrets = count.secrets;
            match &count.key_id {
                None => text!(
                    "{secrets} stored in plain text (`wxauth store encrypt`)",
                    "{secrets} 项未加密（可用 `wxauth store encrypt` 加密）"
                ),
                Some(key) => text!(
                    "{secrets} encrypted with the key {key}",
                    "{secrets} 项已用密钥 {key} 加密"
                ),
            }
        });
        let parts: Vec<_> = parts.map(|part| part.of(lang).to_owned()).collect();
        match parts.is_empty() {
            true => lang.choose("none stored", "尚无").to_owned(),
            false => parts.join(lang.choose(", ", "，")),
        }
    };
    let is_current = |count: &SecretCount| count.key_id == row.encryption_key;
    if row.secrets.iter().all(is_current) && !row.secrets.is_empty() {
        return Text::each(counts);
    }
    match &row.encryption_key {
        Some(key) => Text::each(|lang| {
            let counts = counts(lang);
            match lang {
                Lang::En => format!("{counts}; new ones are encrypted with the key {key}"),
                Lang::Zh => format!("{counts}；新写入的用密钥 {key} 加密"),
            }
        }),
        None if row.secrets.is_empty() => Text::each(counts),
        None => Text::each(|lang| {
            let counts = counts(lang);
            match lang {
                Lang::En => {
                    format!("{counts}; no current key is set: new ones are stored in plain text")
                }
                Lang::Zh => format!("{counts}；未设置当前密钥，新写入的不加密"),
            }
        }),
    }
}

fn screen(out: &mut Page, row: &StatusRow, console: &Console) -> io::Result<()> {
    let lang = console.lang();
    let none = lang.choose("none yet", "尚无");
    let ticket = match &row.ticket {
        Some(TicketPart {
            age: Some(age),
            expires_at: Some(end),
            ..
        }) => {
            let (age, end) = (when::duration(*age, lang), console.moment(*end));
            text!("{age} old, ends {end}", "已收到 {age}，失效于 {end}")
        }
        Some(_) => text!("there, its age unknown", "已有，接收时间未知"),
        None => Text::same(none),
    };
    let token = row.component_token.as_ref();
    let token = match token.and_then(|token| token.expires_at) {
        Some(end) => text!("ends {}", "失效于 {}", console.moment(end)),
        None if token.is_some() => text!("there, its end unknown", "已有，失效时间未知"),
        None if row.layout.is_some() => text!("none", "没有"),
        None => Text::same(none),
    };
    let mint = match &row.layout {
        Some(part) => text!(
            "{}, with the keys of {} in {}",
            "{}，令牌在 {} 的键中（{}）",
            row.mint,
            part.layout,
            part.address
        ),
        None => Text::same(row.mint),
    };
    let ticket = whose(row, "ticket", ticket);
    let token = whose(row, "component_token", token);
    let part = &row.authorizers;
    let merchants = text!(
        "{} active, {} pending exchange, {} revoked",
        "有效 {}，待换取 {}，已解除 {}",
        part.active,
        part.pending_exchange,
        part.revoked
    );
    let merchants = whose(row, "authorizers", merchants);
    let tokens = text!(
        "{} fresh, {} expired, {} never fetched",
        "有效 {}，已失效 {}，从未获取 {}",
        part.tokens_fresh,
        part.tokens_expired,
        part.tokens_never
    );
    let tokens = match &row.layout {
        Some(part) => text!(
            "read from the keys of {}, one by one when they are wanted; not counted here",
            "需要时逐个从 {} 的键中读取，此处不统计",
            part.layout
        ),
        None => tokens,
    };
    let sync = match &row.last_sync {
        Some(sync) => text!(
            "{}, {} merchants",
            "{}，共 {} 个商家",
            console.moment(sync.at),
            sync.total
        ),
        None => text!("never", "从未"),
    };
    out.put(lang.choose("Platform         ", "平台      "));
    out.paint(Tone::Strong, &row.component_appid);
    let name = text!(" ({})", "（{}）", row.platform);
    writeln!(out, "{}", name.of(lang))?;
    let rows = [
        (
            "API base         ",
            "API 地址  ",
            Text::same(&*row.api_base),
        ),
        ("Mint             ", "令牌签发  ", mint),
        ("Store            ", "存储      ", Text::same(&*row.store)),
        ("Secrets          ", "敏感信息  ", secrets(row)),
        ("Ticket           ", "ticket    ", ticket),
        ("Component token  ", "平台令牌  ", token),
        ("Merchants        ", "商家      ", merchants),
        ("Their tokens     ", "商家令牌  ", tokens),
        ("Last sync        ", "最近同步  ", sync),
    ];
    for (english, chinese, said) in rows {
        let title = lang.choose(english, chinese);
        out.put(title);
        out.prose(said.of(lang), title.width());
    }
    writeln!(out)?;
    if row.problems.is_empty() {
        let nothing = lang.choose("Nothing is wrong", "没有问题");
        out.paint(Tone::Good, nothing);
        return writeln!(out);
    }
    let wrong = lang.choose("Wrong: ", "问题：");
    for problem in &row.problems {
        out.paint(Tone::Bad, wrong);
        out.prose(problem.of(lang), wrong.width());
    }
    Ok(())
}
