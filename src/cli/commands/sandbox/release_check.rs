//! `sandbox release-check`: WeChat's full-release check, played against a platform.

use clap::Args;
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::cli::context::Context;
use crate::cli::error::CliError;
use crate::cli::exit::Exit;
use crate::console::{Cell, CellContext, Column, Record, Tone};
use crate::lang::{Lang, text};

use super::{Control, Reach};

/// Play WeChat's full-release check (全网发布检测) against a platform
///
/// WeChat authorizes accounts of its own, pushes a ticket, a text that wants a reply at once, and a
/// code that wants to be exchanged and sent back by the API. The platform has to call this sandbox
/// as its WeChat. Exit 3 when a case fails.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  wxauth sandbox release-check --events http://127.0.0.1:9/events --messages 'http://127.0.0.1:9/messages/$APPID$'"
)]
pub struct ReleaseCheckArgs {
    /// Where the platform takes events; its own URL without this
    #[arg(long, value_name = "URL")]
    events: Option<String>,
    /// Where it takes messages, $APPID$ standing for the account; its own URL without this
    #[arg(long, value_name = "URL")]
    messages: Option<String>,
    /// The platform; the first one without this
    #[arg(long, value_name = "APPID")]
    platform: Option<String>,
    /// Which sandbox.
    #[command(flatten)]
    reach: Reach,
}

#[derive(Deserialize, Serialize)]
struct CaseRow {
    case: String,
    name: String,
    name_zh: String,
    verdict: String,
    reason: Option<String>,
}

impl Record for CaseRow {
    const COLUMNS: &'static [Column] = &[
        Column::new("case", "Case").zh("用例").whole(),
        Column::new("name", "Name").zh("英文名").whole().priority(2),
        Column::new("name_zh", "Chinese name")
            .zh("名称")
            .whole()
            .priority(1),
        Column::new("verdict", "Verdict").zh("结果").whole(),
        Column::new("reason", "Why").zh("原因"),
    ];

    fn cell(&self, column: &'static str, context: &CellContext) -> Cell {
        match column {
            "case" => Cell::text(&self.case),
            "name" => Cell::text(&self.name),
            "name_zh" => Cell::text(&self.name_zh),
            "verdict" => {
                let (zh, tone) = match self.verdict.as_str() {
                    "pass" => ("通过", Tone::Good),
                    "fail" => ("未通过", Tone::Bad),
                    _ => ("跳过", Tone::Muted),
                };
                let human = match context.lang {
                    Lang::Zh => zh,
                    Lang::En => &self.verdict,
                };
                Cell::word(&self.verdict, human).tone(tone)
            }
            _ => Cell::optional(self.reason.as_ref(), Cell::text),
        }
    }
}

pub(super) async fn run(context: &Context, args: ReleaseCheckArgs) -> Result<Exit, CliError> {
    let console = context.records()?;
    console.check_columns::<CaseRow>()?;
    let control = Control::new(context, &args.reach);
    if control.session().await?.is_brief() {
        console.warn(
            text!("no sandbox is running: a platform that calls another one fails the API texts; start one with `wxauth sandbox start`", "沙箱未运行：调用其他沙箱的平台无法通过 API 文本检测；请用 `wxauth sandbox start` 启动"),
        );
    }
    let order = json!({
        "component_appid": args.platform,
        "events_url": args.events,
        "messages_url": args.messages,
    });
    let cases: Vec<CaseRow> = control.post("release-check", &order).await?;
    let failed = cases.iter().any(|case| case.verdict == "fail");
    console.answer(cases.into_iter().map(Ok::<_, CliError>))?;
    Ok(if failed { Exit::BadVerdict } else { Exit::Done })
}
