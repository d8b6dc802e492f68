//! `doctor`: everything examined, one line each, with the cure.

use std::collections::BTreeMap;
use std::io;

use clap::Args;
use serde::Serialize;
use unicode_width::UnicodeWidthStr;
use url::Url;

use crate::cli::commands::check::row::{Totals, outcome_cell, word};
use crate::cli::context::Context;
use crate::cli::error::CliError;
use crate::cli::exit::{Exit, Kind};
use crate::config::{CommandLine, ConfigError, Mint, Settings, Sourced, StoreSetting};
use crate::console::{Cell, CellContext, Column, Console, Format, Next, Page, Record, Tone};
use crate::flow::doctor::files::{self, Examined};
use crate::flow::doctor::{Diagnosis, Examination, Finding, Line};
use crate::flow::{Outcome, SecretSource, Tally};
use crate::lang::{Lang, text};
use crate::sys::http::{self, HttpOptions};
use crate::wechat::secret::Secret;

mod cures;
mod words;

/// Find what is wrong with a platform, and its cure
///
/// Files, network, credentials, tokens, merchants, links and the receiver are looked at, one line
/// for each check: pass, warn, fail, or unknown, which is what cannot be told because
/// another line failed, or only with an effect on WeChat. Without `--active` there is none: a call
/// without a token is made, and the first account of the list is read with a token that is there.
/// Where somebody else mints, `token_command` is asked for theirs.
///
/// The receiver of pushes is sent an own push that it answers and does nothing about: at
/// `--receiver`, or beside the profile's `launch_page`. Exit code 3 when a line fails; a warning is
/// none.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  wxauth --sandbox doctor\n  wxauth --sandbox doctor --active -o json\n  wxauth --sandbox doctor --fix"
)]
pub struct DoctorArgs {
    /// Start the pushes of tickets, and mint a component token when none lives
    #[arg(long)]
    active: bool,
    /// Mend the permissions of files and folders: 0600 and 0700
    #[arg(long)]
    fix: bool,
    /// Where pushes of tickets and authorizations are received (授权事件接收URL)
    #[arg(long, value_name = "URL")]
    receiver: Option<Url>,
}

/// How wide the words for how a line came out are.
const STATUS: usize = 7;
/// The column that details begin at.
const DETAIL: usize = 27;

/// Everything found: the contract's shape.
#[derive(Serialize)]
struct Report {
    healthy: bool,
    counts: Totals,
    checks: Vec<DoctorRow>,
}

/// One line.
#[derive(Serialize)]
struct DoctorRow {
    name: &'static str,
    target: Option<String>,
    #[serde(serialize_with = "word")]
    status: Outcome,
    detail: String,
    cure: Vec<String>,
}

impl Record for DoctorRow {
    const COLUMNS: &'static [Column] = &[
        Column::new("status", "Status").zh("结果").whole(),
        Column::new("name", "Check").zh("检查项").whole(),
        Column::new("target", "Target").zh("对象"),
        Column::new("detail", "Detail").zh("说明").roomy(),
        Column::new("cure", "Cure").zh("处理").roomy(),
    ];

    fn cell(&self, column: &'static str, context: &CellContext) -> Cell {
        match column {
            "status" => outcome_cell(self.status, context.lang),
            "name" => Cell::text(self.name),
            "target" => Cell::optional(self.target.clone(), Cell::text),
            "detail" => Cell::text(self.detail.clone()),
            _ => Cell::list(&self.cure),
        }
    }
}

pub(super) async fn run(context: &Context, args: DoctorArgs) -> Result<Exit, CliError> {
    let console = context.records()?;
    console.check_columns::<DoctorRow>()?;
    if let Some(receiver) = &args.receiver
        && !matches!(receiver.scheme(), "http" | "https")
    {
        return Err(CliError::usage(text!(
            "`{receiver}` is no web address",
            "`{receiver}` 不是网址"
        )));
    }
    let (settings, broken) = context.sound_settings().await?;
    let said = |error: ConfigError| {
        let line = line_of(&error);
        let error = CliError::from(error);
        (line, error.message().of(console.lang()).to_owned())
    };
    let broken: BTreeMap<Line, String> = broken.into_iter().map(said).collect();
    if args.active {
        name_effects(&console, settings);
    }
    let mut files: Vec<Diagnosis> = examined(context, settings)?
        .iter()
        .map(|examined| files::examine(examined, args.fix))
        .collect();
    if args.fix {
        say_what_was_mended(&console, &files);
    }
    if settings.store.value == StoreSetting::Memory {
        files.push(Diagnosis::new(
            Line::Store,
            Outcome::Pass,
            Finding::InMemory,
        ));
    }
    if let StoreSetting::Redis(address) = &settings.store.value {
        let found = Diagnosis::new(Line::Store, Outcome::Pass, Finding::InRedis);
        files.push(found.about(address.to_string()));
    }
    let own;
    let mut unopened = Vec::new();
    let platform = match context.platform().await {
        Ok(platform) => platform,
        Err(error) if error.kind() == Kind::Store => {
            files.retain(|file| file.line != Line::Store);
            unopened.extend_from_slice(error.hints());
            let why = error.message().of(console.lang()).to_owned();
            let broken = Diagnosis::new(Line::Store, Outcome::Fail, Finding::StoreBroken(why));
            files.push(broken.about(settings.store.value.to_string()));
            own = context.platform_without_store().await?;
            &own
        }
        Err(error) => return Err(error),
    };
    let invalid = broken.keys().copied().collect();
    let examination = Examination {
        invalid,
        ..examination(context, settings, &args, files)
    };
    let found = platform.examine(&examination).await?;
    let rows = found.iter().map(|diagnosis| DoctorRow {
        name: diagnosis.line.as_str(),
        target: diagnosis.target.clone(),
        status: diagnosis.outcome,
        detail: match broken.get(&diagnosis.line) {
            Some(why) if matches!(diagnosis.finding, Finding::Invalid) => why.clone(),
            _ => words::detail(diagnosis).of(console.lang()).to_owned(),
        },
        cure: match &diagnosis.finding {
            Finding::StoreBroken(_) => unopened.clone(),
            _ => cures::cures(diagnosis, settings),
        }
        .iter()
        .map(|cure| console.addressed(cure.of(console.lang())))
        .collect(),
    });
    answer(&console, rows.collect())
}

fn answer(console: &Console, checks: Vec<DoctorRow>) -> Result<Exit, CliError> {
    let mut tally = Tally::default();
    for check in &checks {
        tally.count(check.status);
    }
    let report = Report {
        healthy: tally.fail == 0,
        counts: tally.into(),
        checks,
    };
    match console.format() {
        Format::Table | Format::Json => {
            console.document(&report, |out| screen(out, console, &report, tally))?;
        }
        Format::Ndjson | Format::Csv | Format::Tsv => {
            let mut list = console.list::<DoctorRow>();
            for check in &report.checks {
                if list.push(check)? == Next::Stop {
                    break;
                }
            }
            list.finish()?;
        }
    }
    Ok(match report.healthy {
        true => Exit::Done,
        false => Exit::BadVerdict,
    })
}

/// How a line came out, for people.
const fn shown(outcome: Outcome, lang: Lang) -> &'static str {
    match outcome {
        Outcome::Pass => lang.choose("pass", "通过"),
        Outcome::Warn => lang.choose("warn", "警告"),
        Outcome::Fail => lang.choose("fail", "失败"),
        Outcome::Unknown => lang.choose("unknown", "未知"),
    }
}

const fn tone(outcome: Outcome) -> Tone {
    match outcome {
        Outcome::Pass => Tone::Good,
        Outcome::Warn => Tone::Warn,
        Outcome::Fail => Tone::Bad,
        Outcome::Unknown => Tone::Muted,
    }
}

fn screen(out: &mut Page, console: &Console, report: &Report, tally: Tally) -> io::Result<()> {
    for check in &report.checks {
        let status = shown(check.status, console.lang());
        let gap = STATUS.saturating_sub(status.width());
        let detail = match &check.target {
            // What is well need not be found; what is not may be one of several.
            Some(target) if check.status != Outcome::Pass && !check.detail.contains(target) => {
                format!("{}  {target}", check.detail)
            }
            _ => check.detail.clone(),
        };
        out.paint(tone(check.status), status);
        out.put(&format!("{:gap$}  ", ""));
        out.paint(Tone::Strong, &format!("{:<16}", check.name));
        out.put("  ");
        out.prose(&detail, DETAIL);
        for cure in &check.cure {
            out.put(&format!("{:DETAIL$}→ ", ""));
            out.prose(cure, DETAIL + 2);
        }
    }
    let Tally {
        pass,
        warn,
        fail,
        unknown,
    } = tally;
    let total = text!(
        "{pass} pass, {warn} warn, {fail} fail, {unknown} unknown",
        "通过 {pass}，警告 {warn}，失败 {fail}，未知 {unknown}"
    );
    writeln!(out)?;
    writeln!(out, "{}", total.of(console.lang()))
}

/// What `--active` will do, before it does.
fn name_effects(console: &Console, settings: &Settings) {
    console.note(match settings.mint.value {
        Mint::Wxauth => text!(
            "--active asks WeChat to push tickets (nothing changes when it does already), and mints a component token \
             if none lives: one that somebody else holds ends five minutes later",
            "--active 会请求微信启动 ticket 推送（已在推送则无变化），并在没有有效的 component_access_token 时获取新令牌：\
             他人持有的旧令牌将在五分钟后失效"
        ),
        Mint::Shared => text!(
            "--active changes nothing here: with `mint = \"shared\"` tokens are minted when a command needs one",
            "本平台 `mint = \"shared\"`：--active 不作任何更改，命令需要令牌时才会签发"
        ),
        Mint::Never => text!(
            "--active changes nothing here: with `mint = \"never\"` neither pushes are started nor tokens minted",
            "本平台 `mint = \"never\"`：--active 既不启动推送，也不获取令牌"
        ),
    });
}

fn say_what_was_mended(console: &Console, files: &[Diagnosis]) {
    for file in files {
        if let Finding::Mended(_) = &file.finding {
            console.note(words::detail(file));
        }
    }
}

/// The line that a value belongs to which cannot be used.
fn line_of(error: &ConfigError) -> Line {
    match error {
        ConfigError::Invalid { name, .. } => match name.to_ascii_lowercase().as_str() {
            "appsecret" | "wxauth_component_appsecret" => Line::Appsecret,
            "token" | "wxauth_token" => Line::PushToken,
            "redirect_uri" | "wxauth_redirect_uri" => Line::RedirectUri,
            "launch_domain" | "wxauth_launch_domain" => Line::LaunchDomain,
            name if name.contains("encryption_key") => Line::Encryption,
            name if name.contains("encoding_aes_key") => Line::EncodingAesKey,
            _ => Line::Config,
        },
        _ => Line::Config,
    }
}

/// The files that belong to this platform, by line.
fn examined(context: &Context, settings: &Settings) -> Result<Vec<Examined>, CliError> {
    let folder = context.folder()?;
    let mut examined = vec![
        Examined {
            line: Line::Config,
            paths: vec![folder.path().to_owned(), folder.config_file()],
            secret: false,
        },
        Examined {
            line: Line::Credentials,
            paths: vec![folder.credentials_file()],
            secret: true,
        },
    ];
    if let StoreSetting::Sqlite(path) = &settings.store.value {
        let beside = |suffix: &str| {
            let mut name = path.clone().into_os_string();
            name.push(suffix);
            name.into()
        };
        examined.push(Examined {
            line: Line::Store,
            paths: vec![path.clone(), beside("-wal"), beside("-shm")],
            secret: true,
        });
    }
    Ok(examined)
}

fn examination(
    context: &Context,
    settings: &Settings,
    args: &DoctorArgs,
    files: Vec<Diagnosis>,
) -> Examination {
    let value = |secret: &Option<Sourced<Secret>>| secret.as_ref().map(|it| it.value.clone());
    let receiver = args.receiver.clone();
    Examination {
        active: args.active,
        files,
        invalid: Vec::new(),
        proxy: http::proxy(&settings.api_base.value, context.environment()),
        redirect_uri: settings.redirect_uri.as_ref().map(|it| it.value.clone()),
        launch_domain: settings.launch_domain.as_ref().map(|it| it.value.clone()),
        push_token: value(&settings.token),
        encoding_aes_key: match (
            value(&settings.encoding_aes_key),
            &settings.encoding_aes_key_command,
        ) {
            (Some(key), _) => SecretSource::Value(key),
            (None, Some(command)) => SecretSource::Command(CommandLine::argv(command)),
            (None, None) => SecretSource::Missing,
        },
        encoding_aes_key_previous: value(&settings.encoding_aes_key_previous),
        receiver: receiver.or_else(|| beside_launch_page(settings.launch_page.as_ref()?)),
        http: HttpOptions {
            ca_file: settings.ca_file.clone(),
            ..HttpOptions::default()
        },
    }
}

/// `serve` receives pushes at `/events` beside its `/authorize`.
fn beside_launch_page(page: &Url) -> Option<Url> {
    let before = page.path().strip_suffix("/authorize")?;
    let mut url = page.clone();
    url.set_path(&format!("{before}/events"));
    url.set_query(None);
    url.set_fragment(None);
    Some(url)
}
