//! `authorizers show`: one merchant and everything else WeChat said about it.

use clap::Args;
use serde::Serialize;
use serde_json::Value;
use serde_json::value::RawValue;
use unicode_width::UnicodeWidthStr;

use crate::cli::context::Context;
use crate::cli::error::CliError;
use crate::cli::exit::Exit;
use crate::console::{CellContext, Console, Page, Record};
use crate::store::roster::Authorizer;
use crate::wechat::id::PermissionSetId;
use crate::wechat::permission;

/// Show one merchant, and everything else WeChat said about it
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  wxauth --sandbox authorizers show 江南书院\n  wxauth authorizers show wx0123456789abcdef -o json"
)]
pub struct ShowArgs {
    /// Appid, gh_… id, external id, or a unique part of the name
    #[arg(value_name = "WHO")]
    who: String,
}

#[derive(Serialize)]
struct Shown {
    #[serde(flatten)]
    authorizer: Authorizer,
    /// Granted sets that wait for confirmation.
    pending_ids: Vec<PermissionSetId>,
    /// WeChat's own words, its tokens left out.
    details: Option<Box<RawValue>>,
}

pub(super) async fn run(context: &Context, args: ShowArgs) -> Result<Exit, CliError> {
    let console = context.document()?;
    let platform = context.platform().await?;
    let authorizer = platform.authorizer(&args.who).await?;
    let details = platform
        .store()
        .details(platform.key(), &authorizer.appid)
        .await?;
    let shown = Shown {
        pending_ids: authorizer.pending_ids.clone(),
        authorizer,
        details,
    };
    console.document(&shown, |out| {
        fields(out, &console, &shown.authorizer)?;
        if let Some(details) = &shown.details
            && let Ok(value) = serde_json::from_str::<Value>(details.get())
        {
            let title = console.lang().choose("What WeChat said", "微信返回的信息");
            writeln!(out)?;
            writeln!(out, "{title}")?;
            out.lines(&format!("{value:#}"));
        }
        Ok(())
    })?;
    Ok(Exit::Done)
}

fn fields(out: &mut Page, console: &Console, authorizer: &Authorizer) -> std::io::Result<()> {
    let lang = console.lang();
    let cells = CellContext {
        lang,
        now: console.now(),
        zone: console.zone().clone(),
        reveal: false,
        machine: false,
    };
    for column in Authorizer::COLUMNS
        .iter()
        .filter(|column| column.name != "permission_ids")
    {
        let cell = authorizer.cell(column.name, &cells).human(&cells);
        let title = column.heading(lang);
        let gap = " ".repeat(14_usize.saturating_sub(title.width()));
        writeln!(out, "{title}{gap} {cell}")?;
    }
    writeln!(out)?;
    writeln!(out, "{}", lang.choose("Permission sets", "权限集"))?;
    for id in &authorizer.permission_ids {
        let name = match permission::get(*id) {
            Some(set) => format!("{} ({})", set.name_zh, set.name_en),
            None => lang.choose("not in the catalogue", "不在目录中").to_owned(),
        };
        let waits = match authorizer.pending_ids.contains(id) {
            true => lang.choose(": waits for confirmation", "：待确认"),
            false => "",
        };
        writeln!(out, "{:>5}  {name}{waits}", id.0)?;
    }
    Ok(())
}
