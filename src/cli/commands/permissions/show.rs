//! `permissions show`: one permission set, the calls it opens, and how merchants stand towards it.

use std::collections::BTreeMap;
use std::io;

use clap::Args;
use serde::Serialize;

use crate::cli::commands::link;
use crate::cli::context::Context;
use crate::cli::error::CliError;
use crate::cli::exit::Exit;
use crate::console::{Console, Page};
use crate::flow::grants::{GrantState, state_of};
use crate::flow::standing;
use crate::lang::text;
use crate::wechat::account::AccountKind;
use crate::wechat::api_permission::{self, ApiPermission};
use crate::wechat::permission;

use super::set::{SetRow, exclusivity, kind_in_words, label};

/// Show one permission set and the calls it opens
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  wxauth permissions show 18\n  wxauth --sandbox permissions show 消息管理 -o json"
)]
pub struct ShowArgs {
    /// Number, Chinese or English name, or a unique part of one
    #[arg(value_name = "SET")]
    set: String,
}

#[derive(Serialize)]
struct Shown {
    #[serde(flatten)]
    row: SetRow,
    description_en: Option<&'static str>,
    source_url: Option<&'static str>,
    /// How many merchants are in each state; absent without a platform.
    accounts: Option<BTreeMap<&'static str, u64>>,
    /// Of the unknown ones, those of kinds that the set is not for.
    #[serde(skip)]
    other_kinds: u64,
    calls: Vec<CallRow>,
}

#[derive(Serialize)]
struct CallRow {
    method: &'static str,
    path: &'static str,
    name: Option<&'static str>,
    name_zh: &'static str,
    token: &'static str,
    uncertain: bool,
}

impl From<&'static ApiPermission> for CallRow {
    fn from(call: &'static ApiPermission) -> Self {
        Self {
            method: &call.method,
            path: &call.path,
            name: Some(&*call.name).filter(|name| !name.is_empty()),
            name_zh: &call.name_zh,
            token: call.token.as_str(),
            uncertain: call.uncertain,
        }
    }
}

pub(super) async fn run(context: &Context, args: ShowArgs) -> Result<Exit, CliError> {
    let console = context.document()?;
    let wanted = link::sets(std::slice::from_ref(&args.set))?;
    let [id] = wanted.as_slice() else {
        return Err(CliError::usage(text!(
            "name one permission set",
            "请指定一个权限集"
        )));
    };
    let known = super::platform_if_any(context).await?;
    let configured = known.as_ref().map(|known| &known.configured);
    let set = permission::get(*id);
    let mut other_kinds = 0;
    let accounts = match &known {
        None => None,
        Some(known) => {
            let mut states: BTreeMap<_, u64> =
                GrantState::ALL.map(|state| (state.as_str(), 0)).into();
            let count = |account: crate::store::roster::Authorizer| {
                let offered = known.configured.of(account.kind);
                let fits = set.is_none_or(|set| set.fits(account.kind));
                if !fits && account.kind != AccountKind::Unknown {
                    other_kinds += 1;
                }
                let state = state_of(&wanted, account.kind, &account, offered);
                *states.entry(state.as_str()).or_default() += 1;
            };
            known.platform.survey(&standing(), count).await?;
            Some(states)
        }
    };
    let granted = accounts
        .as_ref()
        .and_then(|states| states.get(GrantState::Granted.as_str()).copied());
    let shown = Shown {
        row: SetRow::new(
            *id,
            configured.and_then(|configured| configured.offers(*id)),
            granted,
        ),
        description_en: set.map(|set| &*set.description_en),
        source_url: set.map(|set| &*set.source_url),
        accounts,
        other_kinds,
        calls: api_permission::opened_by(*id).map(CallRow::from).collect(),
    };
    console.document(&shown, |out| screen(out, &console, &shown))?;
    Ok(Exit::Done)
}

fn screen(out: &mut Page, console: &Console, shown: &Shown) -> io::Result<()> {
    let lang = console.lang();
    let row = &shown.row;
    writeln!(out, "{}", label(row.id, lang))?;
    if let Some(kind) = row.kind {
        let kind = kind_in_words(kind, lang);
        let narrow = match row.applies_to {
            [] => String::new(),
            narrow => format!(" ({})", narrow.join(", ")),
        };
        writeln!(out, "{} {kind}{narrow}", lang.choose("For:", "账号类型："))?;
    }
    let exclusive = exclusivity(row.mutually_exclusive, lang);
    let title = lang.choose("Held by one platform only:", "互斥（仅能授权给一个平台）：");
    writeln!(out, "{title} {exclusive}")?;
    if row.uncertain && permission::get(row.id).is_some() {
        let text = lang.choose(
            "The catalogue is unsure of this set; look at the source.",
            "该权限集的资料存疑，请以来源为准。",
        );
        writeln!(out, "{text}")?;
    }
    // The catalogue has these in English only.
    let mark = lang.choose("", "资料（英文）：");
    let texts = [
        (mark, shown.description_en),
        (mark, row.notes),
        ("", shown.source_url),
    ];
    for (mark, text) in texts {
        if let Some(text) = text.filter(|text| !text.is_empty()) {
            writeln!(out, "{mark}{text}")?;
        }
    }
    if let Some(states) = &shown.accounts {
        writeln!(out)?;
        writeln!(out, "{}", lang.choose("Merchants", "商家"))?;
        for state in GrantState::ALL {
            let mut count = states.get(state.as_str()).copied().unwrap_or_default();
            if state == GrantState::Unknown {
                count = count.saturating_sub(shown.other_kinds);
            }
            let words = super::why::state_in_words(state, lang);
            writeln!(out, "{count:>7}  {words}")?;
        }
        if shown.other_kinds > 0 {
            let words = lang.choose(
                "of other kinds, which the set is not for",
                "其他类型的账号，不适用",
            );
            writeln!(out, "{:>7}  {words}", shown.other_kinds)?;
        }
    }
    writeln!(out)?;
    writeln!(out, "{}", lang.choose("Calls it opens", "可调用的接口"))?;
    if shown.calls.is_empty() {
        writeln!(out, "  {}", lang.choose("none is known", "未知"))?;
    }
    for call in &shown.calls {
        let unsure = match call.uncertain {
            true => lang.choose(" (uncertain)", "（存疑）"),
            false => "",
        };
        writeln!(
            out,
            "  {:<4} {}  {}{unsure}",
            call.method, call.path, call.name_zh
        )?;
    }
    Ok(())
}
