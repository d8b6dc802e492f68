//! `sandbox account`: what happens to one account.

use std::collections::BTreeMap;

use clap::Args;
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::cli::context::Context;
use crate::cli::error::CliError;
use crate::cli::exit::Exit;
use crate::lang::text;

use super::{Control, Reach, merchant};

/// The numbers of `account_status`.
const STATUSES: [(&str, u32); 5] = [
    ("normal", 1),
    ("cancelled", 14),
    ("banned", 16),
    ("warned", 18),
    ("frozen", 19),
];
/// How a set may stand with confirmation.
const CONFIRMATIONS: [&str; 4] = ["none", "need", "confirmed", "cannot"];

/// Change an account: how it stands, and which of its sets wait for confirmation
///
/// WeChat's answers carry need_confirm, already_confirm and can_confirm without saying what they
/// mean. Here calls that need a set answer 61016 while it waits.
#[derive(Debug, Args)]
#[command(
    after_help = "Statuses: normal, cancelled, banned, warned, frozen\nConfirmations: none, need, confirmed, cannot\n\nExamples:\n  wxauth sandbox account 江南书院 --confirm 18=need\n  wxauth sandbox account 江南书院 --status frozen"
)]
pub struct AccountArgs {
    /// Appid, gh_… id, or a unique part of the name
    #[arg(value_name = "WHO")]
    who: String,
    /// How the account stands
    #[arg(long, value_name = "STATUS", value_parser = parse_status)]
    status: Option<u32>,
    /// How sets stand with confirmation by the platform, as SET=CONFIRMATION
    #[arg(long, value_delimiter = ',', value_name = "LIST", value_parser = parse_confirmation)]
    confirm: Vec<(u32, String)>,
    /// Which sandbox.
    #[command(flatten)]
    reach: Reach,
}

fn parse_status(text: &str) -> Result<u32, String> {
    let found = STATUSES.iter().find(|(name, _)| *name == text);
    found.map(|(_, number)| *number).ok_or_else(|| {
        let names = STATUSES.map(|(name, _)| name);
        format!("expected one of {}", names.join(", "))
    })
}

fn parse_confirmation(text: &str) -> Result<(u32, String), String> {
    let expected = || format!("expected SET={}", CONFIRMATIONS.join("|"));
    let (set, word) = text.split_once('=').ok_or_else(expected)?;
    match set.trim().parse() {
        Ok(set) if CONFIRMATIONS.contains(&word) => Ok((set, word.to_owned())),
        _ => Err(expected()),
    }
}

/// The account as it is afterwards.
#[derive(Deserialize, Serialize)]
struct Changed {
    appid: String,
    account_status: u32,
    confirm: BTreeMap<String, String>,
}

pub(super) async fn run(context: &Context, args: AccountArgs) -> Result<Exit, CliError> {
    let console = context.document()?;
    let control = Control::new(context, &args.reach);
    let confirm: BTreeMap<_, _> = args.confirm.into_iter().collect();
    let body = json!({
        "appid": merchant::resolve(&control, &args.who).await?,
        "account_status": args.status,
        "confirm": confirm,
    });
    let changed: Changed = control.post("account", &body).await?;
    let lang = console.lang();
    console.document(&changed, |out| {
        let number = changed.account_status;
        let status = STATUSES.iter().find(|(_, known)| *known == number);
        let status = status.map_or_else(|| number.to_string(), |(name, _)| (*name).to_owned());
        let said = text!("{} is {status}", "{} 的状态为 {status}", changed.appid);
        writeln!(out, "{}", said.of(lang))?;
        for (set, confirmation) in &changed.confirm {
            let said = text!("Set {set}: {confirmation}", "权限集 {set}：{confirmation}");
            writeln!(out, "{}", said.of(lang))?;
        }
        Ok(())
    })?;
    Ok(Exit::Done)
}
