//! The command line as clap sees it. Secrets are never arguments.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::console::{ColorChoice, Format};

#[cfg(feature = "sandbox")]
use super::commands::sandbox;
#[cfg(feature = "serve")]
use super::commands::serve;
use super::commands::{
    api, authorizers, callback, check, completions, doctor, events, exec, explain, help, init, ips,
    link, man, permissions, profile, quota, rid, status, store, ticket, token,
};

/// Operate a WeChat third-party platform (第三方平台)
///
/// Fetch its tokens, make authorization links, look after the merchants that authorized it, and try
/// all of it in a local sandbox of WeChat.
#[derive(Debug, Parser)]
#[command(
    name = "wxauth",
    version,
    propagate_version = false,
    max_term_width = 100,
    disable_help_subcommand = true,
    after_help = "Try it without an account:\n  wxauth --sandbox link\n  wxauth --sandbox authorizers list\n\nExit codes:\n  0    done\n  1    anything else went wrong\n  2    usage: flags, arguments, values\n  3    a verdict that is bad\n  4    a person must act\n  5    WeChat was not reached; repeating is safe\n  6    WeChat refused\n  7    the store is unreachable, locked or damaged\n  8    a wait ended by its own deadline\n  130  interrupted"
)]
pub struct Cli {
    /// Flags every command takes.
    #[command(flatten)]
    pub globals: Globals,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// Flags every command takes.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Global options")]
pub struct Globals {
    /// Use this profile
    #[arg(long, global = true, value_name = "NAME")]
    pub profile: Option<String>,
    /// Use the built-in platform of the local sandbox
    #[arg(long, global = true, conflicts_with = "profile")]
    pub sandbox: bool,
    /// Keep configuration and state in this folder
    #[arg(long, global = true, value_name = "DIR")]
    pub config_dir: Option<PathBuf>,
    /// Write the answer as table, json, ndjson, csv or tsv, where it has that form
    #[arg(
        short,
        long,
        global = true,
        value_enum,
        value_name = "FORMAT",
        hide_possible_values = true
    )]
    pub output: Option<Output>,
    /// Pass the JSON of the answer through a jq filter; implies json
    #[cfg(feature = "jq")]
    #[arg(long, global = true, value_name = "EXPR")]
    pub jq: Option<String>,
    /// Show these columns only
    #[arg(long, global = true, value_delimiter = ',', value_name = "NAMES")]
    pub columns: Vec<String>,
    /// Leave out notes and hints
    #[arg(short, long, global = true)]
    pub quiet: bool,
    /// Tell what happens; twice for every call
    #[arg(short, long, global = true, action = clap::ArgAction::Count)]
    pub verbose: u8,
    /// When to use colour: auto, always or never
    #[arg(
        long,
        global = true,
        value_enum,
        default_value = "auto",
        value_name = "WHEN",
        hide_possible_values = true
    )]
    pub color: ColorChoice,
    /// Language of explanations
    #[arg(long, global = true, value_name = "en|zh", value_parser = parse_lang)]
    pub lang: Option<crate::lang::Lang>,
    /// Show long tables without a pager
    #[arg(long, global = true)]
    pub no_pager: bool,
    /// Never ask anything
    #[arg(long, global = true)]
    pub no_input: bool,
    /// Answer yes to every question
    #[arg(short, long, global = true)]
    pub yes: bool,
    /// Show secrets instead of masking them
    #[arg(long, global = true)]
    pub reveal: bool,
    /// How long to wait for another process that refreshes the same token or writes to the store
    #[arg(long, global = true, value_parser = parse_duration, default_value = "20s", value_name = "TIME")]
    pub lock_timeout: Duration,
}

impl Globals {
    /// The format that the flags ask for.
    #[must_use]
    pub fn format(&self) -> Option<Output> {
        #[cfg(feature = "jq")]
        if self.jq.is_some() {
            return self.output.or(Some(Output::Json));
        }
        self.output
    }
}

/// Formats of an answer. Not every command has every one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Output {
    /// For people: tables and sentences.
    Table,
    /// One JSON document.
    Json,
    /// One JSON object per line.
    Ndjson,
    /// Comma-separated, with a header row.
    Csv,
    /// Tab-separated, with a header row.
    Tsv,
    /// `NAME=value` lines for a shell (`token`).
    Env,
    /// A credential-process document (`token`).
    Process,
    /// An HTTP header line (`token`).
    Header,
    /// A test report (`check`).
    Junit,
    /// Metrics as text (`check`).
    Prometheus,
    /// Annotations of a workflow (`check`).
    Github,
}

impl Output {
    /// Formats every command that answers with records has.
    pub const COMMON: &'static [Self] =
        &[Self::Table, Self::Json, Self::Ndjson, Self::Csv, Self::Tsv];

    /// The console's format behind it.
    #[must_use]
    pub fn format(self) -> Format {
        match self {
            Self::Json | Self::Process => Format::Json,
            Self::Ndjson => Format::Ndjson,
            Self::Csv => Format::Csv,
            Self::Tsv => Format::Tsv,
            Self::Table
            | Self::Env
            | Self::Header
            | Self::Junit
            | Self::Prometheus
            | Self::Github => Format::Table,
        }
    }
}

/// Every command.
#[derive(Debug, Subcommand)]
#[allow(missing_docs, reason = "clap shows the words of the arguments")]
pub enum Command {
    Init(init::InitArgs),
    /// Look after profiles
    #[command(subcommand)]
    Profile(profile::ProfileCommand),
    Status(status::StatusArgs),
    Check(check::CheckArgs),
    Doctor(doctor::DoctorArgs),
    /// Look after the component_verify_ticket
    #[command(subcommand)]
    Ticket(ticket::TicketCommand),
    /// Print a token that is valid now, and nothing else
    #[command(subcommand)]
    Token(token::TokenCommand),
    Exec(exec::ExecArgs),
    Link(Box<link::LinkArgs>),
    /// Look after the merchants that authorized the platform
    #[command(subcommand)]
    Authorizers(authorizers::AuthorizersCommand),
    /// Look permission sets up: what they are, what needs them, who granted them
    #[command(subcommand)]
    Permissions(permissions::PermissionsCommand),
    /// Send and decode pushes, and look at those received
    #[command(subcommand)]
    Events(events::EventsCommand),
    Explain(explain::ExplainArgs),
    Api(Box<api::ApiArgs>),
    /// Look at the day's quota of calls, or clear its counters
    #[command(subcommand)]
    Quota(quota::QuotaCommand),
    Rid(rid::RidArgs),
    /// Have WeChat look at the receiver of pushes
    #[command(subcommand)]
    Callback(callback::CallbackCommand),
    Ips(ips::IpsArgs),
    /// See where the state lives, move it, and find an SDK's keys in a Redis
    #[command(subcommand)]
    Store(store::StoreCommand),
    #[cfg(feature = "serve")]
    Serve(Box<serve::ServeArgs>),
    /// Run the local sandbox, and play the merchant in it
    #[cfg(feature = "sandbox")]
    #[command(subcommand)]
    Sandbox(sandbox::SandboxCommand),
    Completions(completions::CompletionsArgs),
    Man(man::ManArgs),
    Help(help::HelpArgs),
}

fn parse_lang(text: &str) -> Result<crate::lang::Lang, String> {
    text.parse().map_err(|_| "expected `en` or `zh`".to_owned())
}

/// A time span such as `90s`, `10m`, `2h`, `1h30m`, `7d`; a bare number is seconds.
///
/// # Errors
/// A sentence that says what was expected.
pub fn parse_duration(text: &str) -> Result<Duration, String> {
    let expected = || format!("`{text}` is no time span; write 90s, 10m, 2h or 7d");
    if let Ok(seconds) = text.parse::<u64>() {
        return Ok(Duration::from_secs(seconds));
    }
    let (mut total, mut digits, mut rest) =
        (Duration::ZERO, String::new(), text.chars().peekable());
    while let Some(letter) = rest.next() {
        if letter.is_ascii_digit() {
            digits.push(letter);
            continue;
        }
        let milliseconds = letter == 'm' && rest.next_if_eq(&'s').is_some();
        let amount: u64 = digits.parse().map_err(|_| expected())?;
        digits.clear();
        let unit = match letter {
            _ if milliseconds => Duration::from_millis(1),
            's' => Duration::from_secs(1),
            'm' => Duration::from_secs(60),
            'h' => Duration::from_secs(3600),
            'd' => Duration::from_secs(24 * 3600),
            _ => return Err(expected()),
        };
        let amount = u32::try_from(amount).map_err(|_| expected())?;
        total = unit
            .checked_mul(amount)
            .and_then(|span| total.checked_add(span))
            .ok_or_else(expected)?;
    }
    if digits.is_empty() && !text.is_empty() {
        Ok(total)
    } else {
        Err(expected())
    }
}
