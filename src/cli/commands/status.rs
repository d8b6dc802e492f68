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
use crate::flow::{Finding, Outcome, Platform, Status};
use crate::lang::{Lang, text};
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
    store: String,
    ticket: Option<TicketPart>,
    component_token: Option<TokenPart>,
    authorizers: AuthorizersPart,
    last_sync: Option<SyncPart>,
    problems: Vec<String>,
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
    generation: u64,
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
    let problems = problems(platform, &status, console.lang());
    let row = StatusRow {
        healthy: problems.is_empty(),
        component_appid: platform.component_appid().to_string(),
        platform: settings.name.to_string(),
        api_base: settings.api_base.value.to_string(),
        mint: settings.mint.value.as_str(),
        store: settings.store.value.to_string(),
        ticket: status.ticket.map(|ticket| TicketPart {
            age: (now - ticket.received_at).get_seconds(),
            ticket: ticket.masked,
            received_at: ticket.received_at,
            expires_at: ticket.expires_at,
            source: ticket.source,
        }),
        component_token: status.component_token.map(|token| TokenPart {
            expires_at: token.expires_at,
            expires_in: token.expires_at.map(|end| (end - now).get_seconds()),
            generation: token.generation,
        }),
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
fn problems(platform: &Platform, status: &Status, lang: Lang) -> Vec<String> {
    let verdicts = platform.judge_means(
        status.ticket.as_ref(),
        status.component_token.as_ref(),
        None,
    );
    let wrong = verdicts.iter().filter(|verdict| {
        verdict.outcome == Outcome::Fail
            && matches!(
                verdict.finding,
                Finding::NothingLives(_) | Finding::NobodyLends
            )
    });
    let mut problems: Vec<_> = wrong
        .map(|verdict| words::finding(&verdict.finding).of(lang).to_owned())
        .collect();
    let lacking = status.counts.without_refresh_token;
    if lacking > 0 {
        let said = text!(
            "{lacking} active merchants without a refresh token",
            "{lacking} 个有效授权方没有刷新令牌"
        );
        problems.push(said.of(lang).to_owned());
    }
    problems
}

fn screen(out: &mut dyn Write, row: &StatusRow, console: &Console) -> io::Result<()> {
    let style = console.style();
    let lang = console.lang();
    writeln!(
        out,
        "Platform         {} ({})",
        style.strong(&row.component_appid),
        row.platform
    )?;
    writeln!(out, "API base         {}", row.api_base)?;
    writeln!(out, "Mint             {}", row.mint)?;
    writeln!(out, "Store            {}", row.store)?;
    match &row.ticket {
        Some(ticket) => writeln!(
            out,
            "Ticket           {} old, ends {}",
            when::duration(ticket.age, lang),
            console.moment(ticket.expires_at)
        )?,
        None => writeln!(out, "Ticket           {}", style.warn("none yet"))?,
    }
    match row
        .component_token
        .as_ref()
        .and_then(|token| token.expires_at)
    {
        Some(end) => writeln!(out, "Component token  ends {}", console.moment(end))?,
        None => writeln!(out, "Component token  none yet")?,
    }
    let part = &row.authorizers;
    writeln!(
        out,
        "Merchants        {} active, {} pending exchange, {} revoked",
        part.active, part.pending_exchange, part.revoked
    )?;
    writeln!(
        out,
        "Their tokens     {} fresh, {} expired, {} never fetched",
        part.tokens_fresh, part.tokens_expired, part.tokens_never
    )?;
    match &row.last_sync {
        Some(sync) => writeln!(
            out,
            "Last sync        {}, {} merchants",
            console.moment(sync.at),
            sync.total
        )?,
        None => writeln!(out, "Last sync        never")?,
    }
    if row.problems.is_empty() {
        writeln!(out, "\n{}", style.good("Nothing is wrong"))
    } else {
        writeln!(out)?;
        row.problems
            .iter()
            .try_for_each(|problem| writeln!(out, "{} {problem}", style.bad("Wrong:")))
    }
}
