//! `ticket`: the component_verify_ticket, without which nothing works.

use std::path::PathBuf;

use clap::Subcommand;
use jiff::Timestamp;
use serde::Serialize;
use serde_json::json;

use crate::cli::context::Context;
use crate::cli::error::{CliError, kind_of_value};
use crate::cli::exit::Exit;
use crate::console::{Cell, CellContext, Column, Record};
use crate::lang::{Lang, Text, text};
use crate::store::tickets::TicketSource;
use crate::wechat::limits;
use crate::wechat::secret::Secret;
use crate::wechat::value::{self, ValueKind};
use crate::wechat::wire::PushTicketState;

use super::input;

/// Look after the ticket.
#[derive(Debug, Subcommand)]
pub enum TicketCommand {
    /// Show the newest ticket's age and life left
    Show,
    /// Take a ticket from stdin, a file or a prompt
    #[command(
        after_help = "Examples:\n  echo \"$TICKET\" | wxauth ticket set\n  wxauth ticket set --file ticket.txt"
    )]
    Set {
        /// Read it from this file; `-` is stdin
        #[arg(long, value_name = "FILE")]
        file: Option<PathBuf>,
    },
    /// Ask WeChat to start pushing tickets, and learn whether it did already
    Request,
}

impl TicketCommand {
    pub(super) fn name(&self) -> &'static str {
        match self {
            Self::Show => "show",
            Self::Set { .. } => "set",
            Self::Request => "request",
        }
    }
}

#[derive(Serialize)]
struct TicketRow {
    ticket: String,
    received_at: Timestamp,
    /// Null, as what follows from it, when it was stored with a time in the future.
    age: Option<i64>,
    expires_at: Option<Timestamp>,
    expires_in: Option<i64>,
    source: TicketSource,
}

impl Record for TicketRow {
    const COLUMNS: &'static [Column] = &[
        Column::new("ticket", "Ticket").zh("票据"),
        Column::new("received_at", "Received").zh("收到").whole(),
        Column::new("age", "Age").zh("已过").whole(),
        Column::new("expires_at", "Ends").zh("失效").whole(),
        Column::new("expires_in", "Life left").zh("剩余").whole(),
        Column::new("source", "Source").zh("来源").whole(),
    ];

    fn cell(&self, column: &'static str, _: &CellContext) -> Cell {
        match column {
            "ticket" => Cell::text(&self.ticket),
            "received_at" => Cell::moment(self.received_at),
            "age" => Cell::optional(self.age, Cell::duration),
            "expires_at" => Cell::optional(self.expires_at, Cell::moment),
            "expires_in" => Cell::optional(self.expires_in, Cell::duration),
            _ => Cell::text(self.source.as_str()),
        }
    }
}

#[derive(Serialize)]
struct RequestRow {
    state: &'static str,
}

pub(super) async fn run(context: &Context, command: TicketCommand) -> Result<Exit, CliError> {
    match command {
        TicketCommand::Show => show(context).await,
        TicketCommand::Set { file } => set(context, file).await,
        TicketCommand::Request => request(context).await,
    }
}

async fn show(context: &Context) -> Result<Exit, CliError> {
    let console = context.records()?;
    let platform = context.platform().await?;
    let status = platform.known_ticket().await?;
    let ticket = if console.options().reveal {
        let newest = platform.newest_ticket().await?;
        newest.map_or_else(String::new, |record| record.ticket.expose().to_owned())
    } else {
        status.masked.clone()
    };
    let now = context.clock().now();
    let age = status.age(now).map(|age| age.as_secs());
    let expires_at = age.map(|_| status.expires_at);
    console.one(&TicketRow {
        ticket,
        received_at: status.received_at,
        age,
        expires_at,
        expires_in: expires_at.map(|end| (end - now).get_seconds()),
        source: status.source,
    })?;
    if age.is_none() {
        context.console().warn(text!(
            "it was stored with a time in the future, so its age is not known: the clock was ahead then, or is behind now: `wxauth doctor`",
            "该 ticket 的保存时间在将来，无法得知其接收时间：保存时本机时钟偏快，或现在偏慢：`wxauth doctor`"
        ));
    }
    Ok(Exit::Done)
}

async fn set(context: &Context, file: Option<PathBuf>) -> Result<Exit, CliError> {
    let console = context.document()?;
    let ticket = input::secret(
        context,
        Text::same("component_verify_ticket"),
        file.as_deref(),
    )
    .await?;
    // Quotes are what shells and chat programs add.
    let ticket = Secret::new(ticket.expose().trim_matches(['"', '\'']));
    let kind = value::recognise(ticket.expose());
    if kind != ValueKind::Ticket || !limits::is_token(&ticket) {
        let error = match kind {
            ValueKind::Ticket | ValueKind::Other => {
                CliError::usage(text!("that is no ticket", "这不是 ticket"))
            }
            other => CliError::usage(Text::each(|lang| {
                let other = kind_of_value(other);
                let other = other.of(lang);
                match lang {
                    Lang::En => format!("that is no ticket but looks like: {other}"),
                    Lang::Zh => format!("这不是 ticket，而像是：{other}"),
                }
            })),
        };
        return Err(error
            .hint(text!("a ticket is one line that begins with ticket@@@: the ComponentVerifyTicket of the push", "ticket 是以 ticket@@@ 开头的一行，即推送中的 ComponentVerifyTicket")));
    }
    let platform = context.platform().await?;
    let (mask, appid) = (ticket.mask(), platform.component_appid().clone());
    let new = platform.set_ticket(ticket, TicketSource::Set).await?;
    console.document(&json!({ "ticket": mask, "new": new }), |_| Ok(()))?;
    if new {
        context.console().note(text!(
            "ticket {mask} is stored for {appid} and live for 12 hours",
            "已为 {appid} 保存 ticket {mask}，有效期 12 小时"
        ));
    } else {
        context.console().note(text!(
            "ticket {mask} was known already; its age stays",
            "ticket {mask} 此前已保存，接收时间不变"
        ));
    }
    Ok(Exit::Done)
}

async fn request(context: &Context) -> Result<Exit, CliError> {
    let console = context.document()?;
    let platform = context.platform().await?;
    let state = platform.request_tickets().await?;
    let (word, sentence) = match state {
        PushTicketState::Restarted => (
            "restarted",
            text!(
                "WeChat had stopped pushing tickets and pushes again: wait ten minutes",
                "微信此前已停止推送 ticket，现已恢复：请等待十分钟"
            ),
        ),
        PushTicketState::Running => (
            "running",
            text!(
                "WeChat is pushing tickets: look at the receiver if none arrives",
                "微信正在推送 ticket：若未收到，请检查接收端"
            ),
        ),
    };
    console.document(&RequestRow { state: word }, |out| {
        writeln!(out, "{}", sentence.of(console.lang()))
    })?;
    Ok(Exit::Done)
}
