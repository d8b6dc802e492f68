//! `check`: whether the platform could do its work right now, for machines that ask.

use std::time::Duration;

use clap::Args;
use jiff::SignedDuration;

use crate::cli::args::{Output, parse_duration};
use crate::cli::commands::{input, link};
use crate::cli::context::Context;
use crate::cli::error::CliError;
use crate::cli::exit::{Exit, Kind};
use crate::console::{Console, ConsoleError, List, Next};
use crate::flow::{AskedSets, CheckOptions, CheckedMerchants, LifeWanted, Outcome, Tally, Verdict};
use crate::lang::{Text, text};

mod formats;
pub(super) mod row;
pub(super) mod words;

use row::{CheckRow, Report, Totals};

/// Tell by the exit code whether tokens, merchants and permission sets are in order
///
/// Reads the store alone, so that it may run every minute; nothing is minted, refreshed or asked of
/// anybody. With `--online` WeChat's account list is read with a token that is there already.
///
/// Fails (exit code 3): no live ticket and no live component token; a component token that ended
/// and cannot be renewed; an active merchant without a refresh token; a required permission set
/// that was not granted; what `--expires-in` and `--since` ask for. Warns: a ticket older than 25
/// minutes; a clock fault, which is something stored with a time in the future; another holder, which is a
/// program that requests tokens of the platform without wxauth, so that in the last 24 hours WeChat refused a
/// token before its expiry although wxauth had not replaced it; of all or those named, a merchant whose code was never exchanged. A token past its end that can be renewed passes. The accounts of WeChat's release check never count.
///
/// What does not pass is listed; the exit code is the same in every format. Exit code 4 means that
/// there is nothing to judge.
#[derive(Debug, Args)]
#[command(
    after_help = "Formats: table, json, ndjson, csv, tsv, junit, prometheus, github\n\nExamples:\n  wxauth --sandbox check\n  wxauth --sandbox check --require-permissions 17 --since 24h -o json\n  wxauth --sandbox check --all -o junit\n  wxauth --sandbox check --authorizers wx0123456789abcdef --strict"
)]
pub struct CheckArgs {
    /// Fail when the component token, or the token of a merchant named, has less life left than
    /// this: a span such as 10m, or a share of its life such as 75%
    #[arg(long, value_name = "TIME|PERCENT", value_parser = life)]
    expires_in: Option<LifeWanted>,
    /// Require these sets too, of every kind of account that can grant them
    #[arg(long, value_delimiter = ',', value_name = "SETS")]
    require_permissions: Vec<String>,
    /// Which merchants: active, all, or those named; @FILE holds one on each line, - is stdin
    #[arg(
        long,
        value_delimiter = ',',
        value_name = "active|all|WHO",
        default_value = "active"
    )]
    authorizers: Vec<String>,
    /// Fail for authorizations that ended within this time
    #[arg(long, value_name = "TIME", value_parser = parse_duration)]
    since: Option<Duration>,
    /// Count warnings as failures
    #[arg(long)]
    strict: bool,
    /// Compare with WeChat's account list too
    #[arg(long)]
    online: bool,
    /// List what passes too
    #[arg(long)]
    all: bool,
}

const FORMATS: &[Output] = &[
    Output::Table,
    Output::Json,
    Output::Ndjson,
    Output::Csv,
    Output::Tsv,
    Output::Junit,
    Output::Prometheus,
    Output::Github,
];

/// `10m` or `75%`.
fn life(text: &str) -> Result<LifeWanted, String> {
    let expected = || format!("`{text}` is no span and no share; write 10m, 1h or 75%");
    if let Some(percent) = text.strip_suffix('%') {
        let percent: f64 = percent.parse().map_err(|_| expected())?;
        return (0.0..=100.0)
            .contains(&percent)
            .then_some(LifeWanted::Percent(percent))
            .ok_or_else(expected);
    }
    let span = parse_duration(text).map_err(|_| expected())?;
    let span = SignedDuration::try_from(span).map_err(|_| expected())?;
    Ok(LifeWanted::Span(span))
}

pub(super) async fn run(context: &Context, args: CheckArgs) -> Result<Exit, CliError> {
    let (output, console) = context.output(FORMATS)?;
    console.check_columns::<CheckRow>()?;
    let options = CheckOptions {
        life: args.expires_in,
        asked: AskedSets {
            required: context.required_sets().await?,
            required_of_all: link::sets(&args.require_permissions)?,
            ..AskedSets::default()
        },
        merchants: match args.authorizers.as_slice() {
            [word] if word == "active" => CheckedMerchants::Active,
            [word] if word == "all" => CheckedMerchants::All,
            _ => CheckedMerchants::Named(input::who_list(args.authorizers).await?),
        },
        since: context.since(args.since)?,
        online: args.online,
    };
    let platform = context.platform().await?;
    let mut sink = Sink::new(output, &console, args.all, args.strict);
    let tally = platform
        .check(&options, |verdict| sink.take(verdict))
        .await?
        .ok_or_else(nothing_to_judge)?;
    let bad = tally.fail > 0 || (args.strict && tally.warn > 0);
    sink.finish(tally, !bad)?;
    Ok(if bad { Exit::BadVerdict } else { Exit::Done })
}

fn nothing_to_judge() -> CliError {
    CliError::new(
        Kind::ActionRequired,
        text!(
            "there is nothing to judge: no ticket, no token, no merchant is known",
            "无可检查的内容：尚无 ticket、令牌和授权方"
        ),
    )
    .hint(text!(
        "give the newest ticket: `wxauth ticket set`, or receive it: `wxauth serve`",
        "录入最新的 ticket：`wxauth ticket set`，或接收推送：`wxauth serve`"
    ))
    .hint(text!(
        "then pull the merchants: `wxauth authorizers sync`",
        "然后拉取授权方：`wxauth authorizers sync`"
    ))
}

/// Where verdicts go: written at once where the format allows it, else kept.
struct Sink {
    console: Console,
    output: Output,
    all: bool,
    list: Option<List<CheckRow>>,
    kept: Vec<CheckRow>,
    failed: Option<ConsoleError>,
    reader_gone: bool,
    strict: bool,
}

impl Sink {
    fn new(output: Output, console: &Console, all: bool, strict: bool) -> Self {
        let streams = matches!(output, Output::Ndjson | Output::Csv | Output::Tsv);
        Self {
            console: console.clone(),
            output,
            all,
            strict,
            list: streams.then(|| console.list()),
            kept: Vec::new(),
            failed: None,
            reader_gone: false,
        }
    }

    fn take(&mut self, verdict: Verdict) {
        // A report without a single case is taken for one that was never run.
        let always = self.output == Output::Junit && verdict.target.is_none();
        if verdict.outcome == Outcome::Pass && !self.all && !always {
            return;
        }
        let row = CheckRow::new(verdict, &self.console);
        let Some(list) = &mut self.list else {
            self.kept.push(row);
            return;
        };
        if self.reader_gone || self.failed.is_some() {
            return;
        }
        match list.push(&row) {
            Ok(next) => self.reader_gone = next == Next::Stop,
            Err(error) => self.failed = Some(error),
        }
    }

    fn finish(self, tally: Tally, healthy: bool) -> Result<(), CliError> {
        if let Some(error) = self.failed {
            return Err(error.into());
        }
        let console = self.console;
        let (rows, lang) = (self.kept, console.lang());
        if let Some(list) = self.list {
            list.finish_quietly()?;
            console.note(summary(tally));
            return Ok(());
        }
        match self.output {
            Output::Json => {
                let report = Report {
                    healthy,
                    counts: Totals::from(tally),
                    checks: rows,
                };
                console.document(&report, |_| Ok(()))?;
            }
            Output::Junit => console.raw(formats::junit(&rows, tally, self.strict).trim_end())?,
            Output::Prometheus => {
                console.raw(formats::prometheus(&rows, tally, healthy).trim_end())?;
            }
            Output::Github => {
                let lines = formats::github(&rows);
                console.raw(&format!("{lines}{}", summary(tally).of(lang)))?;
            }
            _ if rows.is_empty() => console.raw(summary(tally).of(lang))?,
            _ => {
                console.answer(rows.into_iter().map(Ok::<_, CliError>))?;
                console.note(summary(tally));
            }
        }
        Ok(())
    }
}

fn summary(tally: Tally) -> Text {
    let Tally {
        pass,
        warn,
        fail,
        unknown,
    } = tally;
    text!(
        "{pass} passed, {warn} warned, {fail} failed, {unknown} unknown",
        "通过 {pass} 项，警告 {warn} 项，失败 {fail} 项，未知 {unknown} 项"
    )
}
