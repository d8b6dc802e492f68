//! `token`: print a token that is valid now, and nothing else.

use std::time::Duration;

use clap::Subcommand;
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

use crate::cli::args::{Output, parse_duration};
use crate::cli::context::Context;
use crate::cli::error::CliError;
use crate::cli::exit::Exit;
use crate::console::Console;
use crate::flow::{Freshness, HeldToken, TokenOrigin};
use crate::lang::text;

/// Print a token.
#[derive(Debug, Subcommand)]
pub enum TokenCommand {
    /// Print the platform's component_access_token
    #[command(after_help = component_help())]
    Component,
    /// Print a merchant's authorizer_access_token
    #[command(after_help = authorizer_help())]
    Authorizer {
        /// Appid, gh_… id, external id, or a unique part of the name
        #[arg(value_name = "WHO")]
        who: String,
        /// Ask for a token with at least this much life left
        #[arg(long, value_name = "TIME", value_parser = parse_duration)]
        min_life: Option<Duration>,
    },
}

/// The most life that can be asked of a token.
const LONGEST: Duration = Duration::from_secs(110 * 60);

const FORMATS: &str = "Formats: the token alone, or -o json, env (NAME=value), header (an HTTP header), process (a credential-process document)";

fn component_help() -> String {
    format!(
        "{FORMATS}\n\nExamples:\n  wxauth --sandbox token component\n  wxauth --sandbox token component -o json"
    )
}

fn authorizer_help() -> String {
    format!(
        "{FORMATS}\n\nExamples:\n  wxauth --sandbox token authorizer 江南书院\n  wxauth --sandbox token authorizer 江南书院 --min-life 30m -o header"
    )
}

pub(super) const OUTPUTS: &[Output] = &[
    Output::Table,
    Output::Json,
    Output::Ndjson,
    Output::Env,
    Output::Process,
    Output::Header,
];

/// A token and what is known of it: the contract's shape.
#[derive(Serialize)]
pub(super) struct TokenRow<'a> {
    token: &'a str,
    kind: &'static str,
    appid: String,
    expires_at: Option<Timestamp>,
    expires_in: Option<i64>,
    source: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct ProcessDocument<'a> {
    version: u32,
    token: &'a str,
    expiration: Option<Timestamp>,
}

/// A token on its way to a program.
pub(super) struct Handed {
    pub(super) held: HeldToken,
    pub(super) kind: &'static str,
    pub(super) appid: String,
}

pub(super) async fn run(context: &Context, command: TokenCommand) -> Result<Exit, CliError> {
    let (output, console) = context.output(OUTPUTS)?;
    let handed = match command {
        TokenCommand::Component => take(context, None, None).await?,
        TokenCommand::Authorizer { who, min_life } => take(context, Some(&who), min_life).await?,
    };
    let now = context.clock().now();
    print(&console, output, &handed, now)?;
    Ok(Exit::Done)
}

/// The component token, or that of `who`.
pub(super) async fn take(
    context: &Context,
    who: Option<&str>,
    min_life: Option<Duration>,
) -> Result<Handed, CliError> {
    let platform = context.platform().await?;
    let Some(who) = who else {
        let held = platform.component_token().await?;
        let appid = platform.component_appid().to_string();
        return Ok(Handed {
            held,
            kind: "component",
            appid,
        });
    };
    let appid = platform.appid_of(who).await?;
    let freshness = match min_life {
        // WeChat gives two hours; asking for more would mint a token on every call.
        Some(life) if life > LONGEST => {
            return Err(CliError::usage(text!(
                "`--min-life` is longer than a token of WeChat lives",
                "`--min-life` 超过了微信令牌的有效期"
            ))
            .hint(text!(
                "a new token has two hours: ask for 1h50m at most",
                "新令牌有效期两小时：最多可要求 1h50m"
            )));
        }
        Some(life) => Freshness::AtLeast(SignedDuration::try_from(life).map_err(|_| {
            CliError::usage(text!(
                "`--min-life` is longer than any token lives",
                "`--min-life` 超过了任何令牌的有效期"
            ))
        })?),
        None => Freshness::Usable,
    };
    let held = platform.authorizer_token(&appid, freshness).await?;
    Ok(Handed {
        held,
        kind: "authorizer",
        appid: appid.to_string(),
    })
}

fn print(
    console: &Console,
    output: Output,
    handed: &Handed,
    now: Timestamp,
) -> Result<(), CliError> {
    let token = handed.held.token.expose();
    match output {
        Output::Env => {
            let name = match handed.kind {
                "component" => "COMPONENT_ACCESS_TOKEN",
                _ => "AUTHORIZER_ACCESS_TOKEN",
            };
            console.raw(&format!("{name}={token}"))?;
        }
        Output::Header => console.raw(&format!("Authorization: Bearer {token}"))?,
        Output::Process => {
            let expiration = handed.held.expires_at;
            let document = ProcessDocument {
                version: 1,
                token,
                expiration,
            };
            console.document(&document, |_| Ok(()))?;
        }
        _ => {
            let row = TokenRow {
                token,
                kind: handed.kind,
                appid: handed.appid.clone(),
                expires_at: handed.held.expires_at,
                expires_in: handed.held.expires_at.map(|end| (end - now).get_seconds()),
                source: match handed.held.origin {
                    TokenOrigin::Cache => "cache",
                    TokenOrigin::Refreshed => "refreshed",
                    TokenOrigin::Borrowed => "borrowed",
                },
            };
            console.document(&row, |out| writeln!(out, "{token}"))?;
        }
    }
    Ok(())
}
