//! `sandbox fault`: what goes wrong with the next calls, and how disputed behaviours are played.

use clap::Args;
use serde_json::{Map, Value, json};

use crate::cli::context::Context;
use crate::cli::error::CliError;
use crate::cli::exit::Exit;
use crate::lang::text;

use super::{Control, Reach};

/// Order a fault for the next calls
///
/// TARGET: [once|N times|P%] ACTION. TARGET is the last part of a path, a whole path, any, or ip.
/// ACTION is an errcode, drop, drop after, cut, truncate, html, status 502, empty list, delay 3s,
/// hold 3s before, or hold 3s after (before and after what the call changes is kept).
///
/// Without a fault, those on order are listed. `--behaviour` switches what WeChat's documents leave
/// open; without a value all switches are shown by `sandbox fault --behaviours`.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  wxauth sandbox fault 'api_query_auth: once -1'\n  wxauth sandbox fault 'any: 5% drop'\n  wxauth sandbox fault --clear\n  wxauth sandbox fault --behaviours"
)]
pub struct FaultArgs {
    /// The fault
    #[arg(value_name = "FAULT")]
    fault: Option<String>,
    /// Take back all that are on order
    #[arg(long)]
    clear: bool,
    /// Show how disputed behaviours are played
    #[arg(long, conflicts_with_all = ["fault", "clear"])]
    behaviours: bool,
    /// Play a disputed behaviour another way: NAME=VALUE
    #[arg(long, value_name = "NAME=VALUE", conflicts_with_all = ["fault", "clear"])]
    behaviour: Vec<String>,
    /// Which sandbox.
    #[command(flatten)]
    reach: Reach,
}

pub(super) async fn run(context: &Context, args: FaultArgs) -> Result<Exit, CliError> {
    let console = context.document()?;
    let control = Control::new(context, &args.reach);
    if args.behaviours || !args.behaviour.is_empty() {
        let shown: Map<String, Value> = if args.behaviour.is_empty() {
            control.get("behaviours").await?
        } else {
            control
                .post("behaviours", &changes(&args.behaviour)?)
                .await?
        };
        console.document(&shown, |out| {
            shown
                .iter()
                .try_for_each(|(name, value)| writeln!(out, "{name} = {value}"))
        })?;
        return Ok(Exit::Done);
    }
    let faults: Value = if args.clear || args.fault.is_some() {
        control
            .post(
                "faults",
                &json!({ "fault": args.fault, "clear": args.clear }),
            )
            .await?
    } else {
        control.get("faults").await?
    };
    console.document(&faults, |out| {
        let list = faults["faults"].as_array().map_or(&[][..], Vec::as_slice);
        if list.is_empty() {
            let none = console
                .lang()
                .choose("No fault is on order", "没有预设的故障");
            writeln!(out, "{none}")?;
        }
        for fault in list {
            writeln!(out, "{}", fault["fault"].as_str().unwrap_or_default())?;
        }
        Ok(())
    })?;
    Ok(Exit::Done)
}

/// `NAME=VALUE`, where the value is JSON or else a word.
fn changes(pairs: &[String]) -> Result<Value, CliError> {
    let mut changes = Map::new();
    for pair in pairs {
        let (name, text) = pair.split_once('=').ok_or_else(|| {
            CliError::usage(text!(
                "`{pair}` is no NAME=VALUE",
                "`{pair}` 不是 NAME=VALUE 形式"
            ))
            .hint(text!(
                "`wxauth sandbox fault --behaviours` shows the names and values",
                "`wxauth sandbox fault --behaviours` 列出名称与取值"
            ))
        })?;
        let value = serde_json::from_str(text).unwrap_or_else(|_| Value::from(text));
        changes.insert(name.to_owned(), value);
    }
    Ok(Value::Object(changes))
}
