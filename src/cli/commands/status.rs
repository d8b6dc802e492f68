//! `status`: everything about the platform on one screen, offline.

use std::io::{self, Write};

use clap::Args;
use jiff::Timestamp;
use serde::Serialize;

use crate::cli::commands::check::words;
use crate::cli::context::Context;
use crate::cli::error::CliError;
use crate::cli::exit::Exit;
use crate::console::{Console, when};
use crate::flow::{Finding, LentToken, Outcome, Platform, Status};
use crate::lang::{Text, text};
use crate::store::TicketSource;

/// Show everything about the platform at a glance, offline
///
/// Nothing is called, minted or refreshed. Exit code 3 when something is wrong: no live ticket and
/// no live component token, or an active merchant without a refresh token.
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
    /// The id of the key that secrets in the store are sealed with.
    seal_key: Option<String>,
    ticket: Option<TicketPart>,
    component_token: Option<TokenPart>,
    authorizers: AuthorizersPart,
    last_sync: Option<SyncPart>,
    problems: Vec<Text>,
}

/// The backend that tokens are borrowed from.
#[derive(Serialize)]
struct LayoutPart {
    layout: &'static str,
    address: String,
}

#[derive(Serialize)]
struct TicketPart {
    ticket: String,
    received_at: Timestamp,
    age: i64,
    expires_at: Timestamp,
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
    let row = StatusRow {
        healthy: problems.is_empty(),
        component_appid: platform.component_appid().to_string(),
        platform: settings.name.to_string(),
        api_base: settings.api_base.value.to_string(),
        mint: settings.mint.value.as_str(),
        layout: status.lent.as_ref().map(|lent| LayoutPart {
            layout: lent.layout.as_str(),
            address: lent.address.clone(),
        }),
        store: settings.store.value.to_string(),
        seal_key: platform.store().seal_key_id(),
        ticket: status.ticket.map(|ticket| TicketPart {
            age: (now - ticket.received_at).get_seconds(),
            ticket: ticket.masked,
            received_at: ticket.received_at,
            expires_at: ticket.expires_at,
            source: ticket.source,
        }),
        component_token: match (status.lent, status.component_token) {
            (Some(lent), _) => match lent.component_token {
                LentToken::There(expires_at) => Some(TokenPart {
                    expires_at,
                    expires_in: expires_at.map(|end| (end - now).get_seconds()),
                    generation: None,
                }),
                LentToken::Gap(_) | LentToken::Failed(_) => None,
            },
            (None, token) => token.map(|token| TokenPart {
                expires_at: token.expires_at,
                expires_in: token.expires_at.map(|end| (end - now).get_seconds()),
                generation: Some(token.generation),
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
    let lacking = status.counts.without_refresh_token;
    if lacking > 0 {
        problems.push(text!(
            "{lacking} active merchants without a refresh token",
            "{lacking} 个有效授权的商家没有 refresh_token"
        ));
    }
    problems
}

fn screen(out: &mut dyn Write, row: &StatusRow, console: &Console) -> io::Result<()> {
    let style = console.style();
    let lang = console.lang();
    let none = lang.choose("none yet", "尚无");
    let appid = style.strong(&row.component_appid);
    let ticket = match &row.ticket {
        Some(ticket) => {
            let age = when::duration(ticket.age, lang);
            let end = console.moment(ticket.expires_at);
            text!("{age} old, ends {end}", "已收到 {age}，失效于 {end}")
        }
        None => Text::same(style.warn(none)),
    };
    let token = row.component_token.as_ref();
    let token = match token.and_then(|token| token.expires_at) {
        Some(end) => text!("ends {}", "失效于 {}", console.moment(end)),
        None if token.is_some() => text!("there, its end unknown", "已有，失效时间未知"),
        None => Text::same(none),
    };
    let place = &row.store;
    let store = match &row.seal_key {
        Some(key) => text!(
            "{place}, sealed with the key {key}",
            "{place}，以密钥 {key} 密封"
        ),
        None => Text::same(&**place),
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
    let part = &row.authorizers;
    let merchants = text!(
        "{} active, {} pending exchange, {} revoked",
        "有效 {}，待换取 {}，已解除 {}",
        part.active,
        part.pending_exchange,
        part.revoked
    );
    let tokens = text!(
        "{} fresh, {} expired, {} never fetched",
        "有效 {}，已失效 {}，从未获取 {}",
        part.tokens_fresh,
        part.tokens_expired,
        part.tokens_never
    );
    let sync = match &row.last_sync {
        Some(sync) => text!(
            "{}, {} merchants",
            "{}，共 {} 个商家",
            console.moment(sync.at),
            sync.total
        ),
        None => text!("never", "从未"),
    };
    let rows = [
        (
            "Platform         ",
            "平台      ",
            text!("{appid} ({})", "{appid}（{}）", row.platform),
        ),
        (
            "API base         ",
            "API 地址  ",
            Text::same(&*row.api_base),
        ),
        ("Mint             ", "令牌签发  ", mint),
        ("Store            ", "存储      ", store),
        ("Ticket           ", "ticket    ", ticket),
        ("Component token  ", "平台令牌  ", token),
        ("Merchants        ", "商家      ", merchants),
        ("Their tokens     ", "商家令牌  ", tokens),
        ("Last sync        ", "最近同步  ", sync),
    ];
    for (english, chinese, said) in rows {
        writeln!(out, "{}{}", lang.choose(english, chinese), said.of(lang))?;
    }
    writeln!(out)?;
    if row.problems.is_empty() {
        let nothing = lang.choose("Nothing is wrong", "没有问题");
        return writeln!(out, "{}", style.good(nothing));
    }
    let (wrong, gap) = (
        style.bad(lang.choose("Wrong:", "问题：")),
        lang.choose(" ", ""),
    );
    row.problems
        .iter()
        .try_for_each(|problem| writeln!(out, "{wrong}{gap}{}", problem.of(lang)))
}
